//! The daily reset, as far as it is a decision: which dates are due, and what may leave (rules 9, 13).

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::calendar::{Window, WindowKind, Zone};

/// Missed days that are caught up, at most: one summary for each is enough for a year and a month.
pub const CATCH_UP: u32 = 400;

/// The first pause before a reset that met errors is run again; it doubles.
const PAUSE: SignedDuration = SignedDuration::from_mins(5);
const LONGEST: SignedDuration = SignedDuration::from_hours(1);

/// When a reset that met errors is due again. What failed may be a moment's trouble of the database, or
/// a row that nobody mends today.
pub fn again_at(finished_at: Timestamp, runs: u32) -> Timestamp {
    let pause = PAUSE * (1 << runs.saturating_sub(1).min(8));
    finished_at
        .saturating_add(pause.min(LONGEST))
        .unwrap_or(Timestamp::MAX)
}

/// The local dates whose reset is due, oldest first: those after the last one that came to its end,
/// up to today, and those of before whose run met errors and is due again. A database without any
/// begins today.
pub fn due(last: Option<Date>, again: &[Date], today: Date) -> Vec<Date> {
    let Some(last) = last else {
        return vec![today];
    };
    let mut due = missed(last, today);
    due.extend(again.iter().filter(|date| is_caught_up(**date, today)));
    due.sort_unstable();
    due.dedup();
    due
}

/// Whether the reset of a date is still run when it was missed or met errors.
pub fn is_caught_up(date: Date, today: Date) -> bool {
    let days = today.duration_since(date).as_hours() / 24;
    (0..i64::from(CATCH_UP)).contains(&days)
}

fn missed(last: Date, today: Date) -> Vec<Date> {
    let mut due = Vec::new();
    let mut date = today;
    while date > last && due.len() < CATCH_UP as usize {
        due.push(date);
        match date.yesterday() {
            Ok(before) => date = before,
            Err(_) => break,
        }
    }
    due
}

/// How long what is kept (rules P1). Totals and blocks stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Invocations, after the call. An older record is a dead letter: its id is not known any more.
    pub invocations: SignedDuration,
    /// Source IP, user agent and error text of invocations, after they came.
    pub client_facts: SignedDuration,
    /// Dead letters, after they were last seen.
    pub dead_letters: SignedDuration,
    /// Outbox rows, after they were due and done.
    pub outbox: SignedDuration,
    /// Entries of the audit log, after what they tell of happened.
    pub audit: SignedDuration,
}

/// Clocks may differ by so much and a record still finds its invocation.
const MARGIN: SignedDuration = SignedDuration::from_hours(24);

const fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(days * 24)
}

impl Retention {
    /// Invocations of calls before this instant may leave: a record for one of them is refused for
    /// its age since a day, and no window that contains `now` counts them.
    pub fn invocations_before(&self, now: Timestamp, zone: &Zone) -> Timestamp {
        let aged = before(now, self.invocations.saturating_add(MARGIN));
        let month = Window::containing(WindowKind::Month, now, zone);
        aged.min(month.start(zone))
    }

    /// What came before this instant loses its client facts.
    pub fn client_facts_before(&self, now: Timestamp) -> Timestamp {
        before(now, self.client_facts)
    }

    /// Dead letters not seen since this instant leave.
    pub fn dead_letters_before(&self, now: Timestamp) -> Timestamp {
        before(now, self.dead_letters)
    }

    /// Outbox rows that are done and were due before this instant leave.
    pub fn outbox_before(&self, now: Timestamp) -> Timestamp {
        before(now, self.outbox)
    }

    /// Audit entries of before this instant leave, from the first.
    pub fn audit_before(&self, now: Timestamp) -> Timestamp {
        before(now, self.audit)
    }

    /// Warnings given before this instant are about windows that are over: of last month or earlier.
    pub fn warnings_before(&self, now: Timestamp, zone: &Zone) -> Timestamp {
        let month = Window::containing(WindowKind::Month, now, zone);
        before(month.start(zone), MARGIN)
    }
}

fn before(now: Timestamp, age: SignedDuration) -> Timestamp {
    now.saturating_sub(age).unwrap_or(Timestamp::MIN)
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            invocations: days(400),
            client_facts: days(30),
            dead_letters: days(30),
            outbox: days(30),
            // Seven years, of which two may be leap years.
            audit: days(7 * 365 + 2),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn missed_days_are_caught_up_in_order_and_none_twice() {
        for (last, today, expected) in [
            (None, "2026-11-20", vec!["2026-11-20"]),
            (Some("2026-11-20"), "2026-11-20", vec![]),
            (Some("2026-11-19"), "2026-11-20", vec!["2026-11-20"]),
            (
                Some("2026-10-30"),
                "2026-11-02",
                vec!["2026-10-31", "2026-11-01", "2026-11-02"],
            ),
            // A clock that was set back resets nothing.
            (Some("2026-11-21"), "2026-11-20", vec![]),
        ] {
            let expected: Vec<_> = expected.into_iter().map(date).collect();
            assert_eq!(due(last.map(date), &[], date(today)), expected, "{last:?}");
        }
        assert_eq!(
            due(Some(date("2000-01-01")), &[], date("2026-01-01")).len(),
            CATCH_UP as usize
        );
    }

    #[test]
    fn what_met_errors_is_due_again_with_a_growing_pause() {
        let (failed, today) = (date("2026-11-18"), date("2026-11-20"));
        let ancient = date("2024-11-18");
        assert_eq!(due(Some(today), &[failed], today), [failed]);
        assert_eq!(
            due(Some(failed), &[failed], date("2026-11-19")),
            [failed, date("2026-11-19")]
        );
        assert_eq!(due(Some(today), &[today, ancient], today), [today]);
        let at: Timestamp = "2026-11-20T00:00:00Z".parse().unwrap();
        for (runs, minutes) in [(0, 5), (1, 5), (2, 10), (4, 40), (5, 60), (1_000, 60)] {
            let pause = again_at(at, runs).duration_since(at);
            assert_eq!(pause.as_mins(), minutes, "after {runs} runs");
        }
    }

    #[test]
    fn nothing_leaves_an_open_window_or_an_id_that_could_come_back() {
        let zone = Zone::named("Europe/Madrid").unwrap();
        let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        let kept = Retention::default();
        assert_eq!(
            kept.invocations_before(now, &zone).to_string(),
            "2025-10-15T12:00:00Z"
        );
        let short = Retention {
            invocations: days(1),
            ..kept
        };
        assert_eq!(
            short.invocations_before(now, &zone).to_string(),
            "2026-10-31T23:00:00Z",
            "the month that contains now is kept whole"
        );
        assert_eq!(
            kept.warnings_before(now, &zone).to_string(),
            "2026-10-30T23:00:00Z"
        );
    }
}
