//! How a month will end, from how the days before went.
//!
//! Each day that is left is expected to cost what the same day of the week cost on average in the four
//! weeks before today; a day of the week that was seen less than twice, what all those days cost on
//! average. Of today, what is expected and not yet spent is still to come. The range is where the month
//! ends four times in five, if days differ from what was expected of them as they did in those weeks,
//! each by itself. With fewer than seven whole days behind us nothing is said.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::money::Usd;

/// How far back days are looked at.
pub const LOOK_BACK: i64 = 28;
/// With fewer whole days nothing is said.
pub const FEWEST: usize = 7;
/// A normal variable is within so many thousandths of its deviation four times in five.
const FOUR_IN_FIVE: i128 = 1_282;

/// What is known when a month is foreseen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spent {
    /// The local day, which is not over.
    pub today: Date,
    /// What was spent in the month so far, today included.
    pub so_far: Usd,
    /// What was spent today.
    pub of_today: Usd,
    /// Whole days before today, of whichever month, that have any use; in any order. Days between
    /// them that are missing were days of nothing.
    pub days: Vec<(Date, Usd)>,
}

/// How a month will end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// What is expected.
    pub expected: Usd,
    /// The month ends above this nine times in ten; never below what is spent already.
    pub low: Usd,
    /// The month ends below this nine times in ten.
    pub high: Usd,
    /// From how many whole days.
    pub days: usize,
}

/// Foresees the end of the month; `None` with too few days behind us.
pub fn forecast(spent: &Spent) -> Option<Forecast> {
    let days = whole_days(spent);
    if days.len() < FEWEST {
        return None;
    }
    let expected = |day: Date| expected(&days, day);
    let left = days_left(spent.today);
    let of_today = (expected(spent.today) - i128::from(spent.of_today.nanos())).max(0);
    let rest: i128 = left.iter().map(|day| expected(*day)).sum();
    let so_far = i128::from(spent.so_far.nanos());
    let middle = so_far + of_today + rest;
    let half = spread(&days, left.len() + 1);
    Some(Forecast {
        expected: usd(middle),
        low: usd((middle - half).max(so_far)),
        high: usd(middle + half),
        days: days.len(),
    })
}

/// Every day from the first with any use on, four weeks at most, up to yesterday.
fn whole_days(spent: &Spent) -> Vec<(Date, i128)> {
    let earliest = spent.today.saturating_sub(LOOK_BACK.days());
    let within = |day: Date| day >= earliest && day < spent.today;
    let first = spent.days.iter().map(|(day, _)| *day);
    let Some(first) = first.filter(|day| within(*day)).min() else {
        return Vec::new();
    };
    let mut days = Vec::new();
    let mut day = first;
    while day < spent.today {
        let of_day = spent.days.iter().filter(|(of, _)| *of == day);
        let nanos = of_day.map(|(_, usd)| i128::from(usd.nanos())).sum();
        days.push((day, nanos));
        let Ok(next) = day.tomorrow() else { break };
        day = next;
    }
    days
}

/// The days of the month after today.
fn days_left(today: Date) -> Vec<Date> {
    let mut left = Vec::new();
    let mut day = today;
    while let Ok(next) = day.tomorrow() {
        if next.month() != today.month() {
            break;
        }
        left.push(next);
        day = next;
    }
    left
}

/// What a day costs, by those before.
fn expected(days: &[(Date, i128)], day: Date) -> i128 {
    let alike: Vec<i128> = days
        .iter()
        .filter(|(of, _)| of.weekday() == day.weekday())
        .map(|(_, nanos)| *nanos)
        .collect();
    if alike.len() >= 2 {
        return mean(&alike);
    }
    let all: Vec<i128> = days.iter().map(|(_, nanos)| *nanos).collect();
    mean(&all)
}

fn mean(values: &[i128]) -> i128 {
    let count = i128::try_from(values.len()).unwrap_or(i128::MAX).max(1);
    values.iter().sum::<i128>() / count
}

