//! The storage interface.

use std::collections::BTreeMap;

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::civil::Date;
use weir_core::access::{TargetKey, TargetState};
use weir_core::attribution::{Principal, Succession};
use weir_core::audit::{Chained, Entry, Start};
use weir_core::calendar::Window;
use weir_core::counter::{CounterKey, Sums};
use weir_core::coverage::{Called, HourCoverage};
use weir_core::history::Repricing;
use weir_core::ids::{AccountId, KeyId, ModelId, Region, RequestId, TeamId, UserId};
use weir_core::incident::{Change, Incident};
use weir_core::people::DirectoryPerson;
use weir_core::pricing::{PriceEnd, PriceRow};
use weir_core::quota::{Metric, Quota, Scope};
use weir_core::rulebook::{KeyOwner, ModeInForce, Person, Rulebook, StoredRules};
use weir_core::standing::{Situation, WarningKey};

use crate::error::StoreError;
use crate::filter::{AuditFilter, BlockFilter, GroupBy, UsageFilter};
use crate::forget::ForgetStore;
use crate::mail::{
    ClaimedDelivery, ClaimedMessages, DeliveryEnd, MailFilter, MailRow, MessageEnd, TeamOwner,
};
use crate::operators::OperatorStore;
use crate::reports::ReportStore;
use crate::reset::{ResetClaim, ResetOutcome, ResetRow, Retained};
use crate::rows::{
    AuditHead, BlockRow, ClaimedJob, ClaimedTarget, CoverageRow, Cursor, DeadLetterRow, Health,
    InvocationRow, MigrationStatus, ProtectionRow, SessionRoleRow, TargetKeyRow, TargetRow,
    UsageRow, UserRow,
};
use crate::settle::{Batch, Decide, Settled};
use crate::watch::{Duty, DutyRow, Pulse};

/// Who holds something, and until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Unique per process and claim.
    pub owner: String,
    /// When others may take it.
    pub until: Timestamp,
}

/// A change of the stored rules. Each raises the rules' version.
#[derive(Clone, Debug, PartialEq)]
pub enum RuleChange {
    /// Sets or replaces a quota. The first quota on a tool or model fills its counters from the hourly table.
    SetQuota(Quota),
    /// Removes a quota.
    UnsetQuota(Scope, Metric, weir_core::calendar::WindowKind),
    /// Sets a price from its effective date on.
    SetPrice(PriceRow),
    /// Takes prices of an administrator back.
    EndPrices(PriceEnd),
    /// Sets what an administrator says about a user; the user is created if missing.
    SetPerson(UserId, Person),
    /// Makes a principal part of a user; where several bore its name, the newest of them.
    Link(Principal, UserId),
    /// Notes a principal that has not called yet as the user's; one that is known stays as it is.
    Introduce(Principal, UserId),
    /// Makes another holder of a name a user of its own. Refused with
    /// [`StoreError::StaleRules`] unless it was found under the newest version of the rules.
    Succeed(Succession, u64),
    /// Sets who gets the messages about a team; nobody, without an address.
    SetTeamOwner(TeamId, Option<String>),
    /// Binds a key to a user and tool.
    SetKey(KeyId, KeyOwner),
    /// Notes somebody of the directory behind Identity Center, by id.
    SetDirectoryPerson(DirectoryPerson),
    /// Forgets whoever is in the directory no more, by id.
    DropDirectoryPerson(String),
    /// Puts a mode of enforcement in force, for every process.
    SetMode(ModeInForce),
    /// Stores the home account, once.
    SetHomeAccount(AccountId),
    /// Nothing of what goes with it, and [`StoreError::StaleRules`], unless this is the newest version of the
    /// rules.
    AsOf(u64),
}

impl RuleChange {
    /// These changes, and where a version of the rules is given, only while it is the newest.
    pub fn bound_to(version: Option<u64>, changes: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let bound = version.map(Self::AsOf).into_iter();
        bound.chain(changes).collect()
    }
}

