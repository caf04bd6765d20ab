//! Sums and amounts as they are answered: counts as numbers, money as exact decimal text.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_core::counter::Sums;
use weir_core::money::Usd;
use weir_core::quota::Metric;
use weir_engine::{Amount, Reading};

/// Sums of invocations.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct Used {
    /// Invocations that did not fail.
    pub requests: i64,
    /// The others.
    pub failed: i64,
    /// Uncached input, cache writes and output: what quotas on tokens count.
    pub tokens: i64,
    /// Uncached input tokens.
    pub input_tokens: i64,
    /// Input tokens read from the cache.
    pub cache_read_tokens: i64,
    /// Input tokens written to the cache.
    pub cache_write_tokens: i64,
    /// Output tokens.
    pub output_tokens: i64,
    /// Known cost in dollars, exact decimal.
    pub cost_usd: String,
    /// Known cost in nano-dollars.
    pub cost_nanos: i64,
    /// Invocations without a price, which are in no cost.
    pub unpriced: i64,
    /// Invocations without counts, which are in no tokens and no cost.
    pub unmetered: i64,
}

impl Used {
    pub(crate) fn of(sums: &Sums) -> Self {
        let Sums {
            requests,
            failed,
            input,
            cache_read,
            cache_write_5m,
            cache_write_1h,
            output,
            cost_nanos,
            unpriced,
            unmetered,
            provisional_tokens: _,
            provisional_cost_nanos: _,
        } = *sums;
        Self {
            requests,
            failed,
            tokens: sums.tokens(),
            input_tokens: input,
            cache_read_tokens: cache_read,
            cache_write_tokens: cache_write_5m + cache_write_1h,
            output_tokens: output,
            cost_usd: usd(cost_nanos),
            cost_nanos,
            unpriced,
            unmetered,
        }
    }
}

/// Nano-dollars as exact decimal dollars.
pub(crate) fn usd(nanos: i64) -> String {
    Usd::from_nanos(nanos).to_decimal()
}

/// A count as digits, or dollars of the metric cost.
pub(crate) fn amount(metric: Metric, amount: i64) -> String {
    match Amount::of(metric, amount) {
        Amount::Count(count) => count.to_string(),
        Amount::Usd(usd) => usd,
    }
}

/// A limit held against what was used.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Gauge {
    /// Where the quota was set: `user:ana`, `team:sap`, `defaults`, …
    pub scope: String,
    /// `requests`, `tokens`, `tokens_all` or `cost`.
    pub metric: String,
    /// `hour`, `day` or `month`.
    pub window: String,
    /// The limit now; null is unlimited. Dollars of the metric cost, as exact decimal.
    pub limit: Option<String>,
    /// Used in the window that contains now, alike.
    pub used: String,
    /// Whole percent of the limit.
    pub percent: Option<u32>,
    /// block or notify.
    pub action: String,
}

impl Gauge {
    pub(crate) fn of(reading: &Reading) -> Self {
        let Reading {
            quota,
            limit,
            used,
            percent,
        } = reading;
        Self {
            scope: quota.scope.to_string(),
            metric: quota.metric.as_str().to_owned(),
            window: quota.window.as_str().to_owned(),
            limit: limit.map(|limit| amount(quota.metric, limit)),
            used: amount(quota.metric, *used),
            percent: *percent,
            action: quota.action.as_str().to_owned(),
        }
    }
}
