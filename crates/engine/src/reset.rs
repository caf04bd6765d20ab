//! The daily reset (rules 9): what the clock alone would do anyway, done for certain once a local
//! day, with a summary of the day before, and with retention.
//!
//! Counting never depends on it. Run twice, late, or for several missed days, it leaves the same
//! state: blocks end by their own time, evaluation is a function of the ledger, and what is old
//! enough to leave can leave only once.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::json;
use weir_core::audit::{Entry, TRIM};
use weir_core::ids::UserId;
use weir_core::reset::{CATCH_UP, Retention, again_at, due};
use weir_core::rulebook::Rulebook;
use weir_store::{Lease, ResetClaim, ResetOutcome, ResetRow, Retained};

use crate::decision::Shift;
use crate::jobs::CHUNK;
use crate::options::Actor;
use crate::summary::DaySummary;
use crate::{Engine, EngineError};

/// A run that takes longer is taken up by somebody else, which does no harm.
const LEASE: SignedDuration = SignedDuration::from_mins(30);
/// What a run is called in the record.
pub(crate) const RESET_RUN: &str = "reset-run";
/// What removing by hand is called in the record.
const RETENTION_RUN: &str = "retention-run";
/// The record, among what is removed.
const AUDIT: &str = "audit";
/// Transactions of one kind in one run: what is left goes with the next.
const BITES: u32 = 500;

/// What became of a reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResetEnd {
    /// Done now.
    Done,
    /// Done as far as it went: it met errors, and is run again after a pause.
    Incomplete,
    /// Done before; nothing was to do.
    AlreadyDone,
    /// Somebody else is at it.
    RunsElsewhere,
    /// Only foreseen: nothing was written.
    DryRun,
}

impl ResetEnd {
    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Incomplete => "incomplete",
            Self::AlreadyDone => "already-done",
            Self::RunsElsewhere => "runs-elsewhere",
            Self::DryRun => "dry-run",
        }
    }
}

/// How much of a reset is run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// All of it.
    Whole,
    /// Only the summary: blocks end, rows leave and everybody is evaluated as of now, so that today's
    /// reset does it for every day that was missed.
    Summary,
}

/// What a reset did, or would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ResetReport {
    /// The local date that began.
    pub date: String,
    /// How it ended.
    pub end: ResetEnd,
    /// Users and teams with a block or protection whose time was over.
    pub expired: u64,
    /// Users who are blocked and were evaluated again.
    pub evaluated: u64,
    /// Users who lost access by the evaluation.
    pub blocked: Vec<String>,
    /// Users who regained access by it.
    pub released: Vec<String>,
    /// Rows that left, by kind (`invocations`, `client_facts`, …).
    pub removed: BTreeMap<&'static str, u64>,
    /// What went wrong without stopping the rest.
    pub errors: Vec<String>,
    /// The day before, if its summary could be made.
    pub summary: Option<DaySummary>,
}

impl Engine {
    /// Runs the resets that are due, oldest first: today's, and those of days that were missed, which
    /// are summed up.
    pub async fn reset_due(&self, by: &Actor) -> Result<Vec<ResetReport>, EngineError> {
        let dates = self.due_resets().await?;
        self.run_resets(&dates, false, by).await
    }

    /// The dates whose reset is due, oldest first: also of those that met errors.
    async fn due_resets(&self) -> Result<Vec<Date>, EngineError> {
        let (last, today) = (self.store.last_reset().await?, self.today().await?);
        let wall = self.wall();
        let failed = self.store.failed_resets(CATCH_UP).await?;
        let is_due = |row: &ResetRow| {
            let at = row.finished_at.map(|at| again_at(at, row.runs));
            at.is_none_or(|at| at <= wall)
        };
        let failed = failed.into_iter().filter(is_due).map(|row| row.date);
        Ok(due(last, &failed.collect::<Vec<_>>(), today))
    }

    /// Runs the reset of a local date that has begun, also one that was done before. Days before it
    /// that were missed are summed up first: once a later date is finished, they are due no more.
    pub async fn reset(&self, date: Date, by: &Actor) -> Result<Vec<ResetReport>, EngineError> {
        self.has_begun(date).await?;
        let mut dates = self.due_resets().await?;
        dates.retain(|missed| *missed < date);
        dates.push(date);
        self.run_resets(&dates, true, by).await
    }

    /// Runs the last of these dates whole, and with `again` also if it was done before.
    async fn run_resets(
        &self,
        dates: &[Date],
        again: bool,
        by: &Actor,
    ) -> Result<Vec<ResetReport>, EngineError> {
        let mut reports = Vec::new();
        let Some((last, missed)) = dates.split_last() else {
            return Ok(reports);
        };
        for date in missed {
            let report = self.run_reset(*date, false, Extent::Summary, by).await?;
            let runs_elsewhere = report.end == ResetEnd::RunsElsewhere;
            reports.push(report);
            // The newest that is finished says what is due: were a later one finished first, a date whose
            // run dies would be passed over.
            if runs_elsewhere {
                return Ok(reports);
            }
        }
        reports.push(self.run_reset(*last, again, Extent::Whole, by).await?);
        Ok(reports)
    }

