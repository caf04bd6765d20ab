//! What pages show: reads over totals and along indexes, bounded whatever there is on file.

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::civil::Date;
use weir_core::access::{TargetKey, TargetState};
use weir_core::block::Protection;
use weir_core::calendar::Window;
use weir_core::counter::{CounterScope, Sums};
use weir_core::ids::{AccountId, ModelId, Region, RequestId, TeamId, ToolId, UserId};
use weir_core::money::Usd;
use weir_core::quota::Metric;
use weir_core::tokens::Tokens;

use crate::error::StoreError;
use crate::filter::{BlockFilter, GroupBy, TimeOrder, UsageFilter};
use crate::reset::ResetRow;
use crate::rows::{BlockRow, DeadLetterRow, UsageRow, UserRow};

/// A user, and what was counted of them in a day and a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserLine {
    /// The user, without principals.
    pub user: UserRow,
    /// The latest call; `None` for none.
    pub last_seen: Option<Timestamp>,
    /// The day.
    pub day: Sums,
    /// The month.
    pub month: Sums,
}

/// Whose lines are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Everybody's.
    All,
    /// Those of one team's members now.
    Team(TeamId),
    /// Those of whoever called at this instant or later.
    SeenSince(Timestamp),
}

/// A team, and what was counted of it in a day and a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamLine {
    /// Which.
    pub team: TeamId,
    /// As people write it.
    pub display_name: Option<String>,
    /// Who gets its mail.
    pub owner: Option<String>,
    /// Its members now.
    pub members: u64,
    /// Those of them who are blocked.
    pub blocked: u64,
    /// The day.
    pub day: Sums,
    /// The month.
    pub month: Sums,
}

/// Sums by two things.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrossRow {
    /// The first.
    pub first: String,
    /// The second.
    pub second: String,
    /// The sums.
    pub sums: Sums,
}

/// A user among others, by how much they used of one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranked {
    /// Who.
    pub user: UserId,
    /// Invocations that did not fail.
    pub requests: i64,
    /// How much: requests, tokens or nano-dollars.
    pub used: i64,
}

/// Which invocations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallFilter {
    /// Only this user.
    pub user: Option<UserId>,
    /// Only of this team at the time of the call.
    pub team: Option<TeamId>,
    /// Only this canonical model.
    pub model: Option<ModelId>,
    /// Only this tool.
    pub tool: Option<ToolId>,
    /// Only those that are so.
    pub state: Option<CallState>,
    /// Made at this instant or later.
    pub from: Timestamp,
    /// Made at this instant or before.
    pub to: Timestamp,
    /// In which order they come.
    pub order: TimeOrder,
    /// Only those after this place in that order.
    pub after: Option<CallPlace>,
    /// At most so many.
    pub limit: u32,
}

/// How an invocation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallState {
    /// It did not fail.
    Ok,
    /// It failed without output.
    Failed,
    /// It did not fail; counts are there and the price is not.
    Unpriced,
    /// It did not fail; there are no counts.
    Unmetered,
    /// The counts may still change.
    Provisional,
    /// The look-up of the caller failed.
    Unresolved,
}

impl CallState {
    /// As statements name it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failed => "failed",
            Self::Unpriced => "unpriced",
            Self::Unmetered => "unmetered",
            Self::Provisional => "provisional",
            Self::Unresolved => "unresolved",
        }
    }
}

/// Which programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentFilter {
    /// Only of this team at the time of the call.
    pub team: Option<TeamId>,
    /// Only of this user.
    pub user: Option<UserId>,
    /// Of calls made at this instant or later.
    pub from: Timestamp,
    /// Of calls made before this instant.
    pub before: Timestamp,
    /// Of the newest so many of them.
    pub of: u32,
    /// At most so many.
    pub limit: u32,
}

/// Where an invocation stands among the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CallPlace {
    /// When it was made.
    pub at: Timestamp,
    /// In which order it came.
    pub id: i64,
}

/// A line about an invocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallRow {
    /// Where it stands.
    pub place: CallPlace,
    /// The request.
    pub request: RequestId,
    /// The account that called.
    pub account: AccountId,
    /// The source Region.
    pub region: Region,
    /// Whose call it is.
    pub user: UserId,
    /// The team at that time.
    pub team: TeamId,
    /// With what.
    pub tool: ToolId,
    /// The canonical model.
    pub model: ModelId,
    /// Event name or log operation.
    pub operation: String,
    /// The counts, if there are any.
    pub tokens: Option<Tokens>,
    /// The cost, if it is known.
    pub cost: Option<Usd>,
    /// The counts may still change.
    pub provisional: bool,
    /// It failed without output.
    pub failed: bool,
    /// The error.
    pub error_code: Option<String>,
    /// The look-up of the caller failed.
    pub unresolved: bool,
}

/// A program that called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentRow {
    /// The tool it counts for.
    pub tool: ToolId,
    /// What it says of itself; `None` if nothing, or if that was forgotten.
    pub agent: Option<String>,
    /// How many calls of those that were looked at.
    pub calls: u64,
    /// The latest of them.
    pub last: Timestamp,
}

