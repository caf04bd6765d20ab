//! A range of local days.

use std::fmt;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use weir_core::calendar::Zone;

/// Local days from the first to the last, both included; either may be open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Days {
    /// The first day.
    pub from: Option<Date>,
    /// The last day.
    pub to: Option<Date>,
}

impl Days {
    /// The first instant of the range.
    pub(super) fn start(&self, zone: &Zone) -> Option<Timestamp> {
        let from = self.from?;
        Some(zone.first_instant(from.to_datetime(jiff::civil::Time::midnight())))
    }

    /// The first instant after it.
    pub(super) fn end(&self, zone: &Zone) -> Option<Timestamp> {
        let after = self.to?.tomorrow().ok()?;
        Some(zone.first_instant(after.to_datetime(jiff::civil::Time::midnight())))
    }

    /// Whether something that is filed under a UTC date may hold calls of the range. A day of slack
    /// on both sides: local days begin at other times, and records are filed after the call.
    pub(super) fn may_hold(&self, date: Date) -> bool {
        let before = |from: Date| from.yesterday().is_ok_and(|slack| date < slack);
        let after = |to: Date| to.tomorrow().is_ok_and(|slack| date > slack);
        !self.from.is_some_and(before) && !self.to.is_some_and(after)
    }

    /// The same by the instant at which it was written.
    pub(super) fn may_hold_written(&self, at: Timestamp, zone: &Zone) -> bool {
        let slack = SignedDuration::from_hours(24);
        let before = self.start(zone).is_some_and(|start| at < start);
        let after = self
            .end(zone)
            .and_then(|end| end.checked_add(slack).ok())
            .is_some_and(|end| at >= end);
        !before && !after
    }
}

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(from) = self.from {
            write!(f, "{from}")?;
        }
        f.write_str("..")?;
        if let Some(to) = self.to {
            write!(f, "{to}")?;
        }
        Ok(())
    }
}
