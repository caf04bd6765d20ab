//! What all commands that hand out access share.

use std::path::PathBuf;

use clap::Args;
use weir_core::provision::Route;

use super::Author;

/// How a plan is carried out.
#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    /// Only say what would be done
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) by: Author,
}

/// Where a secret goes.
#[derive(Debug, Args)]
pub(crate) struct SecretArgs {
    /// Write the secret into this new file, which only you may read, instead of showing it
    #[arg(long, value_name = "FILE")]
    pub(crate) secret_file: Option<PathBuf>,
}

/// What may be called.
#[derive(Debug, Args)]
pub(crate) struct GrantArgs {
    /// Foundation models, for calls in their Region: anthropic.claude-opus-5-5,…
    #[arg(
        long,
        visible_alias = "models",
        value_name = "MODEL",
        value_delimiter = ','
    )]
    pub(crate) allow_models: Vec<String>,
    /// Inference profiles, with the models behind them for calls through them: system profiles by id
    /// (eu.anthropic.claude-opus-5-5,…), application profiles by ARN
    #[arg(long, value_name = "PROFILE", value_delimiter = ',')]
    pub(crate) profiles: Vec<String>,
}

/// Routes that a team's policy does not deny.
#[derive(Debug, Args)]
pub(crate) struct OpenArgs {
    /// Routes that cannot be metered and are to stay open all the same: mantle, batch, async, provisioned
    #[arg(long, value_name = "ROUTE", value_delimiter = ',')]
    pub(crate) open: Vec<Route>,
}
