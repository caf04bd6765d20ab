//! Quotas in exports.

use serde::Serialize;
use weir_core::money::Usd;
use weir_core::quota::{Limit, Metric};
use weir_core::quota_text::write_limit;
use weir_server::forms::QuotaSet;

/// A line of an export, which `weir quota import` reads back.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct QuotaItem {
    pub(crate) scope: String,
    pub(crate) metric: String,
    pub(crate) window: String,
    pub(crate) limit: LimitView,
    pub(crate) action: String,
    pub(crate) warn: Vec<u32>,
}

/// A count, or text: an amount such as `$500`, or `unlimited`. The form `quota import` reads.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum LimitView {
    Count(i64),
    Text(String),
}

impl LimitView {
    /// Of a limit as the API has it: digits, dollars of the metric cost, or none.
    fn of(metric: &str, limit: Option<&str>) -> Option<Self> {
        let cost = metric == Metric::Cost.as_str();
        Some(match limit {
            None => Self::Text(write_limit(Metric::Cost, Limit::Unlimited)),
            Some(dollars) if cost => {
                let dollars: Usd = dollars.parse().ok()?;
                Self::Text(write_limit(Metric::Cost, Limit::Of(dollars.nanos())))
            }
            Some(count) => Self::Count(count.parse().ok()?),
        })
    }
}

/// An export.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct QuotaDocument {
    pub(crate) quotas: Vec<QuotaItem>,
}

impl QuotaItem {
    /// What can be set again; `None` if its limit is none that we know.
    pub(crate) fn exported(quota: QuotaSet) -> Option<Self> {
        let limit = LimitView::of(&quota.metric, quota.limit.as_deref())?;
        let QuotaSet {
            scope,
            metric,
            window,
            limit: _,
            limit_now: _,
            action,
            warn,
            author: _,
            additions: _,
            etag: _,
        } = quota;
        Some(Self {
            scope,
            metric,
            window,
            limit,
            action,
            warn,
        })
    }
}
