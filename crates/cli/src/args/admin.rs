//! `weir user`, `audit`, `dead-letters` and `db`.

use clap::{Args, Subcommand};
use jiff::civil::Date;
use weir_core::rulebook::UserClass;

use super::{
    Author, BindKeyArgs, CreateKeyArgs, KeyArgs, PlanArgs, RotateKeyArgs, UserCreateArgs,
    UserDeleteArgs, UserImportArgs, UserInfoArgs, UserUpdateArgs,
};

#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// List users
    List(UserListArgs),
    /// Show a user and the identities it consists of
    Show(UserShowArgs),
    /// Say what tags and groups do not: team, name, e-mail, language, class
    Set(UserSetArgs),
    /// Make an AWS identity part of a user
    Link(UserLinkArgs),
    /// Say that another identity under a known name is the same user
    Confirm(UserConfirmArgs),
    /// Make an IAM user for a person, in the group of the team
    Create(UserCreateArgs),
    /// Show what IAM and Weir know about a user
    Info(UserInfoArgs),
    /// Change name, team, e-mail address and login, in IAM and in Weir
    Update(UserUpdateArgs),
    /// Delete a user's IAM users with everything AWS demands first; Weir keeps the history
    Delete(UserDeleteArgs),
    /// Put a pseudonym in place of a user everywhere: what it used stays, who it was leaves
    Forget(UserForgetArgs),
    /// Make a key for one tool
    CreateKey(CreateKeyArgs),
    /// Say who many users are, from a CSV file; writes nothing to AWS
    Import(UserImportArgs),
    /// List a user's keys
    Keys(UserInfoArgs),
    /// Say which tool a key is for that was made elsewhere; writes nothing to AWS
    BindKey(BindKeyArgs),
    /// Delete a key
    RevokeKey(KeyArgs),
    /// Make another key for the same tool
    RotateKey(RotateKeyArgs),
    /// Activate a key
    EnableKey(KeyArgs),
    /// Deactivate a key
    DisableKey(KeyArgs),
}

#[derive(Debug, Args)]
pub(crate) struct UserListArgs {
    /// Only members of this team
    #[arg(long)]
    pub(crate) team: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct UserShowArgs {
    /// Which user
    #[arg(value_name = "USER")]
    pub(crate) user: String,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = true, id = "what")]
pub(crate) struct UserSetArgs {
    /// Which user
    #[arg(value_name = "USER", group = "who")]
    pub(crate) user: String,
    /// The team
    #[arg(long, group = "what")]
    pub(crate) team: Option<String>,
    /// The person's name
    #[arg(long, group = "what")]
    pub(crate) person: Option<String>,
    /// The e-mail address
    #[arg(long, group = "what")]
    pub(crate) email: Option<String>,
    /// The language of messages
    #[arg(long, group = "what", value_parser = ["es", "en"])]
    pub(crate) language: Option<String>,
    /// human, workload, service or unknown: inherited quotas block humans only
    #[arg(long, group = "what")]
    pub(crate) class: Option<UserClass>,
    /// Calls of the past too, from this local day on: team, name and e-mail address go into them and into
    /// every total. Says what would move and asks
    #[arg(long, value_name = "DATE")]
    pub(crate) since: Option<Date>,
    /// With --since: only say what would move, and who would be blocked and released
    #[arg(long, requires = "since")]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) by: Author,
}

#[derive(Debug, Args)]
pub(crate) struct UserForgetArgs {
    /// Which user
    #[arg(value_name = "USER")]
    pub(crate) user: String,
    /// Why, for the record; a name in it is replaced too
    #[arg(long, default_value = "on request")]
    pub(crate) reason: String,
    /// Only say what would become of how many rows
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) by: Author,
}

#[derive(Debug, Args)]
pub(crate) struct UserLinkArgs {
    /// The identity: an IAM or STS ARN, or ACCOUNT/KIND/NAME[/SESSION] as `weir user show` prints it
    #[arg(value_name = "PRINCIPAL")]
    pub(crate) principal: String,
    /// The user it belongs to
    #[arg(value_name = "USER")]
    pub(crate) user: String,
    #[command(flatten)]
    pub(crate) plan: PlanArgs,
}

#[derive(Debug, Args)]
pub(crate) struct UserConfirmArgs {
    /// Whom, as `weir doctor` and `weir user list` name them: ana~AIDAEXAMPLE
    #[arg(value_name = "USER", required = true)]
    pub(crate) users: Vec<String>,
    #[command(flatten)]
    pub(crate) by: Author,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// List entries, newest last
    List(AuditListArgs),
    /// Prove that nothing was altered, inserted or removed
    Verify(AuditVerifyArgs),
    /// Print all entries as JSON lines
    Export(AuditExportArgs),
}

#[derive(Debug, Args)]
pub(crate) struct AuditListArgs {
    /// Only the last so many
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub(crate) last: u32,
    /// Only about this, e.g. user:ana
    #[arg(long)]
    pub(crate) subject: Option<String>,
    /// Only this operation, e.g. block
    #[arg(long)]
    pub(crate) operation: Option<String>,
    /// Only what holds this in subject, reason or the names of who did it, in any case
    #[arg(long)]
    pub(crate) text: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct AuditVerifyArgs {
    /// A number and hash that were written down earlier
    #[arg(long, value_name = "SEQ:HASH")]
    pub(crate) anchor: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct AuditExportArgs {
    /// Only entries after this number
    #[arg(long, value_name = "SEQ", default_value_t = 0)]
    pub(crate) after: u64,
}

#[derive(Debug, Args)]
pub(crate) struct DeadLetterArgs {
    /// At most so many, newest first
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub(crate) limit: u32,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DbCommand {
    /// Bring the schema up to date
    Migrate,
    /// Show the database and its migrations
    Status,
}
