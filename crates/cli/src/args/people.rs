//! The verbs of `weir user` that write to AWS: people's IAM users and their keys.

use clap::Args;
use weir_core::provision::KeyKind;

use super::{PlanArgs, SecretArgs};

#[derive(Debug, Args)]
pub(crate) struct UserCreateArgs {
    /// The name of the IAM user
    #[arg(value_name = "USER")]
    pub(crate) user: String,
    /// The person's name
    #[arg(value_name = "PERSON")]
    pub(crate) person: String,
    /// The team
    #[arg(value_name = "TEAM")]
    pub(crate) team: String,
    /// The e-mail address
    #[arg(long)]
    pub(crate) email: Option<String>,
    /// The language of messages
    #[arg(long, value_parser = ["es", "en"])]
    pub(crate) language: Option<String>,
    /// Make a password for the console, to be changed at the first login
    #[arg(long, overrides_with = "no_login")]
    pub(crate) login: bool,
    /// No password for the console [default]
    #[arg(long)]
    pub(crate) no_login: bool,
    #[command(flatten)]
    pub(crate) secret: SecretArgs,
    #[command(flatten)]
    pub(crate) plan: PlanArgs,
}

#[derive(Debug, Args)]
pub(crate) struct UserInfoArgs {
    /// Which user
    #[arg(value_name = "USER")]
    pub(crate) user: String,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = true, id = "change")]
pub(crate) struct UserUpdateArgs {
    /// Which user
    #[arg(value_name = "USER", group = "whom")]
    pub(crate) user: String,
    /// The person's name
    #[arg(long, group = "change")]
    pub(crate) person: Option<String>,
    /// The team: leaves the groups of others
    #[arg(long, group = "change")]
    pub(crate) team: Option<String>,
    /// The e-mail address
    #[arg(long, group = "change")]
    pub(crate) email: Option<String>,
    /// Make a password for the console
    #[arg(long, group = "change", conflicts_with = "no_login")]
    pub(crate) login: bool,
    /// Take the password for the console away
    #[arg(long, group = "change")]
    pub(crate) no_login: bool,
    #[command(flatten)]
    pub(crate) secret: SecretArgs,
    #[command(flatten)]
    pub(crate) plan: PlanArgs,
}

#[derive(Debug, Args)]
pub(crate) struct UserDeleteArgs {
    /// Which user
    #[arg(value_name = "USER")]
    pub(crate) user: String,
    #[command(flatten)]
    pub(crate) plan: PlanArgs,
}

#[derive(Debug, Args)]
pub(crate) struct CreateKeyArgs {
    /// Which user
    #[arg(value_name = "USER")]
    pub(crate) user: String,
    /// The tool it is for: claude-code, cline, …
    #[arg(value_name = "TOOL")]
    pub(crate) tool: String,
    /// bedrock-api-key or access-key
    #[arg(long, default_value_t = KeyKind::Bedrock)]
    pub(crate) kind: KeyKind,
    /// When it ends by itself, in days: 90d [default: never]
    #[arg(long, value_name = "DURATION", value_parser = days)]
    pub(crate) expires: Option<u32>,
    #[command(flatten)]
    pub(crate) secret: SecretArgs,
    #[command(flatten)]
    pub(crate) plan: PlanArgs,
}

#[derive(Debug, Args)]
pub(crate) struct KeyArgs {
    /// Whose
    #[arg(value_name = "USER")]
    pub(crate) user: String,
    /// Which, as `weir user keys` prints it
    #[arg(value_name = "KEY")]
    pub(crate) key: String,
    #[command(flatten)]
    pub(crate) plan: PlanArgs,
}

#[derive(Debug, Args)]
pub(crate) struct BindKeyArgs {
    /// Whose
    #[arg(value_name = "USER")]
    pub(crate) user: String,
    /// Which, as `weir user keys` prints it
    #[arg(value_name = "KEY")]
    pub(crate) key: String,
    /// The tool it is for: claude-code, cline, …
    #[arg(value_name = "TOOL")]
    pub(crate) tool: String,
    #[command(flatten)]
    pub(crate) plan: PlanArgs,
}

#[derive(Debug, Args)]
pub(crate) struct RotateKeyArgs {
    /// Whose
    #[arg(value_name = "USER")]
    pub(crate) user: String,
    /// Which, as `weir user keys` prints it
    #[arg(value_name = "KEY")]
    pub(crate) key: String,
    /// When the new one ends by itself, in days: 90d [default: never]
    #[arg(long, value_name = "DURATION", value_parser = days)]
    pub(crate) expires: Option<u32>,
    /// Delete the old one now [default: it works until it is revoked]
    #[arg(long)]
    pub(crate) at_once: bool,
    #[command(flatten)]
    pub(crate) secret: SecretArgs,
    #[command(flatten)]
    pub(crate) plan: PlanArgs,
}

/// AWS counts whole days.
pub(crate) fn days(text: &str) -> Result<u32, String> {
    let wrong = || format!("`{text}` is not a number of days: write 90d");
    let days = text.trim().strip_suffix('d').ok_or_else(wrong)?;
    days.parse().map_err(|_| wrong())
}
