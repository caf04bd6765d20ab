//! What happened: one variant per kind of message, with its facts.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::form;
use super::kind::Kind;
use crate::access::TargetState;
use crate::block::{Until, Violation};
use crate::calendar::Window;
use crate::ids::{
    AccountId, BlockId, KeyId, ModelId, ProtectionId, Region, RequestId, TeamId, ToolId, UserId,
};
use crate::plan::LiftReason;
use crate::quota::{Metric, Scope};
use crate::rulebook::UserClass;

/// What happened. In JSON the variant is `event_type`, its facts are `facts`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event_type", content = "facts", rename_all = "kebab-case")]
pub enum News {
    /// See [`Kind::QuotaWarning`].
    QuotaWarning {
        /// Which, and how much of it is used.
        quota: Quoted,
        /// The percentage that was passed.
        threshold: u32,
        /// Whether reaching the limit will block.
        blocks: bool,
        /// The end of the window.
        #[serde(with = "form::text")]
        resets_at: Timestamp,
    },
    /// See [`Kind::Blocked`].
    Blocked {
        /// Which block.
        block: BlockId,
        /// What is denied.
        denied: Denied,
        /// The quotas that were reached; the first is the headline.
        quotas: Vec<Quoted>,
        /// Since when.
        #[serde(with = "form::text")]
        since: Timestamp,
        /// Until when, as stored.
        #[serde(with = "form::until")]
        until: Until,
    },
    /// See [`Kind::BlockedByAdministrator`].
    BlockedByAdministrator {
        /// Access was denied before this, too: it is known, and only the reason is news.
        #[serde(default)]
        already: bool,
        /// Which block.
        block: BlockId,
        /// Who decided.
        by: String,
        /// Why.
        reason: String,
        /// Since when.
        #[serde(with = "form::text")]
        since: Timestamp,
        /// Until when, as stored.
        #[serde(with = "form::until")]
        until: Until,
    },
    /// See [`Kind::LimitReached`].
    LimitReached {
        /// Which block.
        block: BlockId,
        /// The quotas that were reached; the first is the headline. None for an administrator's block.
        quotas: Vec<Quoted>,
        /// The reason, where there are no quotas.
        reason: String,
        /// Since when.
        #[serde(with = "form::text")]
        since: Timestamp,
        /// Until when the block lasts, as stored.
        #[serde(with = "form::until")]
        until: Until,
    },
    /// See [`Kind::Unblocked`].
    Unblocked {
        /// Which block.
        block: BlockId,
        /// Why it ended.
        #[serde(with = "form::text")]
        why: LiftReason,
        /// What was denied.
        denied: Denied,
        /// The quotas it was for; the first is the headline. None for an administrator's block.
        quotas: Vec<Quoted>,
        /// The reason, where there are no quotas.
        reason: String,
        /// Since when it had been.
        #[serde(with = "form::text")]
        since: Timestamp,
    },
    /// See [`Kind::UnblockedByAdministrator`].
    UnblockedByAdministrator {
        /// The block that ended last.
        block: BlockId,
        /// Who decided.
        by: String,
        /// Why.
        reason: String,
        /// Since when access was denied.
        #[serde(with = "form::text")]
        since: Timestamp,
        /// Until when a protection holds; nothing if none was granted.
        #[serde(with = "form::maybe")]
        protected_until: Option<Timestamp>,
    },
    /// See [`Kind::ProtectionGranted`].
    ProtectionGranted {
        /// Which.
        protection: ProtectionId,
        /// Who decided.
        by: String,
        /// Why.
        reason: String,
        /// Since when.
        #[serde(with = "form::text")]
        since: Timestamp,
        /// Until when, as stored.
        #[serde(with = "form::until")]
        until: Until,
        /// Percent of a limit beyond which blocks apply all the same.
        up_to_percent: Option<u32>,
    },
    /// See [`Kind::ProtectionEnded`].
    ProtectionEnded {
        /// Which.
        protection: ProtectionId,
        /// Who ended it; `weir` for the clock.
        by: String,
        /// Since when it had been.
        #[serde(with = "form::text")]
        since: Timestamp,
        /// Quotas that are reached now: they block.
        blocks: bool,
    },
    /// See [`Kind::ProtectedOverLimit`].
    ProtectedOverLimit {
        /// Which limit.
        quota: Quoted,
        /// Who protects.
        protected_by: String,
        /// Until when.
        #[serde(with = "form::until")]
        protected_until: Until,
    },
    /// See [`Kind::TeamQuotaWarning`].
    TeamQuotaWarning {
        /// Which, and how much of it is used.
        quota: Quoted,
        /// The percentage that was passed.
        threshold: u32,
        /// Whether reaching the limit will block the members.
        blocks: bool,
        /// The end of the window.
        #[serde(with = "form::text")]
        resets_at: Timestamp,
    },
    /// See [`Kind::TeamQuotaExceeded`].
    TeamQuotaExceeded {
        /// The quotas that were reached; the first is the headline.
        quotas: Vec<Quoted>,
        /// Whether the members are blocked.
        blocked: bool,
        /// How many people are in the team.
        members: u32,
        /// The end of the window, and of the block.
        #[serde(with = "form::text")]
        resets_at: Timestamp,
    },
    /// See [`Kind::EnforcementFailed`].
    EnforcementFailed {
        /// Account, kind and id; without an id all of the kind, for which the same mechanism is lacking.
        target: String,
        /// Which generation of it; the highest of several.
        generation: u64,
        /// Whether something was to be denied, or access given back.
        denies: bool,
        /// `cannot`, `failed` or `gone`.
        #[serde(with = "form::text")]
        state: TargetState,
        /// Whose access it is.
        users: Vec<UserId>,
        /// What AWS said.
        error: String,
    },
    /// See [`Kind::Leak`].
    Leak {
        /// Account, kind and id of what carries the denial.
        target: String,
        /// The call.
        request: RequestId,
        /// When it was made.
        #[serde(with = "form::text")]
        called_at: Timestamp,
        /// Event name.
        operation: String,
        /// The model.
        model: ModelId,
        /// The key that signed, if it was seen.
        key: Option<KeyId>,
        /// How many calls of this user went through within a day; this is the newest.
        calls: u64,
    },
    /// See [`Kind::Held`].
    Held {
        /// The occasion: what makes this one different from the one before.
        occasion: String,
        /// Whose blocks are held.
        users: Vec<UserId>,
        /// Teams whose blocks are held.
        teams: Vec<TeamId>,
        /// How many users may newly be blocked within ten minutes.
        allowed: u32,
    },
    /// See [`Kind::NewUser`].
    NewUser {
        /// Account, kind and name of the identity that called.
        principal: String,
        /// What kind of subject it was taken for.
        #[serde(with = "form::class")]
        class: UserClass,
    },
    /// See [`Kind::UnpricedModel`].
    UnpricedModel {
        /// Which.
        model: ModelId,
        /// The source Region.
        region: Region,
        /// Calls without a price since then.
        calls: u64,
        /// The first of them.
        #[serde(with = "form::text")]
        since: Timestamp,
    },
    /// See [`Kind::UserSuccession`].
    UserSuccession {
        /// Account, kind and name.
        principal: String,
        /// The user whose name it was.
        before: UserId,
        /// The first known call of the newcomer.
        #[serde(with = "form::text")]
        since: Timestamp,
    },
    /// See [`Kind::IntakeSilent`].
    IntakeSilent {
        /// What is silent: an account, a Region, a source.
        what: String,
        /// The last record that came; nothing if none ever did.
        #[serde(with = "form::maybe")]
        last: Option<Timestamp>,
    },
    /// See [`Kind::CallsMissing`].
    CallsMissing {
        /// Where, and how many.
        places: Vec<Arrived>,
    },
    /// See [`Kind::ResetFailed`].
    ResetFailed {
        /// The local date.
        date: String,
        /// What went wrong; nothing if it did not come to its end.
        errors: Vec<String>,
    },
    /// See [`Kind::IncidentClosed`].
    IncidentClosed {
        /// What it was.
        #[serde(with = "form::text")]
        incident: Kind,
        /// Which of that kind.
        what: String,
        /// Since when it had been.
        #[serde(with = "form::text")]
        since: Timestamp,
    },
    /// See [`Kind::Digest`].
    Digest {
        /// The local date.
        day: String,
        /// Who would have been blocked and why, the newest first; at most [`MOST_LINES`].
        blocks: Vec<WouldBlock>,
        /// How many there are in all.
        count: u64,
    },
    /// See [`Kind::DailySummary`].
    DailySummary {
        /// The local date.
        day: String,
        /// Everything.
        total: Spent,
        /// The dearest users; at most [`MOST_LINES`].
        users: Vec<Spent>,
        /// The dearest teams.
        teams: Vec<Spent>,
        /// The dearest models.
        models: Vec<Spent>,
        /// Blocks that began.
        blocks: u64,
        /// What arrived of what AWS counted; at most [`MOST_LINES`], and nothing where AWS is not asked.
        coverage: Vec<Arrived>,
        /// The end of the audit chain, `SEQ:HASH`: what `weir audit verify --anchor` takes.
        anchor: String,
    },
    /// See [`Kind::WeeklySummary`].
    WeeklySummary(TeamSummary),
    /// See [`Kind::MonthlySummary`].
    MonthlySummary(TeamSummary),
    /// See [`Kind::ChannelTest`].
    ChannelTest {
        /// Which channel.
        channel: String,
        /// Who tries it.
        by: String,
    },
}

