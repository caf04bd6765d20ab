//! The real store, behind the gate, with a memory of what was committed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::civil::Date;
use weir_core::access::{TargetKey, TargetState};
use weir_core::audit::{Chained, Entry, Start};
use weir_core::calendar::Window;
use weir_core::counter::{CounterKey, Sums};
use weir_core::coverage::{Called, HourCoverage};
use weir_core::evidence::Evidence;
use weir_core::history::Repricing;
use weir_core::ids::{AccountId, ModelId, Region, RequestId, TeamId, UserId};
use weir_core::incident::{Change, Incident};
use weir_core::plan::Plan;
use weir_core::rulebook::{Rulebook, StoredRules};
use weir_core::standing::{Situation, WarningKey};
use weir_store::{
    AuditFilter, AuditHead, Batch, BlockFilter, BlockRow, ClaimedDelivery, ClaimedJob,
    ClaimedMessages, ClaimedTarget, CoverageRow, Cursor, DeadLetterRow, Decide, DeliveryEnd, Duty,
    DutyRow, ForgetStore, GroupBy, Health, InvocationRow, Lease, MailClaim, MailFilter, MailRow,
    MessageEnd, MigrationStatus, OperatorStore, ProtectionRow, Pulse, ReportStore, ResetClaim,
    ResetOutcome, ResetRow, Retained, RuleChange, SessionRoleRow, Settled, Store, StoreError,
    TargetKeyRow, TargetOutcome, TargetRow, TeamOwner, UsageFilter, UsageRow, UserRow,
};

use super::gate::Gate;

/// One committed settle.
#[derive(Clone, Debug)]
pub(crate) struct Commit {
    /// The instant it evaluated at.
    pub(crate) now: Timestamp,
    /// Records counted: how many invocations the batch was about.
    pub(crate) invocations: usize,
    /// What was decided.
    pub(crate) plan: Plan,
}

/// A store that remembers.
pub(crate) struct Spy {
    inner: Arc<dyn Store>,
    gate: Arc<Gate>,
    commits: Mutex<Vec<Commit>>,
    changes: Mutex<u64>,
}

impl Spy {
    pub(crate) fn new(inner: Arc<dyn Store>, gate: Arc<Gate>) -> Self {
        Self {
            inner,
            gate,
            commits: Mutex::default(),
            changes: Mutex::default(),
        }
    }

