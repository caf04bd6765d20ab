//! A backfill from a bucket: `weir ingest s3://bucket/prefix`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::Timestamp;
use weir_core::calendar::Zone;
use weir_core::intake::Options;

use super::backfill::{BackfillReport, BackfillStep, LATE, Watch};
use super::days::Days;
use super::logs::instant;
use super::object_name::{Skipped, skipped};
use crate::ingest::Intake;
use crate::intake::Input;
use crate::ports::{EffectErrorKind, Listed, ObjectKey, Objects};
use crate::{Engine, EngineError};

/// The place is remembered after so many objects: as many are read again after a crash, at most.
const REMEMBERED: u64 = 16;
/// How often a transfer that breaks off is begun anew, and after what pause.
const ATTEMPTS: u32 = 3;
const PAUSE: Duration = Duration::from_secs(1);

/// `s3://bucket/prefix`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectPlace {
    /// The bucket's name.
    pub bucket: String,
    /// What keys begin with; may be a whole key, or empty.
    pub prefix: String,
}

impl fmt::Display for ObjectPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.prefix)
    }
}

impl FromStr for ObjectPlace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let rest = text.strip_prefix("s3://").unwrap_or(text);
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let fits =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte);
        if !(3..=63).contains(&bucket.len()) || !bucket.bytes().all(fits) {
            return Err(format!(
                "`{text}` names no bucket: write s3://BUCKET/PREFIX"
            ));
        }
        Ok(Self {
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
        })
    }
}

impl Engine {
    /// Counts what objects below a place hold, by key. Days narrow objects down, not the records in
    /// them. Stopped half-way, the next call with the same place and days goes on, unless `anew`, and then
    /// reads what was written meanwhile under keys that it had passed.
    pub async fn backfill_objects(
        &self,
        objects: &dyn Objects,
        place: &ObjectPlace,
        days: &Days,
        (options, anew): (&Options, bool),
        watch: Watch<'_>,
    ) -> Result<BackfillReport, EngineError> {
        let source = format!("{place} {days}");
        let stopped = match self.begin_at(&source, anew).await? {
            Some(position) => Some(Stopped::read(&source, &position)?),
            None => None,
        };
        if let Some(Stopped { after, .. }) = &stopped {
            let from = after.clone();
            watch(BackfillStep::GoesOn { from });
        }
        let rules = self.rules().await?;
        let mut run = Run {
            engine: self,
            objects,
            place,
            days,
            options,
            zone: &rules.zone,
            source: &source,
            began: stopped.as_ref().map_or(self.wall(), |run| run.began),
            intake: self.intake(&|_| {}).await?,
            report: BackfillReport::default(),
            watch,
        };
        let outcome = run.all_and_newer(stopped).await;
        let Run {
            intake, mut report, ..
        } = run;
        // What was decided is made real, whatever became of the rest.
        let counted = intake.end().await;
        outcome?;
        report.counted = counted?;
        self.store.drop_cursor(&source).await?;
        Ok(report)
    }
}

/// An earlier run that did not come to its end.
struct Stopped {
    began: Timestamp,
    /// The last key that was read.
    after: String,
}

impl Stopped {
    /// From what is stored: the instant, a space, the key.
    fn read(source: &str, position: &str) -> Result<Self, EngineError> {
        let (began, after) = position.split_once(' ').unwrap_or((position, ""));
        Ok(Self {
            began: instant(source, began)?,
            after: after.to_owned(),
        })
    }
}

struct Run<'a> {
    engine: &'a Engine,
    objects: &'a dyn Objects,
    place: &'a ObjectPlace,
    days: &'a Days,
    options: &'a Options,
    zone: &'a Zone,
    source: &'a str,
    /// When the first run of this place and these days began.
    began: Timestamp,
    intake: Intake<'a>,
    report: BackfillReport,
    watch: Watch<'a>,
}

