//! `weir reconcile`, `weir enforce` and `weir aws-policy`.

use clap::{Args, Subcommand};
use weir_core::rulebook::Mode;
use weir_engine::ports::Feature;

use super::Author;

#[derive(Debug, Args)]
pub(crate) struct ReconcileArgs {
    /// Every target that ever held a Deny of ours, not only those that are due
    #[arg(long)]
    pub(crate) all: bool,
    /// Only say what differs
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum EnforceCommand {
    /// Show how far every denial has come
    Status(EnforceStatusArgs),
    /// Show the mode in force, or put another in force for every process on the database
    Mode(EnforceModeArgs),
    /// List the blocks that the breaker holds, apply or discard them
    Held(EnforceHeldArgs),
    /// Deny one person for a moment and allow them again, to see that it works, in whatever mode
    Check(CheckArgs),
    /// Remove everything of ours from AWS, without the database
    ReleaseAll(ReleaseAllArgs),
    /// Make the managed policy that is attached to blocked users
    Setup(SetupArgs),
}

#[derive(Debug, Args)]
pub(crate) struct EnforceStatusArgs {
    /// Targets without a denial too
    #[arg(long)]
    pub(crate) all: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ReleaseAllArgs {
    /// Only say what would be removed
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Args)]
pub(crate) struct EnforceModeArgs {
    /// iam writes denials to AWS, dry-run records them, off counts only
    #[arg(value_name = "iam|dry-run|off")]
    pub(crate) mode: Option<Mode>,
    /// Leaving iam: remove the Denies that are in AWS
    #[arg(long, requires = "mode", conflicts_with = "keep")]
    pub(crate) release: bool,
    /// Leaving iam: leave each Deny until its user is unblocked
    #[arg(long, requires = "mode")]
    pub(crate) keep: bool,
    /// Why
    #[arg(long, requires = "mode")]
    pub(crate) reason: Option<String>,
    #[command(flatten)]
    pub(crate) by: Author,
}

#[derive(Debug, Args)]
pub(crate) struct EnforceHeldArgs {
    /// What to do [default: list]
    #[command(subcommand)]
    pub(crate) what: Option<HeldCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum HeldCommand {
    /// List held blocks
    List,
    /// Apply held blocks: those whom they deny lose access
    Apply(HeldArgs),
    /// Discard held blocks: no automatic block of the same user or team begins before the end of
    /// the local day
    Discard(HeldArgs),
}

#[derive(Debug, Args)]
pub(crate) struct HeldArgs {
    /// Whose blocks: `ana` or `user:ana`, `team:sap`
    #[arg(required_unless_present = "all")]
    pub(crate) whose: Vec<String>,
    /// Everybody's
    #[arg(long, conflicts_with = "whose")]
    pub(crate) all: bool,
    /// Why
    #[arg(long)]
    pub(crate) reason: Option<String>,
    #[command(flatten)]
    pub(crate) by: Author,
}

#[derive(Debug, Args)]
pub(crate) struct SetupArgs {
    /// Only say what would be made or corrected
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Print the least-privilege policy that Weir itself needs, and change nothing
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) print: bool,
}

#[derive(Debug, Args)]
pub(crate) struct AwsPolicyArgs {
    /// What Weir is to do; several make one document. read: count, look people up, tell them.
    /// enforce: deny IAM users, roles and keys. identity-center: deny people of Identity Center.
    /// provision: hand out access, which is for people and never for a server
    #[arg(
        long = "feature",
        value_name = "read|enforce|identity-center|provision",
        required = true,
        value_delimiter = ','
    )]
    pub(crate) features: Vec<Feature>,
    /// For the role in another account [default: `aws.home_account`, else every account]
    #[arg(long, value_name = "ACCOUNT")]
    pub(crate) account: Option<String>,
    /// Leave out the right to write inline policies, which IAM cannot narrow down: roles, and users
    /// who have no room for another managed policy, can then not be denied
    #[arg(long)]
    pub(crate) attach_only: bool,
    /// For identity-center: the id of the service control policy that Weir edits, instead of its
    /// managed policies
    #[arg(long, value_name = "POLICY")]
    pub(crate) scp: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Who: a person with an IAM user that has called before, who is not blocked
    #[arg(value_name = "USER")]
    pub(crate) user: String,
    /// How long the Deny stays before it is removed, in seconds, so that they can see a call fail
    #[arg(long, value_name = "SECONDS", default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=300))]
    pub(crate) hold: u64,
    #[command(flatten)]
    pub(crate) by: Author,
}
