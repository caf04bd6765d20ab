//! `weir outbox` and `weir team`.

use clap::{Args, Subcommand};

use super::Author;

#[derive(Debug, Subcommand)]
pub(crate) enum OutboxCommand {
    /// List messages, newest first, and what became of them
    List(OutboxListArgs),
    /// Show a message and each of its letters
    Show(OutboxShowArgs),
    /// Send letters again that were given up
    Retry(OutboxRetryArgs),
}

#[derive(Debug, Args)]
pub(crate) struct OutboxListArgs {
    /// Messages that are untold or unsent, or with a letter that is waiting, sent, failed or skipped
    #[arg(long, value_parser = ["untold", "told", "unsent", "waiting", "sent", "failed", "skipped"])]
    pub(crate) state: Option<String>,
    /// Only those about this user
    #[arg(long, value_name = "USER")]
    pub(crate) user: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N", default_value = "50")]
    pub(crate) limit: u32,
}

#[derive(Debug, Args)]
pub(crate) struct OutboxShowArgs {
    /// Which, as `weir outbox list` names it
    #[arg(value_name = "ID")]
    pub(crate) id: String,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false, id = "which")]
pub(crate) struct OutboxRetryArgs {
    /// Letters of this message, also those that wait for their next attempt
    #[arg(value_name = "ID", group = "which")]
    pub(crate) id: Option<String>,
    /// All that were given up
    #[arg(long, group = "which")]
    pub(crate) failed: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TeamCommand {
    /// Say who owns a team and gets its messages
    Set(TeamSetArgs),
    /// List teams that have an owner
    List,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false, id = "owner_or_none")]
pub(crate) struct TeamSetArgs {
    /// Which team
    #[arg(value_name = "TEAM", group = "whose")]
    pub(crate) team: String,
    /// The owner's e-mail address
    #[arg(long, value_name = "ADDRESS", group = "owner_or_none")]
    pub(crate) owner: Option<String>,
    /// Nobody owns it
    #[arg(long, group = "owner_or_none")]
    pub(crate) no_owner: bool,
    #[command(flatten)]
    pub(crate) by: Author,
}
