//! The store over a dialect: each method names the work it does.

mod forget;
mod operators;
mod reports;

use std::collections::BTreeMap;

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
use weir_core::rulebook::{Rulebook, StoredRules};
use weir_core::standing::{Situation, WarningKey};

use crate::dialect::Dialect;
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
use crate::store::{Lease, MailClaim, RuleChange, Store, TargetOutcome};
use crate::watch::{Duty, DutyRow, Pulse};
use crate::work::reports::blocks_page;
use crate::work::{
    audit, cursors, founding, incidents, mail, mails, migrate, queue, reads, reset, rules, settle,
    situation, target_keys, targets, totals, trim, watch,
};

/// A store in one dialect.
#[derive(Debug)]
pub(crate) struct Backend<D>(pub(crate) D);

#[async_trait]
impl<D: Dialect> Store for Backend<D> {
    async fn migrate(&self) -> Result<Vec<String>, StoreError> {
        self.0.migrate().await
    }

    async fn migrations(&self) -> Result<MigrationStatus, StoreError> {
        migrate::status(&self.0, D::MIGRATIONS).await
    }

    async fn set_zone(&self, zone: &str) -> Result<(), StoreError> {
        founding::set_zone(&self.0, zone).await
    }

    async fn pseudonym_key(&self, drawn: &str) -> Result<String, StoreError> {
        founding::pseudonym_key(&self.0, drawn).await
    }

    async fn health(&self) -> Result<Health, StoreError> {
        reads::health(&self.0).await
    }

    async fn rules(&self) -> Result<StoredRules, StoreError> {
        rules::read(&self.0).await
    }

    async fn rules_unless(&self, known: u64) -> Result<Option<StoredRules>, StoreError> {
        rules::read_unless(&self.0, known).await
    }

    async fn change_rules(
        &self,
        changes: Vec<RuleChange>,
        audit: Vec<Entry>,
    ) -> Result<u64, StoreError> {
        rules::change(&self.0, &changes, &audit).await
    }

    async fn settle(&self, batch: &Batch<'_>, decide: &Decide<'_>) -> Result<Settled, StoreError> {
        settle::settle(&self.0, batch, decide).await
    }

    async fn append_audit(&self, entries: Vec<Entry>) -> Result<(), StoreError> {
        audit::append_alone(&self.0, entries).await
    }

