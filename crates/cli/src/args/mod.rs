//! What may be typed. These structs are dumb: what they mean is decided in `weir_config` and
//! in the commands.

mod access;
mod admin;
mod enforce;
mod group;
mod import;
mod init;
mod intake;
mod notify;
mod operator;
mod outbox;
mod people;
mod plan;
mod policy;
mod pricing;
mod provision;
mod quota;
mod report;
mod reset;
mod service;
mod session;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use jiff::Timestamp;

pub(crate) use access::{BlockArgs, ProtectArgs, UnblockArgs, UnprotectArgs};
pub(crate) use admin::{
    AuditCommand, AuditExportArgs, AuditListArgs, AuditVerifyArgs, DbCommand, DeadLetterArgs,
    UserCommand, UserConfirmArgs, UserForgetArgs, UserLinkArgs, UserListArgs, UserSetArgs,
    UserShowArgs,
};
pub(crate) use enforce::{
    AwsPolicyArgs, CheckArgs, EnforceCommand, EnforceModeArgs, EnforceStatusArgs, HeldArgs,
    HeldCommand, ReconcileArgs, ReleaseAllArgs, SetupArgs,
};
pub(crate) use group::{GroupCommand, GroupCreateArgs, GroupDeleteArgs, GroupTeamArgs};
pub(crate) use import::{ImportCommand, ImportLegacyArgs, OldDenies};
pub(crate) use init::{InitArgs, Limits};
pub(crate) use intake::{
    IngestArgs, IngestAwsArgs, IngestFrom, IngestHistoryArgs, IngestLogsArgs, LookupArgs, RangeArgs,
};
pub(crate) use notify::{NotifyCommand, NotifyPreviewArgs, NotifyTestArgs, PreviewFormat};
pub(crate) use operator::{
    OperatorArgs, OperatorCommand, OperatorCreateArgs, OperatorSetArgs, RightsArgs, TokenCommand,
    TokenCreateArgs, TokenListArgs, TokenRevokeArgs,
};
pub(crate) use outbox::{
    OutboxCommand, OutboxListArgs, OutboxRetryArgs, OutboxShowArgs, TeamCommand, TeamSetArgs,
};
pub(crate) use people::{
    BindKeyArgs, CreateKeyArgs, KeyArgs, RotateKeyArgs, UserCreateArgs, UserDeleteArgs,
    UserInfoArgs, UserUpdateArgs,
};
pub(crate) use plan::{GrantArgs, OpenArgs, PlanArgs, SecretArgs};
pub(crate) use policy::{
    HolderArgs, PolicyAttachArgs, PolicyCommand, PolicyCreateArgs, PolicyDeleteArgs,
    PolicyListArgs, PolicyNameArgs,
};
pub(crate) use pricing::{
    PricingCommand, PricingListArgs, PricingRepriceArgs, PricingSetArgs, PricingShowArgs,
    PricingUnsetArgs,
};
pub(crate) use provision::{ProvisionArgs, SyncArgs, SyncFrom, UserImportArgs};
pub(crate) use quota::{
    ExportFormat, QuotaCommand, QuotaExportArgs, QuotaImportArgs, QuotaRaiseArgs, QuotaSetArgs,
    QuotaShowArgs, QuotaSuggestArgs, QuotaTryArgs, QuotaUnsetArgs,
};
pub(crate) use report::{BlocksArgs, CoverageArgs, InvocationArgs, StatusArgs, UsageArgs};
pub(crate) use reset::{ResetCommand, ResetHistoryArgs, ResetRunArgs, RetentionCommand};
pub(crate) use service::{CompletionsArgs, ConfigCommand, DemoArgs, ServeArgs};
pub(crate) use session::{LoginArgs, LogoutArgs};

const DATABASE: &str = "The database: sqlite:PATH or mysql://USER@HOST/NAME [default: `database` of the \
                        configuration file, else ~/.local/share/weir/weir.db]";

const AFTER_HELP: &str = "\
Exit status:
  0  done
  1  failed, or a check found something wrong
  2  the command line or the configuration is wrong
  3  done, but some records could not be read (see `weir dead-letters`)
  4  no such user, group, policy, key, invocation, model, quota or block
  5  not done: it needs a yes (answer the question, or give --yes)
  6  the server does not let you in, or your role may not do that

AWS credentials, Region and endpoint come from the usual environment and profile files.
Set WEIR_LOG=debug to see what happens inside.";

