//! What is due: ends of blocks and protections, jobs, effects, comparisons. Any number of
//! processes may tick at once.

use jiff::SignedDuration;
use weir_store::Batch;

use crate::report::TickReport;
use crate::reset::{ResetEnd, ResetReport};
use crate::{Engine, EngineError};

/// Users and teams expired in one transaction.
const EXPIRE: u32 = 200;
/// How often it is asked whether a local day has begun.
const RESET: SignedDuration = SignedDuration::from_secs(30);
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
        if self
            .cadence
            .resolved
            .is_due(self.wall(), SignedDuration::from_mins(5))
        {
            match self.resolve().await {
                Ok(resolved) => report.resolved = resolved,
                Err(error) => report.errors.push(format!("look-ups: {error}")),
            }
        }
        if let Err(error) = self.align_if_due().await {
            report.errors.push(format!("mode and scope: {error}"));
        }
        match self.dispatch(None).await {
            Ok(dispatch) => report.dispatch = dispatch,
            Err(error) => report.errors.push(format!("effects: {error}")),
        }
        match self.reconcile_due().await {
            Ok(found) => {
                report.drift = found.drift.len() as u64;
                report.errors.extend(found.errors);
                report.dispatch.add(&found.dispatch);
            }
            Err(error) => report.errors.push(format!("reconciliation: {error}")),
        }
        if let Err(error) = self.end_stopped_canary().await {
            report
                .errors
                .push(format!("a trial that was stopped: {error}"));
        }
        if let Err(error) = self.watch_coverage_if_due().await {
            report.errors.push(format!("coverage: {error}"));
        }
        // Last: no server that takes mail holds up what is due.
        match self.send_due().await {
            Ok(mail) => report.mail = mail,
            Err(error) => report.errors.push(format!("messages: {error}")),
        }
        for error in &report.errors {
            tracing::warn!(error, "a tick did not do everything");
        }
        Ok(report)
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

fn is_done(report: &ResetReport) -> bool {
    report.end == ResetEnd::Done
}
