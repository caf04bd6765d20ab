//! Effects: targets that are due are claimed by lease and handed to executors, a few at a time.
//! Any number of processes may do this at once.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;
use weir_core::access::{TargetKey, TargetState};

use crate::decision::Shift;
use crate::executor::Outcome;
use crate::report::DispatchReport;
use crate::{Engine, EngineError, budget};

/// How often a target that changed while it was written is written again at once.
const ROUNDS: u32 = 8;
/// One call never claims more often than this: the next one goes on.
const CLAIMS: u32 = 500;

/// Targets that were asked for by name and are still to be claimed.
struct Asked {
    left: Vec<TargetKey>,
    rounds: BTreeMap<TargetKey, u32>,
}

impl Asked {
    fn take(&mut self, most: usize) -> Vec<TargetKey> {
        self.left.split_off(self.left.len().saturating_sub(most))
    }

    fn again(&mut self, key: TargetKey) {
        let rounds = self.rounds.entry(key.clone()).or_default();
        *rounds += 1;
        if *rounds < ROUNDS {
            self.left.push(key);
        }
    }
}

impl Engine {
    /// Brings targets that are due to the state the ledger wants: these, or any. Targets whose time
    /// has not come are left to a later call.
    #[tracing::instrument(name = "dispatch", level = "debug", skip_all)]
    pub async fn dispatch(
        &self,
        only: Option<&[TargetKey]>,
    ) -> Result<DispatchReport, EngineError> {
        let mut report = DispatchReport::default();
        // Under `--as-of`, what is to be written waits for an engine that may.
        let Some(access) = self.access.as_ref().filter(|_| self.reaches_aws()) else {
            return Ok(report);
        };
        // No more than are begun at once, so that none waits while its lease runs.
        let most = self.options.concurrency.clamp(1, 100);
        let mut asked = only.map(|keys| Asked {
            left: keys.to_vec(),
            rounds: BTreeMap::new(),
        });
        for _ in 0..CLAIMS {
            let keys = asked.as_mut().map(|asked| asked.take(most));
            // What is not begun in time is due, and the next tick of any process takes it up.
            if keys.as_ref().is_some_and(Vec::is_empty) || budget::is_over() {
                break;
            }
            let now = self.effect_time();
            let lease = self.lease(now);
            let limit = u32::try_from(most).unwrap_or(1);
            let claimed = self
                .store
                .claim_targets(now, &lease, limit, keys.as_deref())
                .await?;
            if claimed.is_empty() && keys.is_none() {
                break;
            }
            for (key, outcome) in self.execute_all(access, claimed, &lease).await? {
                match outcome {
                    Outcome::Verified => report.verified += 1,
                    Outcome::Recorded => {}
                    Outcome::Retry => report.retried += 1,
                    Outcome::Failed => report.failed += 1,
                    Outcome::Superseded => {
                        report.superseded += 1;
                        // Without names, what changed meanwhile is due again by itself.
                        if let Some(asked) = &mut asked {
                            asked.again(key);
                        }
                    }
                }
            }
        }
        Ok(report)
    }

    /// Runs jobs and effects until nothing is due, tells people, and waits a little for effects that are to be
    /// tried again. What is left over is taken up by the next tick of any process.
    pub async fn drain(&self) -> Result<DispatchReport, EngineError> {
        Ok(self.drain_telling(DispatchReport::default()).await?.0)
    }

    /// The same after some effects were tried already, telling who lost and who regained access by
    /// the jobs.
    pub(crate) async fn drain_telling(
        &self,
        mut report: DispatchReport,
    ) -> Result<(DispatchReport, Shift), EngineError> {
        let mut shift = Shift::default();
        let mut waited = Duration::ZERO;
        let mut pause = Duration::from_millis(500);
        // Of all rounds together: whoever brings events does not wait for a server that takes no mail.
        let telling = self.options.telling.map(|time| Instant::now() + time);
        loop {
            shift.extend(self.run_jobs().await?.shift);
            report.add(&self.dispatch(None).await?);
            // What is not told now waits for the next tick of any process.
            if let Err(error) = self.send_due_beside(telling).await {
                tracing::warn!(%error, "messages are left to others");
            }
            let left = budget::left(self.options.patience.saturating_sub(waited));
            if report.retried == 0 || left.is_zero() || !self.is_waiting(left).await? {
                return Ok((report, shift));
            }
            let now = pause.min(left);
            tokio::time::sleep(now).await;
            waited += now;
            pause *= 2;
        }
    }

    /// Whether targets wait for their next attempt, and it comes within `patience`.
    async fn is_waiting(&self, patience: Duration) -> Result<bool, EngineError> {
        if !self.reaches_aws() {
            return Ok(false);
        }
        let soon = self
            .effect_time()
            .saturating_add(patience)
            .unwrap_or(Timestamp::MAX);
        let rows = self.store.targets(&[TargetState::Requested]).await?;
        Ok(rows
            .iter()
            .any(|row| row.target.next_attempt_at.is_some_and(|at| at <= soon)))
    }
}

impl DispatchReport {
    pub(crate) fn add(&mut self, other: &Self) {
        self.verified += other.verified;
        self.retried += other.retried;
        self.failed += other.failed;
        self.superseded += other.superseded;
    }
}
