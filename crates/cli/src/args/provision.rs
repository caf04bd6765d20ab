//! `weir provision`, `weir sync` and `weir user import`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::civil::Date;

use super::people::days;
use super::{Author, GrantArgs, PlanArgs, SecretArgs};

#[derive(Debug, Args)]
pub(crate) struct ProvisionArgs {
    /// The name of the IAM user
    #[arg(
        value_name = "USER",
        required_unless_present_any = ["file", "print_policy"],
        requires_all = ["team", "person"],
        conflicts_with = "file"
    )]
    pub(crate) user: Option<String>,
    /// Many people at once: a CSV file with the columns user, person, team, and optionally email,
    /// language, tools and quotas (several in one cell with spaces between); `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// The team; its group is made if it is missing
    #[arg(long)]
    pub(crate) team: Option<String>,
    /// The person's name
    #[arg(long)]
    pub(crate) person: Option<String>,
    /// The e-mail address
    #[arg(long)]
    pub(crate) email: Option<String>,
    /// The language of messages
    #[arg(long, value_parser = ["es", "en"])]
    pub(crate) language: Option<String>,
    /// Tools that get a Bedrock API key each
    #[arg(long = "tool", value_name = "TOOL", value_delimiter = ',')]
    pub(crate) tools: Vec<String>,
    /// A quota of the user's own: requests/day=350 or 'cost/month=$50'
    #[arg(long = "quota", value_name = "METRIC/WINDOW=LIMIT")]
    pub(crate) quotas: Vec<String>,
    /// When keys end by themselves, in days: 90d [default: never]
    #[arg(long, value_name = "DURATION", value_parser = days)]
    pub(crate) expires: Option<u32>,
    /// Make a password for the console, to be changed at the first login
    #[arg(long)]
    pub(crate) login: bool,
    #[command(flatten)]
    pub(crate) grant: GrantArgs,
    #[command(flatten)]
    pub(crate) secret: SecretArgs,
    /// Print the least-privilege IAM policy that whoever hands out access needs
    #[arg(long, exclusive = true)]
    pub(crate) print_policy: bool,
    #[command(flatten)]
    pub(crate) plan: PlanArgs,
}

#[derive(Debug, Args)]
pub(crate) struct SyncArgs {
    /// Where people are read from
    #[arg(long, value_enum, default_value = "iam")]
    pub(crate) from: SyncFrom,
    /// Tell Weir what it does not know yet; without it, differences are only shown
    #[arg(long)]
    pub(crate) apply: bool,
    #[command(flatten)]
    pub(crate) by: Author,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SyncFrom {
    /// IAM users of the home account
    Iam,
    /// People of the directory behind Identity Center
    IdentityCenter,
}

#[derive(Debug, Args)]
pub(crate) struct UserImportArgs {
    /// A CSV file with the column user, and any of person, team, email, language and class; `-` is
    /// standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Calls of the past too, from this local day on
    #[arg(long, value_name = "DATE")]
    pub(crate) since: Option<Date>,
    /// Only say what would change
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) by: Author,
}
