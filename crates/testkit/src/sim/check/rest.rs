//! Rest: the faults end, time goes on until nothing is due any more, and then everything must be as
//! the rules say. Doing it all once more must change nothing.

use jiff::SignedDuration;
use jiff::civil::Date;
use weir_core::access::{TargetKey, TargetState};
use weir_core::ids::BlockId;
use weir_core::reset::CATCH_UP;
use weir_engine::{Engine, ReconcileReport, ResetEnd};

use super::{broken, ensure};
use crate::sim::op::Nth;
use crate::sim::world::{Broken, World, operator, unexpected};

/// Longer than a lease and than the longest pause between attempts.
const STEP: SignedDuration = SignedDuration::from_mins(6);
/// Longer than a rest and its checks take: the clock goes on a little at every step.
const MOMENT: SignedDuration = SignedDuration::from_secs(1);
/// Until then even what is hopeless has been tried again.
const STEPS: u32 = 24;

/// What is due if the daily reset is.
const RESET: &str = "the daily reset";

/// The end of the audit, generations, blocks, how many letters arrived.
type Traces = (u64, Vec<(TargetKey, u64)>, Vec<BlockId>, usize);

impl World {
    /// Comes to rest and checks everything.
    pub(crate) async fn rest(&mut self) -> Result<(), Broken> {
        self.gate.disarm();
        self.cloud.calm();
        ensure!(self.cloud.take_theirs(), "their statement was changed");
        self.drifted |= self.cloud.land();
        self.come_to_rest().await?;
        let report = self.reconcile().await?;
        let calm = !self.troubled && !self.drifted;
        ensure!(
            !calm || report.drift.is_empty(),
            "drift from nowhere: {:?}",
            report.drift
        );
        self.check_all().await?;
        self.check_resets().await?;
        self.check_again().await?;
        (self.troubled, self.drifted) = (false, false);
        self.check_reset_again().await?;
        self.letterbox.take_failed();
        Ok(())
    }

    /// Lets time go on until nothing is due any more; whether it had to.
    async fn come_to_rest(&mut self) -> Result<bool, Broken> {
        let (mut steps, mut went_on) = (0, false);
        loop {
            self.tick_at_rest(Nth::First).await?;
            self.tick_at_rest(Nth::Second).await?;
            let due = match self.due().await? {
                // An end in the middle of the checks would be told apart from nothing else.
                None if self.ends_in_a_moment().await? => {
                    self.clock.advance(MOMENT);
                    went_on = true;
                    continue;
                }
                // Whoever died may still hold a job: its lease has to run out.
                None if self.troubled && steps == 0 => "leases".to_owned(),
                None => break,
                Some(due) => due,
            };
            ensure!(
                // It is asked for twice a minute at most.
                due == RESET || self.troubled || self.drifted || self.letterbox.take_failed(),
                "two ticks left this to do: {due}"
            );
            ensure!(
                steps < STEPS,
                "after {steps} steps of {STEP:#} there is left to do: {due}"
            );
            self.clock.advance(STEP);
            (steps, went_on) = (steps + 1, true);
        }
        Ok(went_on)
    }

    /// Ticking and reconciling again writes nothing: no audit entry, no generation, no block.
    async fn check_again(&mut self) -> Result<(), Broken> {
        let before = self.traces().await?;
        self.tick_at_rest(Nth::Second).await?;
        self.tick_at_rest(Nth::First).await?;
        self.reconcile().await?;
        self.witness.read_audit(&*self.store).await?;
        let after = self.traces().await?;
        ensure!(
            before == after,
            "doing it again left traces: {before:?}, then {after:?}"
        );
        Ok(())
    }

    /// Every local date since the first has had its daily reset, once, whoever died in one. Of a pause
    /// longer than what is caught up, the latest dates have.
    async fn check_resets(&self) -> Result<(), Broken> {
        let rows = self.store.resets(u32::MAX).await.map_err(broken)?;
        let mut day = self.today();
        let mut in_a_row = 0;
        for row in &rows {
            let caught_up = in_a_row >= CATCH_UP;
            ensure!(
                row.date == day || (caught_up && row.date < day),
                "the daily reset of {day} was not run: the one before it is of {}",
                row.date
            );
            let runs = 1 + self.again(row.date);
            ensure!(row.runs == runs, "it was not run {runs} times: {row:?}");
            ensure!(row.errors.is_empty(), "a daily reset: {row:?}");
            in_a_row = if row.date == day { in_a_row + 1 } else { 1 };
            day = row.date.yesterday().map_err(|error| error.to_string())?;
        }
        ensure!(!rows.is_empty(), "there was no daily reset");
        Ok(())
    }

