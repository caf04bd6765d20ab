//! `weir serve`, `demo`, `config` and `completions`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use clap_complete::Shell;

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Where to listen [default: `server.listen`, else 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<SocketAddr>,
    /// A file that holds the token senders must present [default: `server.token_file`; or put the
    /// token into the variable `WEIR_SERVER_TOKEN`]
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// A proxy that speaks TLS stands in front: needed to listen beyond this machine, unless
    /// `[server.tls]` names a certificate [or `server.behind_proxy`]
    #[arg(long)]
    pub(crate) behind_proxy: bool,
    /// Migrate the database first
    #[arg(long)]
    pub(crate) migrate: bool,
}

/// Show Weir at work on made-up data, without AWS.
///
/// A made-up organisation sends ten days of CloudTrail events and invocation logs through the real
/// pipeline into a database file of its own, and then goes on live, with the dashboard. Nothing in AWS is read or
/// changed. The same --seed and --as-of give the same totals.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Chooses the organisation's behaviour
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Where the dashboard listens, on this machine [default: 127.0.0.1:8080, else any free port]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<SocketAddr>,
    /// Stop after the history, without the dashboard
    #[arg(long, visible_alias = "once")]
    pub(crate) no_live: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print what is used, and where each value comes from
    Show,
    /// Check the configuration, and print nothing if it is good
    Check,
}

#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// Which shell
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}
