//! A row of `weir blocks`.

use serde::Serialize;
use weir_core::block::{Block, Denies, Force, Violation};
use weir_engine::Amount;
use weir_store::BlockRow;

/// A block on file.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct BlockView {
    pub(crate) id: String,
    /// What it denies: `user`, `team`, `tool` or `model`.
    pub(crate) scope: &'static str,
    pub(crate) user_id: Option<String>,
    pub(crate) team: Option<String>,
    pub(crate) tool: Option<String>,
    pub(crate) model: Option<String>,
    /// `automatic` or `manual`.
    pub(crate) kind: &'static str,
    pub(crate) reason: String,
    pub(crate) author: String,
    pub(crate) since: String,
    /// `null` is indefinite.
    pub(crate) until: Option<String>,
    /// The breaker keeps it from being applied.
    pub(crate) held: bool,
    /// An administrator decided against it; it denies nobody.
    pub(crate) discarded: bool,
    pub(crate) evidence: Vec<ViolationView>,
    pub(crate) lifted_at: Option<String>,
    pub(crate) lifted_by: Option<String>,
    pub(crate) lifted_why: Option<String>,
}

/// A quota that was reached.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ViolationView {
    pub(crate) scope: String,
    pub(crate) metric: &'static str,
    pub(crate) window: String,
    pub(crate) used: Amount,
    pub(crate) limit: Amount,
}

impl From<BlockRow> for BlockView {
    fn from(row: BlockRow) -> Self {
        let BlockRow { block, lifted } = row;
        let Block {
            id,
            denies,
            cause: _,
            ref reason,
            ref evidence,
            ref author,
            since,
            until,
            force,
        } = block.clone();
        let (team, tool, model) = match &denies {
            Denies::User(_) => (None, None, None),
            Denies::Team(team) => (Some(team.to_string()), None, None),
            Denies::Tool(_, tool) => (None, Some(tool.to_string()), None),
            Denies::Model(_, model) => (None, None, Some(model.to_string())),
        };
        let (at, by, why) = match lifted {
            Some((at, by, why)) => (Some(at.to_string()), Some(by), Some(why)),
            None => (None, None, None),
        };
        Self {
            id: id.to_string(),
            scope: denies.kind(),
            user_id: denies.user().map(ToString::to_string),
            team,
            tool,
            model,
            kind: if block.is_automatic() {
                "automatic"
            } else {
                "manual"
            },
            reason: reason.clone(),
            author: author.clone(),
            since: since.to_string(),
            until: until.instant().map(|at| at.to_string()),
            held: force == Force::Held,
            discarded: force == Force::Discarded,
            evidence: evidence.iter().map(ViolationView::from).collect(),
            lifted_at: at,
            lifted_by: by,
            lifted_why: why,
        }
    }
}

impl From<&Violation> for ViolationView {
    fn from(violation: &Violation) -> Self {
        let Violation {
            scope,
            metric,
            window,
            used,
            limit,
        } = violation;
        Self {
            scope: scope.to_string(),
            metric: metric.as_str(),
            window: window.to_string(),
            used: Amount::of(*metric, *used),
            limit: Amount::of(*metric, *limit),
        }
    }
}
