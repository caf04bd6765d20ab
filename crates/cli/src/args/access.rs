//! `weir block`, `unblock`, `protect` and `unprotect`.

use clap::Args;

use super::Author;

const UNTIL: &str = "When it ends: 18:00, '2026-11-20 18:00' (business time zone) or \
                     RFC 3339";

#[derive(Debug, Args)]
pub(crate) struct BlockArgs {
    /// Which user
    #[arg(value_name = "USER")]
    pub(crate) user: String,
    /// Why (3 to 500 characters)
    #[arg(long)]
    pub(crate) reason: String,
    /// How long: 12h, 1d, 30d, 90d [default: 1d]
    #[arg(long = "for", value_name = "DURATION", group = "end")]
    pub(crate) for_: Option<String>,
    #[arg(long, value_name = "TIME", group = "end", help = UNTIL)]
    pub(crate) until: Option<String>,
    /// Until an administrator lifts it
    #[arg(long, group = "end")]
    pub(crate) indefinite: bool,
    /// Also a workload, or somebody listed in `enforcement.never`
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) by: Author,
}

#[derive(Debug, Args)]
pub(crate) struct UnblockArgs {
    /// Which user
    #[arg(value_name = "USER")]
    pub(crate) user: String,
    /// Why
    #[arg(long)]
    pub(crate) reason: Option<String>,
    /// Protect from automatic blocks until then [default: the end of the local day]
    #[arg(long, value_name = "TIME", group = "protection")]
    pub(crate) protect_until: Option<String>,
    /// Do not protect: the next counted call may block again
    #[arg(long, group = "protection")]
    pub(crate) no_protect: bool,
    /// End this manual block alone, as `weir --json blocks` names it: what quotas deny goes on, and nobody
    /// is protected
    #[arg(long, value_name = "ID", group = "protection")]
    pub(crate) block: Option<String>,
    #[command(flatten)]
    pub(crate) by: Author,
}

#[derive(Debug, Args)]
pub(crate) struct ProtectArgs {
    /// Which user
    #[arg(value_name = "USER")]
    pub(crate) user: String,
    /// Why (3 to 500 characters)
    #[arg(long)]
    pub(crate) reason: String,
    /// How long: 12h, 7d [default: until the end of the local day]
    #[arg(long = "for", value_name = "DURATION", group = "end")]
    pub(crate) for_: Option<String>,
    #[arg(long, value_name = "TIME", group = "end", help = UNTIL)]
    pub(crate) until: Option<String>,
    /// Until an administrator ends it
    #[arg(long, group = "end")]
    pub(crate) indefinite: bool,
    /// Percent of a limit beyond which automatic blocks apply again, e.g. 150
    #[arg(long, value_name = "PERCENT")]
    pub(crate) up_to: Option<u32>,
    #[command(flatten)]
    pub(crate) by: Author,
}

#[derive(Debug, Args)]
pub(crate) struct UnprotectArgs {
    /// Which user
    #[arg(value_name = "USER")]
    pub(crate) user: String,
    /// Why
    #[arg(long)]
    pub(crate) reason: Option<String>,
    #[command(flatten)]
    pub(crate) by: Author,
}