/// What an executor found out about a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetOutcome {
    /// Which target.
    pub key: TargetKey,
    /// The generation that was read before writing.
    pub generation: u64,
    /// The state reached.
    pub state: TargetState,
    /// Something had to be written for it.
    pub wrote: bool,
    /// When.
    pub at: Timestamp,
    /// When to try again, if there is something to try.
    pub next_attempt_at: Option<Timestamp>,
    /// What went wrong.
    pub error: Option<String>,
    /// Keys that are active again, or gone: the block has nothing to give back any more.
    pub given_back: Vec<KeyId>,
    /// For the audit log, written in the same transaction.
    pub audit: Vec<Entry>,
}

/// Whether a mail may be sent now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailClaim {
    /// It is ours to send.
    Free,
    /// It was sent before.
    Sent,
    /// Somebody else is at it.
    Held,
}

/// Storage behind Weir. Implementations are twins: they differ in SQL, never in behaviour.
#[async_trait]
pub trait Store: Send + Sync {
    // --- schema ---

    /// Applies pending migrations, under an exclusive lock.
    async fn migrate(&self) -> Result<Vec<String>, StoreError>;
    /// Which migrations are applied and pending.
    async fn migrations(&self) -> Result<MigrationStatus, StoreError>;
    /// Stores the business zone of a new database; refuses to change it.
    async fn set_zone(&self, zone: &str) -> Result<(), StoreError>;
    /// Whether the database answers, and what it is.
    async fn health(&self) -> Result<Health, StoreError>;

    /// The key of pseudonyms: the one on file, or the one that was drawn, if there is none yet.
    async fn pseudonym_key(&self, drawn: &str) -> Result<String, StoreError>;

    // --- rules ---

    /// All stored rules, with their version.
    async fn rules(&self) -> Result<StoredRules, StoreError>;
    /// The same; `None`, in one round trip, if this is their version still.
    async fn rules_unless(&self, known: u64) -> Result<Option<StoredRules>, StoreError>;
    /// Changes rules and records the changes, in one transaction. Returns the new version.
    async fn change_rules(
        &self,
        changes: Vec<RuleChange>,
        audit: Vec<Entry>,
    ) -> Result<u64, StoreError>;

    // --- the write path ---

    /// Records the batch, runs `decide` on the locked situation of every subject it touched, and
    /// commits what it returns. A request id already on file is re-derived from all its records,
    /// never counted twice.
    async fn settle(&self, batch: &Batch<'_>, decide: &Decide<'_>) -> Result<Settled, StoreError>;
    /// Appends entries to the audit log in a transaction of their own.
    async fn append_audit(&self, entries: Vec<Entry>) -> Result<(), StoreError>;

    // --- what is due ---

