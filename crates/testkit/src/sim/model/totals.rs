//! Totals, by adding up all calls.

use std::collections::BTreeMap;

use weir_core::counter::Sums;

use super::{Counted, Known, Model};

impl Model {
    /// The sum of the calls that fit.
    pub(crate) fn total(&self, fits: impl Fn(&Known) -> bool) -> Sums {
        let mut sum = Sums::default();
        for known in self.calls.values().filter(|known| fits(known)) {
            sum += sums(&known.counted);
        }
        sum
    }

    /// The sums of all calls by some key.
    pub(crate) fn totals(&self, key: impl Fn(&Counted) -> String) -> BTreeMap<String, Sums> {
        let mut totals: BTreeMap<String, Sums> = BTreeMap::new();
        for known in self.calls.values() {
            *totals.entry(key(&known.counted)).or_default() += sums(&known.counted);
        }
        totals
    }
}

fn sums(counted: &Counted) -> Sums {
    if counted.failed {
        return Sums {
            failed: 1,
            ..Sums::default()
        };
    }
    let tokens = counted.tokens.unwrap_or_default();
    let count = |tokens: u64| i64::try_from(tokens).unwrap_or(i64::MAX);
    let cost = counted.cost.unwrap_or(0);
    let (provisional_tokens, provisional_cost_nanos) = if counted.provisional {
        (count(tokens.input + tokens.output), cost)
    } else {
        (0, 0)
    };
    Sums {
        requests: 1,
        failed: 0,
        input: count(tokens.input),
        cache_read: count(tokens.cache_read),
        cache_write_5m: count(tokens.cache_write_5m),
        cache_write_1h: count(tokens.cache_write_1h),
        output: count(tokens.output),
        cost_nanos: cost,
        unpriced: i64::from(counted.is_unpriced()),
        unmetered: i64::from(counted.tokens.is_none()),
        provisional_tokens,
        provisional_cost_nanos,
    }
}
