//! Windows, by walking along the clock on the wall in Madrid.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use weir_core::calendar::WindowKind;

/// The business zone.
#[derive(Clone, Debug)]
pub(crate) struct Clock(TimeZone);

/// A window, by what the wall clock shows in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Win {
    pub(crate) kind: WindowKind,
    year: i16,
    month: i8,
    /// 0 in a month.
    day: i8,
    /// -1 in days and months.
    hour: i8,
}

impl Clock {
    #[expect(clippy::expect_used, reason = "the zone is linked into the binary")]
    pub(crate) fn madrid() -> Self {
        Self(TimeZone::get("Europe/Madrid").expect("the bundled database knows Madrid"))
    }

    /// The local date of an instant.
    pub(crate) fn day(&self, at: Timestamp) -> Date {
        self.0.to_datetime(at).date()
    }

    /// The window of that kind which contains the instant.
    pub(crate) fn window(&self, kind: WindowKind, at: Timestamp) -> Win {
        let local = self.0.to_datetime(at);
        let (year, month) = (local.year(), local.month());
        let (day, hour) = match kind {
            WindowKind::Hour => (local.day(), local.hour()),
            WindowKind::Day => (local.day(), -1),
            WindowKind::Month => (0, -1),
        };
        Win {
            kind,
            year,
            month,
            day,
            hour,
        }
    }

    /// The local date.
    pub(crate) fn date(&self, at: Timestamp) -> Date {
        self.0.to_datetime(at).date()
    }

    /// The first instant after the window that contains `at`: walks on, quarter by quarter, until the
    /// wall clock shows another window. All of Madrid's clock changes are at a full hour.
    pub(crate) fn end(&self, kind: WindowKind, at: Timestamp) -> Timestamp {
        const QUARTER: i64 = 15 * 60;
        let window = self.window(kind, at);
        let mut second = at.as_second().div_euclid(QUARTER) * QUARTER;
        loop {
            second += QUARTER;
            let next = Timestamp::from_second(second).unwrap_or(Timestamp::MAX);
            if self.window(kind, next) != window || next == Timestamp::MAX {
                return next;
            }
        }
    }

    /// The next instant at which the wall clock jumps.
    pub(crate) fn next_change(&self, at: Timestamp) -> Timestamp {
        let offset = |at: Timestamp| self.0.to_offset(at);
        let mut hour = at.as_second().div_euclid(3_600) * 3_600;
        loop {
            hour += 3_600;
            let next = Timestamp::from_second(hour).unwrap_or(Timestamp::MAX);
            let before = next.saturating_sub(1.second()).unwrap_or(next);
            if offset(next) != offset(before) || next == Timestamp::MAX {
                return next;
            }
        }
    }
}

impl std::fmt::Display for Win {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            kind,
            year,
            month,
            day,
            hour,
        } = self;
        match kind {
            WindowKind::Hour => write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}"),
            WindowKind::Day => write!(f, "{year:04}-{month:02}-{day:02}"),
            WindowKind::Month => write!(f, "{year:04}-{month:02}"),
        }
    }
}
