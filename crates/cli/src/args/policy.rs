//! `weir policy`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{GrantArgs, PlanArgs};

#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// Make a managed policy from a file or from names; one that exists gets another version
    Create(PolicyCreateArgs),
    /// Show a policy: text, versions and who holds it
    Info(PolicyNameArgs),
    /// List policies
    List(PolicyListArgs),
    /// Attach a policy to a user, a team's group or a role
    Attach(PolicyAttachArgs),
    /// Detach a policy
    Detach(PolicyAttachArgs),
    /// Detach a policy from everybody and delete it
    Delete(PolicyDeleteArgs),
}

#[derive(Debug, Args)]
pub(crate) struct PolicyCreateArgs {
    /// Its name
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// A file with the policy; `-` is standard input
    #[arg(value_name = "FILE", conflicts_with_all = ["allow_models", "profiles", "tools"])]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) grant: GrantArgs,
    /// Only for calls whose user agent names one of these tools. Callers choose what they send: this
    /// keeps people from mistakes, not from intent
    #[arg(long, value_name = "TOOL", value_delimiter = ',')]
    pub(crate) tools: Vec<String>,
    #[command(flatten)]
    pub(crate) plan: PlanArgs,
}

#[derive(Debug, Args)]
pub(crate) struct PolicyNameArgs {
    /// Its name, or the ARN of any policy
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
}

#[derive(Debug, Args)]
pub(crate) struct PolicyListArgs {
    /// Also those of the account that Weir did not make
    #[arg(long)]
    pub(crate) all: bool,
}

#[derive(Debug, Args)]
pub(crate) struct PolicyDeleteArgs {
    /// Its name, or its ARN
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) plan: PlanArgs,
}

#[derive(Debug, Args)]
pub(crate) struct PolicyAttachArgs {
    /// Its name, or the ARN of any policy
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) holder: HolderArgs,
    #[command(flatten)]
    pub(crate) plan: PlanArgs,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct HolderArgs {
    /// An IAM user
    #[arg(long)]
    pub(crate) user: Option<String>,
    /// A team
    #[arg(long)]
    pub(crate) team: Option<String>,
    /// A role
    #[arg(long)]
    pub(crate) role: Option<String>,
}