/// As many lines of one kind stand in a digest or summary.
pub const MOST_LINES: usize = 10;

/// What a team used over some days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamSummary {
    /// The first local date.
    pub from: String,
    /// The last local date.
    pub to: String,
    /// Everything.
    pub total: Spent,
    /// The dearest members; at most [`MOST_LINES`].
    pub users: Vec<Spent>,
    /// The dearest models.
    pub models: Vec<Spent>,
}

/// What one user, team or model comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spent {
    /// Whose; empty in a total.
    pub key: String,
    /// Calls that did not fail.
    pub requests: i64,
    /// Tokens of all classes.
    pub tokens: i64,
    /// The known cost in dollars, exact.
    pub cost_usd: String,
    /// Calls without a price.
    pub unpriced: i64,
    /// Calls without counts.
    pub unmetered: i64,
}

/// What arrived of the calls of an account in a Region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrived {
    /// The account that called.
    pub account: AccountId,
    /// The source Region.
    pub region: Region,
    /// Calls that arrived.
    pub counted: u64,
    /// Calls that AWS counted.
    pub reported: u64,
}

/// A block that is only on record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WouldBlock {
    /// `user:ana`, `team:sap`, …
    pub whom: String,
    /// The headline.
    pub reason: String,
}

/// A quota, held against what was used. In JSON amounts are integers, or exact decimal dollars as
/// text where `metric` is `cost`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "form::QuotedForm", try_from = "form::QuotedForm")]
pub struct Quoted {
    /// Where it was set.
    pub scope: Scope,
    /// What it counts.
    pub metric: Metric,
    /// Over what.
    pub window: Window,
    /// How much was used: a count, or nano-dollars.
    pub used: i64,
    /// How much is allowed: a count, or nano-dollars.
    pub limit: i64,
}

