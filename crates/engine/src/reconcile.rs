//! AWS held against the ledger, both ways (rules E7).

use std::collections::BTreeSet;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tokio::task::JoinSet;
use weir_core::access::{Desired, TargetKey, TargetKind, TargetState};
use weir_core::rulebook::Mode;
use weir_store::TargetRow;

use crate::executor::is_verified;
use crate::ports::{AccessControl, Comparison, EffectError, EffectErrorKind};
use crate::report::{DispatchReport, Drift, ReconcileReport};
use crate::{Engine, EngineError};

/// A write that was delayed on its way may still land this long after it.
const LATE_WRITES: SignedDuration = SignedDuration::from_mins(15);

/// When something was done last in this process.
#[derive(Default)]
pub(crate) struct Cadence {
    recent: Last,
    all: Last,
    pub(crate) resolved: Last,
    pub(crate) asked_home: Last,
    pub(crate) reset: Last,
    pub(crate) aligned: Last,
    pub(crate) watched: Last,
    pub(crate) coverage: Last,
    pub(crate) aligned_to: AtomicU64,
}

/// When one thing was done last.
#[derive(Default)]
pub(crate) struct Last(Mutex<Option<Timestamp>>);

impl Last {
    /// Whether it is time again; if so, the clock starts anew.
    pub(crate) fn is_due(&self, now: Timestamp, every: SignedDuration) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let due = last.is_none_or(|last| now.duration_since(last) >= every);
        if due {
            *last = Some(now);
        }
        due
    }
}

/// Which targets are compared.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    /// Written lately, allowed ones too. (Those that are not verified at their newest generation are
    /// due by themselves, and the dispatcher's.)
    Recent,
    /// All that ever held a Deny of ours.
    All,
    /// And those that wait for their next attempt.
    Everything,
}

impl Engine {
    /// Compares targets with AWS and repairs what differs, both ways: those that are not verified
    /// or were written lately, or `all` that ever held a Deny of ours, and what AWS holds under our
    /// name without a target. `dry_run` only tells.
    pub async fn reconcile(
        &self,
        all: bool,
        dry_run: bool,
    ) -> Result<ReconcileReport, EngineError> {
        let access = self.access.clone().ok_or(EngineError::NoAws {
            what: "reconciliation",
            why: "none were found when this process started",
        })?;
        let which = if all {
            Which::Everything
        } else {
            Which::Recent
        };
        let repair = !dry_run && self.reaches_aws();
        if repair {
            self.align().await?;
        }
        let dispatched = if repair {
            self.dispatch(None).await?
        } else {
            DispatchReport::default()
        };
        let mut report = self.compare(&access, which, repair).await?;
        report.dispatch.add(&dispatched);
        if all {
            self.orphans(&access, repair, &mut report).await?;
        }
        Ok(report)
    }

    /// The comparison that is due by its cadence: every minute the recent ones, every hour all.
    pub(crate) async fn reconcile_due(&self) -> Result<ReconcileReport, EngineError> {
        let now = self.wall();
        let Some(access) = self.access.clone().filter(|_| self.reaches_aws()) else {
            return Ok(ReconcileReport::default());
        };
        // Slack of a few seconds: a tick every minute is not every second tick.
        let all = self
            .cadence
            .all
            .is_due(now, SignedDuration::from_secs(3_595));
        let recent = self
            .cadence
            .recent
            .is_due(now, SignedDuration::from_secs(55));
        match (all, recent) {
            (true, _) => self.compare(&access, Which::All, true).await,
            (false, true) => self.compare(&access, Which::Recent, true).await,
            (false, false) => Ok(ReconcileReport::default()),
        }
    }

    async fn compare(
        &self,
        access: &Arc<dyn AccessControl>,
        which: Which,
        repair: bool,
    ) -> Result<ReconcileReport, EngineError> {
        let now = self.effect_time();
        let adds = self.rules().await?.mode.mode == Mode::Iam;
        let rows = self.store.targets(&[]).await?;
        let rows: Vec<_> = rows
            .into_iter()
            .filter(|row| is_compared(row, which, now))
            .collect();
        let mut report = ReconcileReport::default();
        let looks = which != Which::Recent && adds;
        let altered = if looks {
            // Before the targets: what it is attached to denies nothing.
            Some(self.altered_policies(&**access, &mut report).await)
        } else {
            None
        };
        let mut due = BTreeSet::new();
        for (row, found) in self.compare_all(access, rows).await? {
            report.checked += 1;
            let target = row.target.key.clone();
            match found {
                Ok(Comparison::Same) if is_verified(&row.target) => {}
                Ok(found) => {
                    // Of the others nobody ever said that AWS is as they want it.
                    if is_verified(&row.target) {
                        tracing::warn!(%target, ?found, "AWS differs from the ledger");
                        report.drift.push(Drift {
                            target: target.clone(),
                            found,
                            repaired: false,
                        });
                    }
                    // Outside mode `iam` no Deny is added, also not one that was kept.
                    if adds || found != Comparison::DenyMissing {
                        due.insert(target);
                    }
                }
                Err(error) => {
                    // The executor meets the same error and records it.
                    if error.kind == EffectErrorKind::Gone && row.target.state != TargetState::Gone
                    {
                        due.insert(target.clone());
                    }
                    report.errors.push(format!("{target}: {error}"));
                }
            }
        }
        if let Some(altered) = altered.filter(|_| repair) {
            self.restore_policies(&**access, altered, &mut report)
                .await?;
        }
        if repair && !due.is_empty() {
            self.repair(due, &mut report).await?;
        }
        Ok(report)
    }

