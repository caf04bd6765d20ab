//! Intake: what AWS sent, counted once, in batches; effects right after.

use jiff::{SignedDuration, Timestamp};
use weir_core::access::TargetState;
use weir_core::ids::UserId;
use weir_core::intake::{Item, RefusalKind};
use weir_core::record::Record;
use weir_store::{Batch, DeadLetter, Settled};

use crate::decision::Shift;
use crate::intake::{Extra, Gathered, Input, Items};
use crate::report::{DispatchReport, IngestReport, Progress};
use crate::{Engine, EngineError};

impl Engine {
    /// Counts everything in `inputs`, one after the other, decides, and runs the effects that are
    /// due. Small inputs share a transaction, a large one takes several, so memory is bounded
    /// whatever their size. `progress` is called after every transaction.
    ///
    /// What was read before an error is counted; counting it again changes nothing.
    #[tracing::instrument(name = "intake", level = "debug", skip_all, fields(inputs = inputs.len()))]
    pub async fn ingest(
        &self,
        inputs: Vec<Input>,
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<IngestReport, EngineError> {
        let mut intake = self.intake(progress).await?;
        let mut result = Ok(());
        for input in inputs {
            result = intake.gather(input).await;
            if result.is_err() {
                break;
            }
        }
        // What was decided is made real even if a later input could not be read.
        let report = intake.end().await;
        result?;
        report
    }

    /// Begins to count inputs that are found one after the other.
    pub(crate) async fn intake<'a>(
        &'a self,
        progress: &'a (dyn Fn(Progress) + Send + Sync),
    ) -> Result<Intake<'a>, EngineError> {
        let rules = self.rules().await?;
        if self.learn_home_account(&rules).await? {
            self.reload_rules().await?;
        }
        Ok(Intake {
            engine: self,
            report: IngestReport::default(),
            dispatched: DispatchReport::default(),
            gathered: Gathered::default(),
            bytes: 0,
            progress,
        })
    }

    /// Keeps what nobody could read, and never will.
    pub(crate) async fn bury(&self, letter: DeadLetter) -> Result<(), EngineError> {
        self.settle(|rules| Batch {
            dead_letters: vec![letter.clone()],
            ..self.batch("dead-letter", rules)
        })
        .await
        .map(|_| ())
    }
}

/// Inputs being counted, one after the other. [`Intake::end`] belongs after the last, also after an
/// error: it makes real what was decided.
pub(crate) struct Intake<'a> {
    engine: &'a Engine,
    report: IngestReport,
    dispatched: DispatchReport,
    /// What was read and is not committed yet.
    gathered: Gathered,
    /// Bytes of the inputs before this one.
    bytes: u64,
    progress: &'a (dyn Fn(Progress) + Send + Sync),
}

