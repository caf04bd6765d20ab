//! Evaluations that were put off: one user, or many in chunks that can be resumed (rules Q1).

use jiff::{SignedDuration, Timestamp};
use weir_core::ids::{TeamId, UserId};
use weir_core::outbox::Job;
use weir_store::{Batch, ClaimedJob, Lease};

use crate::decision::Shift;
use crate::{Engine, EngineError};

/// Users of one transaction.
pub(crate) const CHUNK: u32 = 200;
/// Jobs claimed in one go.
const CLAIM: u32 = 50;
/// A job that fails is tried again after that long, times the attempts.
const PAUSE: SignedDuration = SignedDuration::from_secs(10);
const LONGEST: SignedDuration = SignedDuration::from_mins(10);

/// What became of the jobs that were due.
#[derive(Default)]
pub(crate) struct Ran {
    pub(crate) finished: u64,
    pub(crate) errors: Vec<String>,
    pub(crate) shift: Shift,
}

impl Engine {
    /// Runs jobs of the outbox until none is due. One job's failure does not stop the others.
    pub(crate) async fn run_jobs(&self) -> Result<Ran, EngineError> {
        let mut ran = Ran::default();
        loop {
            let now = self.now();
            let lease = self.lease(now);
            let claimed = self.store.claim_jobs(now, &lease, CLAIM).await?;
            if claimed.is_empty() {
                return Ok(ran);
            }
            for job in claimed {
                match self.run_job(&job, &lease).await {
                    Ok((done, shift)) => {
                        ran.finished += u64::from(done);
                        ran.shift.extend(shift);
                    }
                    Err(error) => {
                        let text = error.to_string();
                        tracing::warn!(job = job.id, error = text, "a job failed");
                        let pause =
                            PAUSE.saturating_mul(i32::try_from(job.attempts).unwrap_or(60) + 1);
                        let at = now
                            .saturating_add(pause.min(LONGEST))
                            .unwrap_or(Timestamp::MAX);
                        self.store.retry_job(&job.id, &lease, at, &text).await?;
                        ran.errors.push(format!("{}: {text}", job.id));
                    }
                }
            }
        }
    }

    /// Does a job, or its next chunk. Returns whether it is finished.
    async fn run_job(
        &self,
        claimed: &ClaimedJob,
        lease: &Lease,
    ) -> Result<(bool, Shift), EngineError> {
        let id = &claimed.id;
        let (team, after) = match &claimed.job {
            Job::Evaluate(user) => {
                let done = vec![id.clone()];
                return Ok((
                    true,
                    self.evaluate(vec![user.clone()], Vec::new(), done).await?,
                ));
            }
            Job::EvaluateTeam { team, after } => (Some(team), after.as_ref()),
            Job::EvaluateAll { after } => (None, after.as_ref()),
        };
        let chunk = self.store.users(team, after, CHUNK).await?;
        let users: Vec<UserId> = chunk.into_iter().map(|row| row.user).collect();
        let teams = team
            .filter(|_| after.is_none())
            .cloned()
            .into_iter()
            .collect();
        let more = users.len() >= CHUNK as usize;
        let last = users.last().cloned();
        let done = if more { Vec::new() } else { vec![id.clone()] };
        let shift = self.evaluate(users, teams, done).await?;
        if let Some(last) = last.filter(|_| more) {
            self.store.continue_job(id, lease, &last).await?;
        }
        Ok((!more, shift))
    }

    /// Evaluates these users and teams in one transaction.
    pub(crate) async fn evaluate(
        &self,
        users: Vec<UserId>,
        teams: Vec<TeamId>,
        done: Vec<String>,
    ) -> Result<Shift, EngineError> {
        let (_, shift) = self
            .settle(|rules| Batch {
                users: users.clone(),
                teams: teams.clone(),
                done: done.clone(),
                ..self.batch("evaluate", rules)
            })
            .await?;
        Ok(shift)
    }
}
