//! `--json` of limits and what was used of them: counts are numbers and dollars exact decimal text, where the API has
//! text for both.

use serde::Serialize;
use weir_core::quota::Metric;
use weir_server::forms::{Addition, Block, Evidence, Protection, Quota, QuotaSet, Status};

/// `weir status`, which also the commands end with that change how somebody stands.
#[derive(Debug, Serialize)]
pub(crate) struct StatusView<'a> {
    user_id: &'a str,
    team: &'a str,
    person: Option<&'a str>,
    state: &'a str,
    enforcement: &'a str,
    blocked_until: Option<&'a str>,
    reasons: &'a [String],
    protection: Option<&'a Protection>,
    quotas: Vec<QuotaUsed<'a>>,
}

/// A quota held against what was used.
#[derive(Debug, Serialize)]
struct QuotaUsed<'a> {
    scope: &'a str,
    metric: &'a str,
    window: &'a str,
    limit: Option<Amount<'a>>,
    used: Amount<'a>,
    percent: Option<u32>,
    resets_at: &'a str,
    action: &'a str,
}

/// A line of `weir quota list`.
#[derive(Debug, Serialize)]
pub(crate) struct QuotaSetView<'a> {
    scope: &'a str,
    metric: &'a str,
    window: &'a str,
    limit: Option<Amount<'a>>,
    limit_now: Option<Amount<'a>>,
    action: &'a str,
    warn: &'a [u32],
    author: &'a str,
    additions: Vec<AdditionView<'a>>,
}

/// A temporary addition.
#[derive(Debug, Serialize)]
struct AdditionView<'a> {
    amount: Amount<'a>,
    until: &'a str,
}

/// A line of `weir blocks`.
#[derive(Debug, Serialize)]
pub(crate) struct BlockView<'a> {
    id: &'a str,
    scope: &'a str,
    user_id: Option<&'a str>,
    team: Option<&'a str>,
    tool: Option<&'a str>,
    model: Option<&'a str>,
    kind: &'a str,
    reason: &'a str,
    author: &'a str,
    since: &'a str,
    until: Option<&'a str>,
    held: bool,
    discarded: bool,
    evidence: Vec<EvidenceView<'a>>,
    overshoot: Option<Amount<'a>>,
    requested_at: Option<&'a str>,
    verified_at: Option<&'a str>,
    first_denied_at: Option<&'a str>,
    lifted_at: Option<&'a str>,
    lifted_by: Option<&'a str>,
    lifted_why: Option<&'a str>,
}

/// A quota that was reached.
#[derive(Debug, Serialize)]
struct EvidenceView<'a> {
    scope: &'a str,
    metric: &'a str,
    window: &'a str,
    used: Amount<'a>,
    limit: Amount<'a>,
}

/// How much of a metric.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
enum Amount<'a> {
    /// Requests or tokens.
    Count(i64),
    /// Dollars, and what is no count.
    Text(&'a str),
}

impl<'a> Amount<'a> {
    fn of(metric: &str, text: &'a str) -> Self {
        match text.parse() {
            Ok(count) if metric != Metric::Cost.as_str() => Self::Count(count),
            _ => Self::Text(text),
        }
    }

    fn of_some(metric: &str, text: Option<&'a str>) -> Option<Self> {
        text.map(|text| Self::of(metric, text))
    }
}

impl<'a> From<&'a Status> for StatusView<'a> {
    fn from(status: &'a Status) -> Self {
        Self {
            user_id: &status.user_id,
            team: &status.team,
            person: status.person.as_deref(),
            state: &status.state,
            enforcement: &status.enforcement,
            blocked_until: status.blocked_until.as_deref(),
            reasons: &status.reasons,
            protection: status.protection.as_ref(),
            quotas: status.quotas.iter().map(QuotaUsed::from).collect(),
        }
    }
}

impl<'a> From<&'a Quota> for QuotaUsed<'a> {
    fn from(quota: &'a Quota) -> Self {
        Self {
            scope: &quota.scope,
            metric: &quota.metric,
            window: &quota.window,
            limit: Amount::of_some(&quota.metric, quota.limit.as_deref()),
            used: Amount::of(&quota.metric, &quota.used),
            percent: quota.percent,
            resets_at: &quota.resets_at,
            action: &quota.action,
        }
    }
}

impl<'a> From<&'a QuotaSet> for QuotaSetView<'a> {
    fn from(quota: &'a QuotaSet) -> Self {
        let addition = |addition: &'a Addition| AdditionView {
            amount: Amount::of(&quota.metric, &addition.amount),
            until: &addition.until,
        };
        Self {
            scope: &quota.scope,
            metric: &quota.metric,
            window: &quota.window,
            limit: Amount::of_some(&quota.metric, quota.limit.as_deref()),
            limit_now: Amount::of_some(&quota.metric, quota.limit_now.as_deref()),
            action: &quota.action,
            warn: &quota.warn,
            author: &quota.author,
            additions: quota.additions.iter().map(addition).collect(),
        }
    }
}

impl<'a> From<&'a Block> for BlockView<'a> {
    fn from(block: &'a Block) -> Self {
        Self {
            id: &block.id,
            scope: &block.scope,
            user_id: block.user_id.as_deref(),
            team: block.team.as_deref(),
            tool: block.tool.as_deref(),
            model: block.model.as_deref(),
            kind: &block.kind,
            reason: &block.reason,
            author: &block.author,
            since: &block.since,
            until: block.until.as_deref(),
            held: block.held,
            discarded: block.discarded,
            evidence: block.evidence.iter().map(EvidenceView::from).collect(),
            overshoot: block
                .evidence
                .first()
                .and_then(|headline| Amount::of_some(&headline.metric, block.overshoot.as_deref())),
            requested_at: block.requested_at.as_deref(),
            verified_at: block.verified_at.as_deref(),
            first_denied_at: block.first_denied_at.as_deref(),
            lifted_at: block.lifted_at.as_deref(),
            lifted_by: block.lifted_by.as_deref(),
            lifted_why: block.lifted_why.as_deref(),
        }
    }
}

impl<'a> From<&'a Evidence> for EvidenceView<'a> {
    fn from(evidence: &'a Evidence) -> Self {
        Self {
            scope: &evidence.scope,
            metric: &evidence.metric,
            window: &evidence.window,
            used: Amount::of(&evidence.metric, &evidence.used),
            limit: Amount::of(&evidence.metric, &evidence.limit),
        }
    }
}