impl Intake<'_> {
    /// Counts one input. When this returns, everything in it is committed; after an error, a part.
    pub(crate) async fn read(&mut self, input: Input) -> Result<(), EngineError> {
        let outcome = self.gather(input).await;
        self.commit().await?;
        outcome
    }

    /// Reads one input. What does not fill a transaction waits for the next input, or for
    /// [`Intake::commit`].
    pub(crate) async fn gather(&mut self, input: Input) -> Result<(), EngineError> {
        let source = input.source.clone();
        let most = self.engine.options.batch.clamp(1, 1_000);
        let mut items = Items::of(input);
        while let Some(piece) = items.next().await {
            for item in piece {
                self.add(item, &source);
                if self.gathered.records >= most || self.gathered.dead_letters.len() >= most {
                    self.settle(items.bytes()).await?;
                }
            }
        }
        let bytes = items.bytes();
        items.finish().await?;
        self.bytes += bytes;
        Ok(())
    }

    /// Commits everything that was read.
    pub(crate) async fn commit(&mut self) -> Result<(), EngineError> {
        if self.gathered.is_empty() {
            return Ok(());
        }
        self.settle(0).await
    }

    /// What was counted so far.
    pub(crate) fn so_far(&self) -> &IngestReport {
        &self.report
    }

    /// Commits everything that was read, and carries out effects that are due.
    pub(crate) async fn end(mut self) -> Result<IngestReport, EngineError> {
        let committed = self.commit().await;
        let (_, shift) = self.engine.drain_telling(self.dispatched).await?;
        committed?;
        self.report.blocked.extend(shift.losers());
        Ok(self.report)
    }

    fn add(&mut self, item: Item, source: &str) {
        let gathered = &mut self.gathered;
        match item {
            Item::Ignored(_) => self.report.ignored += 1,
            Item::Refused(refusal) => {
                self.report.dead_letters += 1;
                gathered.dead_letters.push(DeadLetter {
                    source: format!("{source}, {}", refusal.place),
                    reason: format!("{}: {}", refusal.kind.label(), refusal.reason),
                    shape: refusal.shape,
                });
            }
            Item::Record(record) => {
                self.report.records += 1;
                match self.engine.out_of_time(&record) {
                    Some((kind, why)) => {
                        self.report.dead_letters += 1;
                        gathered.dead_letters.push(DeadLetter {
                            source: source.to_owned(),
                            reason: format!("{}: request {}: {why}", kind.label(), record.request),
                            shape: shape(&record),
                        });
                    }
                    None => gathered.add(*record),
                }
            }
        }
    }

    /// Settles what was gathered, `bytes` into the input that is read.
    async fn settle(&mut self, bytes: u64) -> Result<(), EngineError> {
        let engine = self.engine;
        let gathered = std::mem::take(&mut self.gathered);
        let rules = engine.rules().await?;
        let met = gathered.met();
        let extra = if met.is_empty() {
            Extra::default()
        } else {
            gathered.extra(engine.store.evidence(&met).await?, &rules)
        };
        let (evidence, dead_letters) = gathered.into_parts();
        let (settled, shift) = engine.settle_looked_up(evidence, dead_letters).await?;
        self.tally(&settled, &shift, extra);
        let changed: Vec<_> = settled
            .plan
            .access
            .iter()
            .filter(|change| change.state == TargetState::Requested)
            .map(|change| change.member.target.clone())
            .collect();
        if !changed.is_empty() {
            self.dispatched.add(&engine.dispatch(Some(&changed)).await?);
        }
        let progress = Progress {
            bytes: self.bytes + bytes,
            records: self.report.records,
        };
        (self.progress)(progress);
        Ok(())
    }

    fn tally(&mut self, settled: &Settled, shift: &Shift, extra: Extra) {
        let report = &mut self.report;
        report.new += settled.new;
        report.completed += settled.completed + extra.completed;
        report.duplicates += settled.duplicates + extra.duplicates;
        report.failed_calls += settled.failed_calls;
        report.unpriced += settled.unpriced;
        report.blocked.extend(shift.losers());
        let told = settled.plan.warned.iter().filter(|warning| warning.told);
        report.warned.extend(
            told.filter_map(|warning| warning.key.subject.strip_prefix("user:"))
                .map(UserId::new),
        );
    }
}

impl Engine {
    /// Why a record must not be counted now, whatever it says (rules C7).
    pub(crate) fn out_of_time(&self, record: &Record) -> Option<(RefusalKind, String)> {
        let now = self.now();
        let (ahead, back) = (record.at.duration_since(now), now.duration_since(record.at));
        if ahead > self.options.future {
            let why = format!("the call is dated {} ahead of now", rough(ahead));
            return Some((RefusalKind::Future, why));
        }
        let too_old = back > self.options.retention.invocations;
        too_old.then(|| {
            (
                RefusalKind::TooOld,
                format!("the call is {} old", rough(back)),
            )
        })
    }
}

/// Whole days or minutes: enough for people.
fn rough(span: SignedDuration) -> String {
    match span.as_hours() / 24 {
        0 => format!("{} minutes", span.as_mins()),
        days => format!("{days} days"),
    }
}

/// What is kept of a record that is not counted: no prompt text ever got this far.
fn shape(record: &Record) -> String {
    let at: Timestamp = record.at;
    format!(
        "{} {} of request {} at {at}",
        record.source.as_str(),
        record.operation,
        record.request
    )
}
