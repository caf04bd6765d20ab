//! `weir status`, `usage`, `coverage`, `invocation` and `blocks`.

use clap::{Args, ValueEnum};
use jiff::civil::Date;
use weir_server::forms;

#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    /// Which user
    #[arg(value_name = "USER")]
    pub(crate) user: String,
}

#[derive(Debug, Args)]
pub(crate) struct UsageArgs {
    /// One row per what
    #[arg(long, value_enum)]
    pub(crate) by: By,
    /// First local day, as 2026-11-20
    #[arg(long, value_name = "DATE")]
    pub(crate) from: Option<Date>,
    /// Last local day
    #[arg(long, value_name = "DATE")]
    pub(crate) to: Option<Date>,
    /// Only this team
    #[arg(long)]
    pub(crate) team: Option<String>,
    /// Only this user
    #[arg(long)]
    pub(crate) user: Option<String>,
    /// Only this model, in any form AWS accepts
    #[arg(long)]
    pub(crate) model: Option<String>,
    /// Only this tool
    #[arg(long)]
    pub(crate) tool: Option<String>,
    /// Print CSV
    #[arg(long, conflicts_with = "json")]
    pub(crate) csv: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum By {
    User,
    Team,
    Model,
    Tool,
    Day,
}

impl By {
    /// As the API names it.
    pub(crate) const fn form(self) -> forms::By {
        match self {
            Self::User => forms::By::User,
            Self::Team => forms::By::Team,
            Self::Model => forms::By::Model,
            Self::Tool => forms::By::Tool,
            Self::Day => forms::By::Day,
        }
    }
}

/// Compare what was counted with what AWS itself counted: calls on file ÷ CloudWatch's
/// `AWS/Bedrock Invocations`, by account and Region.
///
/// `weir serve` reads both once an hour. Below 95 % calls do not arrive; with fewer than 20 nothing is
/// said. An hour is in the sums once it has been over for 30 minutes.
#[derive(Debug, Args)]
pub(crate) struct CoverageArgs {
    /// First local day, as 2026-11-20 [default: the last 24 hours]
    #[arg(long, value_name = "DATE")]
    pub(crate) from: Option<Date>,
    /// Last local day [default: until now]
    #[arg(long, value_name = "DATE")]
    pub(crate) to: Option<Date>,
    /// Read both sides anew now, for 31 days at most
    #[arg(long)]
    pub(crate) read: bool,
}

#[derive(Debug, Args)]
pub(crate) struct InvocationArgs {
    /// The AWS request id
    #[arg(value_name = "REQUEST_ID")]
    pub(crate) request_id: String,
}

#[derive(Debug, Args)]
pub(crate) struct BlocksArgs {
    /// Lifted blocks too
    #[arg(long)]
    pub(crate) history: bool,
    /// Only of this user
    #[arg(long)]
    pub(crate) user: Option<String>,
    /// Only those the breaker holds
    #[arg(long)]
    pub(crate) held: bool,
    /// Only those with this in whom they deny, reason or author, or in whoever lifted them
    #[arg(long, value_name = "TEXT")]
    pub(crate) text: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 200)]
    pub(crate) limit: u32,
}
