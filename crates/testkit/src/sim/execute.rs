//! Operations, carried out on the engine and told to the model.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::SignedDuration;
use weir_engine::{Engine, EngineError};

use super::cast::Who;
use super::check::is_known;
use super::op::{Nth, Op, People, Rec};
use super::world::{Broken, World, unexpected};

impl World {
    /// One operation, and the checks that hold after every one.
    pub(crate) async fn execute(&mut self, op: &Op) -> Result<(), Broken> {
        self.pause();
        match op {
            Op::Deliver(records) => {
                self.batches.push(records.clone());
                self.deliver(records).await?;
            }
            Op::Replay(nth) => {
                let known = self.batches.len().checked_sub(1 + nth);
                if let Some(records) = known.map(|at| self.batches[at].clone()) {
                    self.deliver(&records).await?;
                }
            }
            Op::Advance(minutes) => self.clock.advance(SignedDuration::from_mins(*minutes)),
            Op::JumpBefore(moment) => self.clock.advance_to(self.before(*moment)),
            Op::Tick(nth) => self.tick(*nth).await?,
            Op::TickTogether(head_start) => Box::pin(self.tick_together(*head_start)).await?,
            Op::CrashAt(steps) => {
                self.troubled = true;
                self.gate.arm(*steps);
                return Ok(());
            }
            Op::Fault(fault) => {
                self.troubled = true;
                self.cloud.plan(*fault);
                return Ok(());
            }
            Op::Land => self.drifted |= self.cloud.land(),
            Op::DriftMissing(who) | Op::DriftLeft(who) => self.drift(*who, op),
            Op::TheirStatement => {
                if self.setup.people == People::Scp {
                    self.troubled |= self.cloud.write_theirs();
                }
            }
            Op::MakeAgain(who) => {
                if self.model.make_again(*who, self.now()) {
                    self.drifted |= self.cloud.make_again(*who);
                }
            }
            Op::Restart(nth) => self.restart(*nth),
            Op::Retain => self.retain().await?,
            Op::Rest => self.rest().await?,
            _ => self.administer(op).await?,
        }
        self.check_step().await
    }

    /// AWS delivers until the batch was counted: a reader that dies is asked again.
    async fn deliver(&mut self, records: &[Rec]) -> Result<(), Broken> {
        let mut calls: Vec<u32> = records.iter().map(|record| record.call.id).collect();
        calls.sort_unstable();
        calls.dedup();
        self.witness.observe(&self.spy.take_commits())?;
        let at = self.now();
        loop {
            // What a record says does not depend on when it is delivered again.
            self.model.fix(records, at);
            let input = self.input(records);
            let ingested = self
                .try_with(async |engine| engine.ingest(vec![input], &|_| ()).await)
                .await;
            let commits = self.spy.take_commits();
            self.witness.observe(&commits)?;
            let counted: usize = commits.iter().map(|commit| commit.invocations).sum();
            match ingested {
                Some(report) => {
                    let report = report.map_err(|error| unexpected("ingest", &error))?;
                    if report.records != records.len() as u64 {
                        return Err(format!(
                            "{} records were read of {records:?}",
                            report.records
                        ));
                    }
                    break;
                }
                None if counted >= calls.len() && self.setup.batch > records.len() => break,
                None => {}
            }
        }
        self.model.deliver(records, at);
        Ok(())
    }

    /// What is older than its term is gone, unless whoever removes it dies half-way.
    async fn retain(&mut self) -> Result<(), Broken> {
        let kept = async |engine: Arc<Engine>| engine.apply_retention().await;
        match self.try_with(kept).await {
            Some(removed) => {
                removed.map_err(|error| unexpected("retention", &error))?;
                self.check_nothing_old().await
            }
            None => Ok(()),
        }
    }

    async fn tick(&mut self, nth: Nth) -> Result<(), Broken> {
        if nth == Nth::Second {
            let engine = self.engine(nth);
            let done = tokio::select! {
                biased;
                done = engine.tick() => Some(done),
                () = self.gate.crash() => None,
            };
            self.gate.disarm();
            if done.is_none() {
                self.restart(nth);
            }
            return self.judge(done);
        }
        let done = self.try_with(async |engine| engine.tick().await).await;
        self.judge(done)
    }

    /// Both at the same time. Every call outside takes turns, so the same story is the same again.
    async fn tick_together(&mut self, head_start: u32) -> Result<(), Broken> {
        let (first, second) = (self.engine(Nth::First), self.engine(Nth::Second));
        let gate = Arc::clone(&self.gate);
        let started = gate.steps();
        let through = AtomicBool::new(false);
        let both = async {
            let one = async {
                let report = first.tick().await;
                through.store(true, Ordering::SeqCst);
                report
            };
            let other = async {
                while gate.steps() < started + u64::from(head_start)
                    && !through.load(Ordering::SeqCst)
                {
                    tokio::task::yield_now().await;
                }
                second.tick().await
            };
            tokio::join!(one, other)
        };
        let done = tokio::select! {
            biased;
            done = both => Some(done),
            () = self.gate.crash() => None,
        };
        self.gate.disarm();
        let Some((one, other)) = done else {
            self.restart(Nth::First);
            self.restart(Nth::Second);
            return Ok(());
        };
        self.judge(Some(one))?;
        self.judge(Some(other))
    }

    /// A tick may only fail where something was made to go wrong.
    fn judge(
        &self,
        done: Option<Result<weir_engine::TickReport, EngineError>>,
    ) -> Result<(), Broken> {
        match done {
            Some(Err(error)) => Err(unexpected("tick", &error)),
            Some(Ok(report)) if !self.troubled && report.errors.iter().any(|e| !is_known(e)) => {
                Err(format!("tick: {:?}", report.errors))
            }
            _ => Ok(()),
        }
    }

    /// Somebody changes what is ours in AWS.
    fn drift(&mut self, who: Who, op: &Op) {
        self.drifted |= match op {
            Op::DriftMissing(_) => self.cloud.remove(who),
            _ => self.cloud.leave(who),
        };
    }
}
