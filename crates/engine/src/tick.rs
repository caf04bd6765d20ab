//! What is due: ends of blocks and protections, jobs, effects, comparisons. Any number of
//! processes may tick at once.

use std::time::Duration;

use jiff::SignedDuration;
use tokio::time::Instant;
use weir_store::Batch;

use crate::report::TickReport;
use crate::reset::{ResetEnd, ResetReport};
use crate::{Engine, EngineError, budget};

/// Users and teams expired in one transaction.
const EXPIRE: u32 = 200;
/// How often it is asked whether a local day has begun.
const RESET: SignedDuration = SignedDuration::from_secs(30);
/// How long a tick of a process that goes on waits for letters.
const TELLING: Duration = Duration::from_secs(30);
/// A tick never spends more rounds than this on expiry: the next one goes on.
const ROUNDS: usize = 500;

impl Engine {
    /// Does everything that is due now: at least once a minute in `serve`. One part's failure is
    /// reported and does not stop the others.
    pub async fn tick(&self) -> Result<TickReport, EngineError> {
        let mut report = TickReport::default();
        match self.expire().await {
            Ok(expired) => report.expired = expired,
            Err(error) => report.errors.push(format!("expiry: {error}")),
        }
        if self.cadence.reset.is_due(self.wall(), RESET) {
            match self.reset_due(&Self::weir()).await {
                Ok(resets) => report.resets = resets.into_iter().filter(is_done).collect(),
                Err(error) => report.errors.push(format!("daily reset: {error}")),
            }
        }
        match self.run_jobs().await {
            Ok(ran) => {
                report.jobs = ran.finished;
                report.errors.extend(ran.errors);
            }
            Err(error) => report.errors.push(format!("jobs: {error}")),
        }
        if !budget::is_over()
            && self
                .cadence
                .resolved
                .is_due(self.wall(), SignedDuration::from_mins(5))
        {
            match self.resolve().await {
                Ok(resolved) => report.resolved = resolved,
                Err(error) => report.errors.push(format!("look-ups: {error}")),
            }
        }
        match budget::part(3, 4) {
            // People are told in the rest: an AWS that does not answer is no reason to be silent.
            Some(end) => budget::within(end, Box::pin(self.make_real(&mut report))).await,
            None => self.make_real(&mut report).await,
        }
        // Last: no server that takes mail holds up what is due, nor the next tick.
        let end = self.options.telling.map(|_| Instant::now() + TELLING);
        match self.send_due_until(end).await {
            Ok(mail) => report.mail = mail,
            Err(error) => report.errors.push(format!("messages: {error}")),
        }
        for error in &report.errors {
            tracing::warn!(error, "a tick did not do everything");
        }
        Ok(report)
    }

    /// Effects, comparisons, and whatever else asks AWS.
    async fn make_real(&self, report: &mut TickReport) {
        if let Err(error) = self.align_if_due().await {
            report.errors.push(format!("mode and scope: {error}"));
        }
        match self.dispatch(None).await {
            Ok(dispatch) => report.dispatch = dispatch,
            Err(error) => report.errors.push(format!("effects: {error}")),
        }
        match budget::until(budget::end(), self.reconcile_due()).await {
            Ok(Ok(found)) => {
                report.drift = found.drift.len() as u64;
                report.errors.extend(found.errors);
                report.dispatch.add(&found.dispatch);
            }
            Ok(Err(error)) => report.errors.push(format!("reconciliation: {error}")),
            Err(_) => report.errors.push(out_of_time("reconciliation")),
        }
        if let Err(error) = self.end_stopped_canary().await {
            report
                .errors
                .push(format!("a trial that was stopped: {error}"));
        }
        match budget::until(budget::end(), self.watch_coverage_if_due()).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => report.errors.push(format!("coverage: {error}")),
            Err(_) => report.errors.push(out_of_time("coverage")),
        }
    }

    /// Ends blocks and protections whose time is over (rules B5).
    pub(crate) async fn expire(&self) -> Result<u64, EngineError> {
        let mut expired = 0;
        let mut before = None;
        for _ in 0..ROUNDS {
            let (users, teams) = self.store.due(self.now(), EXPIRE).await?;
            // The same again: something keeps them due, and another round would not help.
            if users.is_empty() && teams.is_empty()
                || before.as_ref() == Some(&(users.clone(), teams.clone()))
            {
                break;
            }
            expired += (users.len() + teams.len()) as u64;
            self.settle(|rules| Batch {
                users: users.clone(),
                teams: teams.clone(),
                ..self.batch("expiry", rules)
            })
            .await?;
            before = Some((users, teams));
        }
        Ok(expired)
    }
}

fn out_of_time(what: &str) -> String {
    format!("{what}: the time was over; a later tick does it")
}

fn is_done(report: &ResetReport) -> bool {
    matches!(report.end, ResetEnd::Done | ResetEnd::Incomplete)
}
