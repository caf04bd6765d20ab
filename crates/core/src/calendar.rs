//! Windows in the business zone: hours, days and months that start and end where people live.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// The business time zone (rules: "local").
#[derive(Clone, Debug)]
pub struct Zone {
    name: String,
    tz: TimeZone,
}

/// A zone name that the time-zone database does not know.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown time zone `{0}`: use an IANA name such as Europe/Madrid")]
pub struct UnknownZone(pub String);

impl Zone {
    /// The zone of that IANA name, from the database that is linked into the binary.
    pub fn named(name: &str) -> Result<Self, UnknownZone> {
        let tz = TimeZone::get(name).map_err(|_| UnknownZone(name.to_owned()))?;
        Ok(Self {
            name: name.to_owned(),
            tz,
        })
    }

    /// The IANA name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The wall-clock time of an instant.
    pub fn local(&self, at: Timestamp) -> DateTime {
        self.tz.to_datetime(at)
    }

    /// The local date of an instant.
    pub fn day(&self, at: Timestamp) -> Date {
        self.local(at).date()
    }

    /// The first instant whose wall clock shows `local` or later.
    pub fn first_instant(&self, local: DateTime) -> Timestamp {
        match self.tz.to_ambiguous_timestamp(local).compatible() {
            Ok(at) => at,
            // Only at the ends of the representable range (years -9999 and 9999).
            Err(_) if local.year() > 0 => Timestamp::MAX,
            Err(_) => Timestamp::MIN,
        }
    }

    /// What the zone is called at an instant: `CET`, `CEST`.
    pub fn abbreviation(&self, at: Timestamp) -> String {
        self.tz.to_offset_info(at).abbreviation().to_owned()
    }

    /// For people: `2026-11-20 14:05 CET`.
    pub fn display(&self, at: Timestamp) -> String {
        at.to_zoned(self.tz.clone())
            .strftime("%Y-%m-%d %H:%M %Z")
            .to_string()
    }
}

/// How long a quota adds up before it starts again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WindowKind {
    /// One local hour.
    Hour,
    /// One local day: 23, 24 or 25 hours.
    Day,
    /// One local calendar month.
    Month,
}

impl WindowKind {
    /// All kinds, shortest first.
    pub const ALL: [Self; 3] = [Self::Hour, Self::Day, Self::Month];

    /// The word used in the CLI, the database and messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Month => "month",
        }
    }
}

impl fmt::Display for WindowKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for WindowKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| format!("`{text}` is not a window: hour, day or month"))
    }
}

/// One window: a kind and the local date (and hour) it is named by. An hour that the clock shows
/// twice on an autumn day is one window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Window {
    kind: WindowKind,
    local: DateTime,
}

impl Window {
    /// The window of that kind which contains the instant.
    pub fn containing(kind: WindowKind, at: Timestamp, zone: &Zone) -> Self {
        Self::of_local(kind, zone.local(at))
    }

    /// The three windows which contain the instant: hour, day, month.
    pub fn all_containing(at: Timestamp, zone: &Zone) -> [Self; 3] {
        let local = zone.local(at);
        WindowKind::ALL.map(|kind| Self::of_local(kind, local))
    }

    pub(crate) fn of_local(kind: WindowKind, local: DateTime) -> Self {
        let date = local.date();
        let local = match kind {
            WindowKind::Hour => date.at(local.hour(), 0, 0, 0),
            WindowKind::Day => date.at(0, 0, 0, 0),
            WindowKind::Month => date.first_of_month().at(0, 0, 0, 0),
        };
        Self { kind, local }
    }

    /// The window of a longer kind that this one lies in.
    #[must_use]
    pub fn widen(&self, kind: WindowKind) -> Self {
        Self::of_local(kind, self.local)
    }

    /// The kind of the window.
    pub fn kind(&self) -> WindowKind {
        self.kind
    }

    /// The local date the window lies in (of a month: its first day).
    pub fn date(&self) -> Date {
        self.local.date()
    }

