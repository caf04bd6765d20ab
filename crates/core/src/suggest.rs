//! Limits that fit how people work: percentiles of what was used, and a round number above.

/// How many observations, and where they lie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spread {
    /// How many.
    pub count: usize,
    /// Half of them are at most this.
    pub p50: i64,
    /// Nine of ten.
    pub p90: i64,
    /// Nineteen of twenty.
    pub p95: i64,
    /// Ninety-nine of a hundred.
    pub p99: i64,
    /// All.
    pub max: i64,
}

impl Spread {
    /// The spread of these; `None` of none. Percentiles are observations, by nearest rank.
    pub fn of(mut all: Vec<i64>) -> Option<Self> {
        all.sort_unstable();
        let max = *all.last()?;
        let at = |percent: usize| {
            let rank = (all.len() * percent).div_ceil(100).max(1);
            all[rank - 1]
        };
        Some(Self {
            count: all.len(),
            p50: at(50),
            p90: at(90),
            p95: at(95),
            p99: at(99),
            max,
        })
    }

    /// A limit: half as much again as nineteen of twenty need, rounded up, and never less than
    /// `least`.
    pub fn proposal(&self, least: i64) -> i64 {
        let wanted = self.p95.saturating_add(self.p95 / 2 + self.p95 % 2);
        round_up(wanted.max(least).max(1))
    }
}

/// The next number that people would write: two digits, the second 0 or 5, and then zeros.
pub fn round_up(number: i64) -> i64 {
    let mut unit = 1_i64;
    while number / unit >= 100 {
        unit = unit.saturating_mul(10);
    }
    let step = if number < 20 {
        unit
    } else {
        unit.saturating_mul(5)
    };
    let whole = number / step + i64::from(number % step != 0);
    whole.checked_mul(step).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_observations() {
        assert_eq!(Spread::of(vec![]), None);
        let one = Spread::of(vec![7]).unwrap();
        assert_eq!((one.count, one.p50, one.p99, one.max), (1, 7, 7, 7));
        let hundred = Spread::of((1..=100).rev().collect()).unwrap();
        assert_eq!(
            (
                hundred.p50,
                hundred.p90,
                hundred.p95,
                hundred.p99,
                hundred.max
            ),
            (50, 90, 95, 99, 100)
        );
        let few = Spread::of(vec![1, 2, 3, 1_000]).unwrap();
        assert_eq!((few.p50, few.p90, few.max), (2, 1_000, 1_000));
    }

    #[test]
    fn proposals_are_round_and_never_short() {
        for (number, round) in [
            (1, 1),
            (19, 19),
            (21, 25),
            (95, 95),
            (96, 100),
            (101, 150),
            (143, 150),
            (500, 500),
            (1_501, 2_000),
            (87_300_000, 90_000_000),
            (i64::MAX, i64::MAX),
        ] {
            assert_eq!(round_up(number), round, "{number}");
        }
        let spread = Spread::of(vec![0, 0, 233]).unwrap();
        assert_eq!(spread.proposal(50), 350);
        assert_eq!(Spread::of(vec![1]).unwrap().proposal(50), 50);
    }
}