    async fn run_reset(
        &self,
        date: Date,
        again: bool,
        extent: Extent,
        by: &Actor,
    ) -> Result<ResetReport, EngineError> {
        let wall = self.wall();
        let lease = Lease {
            owner: self.fresh_id("reset"),
            until: wall.saturating_add(LEASE).unwrap_or(Timestamp::MAX),
        };
        let mut report = ResetReport::new(date, ResetEnd::Done);
        match self.store.begin_reset(date, wall, &lease, again).await? {
            ResetClaim::Begun => {}
            ResetClaim::Finished => report.end = ResetEnd::AlreadyDone,
            ResetClaim::Held => report.end = ResetEnd::RunsElsewhere,
        }
        if report.end != ResetEnd::Done {
            return Ok(report);
        }
        if extent == Extent::Whole {
            self.lift_and_evaluate(&mut report).await;
            self.retain(&mut report).await;
        }
        self.summarise(date, &mut report).await;
        self.conclude_reset(date, &lease, &mut report, by).await?;
        Ok(report)
    }

    /// What the reset of a date would do, written nowhere.
    pub async fn foresee_reset(&self, date: Date) -> Result<ResetReport, EngineError> {
        self.has_begun(date).await?;
        let mut report = ResetReport::new(date, ResetEnd::DryRun);
        let (users, teams) = self.store.due(self.now(), u32::MAX).await?;
        report.expired = (users.len() + teams.len()) as u64;
        let (blocked, _) = self.store.blocked().await?;
        report.evaluated = blocked.len() as u64;
        let all = blocked.into_iter().chain(users).collect();
        let shift = self.foresee_evaluation(all).await?;
        report.tell(shift);
        report.summary = Some(self.summary(day_before(date)?).await?);
        Ok(report)
    }

    /// Runs of the reset, newest date first.
    pub async fn resets(&self, limit: u32) -> Result<Vec<ResetRow>, EngineError> {
        Ok(self.store.resets(limit).await?)
    }

