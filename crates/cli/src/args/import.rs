//! `weir import`.

use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;

use super::Author;

#[derive(Debug, Subcommand)]
pub(crate) enum ImportCommand {
    /// Take over the system that Weir replaces: history, limits, blocks and what was done
    Legacy(ImportLegacyArgs),
}

/// Take over the system that Weir replaces: history, limits, blocks and what was done.
///
/// Its database is only read. Run again, it takes over what came since, and what is there already stays as it is: calls
/// are known by their request id, limits that Weir has are left alone, and no block comes back that was lifted.
#[derive(Debug, Args)]
pub(crate) struct ImportLegacyArgs {
    #[arg(
        long,
        value_name = "URL",
        env = "WEIR_LEGACY_DATABASE_URL",
        hide_env_values = true,
        help = "The old database: mysql://USER:PASSWORD@HOST/NAME; better by the variable than on the command line"
    )]
    pub(crate) mysql: String,
    /// The account whose calls it holds [default: the home account]
    #[arg(long, value_name = "ACCOUNT")]
    pub(crate) account: Option<String>,
    /// The zone of its times, if they are wall times [default: they are instants]
    #[arg(long, value_name = "ZONE")]
    pub(crate) written_in: Option<String>,
    /// Take calls without a request id from before this local date: from then on Weir counts them itself [default: none]
    #[arg(long, value_name = "DATE")]
    pub(crate) unnumbered_until: Option<Date>,
    /// Read all calls again, not only those that came since: those that Weir has stay as they are
    #[arg(long)]
    pub(crate) anew: bool,
    /// Also ask IAM whom the old system denies still, blocked there or not; needs AWS credentials of the account, changes nothing
    #[arg(long)]
    pub(crate) old_denies: bool,
    /// After Weir's own Deny was read back, take the old statement out of IAM; `all`: also of those whom Weir does not
    /// block, who have access then. Needs iam:PutUserPolicy and iam:DeleteUserPolicy on these users
    #[arg(
        long,
        value_enum,
        value_name = "WHICH",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "replaced"
    )]
    pub(crate) remove_old_denies: Option<OldDenies>,
    /// Only say what would be taken over
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) by: Author,
}

/// Which old Denies are taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OldDenies {
    /// Of those whom Weir's own Deny keeps out
    Replaced,
    /// Also of those whom Weir does not block
    All,
}
