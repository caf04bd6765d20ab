//! `weir operator` and `token`: who uses Weir itself.

use clap::{Args, Subcommand};
use weir_core::operator::{OperatorName, Role};

use super::Author;

#[derive(Debug, Subcommand)]
pub(crate) enum OperatorCommand {
    /// Make an operator; the password is asked for, or read from standard input
    Create(OperatorCreateArgs),
    /// List operators
    List,
    /// Set another password, and end the operator's sessions
    Passwd(OperatorArgs),
    /// Set another role
    Set(OperatorSetArgs),
    /// Shut an operator out: sessions end, tokens are good for nothing
    Disable(OperatorArgs),
    /// Let an operator in again
    Enable(OperatorArgs),
}

/// An operator's name.
fn name(text: &str) -> Result<OperatorName, String> {
    OperatorName::new(text).map_err(|error| error.to_string())
}

#[derive(Debug, Args)]
pub(crate) struct OperatorArgs {
    /// Whom
    #[arg(value_name = "NAME", value_parser = name)]
    pub(crate) name: OperatorName,
    #[command(flatten)]
    pub(crate) by: Author,
}

#[derive(Debug, Args)]
pub(crate) struct RightsArgs {
    /// viewer (sees everything), operator (also blocks, unblocks and protects), admin (everything),
    /// team (sees and manages one team), or developer (sees their own use, quotas and blocks)
    #[arg(long)]
    pub(crate) role: Role,
    /// The team of the role team
    #[arg(long, required_if_eq("role", "team"))]
    pub(crate) team: Option<String>,
    /// The user of the role developer, as `weir user list` names them
    #[arg(long, required_if_eq("role", "developer"))]
    pub(crate) user: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct OperatorCreateArgs {
    #[command(flatten)]
    pub(crate) who: OperatorArgs,
    #[command(flatten)]
    pub(crate) rights: RightsArgs,
}

#[derive(Debug, Args)]
pub(crate) struct OperatorSetArgs {
    #[command(flatten)]
    pub(crate) who: OperatorArgs,
    #[command(flatten)]
    pub(crate) rights: RightsArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Make a token for a script; it is shown once
    Create(TokenCreateArgs),
    /// List tokens
    List(TokenListArgs),
    /// Revoke a token
    Revoke(TokenRevokeArgs),
}

#[derive(Debug, Args)]
pub(crate) struct TokenCreateArgs {
    /// The operator in whose name it acts
    #[arg(value_name = "OPERATOR", value_parser = name)]
    pub(crate) operator: OperatorName,
    /// What it is for
    #[arg(long)]
    pub(crate) label: String,
    /// The most it may do; never more than the operator [default: what the operator may]
    #[arg(long)]
    pub(crate) role: Option<Role>,
    /// For how long: 12h, 30d, a year at most
    #[arg(long = "for", value_name = "TIME", default_value = "90d")]
    pub(crate) for_: String,
    #[command(flatten)]
    pub(crate) by: Author,
}

#[derive(Debug, Args)]
pub(crate) struct TokenListArgs {
    /// Only of this operator
    #[arg(long, value_parser = name)]
    pub(crate) operator: Option<OperatorName>,
}

#[derive(Debug, Args)]
pub(crate) struct TokenRevokeArgs {
    /// Which, as `weir token list` names it
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) by: Author,
}