    /// The local hour the window begins in.
    pub fn hour(&self) -> i8 {
        self.local.hour()
    }

    /// The first instant of the window.
    pub fn start(&self, zone: &Zone) -> Timestamp {
        zone.first_instant(self.local)
    }

    /// The first instant after the window.
    pub fn end(&self, zone: &Zone) -> Timestamp {
        let next = match self.kind {
            WindowKind::Hour => self.local.checked_add(1.hour()),
            WindowKind::Day => self.local.checked_add(1.day()),
            WindowKind::Month => self.local.checked_add(1.month()),
        };
        next.map_or(Timestamp::MAX, |local| zone.first_instant(local))
    }

    /// Reads a window key: `2026-11-20T14`, `2026-11-20` or `2026-11`.
    pub fn parse(kind: WindowKind, key: &str) -> Option<Self> {
        let text = match kind {
            WindowKind::Hour => format!("{key}:00:00"),
            WindowKind::Day => format!("{key}T00:00:00"),
            WindowKind::Month => format!("{key}-01T00:00:00"),
        };
        let window = Self {
            kind,
            local: text.parse().ok()?,
        };
        (window.to_string() == key).then_some(window)
    }
}

impl fmt::Display for Window {
    /// The window key: `2026-11-20T14`, `2026-11-20` or `2026-11`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month) = (self.local.year(), self.local.month());
        match self.kind {
            WindowKind::Hour => {
                let (day, hour) = (self.local.day(), self.local.hour());
                write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}")
            }
            WindowKind::Day => write!(f, "{year:04}-{month:02}-{:02}", self.local.day()),
            WindowKind::Month => write!(f, "{year:04}-{month:02}"),
        }
    }
}

/// Windows of one kind, one after the other, whose totals are added up or taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// The first of them.
    pub first: Window,
    /// The last, included.
    pub last: Window,
    /// Their totals are taken away.
    pub taken_away: bool,
}

