//! A backfill from CloudTrail's event history, which every account has for 90 days without a trail:
//! `weir ingest cloudtrail`.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::{Instant, sleep_until};
use weir_core::intake::Options;

use super::backfill::{BackfillReport, BackfillStep, LATE, Watch};
use super::days::Days;
use super::logs::instant;
use crate::ingest::Intake;
use crate::intake::Input;
use crate::ports::{FoundEvent, History, Page};
use crate::{Engine, EngineError};

/// What CloudTrail remembers; asking for more is an error.
const REACH: SignedDuration = SignedDuration::from_hours(90 * 24 - 1);
/// Two requests a second per account and Region (aws.md, 1.7).
const PACE: Duration = Duration::from_millis(500);
const PER_SECOND: u64 = 2;
/// How far a Region was read, of which others are left: `done`, where nothing older is.
const DONE: &str = "done";

impl Engine {
    /// Counts Bedrock's events of some days, in each of the Regions (none named: our own), newest
    /// first. Stopped half-way, the next call with the same days goes on, unless `anew`, and reads what
    /// came since, too.
    pub async fn backfill_history(
        &self,
        history: &dyn History,
        regions: &[String],
        days: &Days,
        (options, anew): (&Options, bool),
        watch: Watch<'_>,
    ) -> Result<BackfillReport, EngineError> {
        let rules = self.rules().await?;
        let now = self.wall();
        let reach = now - REACH;
        let from = days.start(&rules.zone).map_or(reach, |at| at.max(reach));
        let to = days.end(&rules.zone).map_or(now, |at| at.min(now));
        let own = [history.home_region()];
        let regions = if regions.is_empty() { &own } else { regions };
        let mut run = Run {
            engine: self,
            history,
            options,
            from,
            intake: self.intake(&|_| {}).await?,
            report: BackfillReport::default(),
            watch,
        };
        let outcome = run.all(regions, (to, days, anew)).await;
        let Run {
            intake, mut report, ..
        } = run;
        let counted = intake.end().await;
        outcome?;
        report.counted = counted?;
        for region in regions {
            let source = source(history, region, days);
            self.store.drop_cursor(&source).await?;
        }
        Ok(report)
    }
}

/// Each account has a history, and a place up to which it was read.
fn source(history: &dyn History, region: &str, days: &Days) -> String {
    match history.account() {
        Some(account) => format!("cloudtrail {account} {region} {days}"),
        None => format!("cloudtrail {region} {days}"),
    }
}

struct Run<'a> {
    engine: &'a Engine,
    history: &'a dyn History,
    options: &'a Options,
    from: Timestamp,
    intake: Intake<'a>,
    report: BackfillReport,
    watch: Watch<'a>,
}

impl Run<'_> {
    async fn all(
        &mut self,
        regions: &[String],
        (to, days, anew): (Timestamp, &Days, bool),
    ) -> Result<(), EngineError> {
        for region in regions {
            let source = source(self.history, region, days);
            let Some(position) = self.engine.begin_at(&source, anew).await? else {
                self.older(region, to, to, &source).await?;
                continue;
            };
            let (read_from, read_to) = position.split_once(' ').unwrap_or((&position, ""));
            let read_to = instant(&source, read_to)?;
            if read_from != DONE {
                let from = read_from.to_owned();
                (self.watch)(BackfillStep::GoesOn { from });
                // Others of that second may not have been read.
                let read_from = instant(&source, read_from)?;
                self.older(region, read_from, read_to, &source).await?;
            }
            // What came since is read whole or again: it is little beside the rest.
            let from = self
                .from
                .max(read_to.saturating_sub(LATE).unwrap_or(read_to));
            self.region(region, (from, to), None).await?;
            self.engine
                .come_to(&source, &format!("{DONE} {to}"))
                .await?;
        }
        Ok(())
    }

    /// What is from `to` on backwards, of a Region that is read from there to `top`.
    async fn older(
        &mut self,
        region: &str,
        to: Timestamp,
        top: Timestamp,
        source: &str,
    ) -> Result<(), EngineError> {
        let place = Some((source, top));
        self.region(region, (self.from, to), place).await?;
        let done = format!("{DONE} {top}");
        self.engine.come_to(source, &done).await
    }

    /// A stretch of time, newest first; `place` is under what name it is remembered how far, and where
    /// reading began.
    async fn region(
        &mut self,
        region: &str,
        (from, to): (Timestamp, Timestamp),
        place: Option<(&str, Timestamp)>,
    ) -> Result<(), EngineError> {
        if from >= to {
            return Ok(());
        }
        let mut next = None;
        let mut is_first = true;
        loop {
            let not_before = Instant::now() + PACE;
            let page = self
                .history
                .events(region, from, to, next.as_deref())
                .await?;
            if std::mem::take(&mut is_first) {
                self.foresee(&page, from);
            }
            self.count(region, &page.items).await?;
            if let Some(oldest) = page.items.iter().map(|event| event.at).min() {
                if let Some((source, top)) = place {
                    let position = format!("{oldest} {top}");
                    self.engine.come_to(source, &position).await?;
                }
                (self.watch)(BackfillStep::Done {
                    parts: self.report.parts,
                    bytes: self.report.bytes,
                    records: self.intake.so_far().records,
                    at: format!("{region} {oldest}"),
                });
            }
            match page.next {
                Some(token) => next = Some(token),
                None => return Ok(()),
            }
            sleep_until(not_before).await;
        }
    }

    /// Says how long it will take, if the rest is like the first page.
    fn foresee(&self, first: &Page<FoundEvent>, from: Timestamp) {
        let times = || first.items.iter().map(|event| event.at);
        let (Some(oldest), Some(newest)) = (times().min(), times().max()) else {
            return;
        };
        if first.next.is_none() {
            return;
        }
        let whole = newest.duration_since(from).as_secs().max(1);
        let page = newest.duration_since(oldest).as_secs().max(1);
        let requests = u64::try_from(whole / page + 1).unwrap_or(1);
        (self.watch)(BackfillStep::Takes {
            requests,
            seconds: requests.div_ceil(PER_SECOND),
        });
    }

    async fn count(&mut self, region: &str, events: &[FoundEvent]) -> Result<(), EngineError> {
        let lines: Vec<_> = events.iter().map(|event| event.record.as_str()).collect();
        let text = lines.join("\n");
        self.report.parts += 1;
        self.report.bytes += text.len() as u64;
        if events.is_empty() {
            return Ok(());
        }
        let input = Input {
            source: format!("event history of {region}"),
            reader: Box::new(std::io::Cursor::new(text.into_bytes())),
            options: self.options.clone(),
        };
        self.intake.read(input).await
    }
}