    /// Users and teams with a block or protection that is over, sorted, at most `limit` of each.
    async fn due(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<(Vec<UserId>, Vec<TeamId>), StoreError>;
    /// Users and teams with a block that was not lifted, sorted; one that cannot be read is among them.
    async fn blocked(&self) -> Result<(Vec<UserId>, Vec<TeamId>), StoreError>;
    /// When the first of the outbox rows that wait is due.
    async fn next_job(&self) -> Result<Option<Timestamp>, StoreError>;
    /// Claims outbox rows that are due, oldest first.
    async fn claim_jobs(
        &self,
        now: Timestamp,
        lease: &Lease,
        limit: u32,
    ) -> Result<Vec<ClaimedJob>, StoreError>;
    /// Gives an outbox row back, to be tried again not before `at`.
    async fn retry_job(
        &self,
        id: &str,
        lease: &Lease,
        at: Timestamp,
        error: &str,
    ) -> Result<(), StoreError>;
    /// Goes on with a chunked job after `user`: replaces its position and gives the row back.
    async fn continue_job(&self, id: &str, lease: &Lease, after: &UserId)
    -> Result<(), StoreError>;
    /// Marks an outbox row done, where no settle did.
    async fn finish_job(&self, id: &str, lease: &Lease) -> Result<(), StoreError>;
    /// Claims targets that are due: requested or failed ones whose time has come. With `keys`, exactly those.
    async fn claim_targets(
        &self,
        now: Timestamp,
        lease: &Lease,
        limit: u32,
        keys: Option<&[TargetKey]>,
    ) -> Result<Vec<ClaimedTarget>, StoreError>;
    /// The generation of a target now, and its members.
    async fn target(&self, key: &TargetKey) -> Result<Option<TargetRow>, StoreError>;
    /// Notes keys that are about to be deactivated, before they are, if the lease still holds.
    /// Returns whether it does.
    async fn note_keys(
        &self,
        lease: &Lease,
        target: &TargetKey,
        keys: &[TargetKeyRow],
        audit: Vec<Entry>,
    ) -> Result<bool, StoreError>;
    /// Records what an executor found, if it still holds the lease; releases the lease. Returns whether the generation is still the newest.
    async fn finish_target(
        &self,
        lease: &Lease,
        outcome: TargetOutcome,
    ) -> Result<bool, StoreError>;
    /// Asks for targets to be checked again now (reconciler, leak): they become due.
    async fn request_targets(&self, keys: &[TargetKey], now: Timestamp) -> Result<(), StoreError>;

    // --- messages to people ---

    /// Claims every message of subjects whose first one is due.
    async fn claim_messages(
        &self,
        now: Timestamp,
        lease: &Lease,
        limit: u32,
    ) -> Result<Vec<ClaimedMessages>, StoreError>;
    /// Writes what becomes of claimed messages of a subject, with their letters, in one transaction.
    /// False, and nothing written, if the lease was lost.
    async fn close_messages(
        &self,
        lease: &Lease,
        subject: &str,
        now: Timestamp,
        ends: Vec<(u64, MessageEnd)>,
    ) -> Result<bool, StoreError>;
    /// Claims letters that are due: to each reader of a subject, by each channel, the first one. A
    /// letter that does not go out holds up those after it for a quarter of an hour.
    async fn claim_deliveries(
        &self,
        now: Timestamp,
        lease: &Lease,
        limit: u32,
    ) -> Result<Vec<ClaimedDelivery>, StoreError>;
    /// Records how sending a letter ended; false if the lease was lost.
    async fn finish_delivery(
        &self,
        lease: &Lease,
        delivery: u64,
        now: Timestamp,
        end: DeliveryEnd,
    ) -> Result<bool, StoreError>;
    /// Tries letters again that were given up, of one message or all; how many.
    async fn retry_deliveries(
        &self,
        message: Option<u64>,
        now: Timestamp,
    ) -> Result<u64, StoreError>;
    /// How many messages about a subject were, or will be, mailed to the user itself since then.
    async fn mails_since(&self, subject: &str, since: Timestamp) -> Result<u64, StoreError>;
    /// Messages, newest first, with their letters.
    async fn mail(&self, filter: &MailFilter) -> Result<Vec<MailRow>, StoreError>;
    /// Owners of teams that have an address; of one team, if given.
    async fn team_owners(&self, team: Option<&TeamId>) -> Result<Vec<TeamOwner>, StoreError>;
    /// Incidents that are not over, the oldest first.
    async fn incidents(&self) -> Result<Vec<Incident>, StoreError>;
    /// Takes a step of an incident and writes what is told of it, in one transaction; false, and
    /// nothing written, if somebody else has taken it.
    async fn change_incident(&self, change: &Change, now: Timestamp) -> Result<bool, StoreError>;

    // --- the daily reset ---

    /// Takes the reset of a local date in hand; with `again`, also one that came to its end before, which
    /// otherwise is taken only if it met errors and is due again (`weir_core::reset::again_at`).
    async fn begin_reset(
        &self,
        date: Date,
        now: Timestamp,
        lease: &Lease,
        again: bool,
    ) -> Result<ResetClaim, StoreError>;
    /// Records a run and its audit entries, in one transaction; false if the lease was lost.
    async fn finish_reset(
        &self,
        lease: &Lease,
        outcome: ResetOutcome,
        audit: Vec<Entry>,
    ) -> Result<bool, StoreError>;
    /// Runs of the reset, newest date first.
    async fn resets(&self, limit: u32) -> Result<Vec<ResetRow>, StoreError>;
    /// Those whose latest run came to its end with errors, newest date first.
    async fn failed_resets(&self, limit: u32) -> Result<Vec<ResetRow>, StoreError>;
    /// The latest local date whose reset came to its end.
    async fn last_reset(&self) -> Result<Option<Date>, StoreError>;
    /// Removes what is older than `before`, at most `limit` rows (warnings: all); how many left.
    async fn remove(
        &self,
        what: Retained,
        before: Timestamp,
        limit: u32,
    ) -> Result<u64, StoreError>;

    // --- what watches ---

    /// Takes a duty in hand, if nobody is at it and it was last done at `due` or before.
    async fn take_duty(
        &self,
        duty: Duty,
        now: Timestamp,
        due: Timestamp,
        lease: &Lease,
    ) -> Result<bool, StoreError>;
    /// Gives a duty back, done; nothing happens if the lease was lost.
    async fn end_duty(
        &self,
        duty: Duty,
        lease: &Lease,
        at: Timestamp,
        problems: &[String],
    ) -> Result<(), StoreError>;
    /// How a duty ended last.
    async fn duty(&self, duty: Duty) -> Result<DutyRow, StoreError>;
    /// Calls made from `from` to before `to`, what is alike together. Reads the index of time.
    async fn called(&self, from: Timestamp, to: Timestamp) -> Result<Vec<Called>, StoreError>;
    /// Accounts and Regions where calls were counted in the local hour `since` or later.
    async fn places(&self, since: &Window) -> Result<Vec<(AccountId, Region)>, StoreError>;
    /// Writes hours of coverage down, in place of what was known of them, and drops those that
    /// began before `kept_from`.
    async fn record_coverage(
        &self,
        hours: &[HourCoverage],
        kept_from: Timestamp,
    ) -> Result<(), StoreError>;
    /// Hours of coverage that began from `from` to before `to`, by hour, account and Region.
    async fn coverage_hours(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<HourCoverage>, StoreError>;
    /// Leaks that came on record after an instant, newest first and at most so many.
    async fn leaks(&self, after: Timestamp, limit: u32) -> Result<Vec<Entry>, StoreError>;
    /// What comes in and what waits to go out; leaks since an instant.
    async fn pulse(&self, now: Timestamp, since: Timestamp) -> Result<Pulse, StoreError>;
    /// Totals of these; what was never counted is left out.
    async fn totals(&self, keys: &[CounterKey]) -> Result<BTreeMap<CounterKey, Sums>, StoreError>;

    // --- how far sources are read ---

    /// How far a source has been read; `None` if never, or if it came to its end.
    async fn cursor(&self, source: &str) -> Result<Option<Cursor>, StoreError>;
    /// Remembers how far a source has been read: after what was read is committed, never before.
    async fn set_cursor(&self, source: &str, cursor: &Cursor) -> Result<(), StoreError>;
    /// Forgets how far: the source came to its end, or is to be read anew.
    async fn drop_cursor(&self, source: &str) -> Result<(), StoreError>;

    // --- what the e-mail function sent ---

    /// Takes a mail in hand until then, so that nobody else sends it meanwhile.
    async fn hold_mail(
        &self,
        mail: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<MailClaim, StoreError>;
    /// Remembers that this mail was sent, as long as outbox rows are kept.
    async fn remember_mail(&self, mail: &str, at: Timestamp) -> Result<(), StoreError>;
    /// Gives a mail back that was taken in hand and not sent.
    async fn give_mail_back(&self, mail: &str) -> Result<(), StoreError>;

    // --- reads ---

    /// The situation of users and teams, without locks: what a decision would see.
    async fn situation(
        &self,
        users: &[UserId],
        teams: &[TeamId],
        now: Timestamp,
        rules: &Rulebook,
    ) -> Result<Situation, StoreError>;
    /// One user.
    async fn user(&self, user: &UserId) -> Result<Option<UserRow>, StoreError>;
    /// Users after `after`, by id; of one team, if given.
    async fn users(
        &self,
        team: Option<&TeamId>,
        after: Option<&UserId>,
        limit: u32,
    ) -> Result<Vec<UserRow>, StoreError>;
    /// Report rows, by key (days ascending, others by cost descending, then key).
    async fn usage(&self, by: GroupBy, filter: &UsageFilter) -> Result<Vec<UsageRow>, StoreError>;
    /// A user's usage since a local day, by team at the time of the call and local hour.
    async fn usage_by_hour(
        &self,
        user: &UserId,
        since: Date,
    ) -> Result<Vec<(TeamId, Window, Sums)>, StoreError>;
    /// A user's invocations since an instant, by time, and of those the ones after `after`.
    async fn requests_since(
        &self,
        user: &UserId,
        since: Timestamp,
        after: Option<&(Timestamp, RequestId)>,
        limit: u32,
    ) -> Result<Vec<(Timestamp, RequestId)>, StoreError>;
    /// Invocations that are costed anew, by time, and of those the ones after `after`.
    async fn requests_of_model(
        &self,
        wanted: &Repricing,
        after: Option<&(Timestamp, RequestId)>,
        limit: u32,
    ) -> Result<Vec<(Timestamp, RequestId)>, StoreError>;
    /// Those of these invocations that are on file, with all their parts; at most 500.
    async fn invocations(&self, requests: &[RequestId]) -> Result<Vec<InvocationRow>, StoreError>;
    /// One invocation with all its parts.
    async fn invocation(&self, request: &RequestId) -> Result<Option<InvocationRow>, StoreError>;
    /// Blocks, newest first.
    async fn blocks(&self, filter: &BlockFilter) -> Result<Vec<BlockRow>, StoreError>;
    /// Protections that have not ended, of one user if given.
    async fn protections(&self, user: Option<&UserId>) -> Result<Vec<ProtectionRow>, StoreError>;
    /// Warnings remembered for a user's windows that contain `now` are part of [`Store::situation`]; this lists them all, newest window first.
    async fn warnings(&self, limit: u32) -> Result<Vec<WarningKey>, StoreError>;
    /// Targets in one of these states (all, if empty).
    async fn targets(&self, states: &[TargetState]) -> Result<Vec<TargetRow>, StoreError>;
    /// Audit entries, ascending.
    async fn audit(&self, filter: &AuditFilter) -> Result<Vec<Chained>, StoreError>;
    /// Removes audit entries of before the instant, from the first and at most so many, and appends the entry `say`,
    /// which says what left; how many left. Refuses if they do not fit each other.
    async fn trim_audit(
        &self,
        before: Timestamp,
        limit: u32,
        say: Entry,
    ) -> Result<u64, StoreError>;
    /// The last audit entry that left: what the first that is there follows.
    async fn audit_start(&self) -> Result<Start, StoreError>;
    /// The end of the audit chain.
    async fn audit_head(&self) -> Result<AuditHead, StoreError>;
    /// Dead letters, newest first.
    async fn dead_letters(&self, limit: u32) -> Result<Vec<DeadLetterRow>, StoreError>;
    /// What was counted from the local hour `from` to before the local hour `to`, by Region, then
    /// day. Reads totals, not invocations, as does the next.
    async fn coverage(&self, from: &Window, to: &Window) -> Result<Vec<CoverageRow>, StoreError>;
    /// Calls without counts in these hours: model, Region, how many; most first.
    async fn unmetered(
        &self,
        from: &Window,
        to: &Window,
    ) -> Result<Vec<(ModelId, Region, u64)>, StoreError>;
    /// Roles whose sessions are users of their own, by account and name, with how many session
    /// names are new since then.
    async fn session_roles(&self, since: Timestamp) -> Result<Vec<SessionRoleRow>, StoreError>;
    /// Models seen without a price: model, Region, how many invocations.
    async fn unpriced(&self) -> Result<Vec<(ModelId, Region, u64)>, StoreError>;
    /// Request ids of unpriced invocations of a model, to be re-derived once a price is known: those
    /// whose caller is known first, then in order of arrival. Reads no others.
    async fn unpriced_requests(
        &self,
        model: &ModelId,
        limit: u32,
    ) -> Result<Vec<RequestId>, StoreError>;
    /// Request ids of invocations whose caller look-up failed, newest first. Reads no others.
    async fn unresolved_requests(&self, limit: u32) -> Result<Vec<RequestId>, StoreError>;
    /// Evidence on file of these invocations.
    async fn evidence(
        &self,
        requests: &[RequestId],
    ) -> Result<Vec<weir_core::evidence::Evidence>, StoreError>;
    /// Compares every counter and hourly row with the invocations on file; returns descriptions of differences.
    async fn check_totals(&self) -> Result<Vec<String>, StoreError>;

    // --- who uses Weir itself ---

    /// Operators, their sessions and tokens.
    fn operators(&self) -> &dyn OperatorStore;

    // --- forgetting ---

    /// Forgetting a user.
    fn forget(&self) -> &dyn ForgetStore;

    // --- pages ---

    /// Reads for pages.
    fn reports(&self) -> &dyn ReportStore;
}