/// The local days from one to the other as totals that come to the same: of each month its days, or the
/// whole month without its other days, whichever are fewer.
pub fn runs(from: Date, to: Date) -> Vec<Run> {
    let run = |kind, first: Date, last: Date, taken_away| Run {
        first: Window::of_local(kind, first.at(0, 0, 0, 0)),
        last: Window::of_local(kind, last.at(0, 0, 0, 0)),
        taken_away,
    };
    let mut runs = Vec::new();
    let mut first = from;
    while first <= to {
        let (begins, ends) = (first.first_of_month(), first.last_of_month());
        let last = to.min(ends);
        let inside = last.day() - first.day() + 1;
        if inside <= ends.day() - inside {
            runs.push(run(WindowKind::Day, first, last, false));
        } else {
            runs.push(run(WindowKind::Month, begins, begins, false));
            if let Some(before) = first.yesterday().ok().filter(|day| *day >= begins) {
                runs.push(run(WindowKind::Day, begins, before, true));
            }
            if let Some(after) = last.tomorrow().ok().filter(|day| *day <= ends) {
                runs.push(run(WindowKind::Day, after, ends, true));
            }
        }
        let Ok(next) = ends.tomorrow() else { break };
        first = next;
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn madrid() -> Zone {
        Zone::named("Europe/Madrid").unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn local_time_follows_the_summer_rule() {
        for (utc, local) in [
            ("2026-01-15T10:30:00Z", "2026-01-15T11:30:00"),
            ("2026-07-15T10:30:00Z", "2026-07-15T12:30:00"),
            ("2024-03-31T01:00:00Z", "2024-03-31T03:00:00"),
            ("2024-10-27T01:00:00Z", "2024-10-27T02:00:00"),
        ] {
            assert_eq!(madrid().local(at(utc)).to_string(), local);
        }
    }

    #[test]
    fn days_have_23_24_or_25_hours() {
        for (day, hours) in [("2026-03-29", 23), ("2026-11-20", 24), ("2026-10-25", 25)] {
            let window = Window::parse(WindowKind::Day, day).unwrap();
            let zone = madrid();
            let length = window.end(&zone).duration_since(window.start(&zone));
            assert_eq!(length.as_hours(), hours, "{day}");
        }
    }

    #[test]
    fn the_hour_that_comes_twice_is_one_window() {
        let zone = madrid();
        let first = Window::containing(WindowKind::Hour, at("2026-10-25T00:30:00Z"), &zone);
        let second = Window::containing(WindowKind::Hour, at("2026-10-25T01:30:00Z"), &zone);
        assert_eq!(first, second);
        assert_eq!(first.to_string(), "2026-10-25T02");
        assert_eq!(first.start(&zone), at("2026-10-25T00:00:00Z"));
        assert_eq!(first.end(&zone), at("2026-10-25T02:00:00Z"));
    }

    #[test]
    fn keys_are_read_back_and_nothing_else_is() {
        for (kind, key) in [
            (WindowKind::Hour, "2026-11-20T14"),
            (WindowKind::Day, "2026-11-20"),
            (WindowKind::Month, "2026-11"),
        ] {
            assert_eq!(Window::parse(kind, key).unwrap().to_string(), key);
            assert_eq!(Window::parse(kind, "2026-13-40"), None);
            assert_eq!(Window::parse(kind, ""), None);
        }
        let december = Window::parse(WindowKind::Month, "2026-12").unwrap();
        assert_eq!(december.end(&madrid()), at("2026-12-31T23:00:00Z"));
    }

    fn said(from: &str, to: &str) -> Vec<String> {
        let runs = runs(from.parse().unwrap(), to.parse().unwrap());
        let sign = |run: &Run| if run.taken_away { '-' } else { '+' };
        let said = runs.iter();
        said.map(|run| format!("{}{}..{}", sign(run), run.first, run.last))
            .collect()
    }

    #[test]
    fn days_are_read_as_months_where_those_are_fewer_totals() {
        for (from, to, expected) in [
            ("2026-11-20", "2026-11-20", &["+2026-11-20..2026-11-20"][..]),
            ("2026-10-01", "2026-10-31", &["+2026-10..2026-10"]),
            (
                "2026-10-22",
                "2026-11-20",
                &[
                    "+2026-10-22..2026-10-31",
                    "+2026-11..2026-11",
                    "-2026-11-21..2026-11-30",
                ],
            ),
            (
                "2026-10-03",
                "2026-10-30",
                &[
                    "+2026-10..2026-10",
                    "-2026-10-01..2026-10-02",
                    "-2026-10-31..2026-10-31",
                ],
            ),
            ("2026-11-21", "2026-11-20", &[]),
        ] {
            assert_eq!(said(from, to), expected, "{from} to {to}");
        }
    }

    #[test]
    fn runs_come_to_the_days_that_were_asked_for() {
        let end: Date = "2026-04-10".parse().unwrap();
        let mut from: Date = "2026-01-25".parse().unwrap();
        while from <= end {
            let mut to = from;
            while to <= end {
                let mut days = std::collections::BTreeMap::<Date, i32>::new();
                for run in runs(from, to) {
                    let last = match run.last.kind() {
                        WindowKind::Month => run.last.date().last_of_month(),
                        _ => run.last.date(),
                    };
                    let mut day = run.first.date();
                    while day <= last {
                        *days.entry(day).or_default() += if run.taken_away { -1 } else { 1 };
                        day = day.tomorrow().unwrap();
                    }
                }
                days.retain(|_, times| *times != 0);
                assert!(days.values().all(|times| *times == 1), "{from} to {to}");
                assert_eq!(days.keys().next(), Some(&from));
                assert_eq!(days.keys().last(), Some(&to));
                let length = usize::try_from(from.until(to).unwrap().get_days() + 1).unwrap();
                assert_eq!(days.len(), length, "{from} to {to}");
                to = to.tomorrow().unwrap();
            }
            from = from.tomorrow().unwrap();
        }
    }
}
