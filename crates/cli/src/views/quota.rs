//! Quotas in exports.

use serde::Serialize;
use weir_config::quota_text::write_limit;
use weir_core::quota::{Limit, Metric, Quota};

/// A line of an export, which `weir quota import` reads back.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct QuotaItem {
    pub(crate) scope: String,
    pub(crate) metric: &'static str,
    pub(crate) window: &'static str,
    pub(crate) limit: LimitView,
    pub(crate) action: &'static str,
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
    fn of(metric: Metric, limit: Limit) -> Self {
        match limit {
            Limit::Of(count) if metric != Metric::Cost => Self::Count(count),
            other => Self::Text(write_limit(metric, other)),
        }
    }
}

/// An export.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct QuotaDocument {
    pub(crate) quotas: Vec<QuotaItem>,
}

impl QuotaItem {
    /// What can be set again.
    pub(crate) fn exported(quota: &Quota) -> Self {
        Self {
            scope: quota.scope.to_string(),
            metric: quota.metric.as_str(),
            window: quota.window.as_str(),
            limit: LimitView::of(quota.metric, quota.limit),
            action: quota.action.as_str(),
            warn: quota.warn.clone(),
        }
    }
}