/// How far so many days together stray from what was expected, four times in five.
fn spread(days: &[(Date, i128)], ahead: usize) -> i128 {
    let squares = days.iter().map(|(day, nanos)| {
        let off = nanos - expected(days, *day);
        off.saturating_mul(off)
    });
    let sum = squares.fold(0, i128::saturating_add);
    let freedom = i128::try_from(days.len().saturating_sub(1)).unwrap_or(i128::MAX);
    let ahead = i128::try_from(ahead).unwrap_or(i128::MAX);
    let variance = (sum / freedom.max(1)).saturating_mul(ahead);
    variance.isqrt().saturating_mul(FOUR_IN_FIVE) / 1_000
}

fn usd(nanos: i128) -> Usd {
    Usd::from_nanos(i64::try_from(nanos).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dollars(amount: i64) -> Usd {
        Usd::from_nanos(amount * 1_000_000_000)
    }

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    /// November 2026 begins on a Sunday. So many dollars on each working day, so many on the others,
    /// for so many days before the 20th.
    fn weeks(count: i64, working: i64, weekend: i64) -> Vec<(Date, Usd)> {
        let today = day("2026-11-20");
        let days = (1..=count).map(|back| today.saturating_sub(back.days()));
        days.map(|day| {
            let free = day.weekday().to_monday_one_offset() > 5;
            (day, dollars(if free { weekend } else { working }))
        })
        .collect()
    }

    fn spent(days: Vec<(Date, Usd)>) -> Spent {
        Spent {
            today: day("2026-11-20"),
            so_far: dollars(130),
            of_today: dollars(4),
            days,
        }
    }

    #[test]
    fn a_month_of_equal_weeks_ends_as_they_went() {
        // Today brings 6 more; six working days and four others are left: 130 + 6 + 60 + 4.
        let found = forecast(&spent(weeks(28, 10, 1))).unwrap();
        assert_eq!(found.expected, dollars(200));
        assert_eq!((found.low, found.high), (dollars(200), dollars(200)));
        assert_eq!(found.days, 28);
    }

    #[test]
    fn with_few_days_nothing_is_said() {
        assert_eq!(forecast(&spent(Vec::new())), None);
        assert_eq!(forecast(&spent(weeks(6, 10, 1))), None);
        assert!(forecast(&spent(weeks(7, 10, 10))).is_some());
    }

    #[test]
    fn days_of_nothing_count_and_old_days_do_not() {
        let mut days = vec![(day("2026-11-06"), dollars(14))];
        let found = forecast(&spent(days.clone())).unwrap();
        assert_eq!(found.days, 14, "the 6th to the 19th");
        days.push((day("2026-01-06"), dollars(1_000_000)));
        assert_eq!(forecast(&spent(days)).unwrap(), found);
    }

    #[test]
    fn uneven_days_give_a_range_and_it_is_never_below_what_is_spent() {
        let mut days = weeks(28, 10, 10);
        for (index, (_, usd)) in days.iter_mut().enumerate() {
            *usd = dollars(if index % 3 == 0 { 40 } else { 1 });
        }
        let found = forecast(&spent(days)).unwrap();
        assert!(found.low < found.expected && found.expected < found.high);
        assert!(found.low >= dollars(130));
    }

    #[test]
    fn a_day_that_was_dear_leaves_nothing_to_come() {
        let busy = Spent {
            of_today: dollars(100),
            ..spent(weeks(28, 10, 1))
        };
        assert_eq!(forecast(&busy).unwrap().expected, dollars(194));
    }

    #[test]
    fn the_last_day_of_a_month_has_no_days_left() {
        let last = Spent {
            today: day("2026-11-30"),
            so_far: dollars(130),
            of_today: dollars(30),
            days: weeks(28, 10, 10),
        };
        assert_eq!(forecast(&last).unwrap().expected, dollars(130));
    }

    #[test]
    fn sums_beyond_all_money_do_not_panic() {
        let days = weeks(28, 9_000_000_000, 1);
        assert!(forecast(&spent(days)).is_some());
    }
}
