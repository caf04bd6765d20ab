//! `weir group`.

use clap::{Args, Subcommand};

use super::{GrantArgs, OpenArgs, PlanArgs};

#[derive(Debug, Subcommand)]
pub(crate) enum GroupCommand {
    /// Make the IAM group of a team, with a policy that allows exactly what is named
    Create(GroupCreateArgs),
    /// Show a team's group: members, and what it grants
    Info(GroupTeamArgs),
    /// List the groups of teams
    List,
    /// Take everybody out of a team's group and delete it
    Delete(GroupDeleteArgs),
    /// Change what a team's group grants; without names, write its policy as this release does
    Setup(GroupCreateArgs),
}

#[derive(Debug, Args)]
pub(crate) struct GroupCreateArgs {
    /// Which team; its group is `team_TEAM_group`
    #[arg(value_name = "TEAM")]
    pub(crate) team: String,
    #[command(flatten)]
    pub(crate) grant: GrantArgs,
    #[command(flatten)]
    pub(crate) open: OpenArgs,
    #[command(flatten)]
    pub(crate) plan: PlanArgs,
}

#[derive(Debug, Args)]
pub(crate) struct GroupTeamArgs {
    /// Which team
    #[arg(value_name = "TEAM")]
    pub(crate) team: String,
}

#[derive(Debug, Args)]
pub(crate) struct GroupDeleteArgs {
    /// Which team
    #[arg(value_name = "TEAM")]
    pub(crate) team: String,
    #[command(flatten)]
    pub(crate) plan: PlanArgs,
}
