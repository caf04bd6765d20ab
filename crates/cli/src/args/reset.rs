//! `weir reset` and `weir retention`.

use clap::{Args, Subcommand};
use jiff::civil::Date;

#[derive(Debug, Subcommand)]
pub(crate) enum ResetCommand {
    /// Run the resets that are due, or the one of a date
    Run(ResetRunArgs),
    /// List the runs, newest date first
    History(ResetHistoryArgs),
}

/// Run the daily reset: lift what is over, evaluate everybody who is blocked, write the summary of
/// the day before, remove what is older than its term.
///
/// `weir serve` runs it by itself at local midnight and catches up what was missed. Running it twice
/// changes nothing more.
#[derive(Debug, Args)]
pub(crate) struct ResetRunArgs {
    /// The local date that began, also if it was done before; missed days before it come first [default: all that are due]
    #[arg(long, value_name = "DATE")]
    pub(crate) date: Option<Date>,
    /// Only say what would be done
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ResetHistoryArgs {
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 30)]
    pub(crate) limit: u32,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RetentionCommand {
    /// Show how long what is kept
    Show,
    /// Remove what is older than its term now
    Run,
}
