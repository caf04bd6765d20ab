//! Kinds of messages, how grave each is, and for whom.

use std::fmt;
use std::str::FromStr;

/// What kind of message it is. Its word is the event type everywhere: in the configuration, in SNS
/// attributes, in `CloudEvents` (there after `weir.`) and on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A user comes near a limit.
    QuotaWarning,
    /// Quotas blocked a user.
    Blocked,
    /// An administrator blocked a user.
    BlockedByAdministrator,
    /// A limit is reached, and access could not be denied (rules N4).
    LimitReached,
    /// A block ended by the clock, a raised limit or a lowered total.
    Unblocked,
    /// An administrator lifted the blocks.
    UnblockedByAdministrator,
    /// Automatic blocks do not apply for a while.
    ProtectionGranted,
    /// They apply again.
    ProtectionEnded,
    /// A protected user passed a limit.
    ProtectedOverLimit,
    /// A team, or everybody together, comes near a limit.
    TeamQuotaWarning,
    /// A team, or everybody together, reached a limit.
    TeamQuotaExceeded,
    /// A denial could not be made real.
    EnforcementFailed,
    /// A call went through a verified denial.
    Leak,
    /// The breaker holds new blocks.
    Held,
    /// Somebody called for the first time.
    NewUser,
    /// A model without a price was called.
    UnpricedModel,
    /// Somebody else came under a known name.
    UserSuccession,
    /// No records come any more.
    IntakeSilent,
    /// Fewer calls arrive than AWS counted.
    CallsMissing,
    /// The daily reset did not do everything.
    ResetFailed,
    /// What was wrong is over.
    IncidentClosed,
    /// Who would have been blocked, were denials made real.
    Digest,
    /// A day of the organisation.
    DailySummary,
    /// A week of a team.
    WeeklySummary,
    /// A month of a team.
    MonthlySummary,
    /// An administrator tries a channel.
    ChannelTest,
}

/// How grave a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Good to know.
    Info,
    /// Somebody may want to act.
    Warning,
    /// Somebody lost access, or something does not work as promised.
    Critical,
}

/// The colour of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Amber: something comes near.
    Warning,
    /// Red: access is lost, or a promise is not kept.
    Block,
    /// Green: access is back.
    Restore,
    /// Grey: news.
    Notice,
}