    /// What was committed since the last time.
    pub(crate) fn take_commits(&self) -> Vec<Commit> {
        std::mem::take(&mut self.commits.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// How many changes of the rules were committed so far.
    pub(crate) fn rule_changes(&self) -> u64 {
        *self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn settle_and_note(
        &self,
        batch: &Batch<'_>,
        decide: &Decide<'_>,
    ) -> Result<Settled, StoreError> {
        let settled = self.inner.settle(batch, decide).await?;
        let (now, invocations, plan) = (batch.now, batch.evidence.len(), settled.plan.clone());
        let mut commits = self.commits.lock().unwrap_or_else(PoisonError::into_inner);
        commits.push(Commit {
            now,
            invocations,
            plan,
        });
        Ok(settled)
    }

    async fn change_and_note(
        &self,
        changes: Vec<RuleChange>,
        audit: Vec<Entry>,
    ) -> Result<u64, StoreError> {
        let version = self.inner.change_rules(changes, audit).await?;
        *self.changes.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        Ok(version)
    }
}

/// Every method passes the gate; two of them are remembered.
macro_rules! pass {
    ($self:ident . $method:ident ( $($arg:expr),* )) => {
        $self.gate.pass($self.inner.$method($($arg),*)).await
    };
}

#[async_trait]
impl Store for Spy {
    async fn migrate(&self) -> Result<Vec<String>, StoreError> {
        pass!(self.migrate())
    }
    async fn migrations(&self) -> Result<MigrationStatus, StoreError> {
        pass!(self.migrations())
    }
    async fn set_zone(&self, zone: &str) -> Result<(), StoreError> {
        pass!(self.set_zone(zone))
    }
    async fn pseudonym_key(&self, drawn: &str) -> Result<String, StoreError> {
        pass!(self.pseudonym_key(drawn))
    }
    async fn health(&self) -> Result<Health, StoreError> {
        pass!(self.health())
    }
    async fn rules(&self) -> Result<StoredRules, StoreError> {
        pass!(self.rules())
    }
    async fn rules_unless(&self, known: u64) -> Result<Option<StoredRules>, StoreError> {
        pass!(self.rules_unless(known))
    }
    async fn change_rules(
        &self,
        changes: Vec<RuleChange>,
        audit: Vec<Entry>,
    ) -> Result<u64, StoreError> {
        self.gate.pass(self.change_and_note(changes, audit)).await
    }
    async fn settle(&self, batch: &Batch<'_>, decide: &Decide<'_>) -> Result<Settled, StoreError> {
        self.gate.pass(self.settle_and_note(batch, decide)).await
    }
    async fn append_audit(&self, entries: Vec<Entry>) -> Result<(), StoreError> {
        pass!(self.append_audit(entries))
    }
    async fn due(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<(Vec<UserId>, Vec<TeamId>), StoreError> {
        pass!(self.due(now, limit))
    }
    async fn blocked(&self) -> Result<(Vec<UserId>, Vec<TeamId>), StoreError> {
        pass!(self.blocked())
    }
    async fn next_job(&self) -> Result<Option<Timestamp>, StoreError> {
        pass!(self.next_job())
    }

    async fn claim_jobs(
        &self,
        now: Timestamp,
        lease: &Lease,
        limit: u32,
    ) -> Result<Vec<ClaimedJob>, StoreError> {
        pass!(self.claim_jobs(now, lease, limit))
    }
    async fn retry_job(
        &self,
        id: &str,
        lease: &Lease,
        at: Timestamp,
        error: &str,
    ) -> Result<(), StoreError> {
        pass!(self.retry_job(id, lease, at, error))
    }
    async fn continue_job(
        &self,
        id: &str,
        lease: &Lease,
        after: &UserId,
    ) -> Result<(), StoreError> {
        pass!(self.continue_job(id, lease, after))
    }
    async fn finish_job(&self, id: &str, lease: &Lease) -> Result<(), StoreError> {
        pass!(self.finish_job(id, lease))
    }
    async fn claim_targets(
        &self,
        now: Timestamp,
        lease: &Lease,
        limit: u32,
        keys: Option<&[TargetKey]>,
    ) -> Result<Vec<ClaimedTarget>, StoreError> {
        pass!(self.claim_targets(now, lease, limit, keys))
    }
    async fn target(&self, key: &TargetKey) -> Result<Option<TargetRow>, StoreError> {
        pass!(self.target(key))
    }
    async fn note_keys(
        &self,
        lease: &Lease,
        target: &TargetKey,
        keys: &[TargetKeyRow],
        audit: Vec<Entry>,
    ) -> Result<bool, StoreError> {
        pass!(self.note_keys(lease, target, keys, audit))
    }
    async fn finish_target(
        &self,
        lease: &Lease,
        outcome: TargetOutcome,
    ) -> Result<bool, StoreError> {
        pass!(self.finish_target(lease, outcome))
    }
    async fn request_targets(&self, keys: &[TargetKey], now: Timestamp) -> Result<(), StoreError> {
        pass!(self.request_targets(keys, now))
    }
    async fn claim_messages(
        &self,
        now: Timestamp,
        lease: &Lease,
        limit: u32,
    ) -> Result<Vec<ClaimedMessages>, StoreError> {
        pass!(self.claim_messages(now, lease, limit))
    }
    async fn close_messages(
        &self,
        lease: &Lease,
        subject: &str,
        now: Timestamp,
        ends: Vec<(u64, MessageEnd)>,
    ) -> Result<bool, StoreError> {
        pass!(self.close_messages(lease, subject, now, ends))
    }
    async fn claim_deliveries(
        &self,
        now: Timestamp,
        lease: &Lease,
        limit: u32,
    ) -> Result<Vec<ClaimedDelivery>, StoreError> {
        pass!(self.claim_deliveries(now, lease, limit))
    }
    async fn finish_delivery(
        &self,
        lease: &Lease,
        delivery: u64,
        now: Timestamp,
        end: DeliveryEnd,
    ) -> Result<bool, StoreError> {
        pass!(self.finish_delivery(lease, delivery, now, end))
    }
    async fn retry_deliveries(
        &self,
        message: Option<u64>,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        pass!(self.retry_deliveries(message, now))
    }
    async fn mails_since(&self, subject: &str, since: Timestamp) -> Result<u64, StoreError> {
        pass!(self.mails_since(subject, since))
    }
    async fn mail(&self, filter: &MailFilter) -> Result<Vec<MailRow>, StoreError> {
        pass!(self.mail(filter))
    }
    async fn team_owners(&self, team: Option<&TeamId>) -> Result<Vec<TeamOwner>, StoreError> {
        pass!(self.team_owners(team))
    }
    async fn incidents(&self) -> Result<Vec<Incident>, StoreError> {
        pass!(self.incidents())
    }
    async fn change_incident(&self, change: &Change, now: Timestamp) -> Result<bool, StoreError> {
        pass!(self.change_incident(change, now))
    }
    async fn begin_reset(
        &self,
        date: Date,
        now: Timestamp,
        lease: &Lease,
        again: bool,
    ) -> Result<ResetClaim, StoreError> {
        pass!(self.begin_reset(date, now, lease, again))
    }
    async fn finish_reset(
        &self,
        lease: &Lease,
        outcome: ResetOutcome,
        audit: Vec<Entry>,
    ) -> Result<bool, StoreError> {
        pass!(self.finish_reset(lease, outcome, audit))
    }
    async fn resets(&self, limit: u32) -> Result<Vec<ResetRow>, StoreError> {
        pass!(self.resets(limit))
    }
    async fn failed_resets(&self, limit: u32) -> Result<Vec<ResetRow>, StoreError> {
        pass!(self.failed_resets(limit))
    }
    async fn last_reset(&self) -> Result<Option<Date>, StoreError> {
        pass!(self.last_reset())
    }
    async fn remove(
        &self,
        what: Retained,
        before: Timestamp,
        limit: u32,
    ) -> Result<u64, StoreError> {
        pass!(self.remove(what, before, limit))
    }
    async fn take_duty(
        &self,
        duty: Duty,
        now: Timestamp,
        due: Timestamp,
        lease: &Lease,
    ) -> Result<bool, StoreError> {
        pass!(self.take_duty(duty, now, due, lease))
    }
    async fn end_duty(
        &self,
        duty: Duty,
        lease: &Lease,
        at: Timestamp,
        problems: &[String],
    ) -> Result<(), StoreError> {
        pass!(self.end_duty(duty, lease, at, problems))
    }
    async fn duty(&self, duty: Duty) -> Result<DutyRow, StoreError> {
        pass!(self.duty(duty))
    }
    async fn called(&self, from: Timestamp, to: Timestamp) -> Result<Vec<Called>, StoreError> {
        pass!(self.called(from, to))
    }
    async fn places(&self, since: &Window) -> Result<Vec<(AccountId, Region)>, StoreError> {
        pass!(self.places(since))
    }
    async fn record_coverage(
        &self,
        hours: &[HourCoverage],
        kept_from: Timestamp,
    ) -> Result<(), StoreError> {
        pass!(self.record_coverage(hours, kept_from))
    }
    async fn coverage_hours(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<HourCoverage>, StoreError> {
        pass!(self.coverage_hours(from, to))
    }
    async fn leaks(&self, after: Timestamp, limit: u32) -> Result<Vec<Entry>, StoreError> {
        pass!(self.leaks(after, limit))
    }
    async fn pulse(&self, now: Timestamp, since: Timestamp) -> Result<Pulse, StoreError> {
        pass!(self.pulse(now, since))
    }
    async fn totals(&self, keys: &[CounterKey]) -> Result<BTreeMap<CounterKey, Sums>, StoreError> {
        pass!(self.totals(keys))
    }
    async fn cursor(&self, source: &str) -> Result<Option<Cursor>, StoreError> {
        pass!(self.cursor(source))
    }
    async fn set_cursor(&self, source: &str, cursor: &Cursor) -> Result<(), StoreError> {
        pass!(self.set_cursor(source, cursor))
    }
    async fn drop_cursor(&self, source: &str) -> Result<(), StoreError> {
        pass!(self.drop_cursor(source))
    }
    async fn hold_mail(
        &self,
        mail: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<MailClaim, StoreError> {
        pass!(self.hold_mail(mail, now, until))
    }
    async fn give_mail_back(&self, mail: &str) -> Result<(), StoreError> {
        pass!(self.give_mail_back(mail))
    }
    async fn remember_mail(&self, mail: &str, at: Timestamp) -> Result<(), StoreError> {
        pass!(self.remember_mail(mail, at))
    }
    async fn situation(
        &self,
        users: &[UserId],
        teams: &[TeamId],
        now: Timestamp,
        rules: &Rulebook,
    ) -> Result<Situation, StoreError> {
        pass!(self.situation(users, teams, now, rules))
    }
    async fn user(&self, user: &UserId) -> Result<Option<UserRow>, StoreError> {
        pass!(self.user(user))
    }
    async fn users(
        &self,
        team: Option<&TeamId>,
        after: Option<&UserId>,
        limit: u32,
    ) -> Result<Vec<UserRow>, StoreError> {
        pass!(self.users(team, after, limit))
    }
    async fn usage(&self, by: GroupBy, filter: &UsageFilter) -> Result<Vec<UsageRow>, StoreError> {
        pass!(self.usage(by, filter))
    }
    async fn usage_by_hour(
        &self,
        user: &UserId,
        since: Date,
    ) -> Result<Vec<(TeamId, Window, Sums)>, StoreError> {
        pass!(self.usage_by_hour(user, since))
    }
    async fn requests_since(
        &self,
        user: &UserId,
        since: Timestamp,
        after: Option<&(Timestamp, RequestId)>,
        limit: u32,
    ) -> Result<Vec<(Timestamp, RequestId)>, StoreError> {
        pass!(self.requests_since(user, since, after, limit))
    }
    async fn requests_of_model(
        &self,
        wanted: &Repricing,
        after: Option<&(Timestamp, RequestId)>,
        limit: u32,
    ) -> Result<Vec<(Timestamp, RequestId)>, StoreError> {
        pass!(self.requests_of_model(wanted, after, limit))
    }
    async fn invocations(&self, requests: &[RequestId]) -> Result<Vec<InvocationRow>, StoreError> {
        pass!(self.invocations(requests))
    }
    async fn invocation(&self, request: &RequestId) -> Result<Option<InvocationRow>, StoreError> {
        pass!(self.invocation(request))
    }
    async fn blocks(&self, filter: &BlockFilter) -> Result<Vec<BlockRow>, StoreError> {
        pass!(self.blocks(filter))
    }
    async fn protections(&self, user: Option<&UserId>) -> Result<Vec<ProtectionRow>, StoreError> {
        pass!(self.protections(user))
    }
    async fn warnings(&self, limit: u32) -> Result<Vec<WarningKey>, StoreError> {
        pass!(self.warnings(limit))
    }
    async fn targets(&self, states: &[TargetState]) -> Result<Vec<TargetRow>, StoreError> {
        pass!(self.targets(states))
    }
    async fn audit(&self, filter: &AuditFilter) -> Result<Vec<Chained>, StoreError> {
        pass!(self.audit(filter))
    }
    async fn trim_audit(
        &self,
        before: Timestamp,
        limit: u32,
        say: Entry,
    ) -> Result<u64, StoreError> {
        pass!(self.trim_audit(before, limit, say))
    }
    async fn audit_start(&self) -> Result<Start, StoreError> {
        pass!(self.audit_start())
    }
    async fn audit_head(&self) -> Result<AuditHead, StoreError> {
        pass!(self.audit_head())
    }
    async fn dead_letters(&self, limit: u32) -> Result<Vec<DeadLetterRow>, StoreError> {
        pass!(self.dead_letters(limit))
    }
    async fn coverage(&self, from: &Window, to: &Window) -> Result<Vec<CoverageRow>, StoreError> {
        pass!(self.coverage(from, to))
    }
    async fn unmetered(
        &self,
        from: &Window,
        to: &Window,
    ) -> Result<Vec<(ModelId, Region, u64)>, StoreError> {
        pass!(self.unmetered(from, to))
    }
    async fn session_roles(&self, since: Timestamp) -> Result<Vec<SessionRoleRow>, StoreError> {
        pass!(self.session_roles(since))
    }
    async fn unpriced(&self) -> Result<Vec<(ModelId, Region, u64)>, StoreError> {
        pass!(self.unpriced())
    }
    async fn unpriced_requests(
        &self,
        model: &ModelId,
        limit: u32,
    ) -> Result<Vec<RequestId>, StoreError> {
        pass!(self.unpriced_requests(model, limit))
    }
    async fn unresolved_requests(&self, limit: u32) -> Result<Vec<RequestId>, StoreError> {
        pass!(self.unresolved_requests(limit))
    }
    async fn evidence(&self, requests: &[RequestId]) -> Result<Vec<Evidence>, StoreError> {
        pass!(self.evidence(requests))
    }
    async fn check_totals(&self) -> Result<Vec<String>, StoreError> {
        pass!(self.check_totals())
    }
    fn operators(&self) -> &dyn OperatorStore {
        self.inner.operators()
    }
    fn forget(&self) -> &dyn ForgetStore {
        self.inner.forget()
    }
    fn reports(&self) -> &dyn ReportStore {
        self.inner.reports()
    }
}
