//! What all backfills share: what they tell, and how they go on where they were.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::Serialize;
use weir_store::Cursor;

use super::object_name::Skipped;
use crate::ports::EffectError;
use crate::{Engine, EngineError, IngestReport};

/// What a backfill did. Serialises as the answer of `weir ingest … --json`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BackfillReport {
    /// What was counted.
    #[serde(flatten)]
    pub counted: IngestReport,
    /// Objects, or pages of an answer, that were read.
    pub parts: u64,
    /// Bytes of them, as stored.
    pub bytes: u64,
    /// Objects that were not read, by reason.
    pub skipped: BTreeMap<Skipped, u64>,
}

impl BackfillReport {
    /// Adds what another backfill did.
    pub fn add(&mut self, other: Self) {
        let Self {
            counted,
            parts,
            bytes,
            skipped,
        } = other;
        self.counted.add(counted);
        self.parts += parts;
        self.bytes += bytes;
        for (why, number) in skipped {
            *self.skipped.entry(why).or_default() += number;
        }
    }
}

/// What a backfill tells while it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BackfillStep {
    /// An earlier run was stopped here; this one goes on.
    GoesOn {
        /// The last object, or the instant.
        from: String,
    },
    /// How long it will take, by the first page.
    Takes {
        /// About so many requests.
        requests: u64,
        /// About so many seconds.
        seconds: u64,
    },
    /// Another part is committed.
    Done {
        /// Objects or pages.
        parts: u64,
        /// Bytes of them.
        bytes: u64,
        /// Records counted.
        records: u64,
        /// The object, or the instant.
        at: String,
    },
}

/// Who is told.
pub type Watch<'a> = &'a (dyn Fn(BackfillStep) + Send + Sync);

/// Before an earlier run began, for so long what it read may not have been all: records come late, and
/// clocks differ.
pub(super) const LATE: SignedDuration = SignedDuration::from_mins(15);

/// The longest name of a source, in bytes: what the database keeps.
const LONGEST: usize = 700;

impl Engine {
    /// Where an earlier run of a backfill was stopped, if one was. `source` names what is read and
    /// its range; `anew` forgets.
    pub(super) async fn begin_at(
        &self,
        source: &str,
        anew: bool,
    ) -> Result<Option<String>, EngineError> {
        if source.len() > LONGEST {
            return Err(EngineError::Refused(format!(
                "the name `{source}` is longer than {LONGEST} bytes: read a shorter prefix"
            )));
        }
        if anew {
            self.store.drop_cursor(source).await?;
            return Ok(None);
        }
        let cursor = self.store.cursor(source).await?;
        Ok(cursor.map(|cursor| cursor.position))
    }

    /// Remembers how far a source was read; everything up to there is committed.
    pub(super) async fn come_to(&self, source: &str, position: &str) -> Result<(), EngineError> {
        let cursor = Cursor {
            position: position.to_owned(),
            at: self.wall(),
        };
        Ok(self.store.set_cursor(source, &cursor).await?)
    }
}

/// An answer that makes no sense, of a service that is asked for `what`.
pub(super) fn senseless(what: impl Into<String>, why: &str) -> EngineError {
    EngineError::Effect(EffectError::new(
        crate::ports::EffectErrorKind::Refused,
        what,
        why,
    ))
}