    /// Asks for targets again, and executes them now.
    async fn repair(
        &self,
        due: BTreeSet<TargetKey>,
        report: &mut ReconcileReport,
    ) -> Result<(), EngineError> {
        let now = self.effect_time();
        let keys: Vec<_> = due.into_iter().collect();
        let drifted = report.drift.iter().map(|drift| {
            let entry = self.entry(
                "enforcement-drift",
                format!("target:{}", drift.target),
                "AWS differed from the ledger".to_owned(),
                &Self::weir(),
            );
            let found = format!("{:?}", drift.found);
            weir_core::audit::Entry {
                evidence: Some(json!({ "found": found }).to_string()),
                ..entry
            }
        });
        let entries: Vec<_> = drifted.collect();
        if !entries.is_empty() {
            self.store.append_audit(entries).await?;
        }
        self.store.request_targets(&keys, now).await?;
        report.dispatch.add(&self.dispatch(Some(&keys)).await?);
        for drift in &mut report.drift {
            let row = self.store.target(&drift.target).await?;
            drift.repaired = row.is_some_and(|row| is_verified(&row.target));
        }
        Ok(())
    }

    /// What AWS holds under our name and no target accounts for.
    async fn orphans(
        &self,
        access: &Arc<dyn AccessControl>,
        repair: bool,
        report: &mut ReconcileReport,
    ) -> Result<(), EngineError> {
        let known: BTreeSet<TargetKey> = self
            .store
            .targets(&[])
            .await?
            .into_iter()
            .map(|row| row.target.key)
            .collect();
        // In other modes than `iam`, what the ledger knows nothing of is not touched.
        let is_ours_to_clean = self.rules().await?.mode.mode == Mode::Iam;
        let ours = access.find_ours().await?;
        let unread = ours.unread.iter().map(ToString::to_string);
        report.errors.extend(unread);
        for target in ours.targets {
            if known.contains(&target) {
                continue;
            }
            report.checked += 1;
            let mut repaired = false;
            if repair && is_ours_to_clean {
                match access.apply(&target, &Desired::default()).await {
                    Ok(applied) => repaired = applied.verified,
                    Err(error) => report.errors.push(format!("{target}: {error}")),
                }
                let subject = format!("target:{target}");
                let reason = "a Deny of ours that the ledger knows nothing of".to_owned();
                let entry = self.entry("enforcement-drift", subject, reason, &Self::weir());
                self.store.append_audit(vec![entry]).await?;
            }
            report.drift.push(Drift {
                target,
                found: Comparison::DenyLeft,
                repaired,
            });
        }
        Ok(())
    }

    /// Compares targets, a few at a time.
    async fn compare_all(
        &self,
        access: &Arc<dyn AccessControl>,
        rows: Vec<TargetRow>,
    ) -> Result<Vec<(TargetRow, Result<Comparison, EffectError>)>, EngineError> {
        let mut found = Vec::with_capacity(rows.len());
        let mut comparing = JoinSet::new();
        let mut rows = rows.into_iter();
        loop {
            while comparing.len() < self.options.concurrency.max(1) {
                let Some(row) = rows.next() else { break };
                if row.target.key.kind == TargetKind::ToolKeys {
                    let result = self.compare_keys(&**access, &row).await?;
                    found.push((row, result));
                    continue;
                }
                let access = Arc::clone(access);
                comparing.spawn(async move {
                    let desired = Desired::of(row.members.iter().cloned());
                    let result = access.compare(&row.target.key, &desired).await;
                    (row, result)
                });
            }
            match comparing.join_next().await {
                None => return Ok(found),
                Some(Ok(compared)) => found.push(compared),
                Some(Err(error)) => tracing::error!(%error, "a comparison ended without a result"),
            }
        }
    }
}

fn is_compared(row: &TargetRow, which: Which, now: Timestamp) -> bool {
    use TargetState::{
        Applied, Cannot, DryRun, Failed, Gone, Held, None, Off, Requested, Verified,
    };
    let target = &row.target;
    let lately = |at: Option<Timestamp>| at.is_some_and(|at| now.duration_since(at) <= LATE_WRITES);
    match target.state {
        Held => false,
        // Where nothing was ever written there is nothing to compare.
        None | DryRun | Off if target.verified_generation.is_none() => false,
        // The configuration or AWS may have changed: once an hour is enough.
        Cannot | Gone => which != Which::Recent && target.denies,
        Requested | Applied | Failed => which == Which::Everything,
        None | Verified | DryRun | Off => {
            which != Which::Recent || lately(target.verified_at) || lately(target.requested_at)
        }
    }
}