impl Run<'_> {
    async fn all_and_newer(&mut self, stopped: Option<Stopped>) -> Result<(), EngineError> {
        let after = stopped.map(|run| run.after);
        self.all(after.clone()).await?;
        match after {
            Some(passed) => self.newer(&passed).await,
            None => Ok(()),
        }
    }

    /// What was written since the first run began, up to a key that it had passed: keys begin with account
    /// and Region, so what is newer is not always behind.
    async fn newer(&mut self, passed: &str) -> Result<(), EngineError> {
        let ObjectPlace { bucket, prefix } = self.place;
        let since = self.began.saturating_sub(LATE).unwrap_or(self.began);
        let mut after: Option<String> = None;
        loop {
            let page = self.objects.list(bucket, prefix, after.as_deref()).await?;
            for object in &page.objects {
                if object.key.as_str() > passed {
                    return Ok(());
                }
                if object.modified >= since {
                    self.one(object).await?;
                }
            }
            after = page.objects.last().map(|object| object.key.clone());
            if !page.more || after.is_none() {
                return Ok(());
            }
        }
    }

    async fn all(&mut self, mut after: Option<String>) -> Result<(), EngineError> {
        let ObjectPlace { bucket, prefix } = self.place;
        let mut is_empty = after.is_none();
        loop {
            let page = self.objects.list(bucket, prefix, after.as_deref()).await?;
            for object in &page.objects {
                is_empty = false;
                let read = self.report.parts;
                if let Err(error) = self.one(object).await {
                    // The error is what matters; without the place, more is read again.
                    if let Some(done) = &after {
                        let _ = self.come_to(done).await;
                    }
                    return Err(error);
                }
                after = Some(object.key.clone());
                if self.report.parts > read && self.report.parts.is_multiple_of(REMEMBERED) {
                    self.come_to(&object.key).await?;
                }
            }
            if let Some(done) = &after {
                self.come_to(done).await?;
            }
            if !page.more || page.objects.is_empty() {
                break;
            }
        }
        if is_empty {
            return Err(EngineError::Refused(format!(
                "there is no object under {}",
                self.place
            )));
        }
        Ok(())
    }

    /// Remembers where to go on: after `key`, up to which everything is committed.
    async fn come_to(&mut self, key: &str) -> Result<(), EngineError> {
        self.intake.commit().await?;
        let position = format!("{} {key}", self.began);
        self.engine.come_to(self.source, &position).await
    }

    async fn one(&mut self, listed: &Listed) -> Result<(), EngineError> {
        let why = skipped(listed, self.days, self.zone);
        let why = match why {
            Some(why) => Some(why),
            None => self.read(listed).await?,
        };
        if let Some(why) = why {
            *self.report.skipped.entry(why).or_default() += 1;
            return Ok(());
        }
        self.report.parts += 1;
        self.report.bytes += listed.bytes;
        (self.watch)(BackfillStep::Done {
            parts: self.report.parts,
            bytes: self.report.bytes,
            records: self.intake.so_far().records,
            at: listed.key.clone(),
        });
        Ok(())
    }

    /// Counts what an object holds; begins anew if the transfer breaks off, which changes nothing.
    async fn read(&mut self, listed: &Listed) -> Result<Option<Skipped>, EngineError> {
        let object = ObjectKey {
            bucket: self.place.bucket.clone(),
            key: listed.key.clone(),
            region: None,
        };
        let mut attempt = 1;
        loop {
            let reader = match self.objects.open(&object).await {
                Ok(reader) => reader,
                Err(error) if error.kind == EffectErrorKind::Gone => {
                    return Ok(Some(Skipped::Gone));
                }
                Err(error) => return Err(error.into()),
            };
            let input = Input {
                source: object.to_string(),
                reader,
                options: self.options.clone(),
            };
            match self.intake.gather(input).await {
                Err(EngineError::Input { .. }) if attempt < ATTEMPTS => {
                    tokio::time::sleep(PAUSE * attempt).await;
                    attempt += 1;
                }
                outcome => return outcome.map(|()| None),
            }
        }
    }
}