    /// Removes what is older than its term (rules P1), in bounded transactions.
    pub async fn apply_retention(&self) -> Result<BTreeMap<&'static str, u64>, EngineError> {
        let rules = self.rules().await?;
        let mut removed = BTreeMap::new();
        for what in Retained::ALL {
            let gone = self.remove(what, self.kept_from(what, &rules)).await?;
            removed.insert(what.as_str(), gone);
        }
        removed.insert(AUDIT, self.trim_audit().await?);
        Ok(removed)
    }

    /// The same at the word of somebody, who is on record with it.
    pub async fn run_retention(
        &self,
        by: &Actor,
    ) -> Result<BTreeMap<&'static str, u64>, EngineError> {
        let removed = self.apply_retention().await?;
        let subject = "retention".to_owned();
        let entry = Entry {
            after: Some(json!(removed).to_string()),
            ..self.entry(RETENTION_RUN, subject, String::new(), by)
        };
        self.store.append_audit(vec![entry]).await?;
        Ok(removed)
    }

    /// How long what is kept.
    pub fn retention(&self) -> &Retention {
        &self.options.retention
    }

    /// Since when audit entries are kept now.
    pub fn audit_kept_from(&self) -> Timestamp {
        let now = self.wall().min(self.now());
        self.options.retention.audit_before(now)
    }

    async fn trim_audit(&self) -> Result<u64, EngineError> {
        let before = self.audit_kept_from();
        let at_once = self.options.removed_at_once;
        let mut gone = 0;
        for _ in 0..BITES {
            let term = self.options.retention.audit.as_hours() / 24;
            let reason = format!("kept for {term} days");
            let say = self.entry(TRIM, AUDIT.to_owned(), reason, &Self::weir());
            let bite = self.store.trim_audit(before, at_once, say).await?;
            gone += bite;
            if bite < u64::from(at_once) {
                break;
            }
        }
        Ok(gone)
    }

    /// From when on rows of that kind are kept now.
    pub fn kept_from(&self, what: Retained, rules: &Rulebook) -> Timestamp {
        // Under `--as-of` nothing may leave that today is still kept.
        let (kept, now) = (&self.options.retention, self.wall().min(self.now()));
        match what {
            Retained::Invocations => kept.invocations_before(now, &rules.zone),
            Retained::ClientFacts => kept.client_facts_before(now),
            Retained::DeadLetters => kept.dead_letters_before(now),
            Retained::Outbox => kept.outbox_before(now),
            Retained::Warnings => kept.warnings_before(now, &rules.zone),
        }
    }

    async fn remove(&self, what: Retained, before: Timestamp) -> Result<u64, EngineError> {
        let at_once = self.options.removed_at_once;
        let mut gone = 0;
        for _ in 0..BITES {
            let bite = self.store.remove(what, before, at_once).await?;
            gone += bite;
            if bite < u64::from(at_once) {
                break;
            }
        }
        Ok(gone)
    }

    /// Ends what is over, and evaluates everybody who is blocked (rules D2). One user's failure
    /// does not stop the others.
    async fn lift_and_evaluate(&self, report: &mut ResetReport) {
        match self.expire().await {
            Ok(expired) => report.expired = expired,
            Err(error) => report.errors.push(format!("expiry: {error}")),
        }
        let (users, teams) = match self.store.blocked().await {
            Ok(blocked) => blocked,
            Err(error) => {
                report
                    .errors
                    .push(format!("who is blocked is not known: {error}"));
                return;
            }
        };
        let mut shift = Shift::default();
        for team in teams {
            let evaluated = self.evaluate(Vec::new(), vec![team.clone()], Vec::new());
            match evaluated.await {
                Ok(found) => shift.extend(found),
                Err(error) => report.errors.push(format!("team {team}: {error}")),
            }
        }
        for chunk in users.chunks(CHUNK as usize) {
            let evaluated = self.evaluate(chunk.to_vec(), Vec::new(), Vec::new());
            if let Ok(found) = evaluated.await {
                report.evaluated += chunk.len() as u64;
                shift.extend(found);
            } else {
                shift.extend(self.one_by_one(chunk, report).await);
            }
        }
        report.tell(shift);
    }

    async fn one_by_one(&self, users: &[UserId], report: &mut ResetReport) -> Shift {
        let mut shift = Shift::default();
        for user in users {
            let evaluated = self.evaluate(vec![user.clone()], Vec::new(), Vec::new());
            match evaluated.await {
                Ok(found) => {
                    report.evaluated += 1;
                    shift.extend(found);
                }
                Err(error) => report.errors.push(format!("user {user}: {error}")),
            }
        }
        shift
    }

    async fn retain(&self, report: &mut ResetReport) {
        match self.apply_retention().await {
            Ok(removed) => report.removed = removed,
            Err(error) => report.errors.push(format!("retention: {error}")),
        }
    }

    async fn summarise(&self, date: Date, report: &mut ResetReport) {
        let summary = match day_before(date) {
            Ok(day) => self.summary(day).await,
            Err(error) => Err(error),
        };
        match summary {
            Ok(summary) => report.summary = Some(summary),
            Err(error) => report.errors.push(format!("summary: {error}")),
        }
    }

    async fn conclude_reset(
        &self,
        date: Date,
        lease: &Lease,
        report: &mut ResetReport,
        by: &Actor,
    ) -> Result<(), EngineError> {
        let counts = json!({
            "expired": report.expired,
            "evaluated": report.evaluated,
            "blocked": report.blocked.len(),
            "released": report.released.len(),
            "removed": report.removed,
        });
        let told = match self.told_by_reset(date, report.summary.as_ref()).await {
            Ok(told) => told,
            Err(error) => {
                report.errors.push(format!("messages: {error}"));
                Vec::new()
            }
        };
        let summary = report.summary.as_ref().map(|summary| json!(summary));
        let outcome = ResetOutcome {
            date,
            at: self.wall(),
            counts: counts.to_string(),
            errors: report.errors.clone(),
            summary: summary.map(|summary| summary.to_string()),
            told,
        };
        let entry = Entry {
            after: Some(counts.to_string()),
            evidence: (!report.errors.is_empty())
                .then(|| json!({ "errors": report.errors }).to_string()),
            ..self.entry(RESET_RUN, format!("reset:{date}"), String::new(), by)
        };
        if !self.store.finish_reset(lease, outcome, vec![entry]).await? {
            report.end = ResetEnd::RunsElsewhere;
        } else if !report.errors.is_empty() {
            report.end = ResetEnd::Incomplete;
        }
        for error in &report.errors {
            tracing::error!(%date, error, "the daily reset did not do everything");
        }
        tracing::info!(%date, expired = report.expired, evaluated = report.evaluated, "daily reset");
        Ok(())
    }

    async fn today(&self) -> Result<Date, EngineError> {
        Ok(self.rules().await?.zone.day(self.now()))
    }

    async fn has_begun(&self, date: Date) -> Result<(), EngineError> {
        let today = self.today().await?;
        if date > today {
            return Err(EngineError::Refused(format!(
                "{date} has not begun: today is {today}"
            )));
        }
        Ok(())
    }
}

fn day_before(date: Date) -> Result<Date, EngineError> {
    date.yesterday()
        .map_err(|error| EngineError::Refused(format!("{date} has no day before: {error}")))
}

impl ResetReport {
    fn new(date: Date, end: ResetEnd) -> Self {
        Self {
            date: date.to_string(),
            end,
            expired: 0,
            evaluated: 0,
            blocked: Vec::new(),
            released: Vec::new(),
            removed: BTreeMap::new(),
            errors: Vec::new(),
            summary: None,
        }
    }

    fn tell(&mut self, shift: Shift) {
        let names = |users: BTreeSet<UserId>| users.iter().map(ToString::to_string).collect();
        self.blocked = names(shift.blocked);
        self.released = names(shift.released);
    }
}