/// What says where a user stands, beside the row of the user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stands {
    /// Users with a manual block that denies everything.
    pub manual_users: Vec<UserId>,
    /// Teams with one.
    pub manual_teams: Vec<TeamId>,
    /// Protections that were not ended: whose, and until when.
    pub protections: Vec<(UserId, Option<Timestamp>)>,
    /// Users with a block that the breaker holds.
    pub held: Vec<UserId>,
    /// Parts in targets that deny something or are under way.
    pub access: Vec<AccessPart>,
}

/// A user's part in a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessPart {
    /// Whose.
    pub user: UserId,
    /// How far the target has come.
    pub state: TargetState,
    /// Nothing is denied to this user there.
    pub allowed: bool,
    /// AWS must deny it.
    pub enforced: bool,
}

/// A protection, and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtectionEver {
    /// The protection.
    pub protection: Protection,
    /// When it was ended, and by whom.
    pub ended: Option<(Timestamp, String)>,
}

/// Where a block stands among the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockPlace {
    /// When it began.
    pub since: Timestamp,
    /// Which.
    pub id: String,
}

/// Where a dead letter stands among the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LetterPlace {
    /// When it was last seen.
    pub last_seen: Timestamp,
    /// Its number.
    pub id: u64,
}

/// Marks that move when something changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Newest {
    /// The newest invocation on file.
    pub request: i64,
    /// The end of the audit log.
    pub audit: u64,
    /// The version of the rules.
    pub rules: u64,
    /// The newest message or job.
    pub outbox: i64,
    /// When something last came that could not be read.
    pub dead_letter: Option<Timestamp>,
    /// What everybody used in a month.
    pub month: Sums,
}

/// Reads for pages.
#[async_trait]
pub trait ReportStore: Send + Sync {
    /// Users with what was counted of them, by id.
    async fn user_lines(
        &self,
        whose: &Whose,
        day: &Window,
        month: &Window,
    ) -> Result<Vec<UserLine>, StoreError>;
    /// The same users without what was counted, by id.
    async fn users_of(&self, whose: &Whose) -> Result<Vec<UserRow>, StoreError>;
    /// Teams with what was counted of them, by name; one team, if given.
    async fn team_lines(
        &self,
        team: Option<&TeamId>,
        day: &Window,
        month: &Window,
    ) -> Result<Vec<TeamLine>, StoreError>;
    /// Where users stand, of all who are not simply active.
    async fn stands(&self, now: Timestamp) -> Result<Stands, StoreError>;
    /// The totals of one scope in the windows from one to the other, both included; windows in which
    /// nothing was counted are left out.
    async fn series(
        &self,
        scope: &CounterScope,
        from: &Window,
        to: &Window,
    ) -> Result<Vec<(Window, Sums)>, StoreError>;
    /// Sums by two things.
    async fn crossed(
        &self,
        by: (GroupBy, GroupBy),
        filter: &UsageFilter,
    ) -> Result<Vec<CrossRow>, StoreError>;
    /// Everybody who called on some days by what they used of one thing: whoever used most first, then whoever
    /// called most often, then by id.
    async fn ranked(&self, metric: Metric, days: (Date, Date)) -> Result<Vec<Ranked>, StoreError>;
    /// What some users used day by day, from their counters; by day, then user.
    async fn days_of_users(
        &self,
        users: &[UserId],
        days: (Date, Date),
    ) -> Result<Vec<CrossRow>, StoreError>;
    /// The same of all of them together, by day.
    async fn days_of_users_summed(
        &self,
        users: &[UserId],
        days: (Date, Date),
    ) -> Result<Vec<UsageRow>, StoreError>;
    /// What the calls made from `from` to before `to` come to: for parts of an hour.
    async fn calls_between(
        &self,
        from: Timestamp,
        to: Timestamp,
        team: Option<&TeamId>,
    ) -> Result<Sums, StoreError>;
    /// Invocations in order of time, along an index. Until so many pass the filter, those that do not are passed
    /// over one by one.
    async fn calls(&self, filter: &CallFilter) -> Result<Vec<CallRow>, StoreError>;
    /// What called; most calls first.
    async fn agents(&self, filter: &AgentFilter) -> Result<Vec<AgentRow>, StoreError>;
    /// Blocks in order of time, after a place; those of a team are its own and its members'.
    async fn blocks_page(
        &self,
        filter: &BlockFilter,
        team: Option<&TeamId>,
        after: Option<&BlockPlace>,
    ) -> Result<Vec<BlockRow>, StoreError>;
    /// Dead letters, the latest seen first, after a place.
    async fn dead_letters_after(
        &self,
        after: Option<LetterPlace>,
        limit: u32,
    ) -> Result<Vec<DeadLetterRow>, StoreError>;
    /// Runs of the reset of dates before one, newest date first.
    async fn resets_before(
        &self,
        before: Option<Date>,
        limit: u32,
    ) -> Result<Vec<ResetRow>, StoreError>;
    /// The latest protections of a user, ended ones too.
    async fn protections_ever(
        &self,
        user: &UserId,
        limit: u32,
    ) -> Result<Vec<ProtectionEver>, StoreError>;
    /// Targets that are not as they should be; with a team, those of its members.
    async fn unsettled_targets(
        &self,
        team: Option<&TeamId>,
    ) -> Result<Vec<(TargetKey, TargetState)>, StoreError>;
    /// Marks that move when something changes.
    async fn newest(&self, month: &Window) -> Result<Newest, StoreError>;
}