/// Meters and limits what an organisation spends on Amazon Bedrock.
#[derive(Debug, Parser)]
#[command(
    name = "weir",
    version,
    after_help = AFTER_HELP,
    disable_help_subcommand = true,
    max_term_width = 100
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command understands.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// The configuration file [default: ./weir.toml, ~/.config/weir/weir.toml, /etc/weir/weir.toml:
    /// the first there is]
    #[arg(long, global = true, value_name = "FILE", env = "WEIR_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "WEIR_DATABASE_URL",
        hide_env_values = true,
        help = DATABASE
    )]
    pub(crate) database: Option<String>,
    /// Work through this server instead of a database, as the operator who is logged in there [default:
    /// the server of `weir login`, if no database is named]
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "WEIR_SERVER",
        hide_env_values = true
    )]
    pub(crate) server: Option<String>,
    /// Evaluate and report as if it were this instant; changes nothing in AWS unless --effects is
    /// given too
    #[arg(long, global = true, value_name = "RFC3339", value_parser = instant)]
    pub(crate) as_of: Option<Timestamp>,
    /// With --as-of: change AWS all the same
    #[arg(long, global = true, requires = "as_of")]
    pub(crate) effects: bool,
    /// Answer every question with yes
    #[arg(long, short, global = true)]
    pub(crate) yes: bool,
    /// Print JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

/// The name behind an administrator's decision.
#[derive(Debug, Args)]
pub(crate) struct Author {
    /// Who decides, for the record [default: the operating system's user; not with a server]
    #[arg(long = "by", value_name = "NAME")]
    pub(crate) by: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write a configuration to begin with, and say what is still needed
    Init(InitArgs),
    /// Read records from AWS, count them, decide, and make the decisions real
    Ingest(IngestArgs),
    /// Show a user's state, quotas and enforcement
    Status(StatusArgs),
    /// Report usage and cost by user, team, model, tool or day
    Usage(UsageArgs),
    /// Compare what was counted with what AWS itself counted
    Coverage(CoverageArgs),
    /// Show one invocation with all its parts, the price used and its sources
    Invocation(InvocationArgs),
    /// Set, show, import and export quotas
    #[command(subcommand)]
    Quota(QuotaCommand),
    /// Block a user until a given end
    Block(BlockArgs),
    /// Lift all blocks of a user
    Unblock(UnblockArgs),
    /// Keep automatic blocks away from a user for a time
    Protect(ProtectArgs),
    /// End a user's protection
    Unprotect(UnprotectArgs),
    /// List blocks
    Blocks(BlocksArgs),
    /// Show and set prices
    #[command(subcommand)]
    Pricing(PricingCommand),
    /// List, show and describe users; make their IAM users and keys
    #[command(subcommand)]
    User(UserCommand),
    /// Make and look after the IAM groups of teams
    #[command(subcommand)]
    Group(GroupCommand),
    /// Make and look after managed policies
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Give people all they need in one go: group, IAM user, keys, quotas
    Provision(ProvisionArgs),
    /// Compare what IAM or Identity Center says about people with what Weir knows
    Sync(SyncArgs),
    /// Say who owns a team
    #[command(subcommand)]
    Team(TeamCommand),
    /// Read and verify the record of everything
    #[command(subcommand)]
    Audit(AuditCommand),
    /// List what could not be read
    DeadLetters(DeadLetterArgs),
    /// Compare AWS with the ledger and repair what differs
    Reconcile(ReconcileArgs),
    /// Look after the denials in AWS
    #[command(subcommand)]
    Enforce(EnforceCommand),
    /// Print the IAM policy that Weir needs, and what a thief could do with it
    AwsPolicy(AwsPolicyArgs),
    /// Run the daily reset, and see its history
    #[command(subcommand)]
    Reset(ResetCommand),
    /// Take over the system that Weir replaces
    #[command(subcommand)]
    Import(ImportCommand),
    /// Show how long what is kept, and remove what is older
    #[command(subcommand)]
    Retention(RetentionCommand),
    /// Look at the messages people get, and try the channels
    #[command(subcommand)]
    Notify(NotifyCommand),
    /// See what people were told, and send again what did not go out
    #[command(subcommand)]
    Outbox(OutboxCommand),
    /// Say who may use Weir itself, and as what
    #[command(subcommand)]
    Operator(OperatorCommand),
    /// Make and revoke the tokens that scripts present
    #[command(subcommand)]
    Token(TokenCommand),
    /// Log in to a server, so that commands work through it and need no database
    Login(LoginArgs),
    /// Log out: the token is revoked, and forgotten
    Logout(LogoutArgs),
    /// Say who you are, and where commands work
    Whoami,
    /// Migrate the database, or show its schema
    #[command(subcommand)]
    Db(DbCommand),
    /// Serve HTTP and keep everything up to date
    Serve(ServeArgs),
    /// Show Weir at work on made-up data, without AWS
    Demo(DemoArgs),
    /// Check everything, and say what to do
    Doctor,
    /// Show or check the configuration
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
}

fn instant(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| {
        "not an instant: write it like 2026-11-20T09:15:00Z or 2026-11-20T10:15:00+01:00".to_owned()
    })
}