    /// Running the daily reset again leaves the entry that says so, and nothing else.
    async fn check_reset_again(&mut self) -> Result<(), Broken> {
        // The first time there may be a summary to tell, of calls that were known late, and the server
        // of its reader may be away. When time goes on, provisional counts become old enough to block
        // whoever is evaluated.
        self.reset_again().await?;
        while self.come_to_rest().await? {
            self.reset_again().await?;
        }
        self.witness.read_audit(&*self.store).await?;
        let before = self.traces().await?;
        self.reset_again().await?;
        let (seq, targets, blocks, letters) = self.traces().await?;
        let after = (seq - 1, targets, blocks, letters);
        ensure!(
            before == after,
            "the daily reset again left traces: {before:?}, then {after:?}"
        );
        Ok(())
    }

    async fn reset_again(&mut self) -> Result<(), Broken> {
        let (engine, today) = (self.engine(Nth::Second), self.today());
        let done = engine.reset(today, &operator()).await;
        let done = done.map_err(|error| unexpected("reset", &error))?;
        let ends: Vec<_> = done.iter().map(|report| report.end).collect();
        ensure!(ends == [ResetEnd::Done], "the reset again: {done:?}");
        *self.again.entry(today).or_default() += 1;
        self.tick_at_rest(Nth::First).await?;
        self.witness.read_audit(&*self.store).await
    }

    fn again(&self, day: Date) -> u32 {
        self.again.get(&day).copied().unwrap_or_default()
    }

    async fn tick_at_rest(&mut self, nth: Nth) -> Result<(), Broken> {
        self.pause();
        let engine = self.engine(nth);
        let report = engine
            .tick()
            .await
            .map_err(|error| unexpected("tick", &error))?;
        let errors: Vec<_> = report
            .errors
            .iter()
            .filter(|error| !is_known(error))
            .collect();
        ensure!(errors.is_empty() || self.troubled, "tick: {errors:?}");
        Ok(())
    }

    async fn reconcile(&self) -> Result<ReconcileReport, Broken> {
        let engine: &Engine = &self.engine(Nth::First);
        let report = engine.reconcile(true, false).await;
        let report = report.map_err(|error| unexpected("reconcile", &error))?;
        let errors: Vec<_> = report
            .errors
            .iter()
            .filter(|error| !is_known(error))
            .collect();
        ensure!(errors.is_empty(), "reconcile: {errors:?}");
        Ok(report)
    }

    /// What is still to be done, if anything is.
    async fn due(&self) -> Result<Option<String>, Broken> {
        let now = self.now();
        let (users, teams) = self.store.due(now, 100).await.map_err(broken)?;
        if !users.is_empty() || !teams.is_empty() {
            return Ok(Some(format!("expiry of {users:?} {teams:?}")));
        }
        for row in self.store.targets(&[]).await.map_err(broken)? {
            let target = &row.target;
            let waits = matches!(target.state, TargetState::Requested | TargetState::Applied)
                || target.state == TargetState::Failed;
            if waits {
                return Ok(Some(format!("target {target:?}")));
            }
        }
        if self.store.last_reset().await.map_err(broken)? != Some(self.today()) {
            return Ok(Some(RESET.to_owned()));
        }
        if !self
            .store
            .failed_resets(1)
            .await
            .map_err(broken)?
            .is_empty()
        {
            return Ok(Some(RESET.to_owned()));
        }
        self.unsent().await
    }

    /// Whether the day, a block or a protection ends while everything is checked.
    async fn ends_in_a_moment(&self) -> Result<bool, Broken> {
        let then = self.now() + MOMENT;
        if self.day_of(then) != self.today() {
            return Ok(true);
        }
        let (users, teams) = self.store.due(then, 1).await.map_err(broken)?;
        Ok(!users.is_empty() || !teams.is_empty())
    }

    async fn traces(&self) -> Result<Traces, Broken> {
        let targets = self.store.targets(&[]).await.map_err(broken)?;
        let targets = targets
            .into_iter()
            .map(|row| (row.target.key, row.target.generation));
        let blocks = self.blocks().await?.into_iter().map(|row| row.block.id);
        Ok((
            self.witness.audit_end(),
            targets.collect(),
            blocks.collect(),
            self.letterbox.count(),
        ))
    }
}

/// Targets that no mechanism can deny are tried again every hour, and fail every time.
pub(crate) fn is_known(error: &str) -> bool {
    error.contains("/identity-center/") || error.contains("/undeniable/")
}
