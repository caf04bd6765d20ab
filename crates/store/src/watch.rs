//! What watches over the work of several processes.

use jiff::{SignedDuration, Timestamp};

/// What one server does for all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duty {
    /// Reading what AWS counted.
    Coverage,
    /// Putting figures where others read them.
    Metrics,
}

impl Duty {
    /// Its name in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Coverage => "coverage",
            Self::Metrics => "metrics",
        }
    }
}

/// How a duty ended last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DutyRow {
    /// When; `None` is never.
    pub done_at: Option<Timestamp>,
    /// What went wrong then without stopping the rest.
    pub problems: Vec<String>,
}

/// What comes in and what waits to go out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pulse {
    /// When each of the newest invocations was called and when its first record came, newest first.
    pub arrivals: Vec<(Timestamp, Timestamp)>,
    /// When something last came that could not be read.
    pub last_dead_letter: Option<Timestamp>,
    /// How often something came that could not be read, of what is kept.
    pub dead_letters: u64,
    /// Jobs that are due, and letters that have not gone out.
    pub outbox_due: u64,
    /// When the oldest of them became due, or was written.
    pub outbox_oldest: Option<Timestamp>,
    /// How many of them were tried in vain.
    pub outbox_failing: u64,
    /// Calls that went through a verified Deny, since the instant that was asked for.
    pub leaks: u64,
}

impl Pulse {
    /// How long after the call its first record comes: the median, which a backfill of a few does not
    /// move.
    pub fn lag(&self) -> Option<SignedDuration> {
        let mut lags: Vec<_> = self
            .arrivals
            .iter()
            .map(|(called, came)| came.duration_since(*called).max(SignedDuration::ZERO))
            .collect();
        lags.sort_unstable();
        lags.get(lags.len() / 2).copied()
    }

    /// When the last record of any kind came.
    pub fn last(&self) -> Option<Timestamp> {
        let newest = self.arrivals.first().map(|(_, came)| *came);
        newest.max(self.last_dead_letter)
    }
}