    async fn due(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<(Vec<UserId>, Vec<TeamId>), StoreError> {
        queue::due(&self.0, now, limit).await
    }

    async fn blocked(&self) -> Result<(Vec<UserId>, Vec<TeamId>), StoreError> {
        queue::blocked(&self.0).await
    }

    async fn next_job(&self) -> Result<Option<Timestamp>, StoreError> {
        queue::next(&self.0).await
    }

    async fn claim_jobs(
        &self,
        now: Timestamp,
        lease: &Lease,
        limit: u32,
    ) -> Result<Vec<ClaimedJob>, StoreError> {
        queue::claim(&self.0, now, lease, limit).await
    }

    async fn retry_job(
        &self,
        id: &str,
        lease: &Lease,
        at: Timestamp,
        error: &str,
    ) -> Result<(), StoreError> {
        queue::retry(&self.0, id, lease, at, error).await
    }

    async fn continue_job(
        &self,
        id: &str,
        lease: &Lease,
        after: &UserId,
    ) -> Result<(), StoreError> {
        queue::go_on(&self.0, id, lease, after).await
    }

    async fn finish_job(&self, id: &str, lease: &Lease) -> Result<(), StoreError> {
        queue::finish(&self.0, id, lease).await
    }

    async fn claim_targets(
        &self,
        now: Timestamp,
        lease: &Lease,
        limit: u32,
        keys: Option<&[TargetKey]>,
    ) -> Result<Vec<ClaimedTarget>, StoreError> {
        targets::claim(&self.0, now, lease, limit, keys).await
    }

    async fn target(&self, key: &TargetKey) -> Result<Option<TargetRow>, StoreError> {
        targets::one(&self.0, key).await
    }

    async fn note_keys(
        &self,
        lease: &Lease,
        target: &TargetKey,
        keys: &[TargetKeyRow],
        audit: Vec<Entry>,
    ) -> Result<bool, StoreError> {
        target_keys::note(&self.0, lease, target, keys, &audit).await
    }

    async fn finish_target(
        &self,
        lease: &Lease,
        outcome: TargetOutcome,
    ) -> Result<bool, StoreError> {
        targets::finish(&self.0, lease, outcome).await
    }

    async fn request_targets(&self, keys: &[TargetKey], now: Timestamp) -> Result<(), StoreError> {
        targets::request(&self.0, keys, now).await
    }

    async fn claim_messages(
        &self,
        now: Timestamp,
        lease: &Lease,
        limit: u32,
    ) -> Result<Vec<ClaimedMessages>, StoreError> {
        mail::claim(&self.0, now, lease, limit).await
    }

    async fn close_messages(
        &self,
        lease: &Lease,
        subject: &str,
        now: Timestamp,
        ends: Vec<(u64, MessageEnd)>,
    ) -> Result<bool, StoreError> {
        mail::close(&self.0, lease, subject, now, &ends).await
    }

    async fn claim_deliveries(
        &self,
        now: Timestamp,
        lease: &Lease,
        limit: u32,
    ) -> Result<Vec<ClaimedDelivery>, StoreError> {
        mail::claim_deliveries(&self.0, now, lease, limit).await
    }

    async fn finish_delivery(
        &self,
        lease: &Lease,
        delivery: u64,
        now: Timestamp,
        end: DeliveryEnd,
    ) -> Result<bool, StoreError> {
        mail::finish(&self.0, lease, delivery, now, &end).await
    }

    async fn retry_deliveries(
        &self,
        message: Option<u64>,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        mail::again(&self.0, message, now).await
    }

    async fn mails_since(&self, subject: &str, since: Timestamp) -> Result<u64, StoreError> {
        mail::mails_since(&self.0, subject, since).await
    }

    async fn mail(&self, filter: &MailFilter) -> Result<Vec<MailRow>, StoreError> {
        mail::list(&self.0, filter).await
    }

    async fn team_owners(&self, team: Option<&TeamId>) -> Result<Vec<TeamOwner>, StoreError> {
        mail::owners(&self.0, team).await
    }

    async fn incidents(&self) -> Result<Vec<Incident>, StoreError> {
        incidents::open(&self.0).await
    }

    async fn change_incident(&self, change: &Change, now: Timestamp) -> Result<bool, StoreError> {
        incidents::step(&self.0, change, now).await
    }

    async fn begin_reset(
        &self,
        date: Date,
        now: Timestamp,
        lease: &Lease,
        again: bool,
    ) -> Result<ResetClaim, StoreError> {
        reset::begin(&self.0, date, now, lease, again).await
    }

    async fn finish_reset(
        &self,
        lease: &Lease,
        outcome: ResetOutcome,
        audit: Vec<Entry>,
    ) -> Result<bool, StoreError> {
        reset::finish(&self.0, lease, &outcome, &audit).await
    }

    async fn resets(&self, limit: u32) -> Result<Vec<ResetRow>, StoreError> {
        reset::list(&self.0, None, limit).await
    }

    async fn failed_resets(&self, limit: u32) -> Result<Vec<ResetRow>, StoreError> {
        reset::failed(&self.0, limit).await
    }

    async fn last_reset(&self) -> Result<Option<Date>, StoreError> {
        reset::last(&self.0).await
    }

    async fn remove(
        &self,
        what: Retained,
        before: Timestamp,
        limit: u32,
    ) -> Result<u64, StoreError> {
        reset::remove(&self.0, what, before, limit).await
    }

    async fn take_duty(
        &self,
        duty: Duty,
        now: Timestamp,
        due: Timestamp,
        lease: &Lease,
    ) -> Result<bool, StoreError> {
        watch::take(&self.0, duty, now, due, lease).await
    }

    async fn end_duty(
        &self,
        duty: Duty,
        lease: &Lease,
        at: Timestamp,
        problems: &[String],
    ) -> Result<(), StoreError> {
        watch::end(&self.0, duty, lease, at, problems).await
    }

    async fn duty(&self, duty: Duty) -> Result<DutyRow, StoreError> {
        watch::duty(&self.0, duty).await
    }

    async fn called(&self, from: Timestamp, to: Timestamp) -> Result<Vec<Called>, StoreError> {
        watch::called(&self.0, from, to).await
    }

    async fn places(&self, since: &Window) -> Result<Vec<(AccountId, Region)>, StoreError> {
        watch::places(&self.0, since).await
    }

    async fn record_coverage(
        &self,
        hours: &[HourCoverage],
        kept_from: Timestamp,
    ) -> Result<(), StoreError> {
        watch::record(&self.0, hours, kept_from).await
    }

    async fn coverage_hours(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<HourCoverage>, StoreError> {
        watch::hours(&self.0, from, to).await
    }

    async fn leaks(&self, after: Timestamp, limit: u32) -> Result<Vec<Entry>, StoreError> {
        watch::leaks(&self.0, after, limit).await
    }

    async fn pulse(&self, now: Timestamp, since: Timestamp) -> Result<Pulse, StoreError> {
        watch::pulse(&self.0, now, since).await
    }

    async fn totals(&self, keys: &[CounterKey]) -> Result<BTreeMap<CounterKey, Sums>, StoreError> {
        watch::totals(&self.0, keys).await
    }

    async fn cursor(&self, source: &str) -> Result<Option<Cursor>, StoreError> {
        cursors::read(&self.0, source).await
    }

    async fn set_cursor(&self, source: &str, cursor: &Cursor) -> Result<(), StoreError> {
        cursors::set(&self.0, source, cursor).await
    }

    async fn drop_cursor(&self, source: &str) -> Result<(), StoreError> {
        cursors::drop(&self.0, source).await
    }

    async fn hold_mail(
        &self,
        mail: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<MailClaim, StoreError> {
        mails::hold(&self.0, mail, now, until).await
    }

    async fn give_mail_back(&self, mail: &str) -> Result<(), StoreError> {
        mails::give_back(&self.0, mail).await
    }

    async fn remember_mail(&self, mail: &str, at: Timestamp) -> Result<(), StoreError> {
        mails::remember(&self.0, mail, at).await
    }

    async fn situation(
        &self,
        users: &[UserId],
        teams: &[TeamId],
        now: Timestamp,
        rules: &Rulebook,
    ) -> Result<Situation, StoreError> {
        situation::read(&self.0, users, teams, now, rules).await
    }

    async fn user(&self, user: &UserId) -> Result<Option<UserRow>, StoreError> {
        reads::user(&self.0, user).await
    }

    async fn users(
        &self,
        team: Option<&TeamId>,
        after: Option<&UserId>,
        limit: u32,
    ) -> Result<Vec<UserRow>, StoreError> {
        reads::users(&self.0, team, after, limit).await
    }

    async fn usage(&self, by: GroupBy, filter: &UsageFilter) -> Result<Vec<UsageRow>, StoreError> {
        reads::usage(&self.0, by, filter).await
    }

    async fn usage_by_hour(
        &self,
        user: &UserId,
        since: Date,
    ) -> Result<Vec<(TeamId, Window, Sums)>, StoreError> {
        reads::usage_by_hour(&self.0, user, since).await
    }

    async fn requests_since(
        &self,
        user: &UserId,
        since: Timestamp,
        after: Option<&(Timestamp, RequestId)>,
        limit: u32,
    ) -> Result<Vec<(Timestamp, RequestId)>, StoreError> {
        reads::requests_since(&self.0, user, since, after, limit).await
    }

    async fn requests_of_model(
        &self,
        wanted: &Repricing,
        after: Option<&(Timestamp, RequestId)>,
        limit: u32,
    ) -> Result<Vec<(Timestamp, RequestId)>, StoreError> {
        reads::requests_of_model(&self.0, wanted, after, limit).await
    }

    async fn invocations(&self, requests: &[RequestId]) -> Result<Vec<InvocationRow>, StoreError> {
        reads::invocations(&self.0, requests).await
    }

    async fn invocation(&self, request: &RequestId) -> Result<Option<InvocationRow>, StoreError> {
        reads::invocation(&self.0, request).await
    }

    async fn blocks(&self, filter: &BlockFilter) -> Result<Vec<BlockRow>, StoreError> {
        blocks_page(&self.0, filter, None, None).await
    }

    async fn protections(&self, user: Option<&UserId>) -> Result<Vec<ProtectionRow>, StoreError> {
        reads::protections(&self.0, user).await
    }

    async fn warnings(&self, limit: u32) -> Result<Vec<WarningKey>, StoreError> {
        reads::warnings(&self.0, limit).await
    }

    async fn targets(&self, states: &[TargetState]) -> Result<Vec<TargetRow>, StoreError> {
        targets::list(&self.0, states).await
    }

    async fn audit(&self, filter: &AuditFilter) -> Result<Vec<Chained>, StoreError> {
        audit::list(&self.0, filter).await
    }

    async fn trim_audit(
        &self,
        before: Timestamp,
        limit: u32,
        say: Entry,
    ) -> Result<u64, StoreError> {
        trim::trim(&self.0, before, limit, say).await
    }

    async fn audit_start(&self) -> Result<Start, StoreError> {
        trim::start(&self.0).await
    }

    async fn audit_head(&self) -> Result<AuditHead, StoreError> {
        audit::head(&self.0).await
    }

    async fn dead_letters(&self, limit: u32) -> Result<Vec<DeadLetterRow>, StoreError> {
        reads::dead_letters(&self.0, None, limit).await
    }

    async fn coverage(&self, from: &Window, to: &Window) -> Result<Vec<CoverageRow>, StoreError> {
        reads::coverage(&self.0, from, to).await
    }

    async fn unmetered(
        &self,
        from: &Window,
        to: &Window,
    ) -> Result<Vec<(ModelId, Region, u64)>, StoreError> {
        reads::unmetered(&self.0, from, to).await
    }

    async fn session_roles(&self, since: Timestamp) -> Result<Vec<SessionRoleRow>, StoreError> {
        reads::session_roles(&self.0, since).await
    }

    async fn unpriced(&self) -> Result<Vec<(ModelId, Region, u64)>, StoreError> {
        reads::unpriced(&self.0).await
    }

    async fn unpriced_requests(
        &self,
        model: &ModelId,
        limit: u32,
    ) -> Result<Vec<RequestId>, StoreError> {
        reads::unpriced_requests(&self.0, model, limit).await
    }

    async fn unresolved_requests(&self, limit: u32) -> Result<Vec<RequestId>, StoreError> {
        reads::unresolved_requests(&self.0, limit).await
    }

    async fn evidence(&self, requests: &[RequestId]) -> Result<Vec<Evidence>, StoreError> {
        reads::evidence(&self.0, requests).await
    }

    async fn check_totals(&self) -> Result<Vec<String>, StoreError> {
        totals::check(&self.0).await
    }

    fn operators(&self) -> &dyn OperatorStore {
        self
    }

    fn forget(&self) -> &dyn ForgetStore {
        self
    }

    fn reports(&self) -> &dyn ReportStore {
        self
    }
}