/// Who should hear of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Audience {
    /// The user it is about.
    User,
    /// The owner of the team it is about.
    TeamOwner,
    /// The administrators.
    Admins,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 26] = [
        Self::QuotaWarning,
        Self::Blocked,
        Self::BlockedByAdministrator,
        Self::LimitReached,
        Self::Unblocked,
        Self::UnblockedByAdministrator,
        Self::ProtectionGranted,
        Self::ProtectionEnded,
        Self::ProtectedOverLimit,
        Self::TeamQuotaWarning,
        Self::TeamQuotaExceeded,
        Self::EnforcementFailed,
        Self::Leak,
        Self::Held,
        Self::NewUser,
        Self::UnpricedModel,
        Self::UserSuccession,
        Self::IntakeSilent,
        Self::CallsMissing,
        Self::ResetFailed,
        Self::IncidentClosed,
        Self::Digest,
        Self::DailySummary,
        Self::WeeklySummary,
        Self::MonthlySummary,
        Self::ChannelTest,
    ];

    /// The event type.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::QuotaWarning => "quota-warning",
            Self::Blocked => "blocked",
            Self::BlockedByAdministrator => "blocked-by-administrator",
            Self::LimitReached => "limit-reached",
            Self::Unblocked => "unblocked",
            Self::UnblockedByAdministrator => "unblocked-by-administrator",
            Self::ProtectionGranted => "protection-granted",
            Self::ProtectionEnded => "protection-ended",
            Self::ProtectedOverLimit => "protected-over-limit",
            Self::TeamQuotaWarning => "team-quota-warning",
            Self::TeamQuotaExceeded => "team-quota-exceeded",
            Self::EnforcementFailed => "enforcement-failed",
            Self::Leak => "leak",
            Self::Held => "held",
            Self::NewUser => "new-user",
            Self::UnpricedModel => "unpriced-model",
            Self::UserSuccession => "user-succession",
            Self::IntakeSilent => "intake-silent",
            Self::CallsMissing => "calls-missing",
            Self::ResetFailed => "reset-failed",
            Self::IncidentClosed => "incident-closed",
            Self::Digest => "digest",
            Self::DailySummary => "daily-summary",
            Self::WeeklySummary => "weekly-summary",
            Self::MonthlySummary => "monthly-summary",
            Self::ChannelTest => "channel-test",
        }
    }

    /// How grave it is.
    pub const fn severity(self) -> Severity {
        match self {
            Self::Unblocked
            | Self::UnblockedByAdministrator
            | Self::ProtectionGranted
            | Self::ProtectionEnded
            | Self::NewUser
            | Self::IncidentClosed
            | Self::Digest
            | Self::DailySummary
            | Self::WeeklySummary
            | Self::MonthlySummary
            | Self::ChannelTest => Severity::Info,
            Self::QuotaWarning
            | Self::TeamQuotaWarning
            | Self::ProtectedOverLimit
            | Self::UnpricedModel
            | Self::UserSuccession => Severity::Warning,
            Self::Blocked
            | Self::BlockedByAdministrator
            | Self::LimitReached
            | Self::TeamQuotaExceeded
            | Self::EnforcementFailed
            | Self::Leak
            | Self::Held
            | Self::IntakeSilent
            | Self::CallsMissing
            | Self::ResetFailed => Severity::Critical,
        }
    }

    /// Its colour.
    pub const fn tone(self) -> Tone {
        match self {
            Self::QuotaWarning
            | Self::TeamQuotaWarning
            | Self::ProtectedOverLimit
            | Self::ProtectionEnded
            | Self::UnpricedModel
            | Self::UserSuccession => Tone::Warning,
            Self::Blocked
            | Self::BlockedByAdministrator
            | Self::LimitReached
            | Self::TeamQuotaExceeded
            | Self::EnforcementFailed
            | Self::Leak
            | Self::Held
            | Self::IntakeSilent
            | Self::CallsMissing
            | Self::ResetFailed => Tone::Block,
            Self::Unblocked
            | Self::UnblockedByAdministrator
            | Self::ProtectionGranted
            | Self::IncidentClosed => Tone::Restore,
            Self::NewUser
            | Self::Digest
            | Self::DailySummary
            | Self::WeeklySummary
            | Self::MonthlySummary
            | Self::ChannelTest => Tone::Notice,
        }
    }

    /// Whether its words are for the user it is about; others are told of it in one line.
    pub const fn is_personal(self) -> bool {
        matches!(
            self,
            Self::QuotaWarning
                | Self::Blocked
                | Self::BlockedByAdministrator
                | Self::LimitReached
                | Self::Unblocked
                | Self::UnblockedByAdministrator
                | Self::ProtectionGranted
                | Self::ProtectionEnded
        )
    }

    /// Whether it tells that somebody lost access, or should have: never dropped (rules N5).
    pub const fn is_loss(self) -> bool {
        matches!(
            self,
            Self::Blocked | Self::BlockedByAdministrator | Self::LimitReached
        )
    }

    /// Whether it tells of access that was lost or came back.
    pub const fn is_about_access(self) -> bool {
        self.is_loss() || matches!(self, Self::Unblocked | Self::UnblockedByAdministrator)
    }

    /// Who should hear of it (rules N1). Administrators hear of everything: through which channel,
    /// if through any, is a matter of routing.
    pub const fn audiences(self) -> &'static [Audience] {
        match self {
            Self::TeamQuotaWarning
            | Self::TeamQuotaExceeded
            | Self::WeeklySummary
            | Self::MonthlySummary => &[Audience::TeamOwner, Audience::Admins],
            _ if self.is_personal() => &[Audience::User, Audience::Admins],
            _ => &[Audience::Admins],
        }
    }
}

impl Severity {
    /// The word used in the configuration and in events.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

impl Audience {
    /// The word used in the configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::TeamOwner => "team-owner",
            Self::Admins => "admins",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| {
                let all: Vec<_> = Self::ALL.iter().map(|kind| kind.as_str()).collect();
                format!("`{text}` is not a type of message: {}", all.join(", "))
            })
    }
}

impl FromStr for Severity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "info" => Ok(Self::Info),
            "warning" => Ok(Self::Warning),
            "critical" => Ok(Self::Critical),
            _ => Err(format!(
                "`{text}` is not a severity: info, warning or critical"
            )),
        }
    }
}

impl FromStr for Audience {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "user" => Ok(Self::User),
            "team-owner" => Ok(Self::TeamOwner),
            "admins" => Ok(Self::Admins),
            _ => Err(format!(
                "`{text}` is not an audience: user, team-owner or admins"
            )),
        }
    }
}
