//! Log groups: followed by cursor, or read back for a range of days.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use weir_core::intake::Options;

use super::backfill::{BackfillReport, BackfillStep, Watch, senseless};
use super::days::Days;
use crate::ingest::Intake;
use crate::intake::Input;
use crate::ports::{LogEvent, LogGroup, LogGroups};
use crate::{Engine, EngineError, IngestReport};

/// Events may become visible so much after their own time: the last stretch is read again.
const OVERLAP: SignedDuration = SignedDuration::from_mins(10);
/// Where a group that was never read begins.
const FIRST: SignedDuration = SignedDuration::from_hours(1);
/// Read in one go; the place is remembered after each.
const WINDOW: SignedDuration = SignedDuration::from_hours(1);

/// Reads on in a log group, step by step. What it remembers besides the cursor only spares work.
#[derive(Debug)]
pub struct Follower {
    group: LogGroup,
    /// Events of the overlap that are counted already.
    counted: HashMap<String, Timestamp>,
}

impl Follower {
    /// Follows a group, from where any process came to.
    pub fn new(group: LogGroup) -> Self {
        Self {
            group,
            counted: HashMap::new(),
        }
    }

    /// The group.
    pub fn group(&self) -> &LogGroup {
        &self.group
    }

    /// Counts what is new. The cursor moves after what it passes is committed.
    #[tracing::instrument(name = "intake", level = "debug", skip_all)]
    pub async fn step(
        &mut self,
        engine: &Engine,
        groups: &dyn LogGroups,
        options: &Options,
    ) -> Result<IngestReport, EngineError> {
        let source = format!("logs {}", self.group.as_str());
        let now = engine.wall();
        let from = match engine.store.cursor(&source).await? {
            Some(cursor) => instant(&source, &cursor.position)? - OVERLAP,
            None => now - FIRST,
        };
        self.counted.retain(|_, at| *at >= from);
        let mut reading = Reading {
            groups,
            group: &self.group,
            options,
            intake: engine.intake(&|_| {}).await?,
            pages: 0,
            bytes: 0,
        };
        let outcome = async {
            for (from, to) in windows(from, now) {
                reading.window(from, to, &mut self.counted).await?;
                engine.come_to(&source, &to.to_string()).await?;
            }
            Ok::<(), EngineError>(())
        }
        .await;
        let report = reading.intake.end().await;
        outcome?;
        report
    }
}

impl Engine {
    /// Counts what a log group holds of some days; the first has to be named. Stopped half-way, the
    /// next call with the same days goes on, unless `anew`.
    pub async fn backfill_logs(
        &self,
        groups: &dyn LogGroups,
        group: &LogGroup,
        days: &Days,
        (options, anew): (&Options, bool),
        watch: Watch<'_>,
    ) -> Result<BackfillReport, EngineError> {
        let rules = self.rules().await?;
        let now = self.wall();
        let start = days.start(&rules.zone).ok_or_else(|| {
            EngineError::Refused("which days? name at least the first".to_owned())
        })?;
        let end = days.end(&rules.zone).map_or(now, |end| end.min(now));
        let source = format!("logs {} {days}", group.as_str());
        let start = match self.begin_at(&source, anew).await? {
            Some(position) => {
                let at = instant(&source, &position)?;
                watch(BackfillStep::GoesOn { from: position });
                at
            }
            None => start,
        };
        let mut reading = Reading {
            groups,
            group,
            options,
            intake: self.intake(&|_| {}).await?,
            pages: 0,
            bytes: 0,
        };
        let outcome = async {
            for (from, to) in windows(start, end) {
                reading.window(from, to, &mut HashMap::new()).await?;
                self.come_to(&source, &to.to_string()).await?;
                watch(BackfillStep::Done {
                    parts: reading.pages,
                    bytes: reading.bytes,
                    records: reading.intake.so_far().records,
                    at: rules.zone.display(to),
                });
            }
            Ok::<(), EngineError>(())
        }
        .await;
        let (parts, bytes) = (reading.pages, reading.bytes);
        let counted = reading.intake.end().await;
        outcome?;
        self.store.drop_cursor(&source).await?;
        Ok(BackfillReport {
            counted: counted?,
            parts,
            bytes,
            ..BackfillReport::default()
        })
    }
}

struct Reading<'a> {
    groups: &'a dyn LogGroups,
    group: &'a LogGroup,
    options: &'a Options,
    intake: Intake<'a>,
    pages: u64,
    bytes: u64,
}

impl Reading<'_> {
    /// Counts the events of a window that are not in `counted`, and puts them there.
    async fn window(
        &mut self,
        from: Timestamp,
        to: Timestamp,
        counted: &mut HashMap<String, Timestamp>,
    ) -> Result<(), EngineError> {
        let mut next = None;
        loop {
            let page = self
                .groups
                .events(self.group, from, to, next.as_deref())
                .await?;
            self.pages += 1;
            let new: Vec<_> = page
                .items
                .into_iter()
                .filter(|event| !counted.contains_key(&event.id))
                .collect();
            if !new.is_empty() {
                let input = self.input(&new);
                self.intake.read(input).await?;
                counted.extend(new.into_iter().map(|event| (event.id, event.at)));
            }
            match page.next {
                Some(token) => next = Some(token),
                None => return Ok(()),
            }
        }
    }

    /// In the form in which a subscription delivers them, so that dead letters name the event.
    fn input(&mut self, events: &[LogEvent]) -> Input {
        let events: Vec<_> = events
            .iter()
            .map(|event| {
                let LogEvent { id, at, message } = event;
                json!({ "id": id, "timestamp": at.as_millisecond(), "message": message })
            })
            .collect();
        let group = self.group.as_str();
        let text = json!({ "messageType": "DATA_MESSAGE", "logGroup": group, "logEvents": events });
        let bytes = text.to_string().into_bytes();
        self.bytes += bytes.len() as u64;
        Input {
            source: format!("log group {group}"),
            reader: Box::new(std::io::Cursor::new(bytes)),
            options: self.options.clone(),
        }
    }
}

/// Cuts a stretch of time into windows.
fn windows(start: Timestamp, end: Timestamp) -> impl Iterator<Item = (Timestamp, Timestamp)> {
    let mut from = start;
    std::iter::from_fn(move || {
        if from >= end {
            return None;
        }
        let to = from.saturating_add(WINDOW).map_or(end, |to| to.min(end));
        let window = (from, to);
        from = to;
        Some(window)
    })
}

pub(super) fn instant(source: &str, position: &str) -> Result<Timestamp, EngineError> {
    position.parse().map_err(|_| {
        senseless(
            source,
            "what is stored of it is not an instant; read it anew",
        )
    })
}