/// What a block denies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", content = "name", rename_all = "kebab-case")]
pub enum Denied {
    /// Everything on Bedrock.
    Everything,
    /// Everything, because the team's total is used up.
    Team(TeamId),
    /// The keys of one tool.
    Tool(ToolId),
    /// One model.
    Model(ModelId),
}

impl From<&Violation> for Quoted {
    fn from(violation: &Violation) -> Self {
        let Violation {
            scope,
            metric,
            window,
            used,
            limit,
        } = violation.clone();
        Self {
            scope,
            metric,
            window,
            used,
            limit,
        }
    }
}

impl Quoted {
    /// Used, in percent of the limit, rounded down; a limit of nothing is always reached.
    pub fn percent(&self) -> u32 {
        crate::decide::percent(self.used, self.limit)
    }
}

impl News {
    /// Which kind it is.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::QuotaWarning { .. } => Kind::QuotaWarning,
            Self::Blocked { .. } => Kind::Blocked,
            Self::BlockedByAdministrator { .. } => Kind::BlockedByAdministrator,
            Self::LimitReached { .. } => Kind::LimitReached,
            Self::Unblocked { .. } => Kind::Unblocked,
            Self::UnblockedByAdministrator { .. } => Kind::UnblockedByAdministrator,
            Self::ProtectionGranted { .. } => Kind::ProtectionGranted,
            Self::ProtectionEnded { .. } => Kind::ProtectionEnded,
            Self::ProtectedOverLimit { .. } => Kind::ProtectedOverLimit,
            Self::TeamQuotaWarning { .. } => Kind::TeamQuotaWarning,
            Self::TeamQuotaExceeded { .. } => Kind::TeamQuotaExceeded,
            Self::EnforcementFailed { .. } => Kind::EnforcementFailed,
            Self::Leak { .. } => Kind::Leak,
            Self::Held { .. } => Kind::Held,
            Self::NewUser { .. } => Kind::NewUser,
            Self::UnpricedModel { .. } => Kind::UnpricedModel,
            Self::UserSuccession { .. } => Kind::UserSuccession,
            Self::IntakeSilent { .. } => Kind::IntakeSilent,
            Self::CallsMissing { .. } => Kind::CallsMissing,
            Self::ResetFailed { .. } => Kind::ResetFailed,
            Self::IncidentClosed { .. } => Kind::IncidentClosed,
            Self::Digest { .. } => Kind::Digest,
            Self::DailySummary { .. } => Kind::DailySummary,
            Self::WeeklySummary(_) => Kind::WeeklySummary,
            Self::MonthlySummary(_) => Kind::MonthlySummary,
            Self::ChannelTest { .. } => Kind::ChannelTest,
        }
    }

    /// What makes one message of a kind about a subject another than the next. The instant does
    /// not, except where nothing else could.
    pub(super) fn occasion(&self, at: Timestamp) -> String {
        match self {
            Self::QuotaWarning {
                quota, threshold, ..
            }
            | Self::TeamQuotaWarning {
                quota, threshold, ..
            } => format!("{}/{threshold}", quota.occasion()),
            Self::ProtectedOverLimit { quota, .. } => quota.occasion(),
            Self::TeamQuotaExceeded { quotas, .. } => {
                quotas.first().map(Quoted::occasion).unwrap_or_default()
            }
            // One block takes access more than once: a team's, or one that outlasts a change of mode.
            Self::Blocked { block, since, .. }
            | Self::LimitReached { block, since, .. }
            | Self::BlockedByAdministrator { block, since, .. } => format!("{block}/{since}"),
            Self::Unblocked { block, .. } | Self::UnblockedByAdministrator { block, .. } => {
                format!("{block}/{at}")
            }
            Self::ProtectionGranted { protection, .. }
            | Self::ProtectionEnded { protection, .. } => protection.to_string(),
            // Told again every day while it lasts.
            Self::EnforcementFailed {
                target, generation, ..
            } => format!("{target}/{generation}/{at}"),
            Self::Held { occasion, .. } => format!("{occasion}/{at}"),
            Self::UnpricedModel { model, region, .. } => format!("{model}/{region}/{at}"),
            Self::IntakeSilent { what, .. } => format!("{what}/{at}"),
            Self::CallsMissing { .. } => at.to_string(),
            Self::ResetFailed { date, .. } => format!("{date}/{at}"),
            Self::IncidentClosed { incident, what, .. } => format!("{incident}/{what}/{at}"),
            Self::Leak { request, .. } => format!("{request}/{at}"),
            Self::NewUser { principal, .. } => principal.clone(),
            Self::UserSuccession {
                principal, since, ..
            } => format!("{principal}/{since}"),
            Self::Digest { day, .. } | Self::DailySummary { day, .. } => day.clone(),
            Self::WeeklySummary(summary) | Self::MonthlySummary(summary) => summary.from.clone(),
            // Each try is one.
            Self::ChannelTest { channel, .. } => format!("{channel}/{at}"),
        }
    }
}

impl Quoted {
    fn occasion(&self) -> String {
        let Self {
            scope,
            metric,
            window,
            used: _,
            limit,
        } = self;
        format!("{scope}/{metric}/{window}/{limit}")
    }
}
