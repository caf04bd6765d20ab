//! `GET /api/v1/quotas`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use weir_core::operator::{Permission, Within};
use weir_core::quota::{Limit, Quota, Scope};

use crate::api::query::Query;
use crate::api::used::amount;
use crate::api::{Api, SignedIn, etag, team};
use crate::problem::Problem;

/// Which quotas.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// Only those of this scope: `user:ana`, `team:sap`, `defaults`, …
    scope: Option<String>,
}

/// Quotas.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Quotas {
    /// By scope, window and metric.
    quotas: Vec<QuotaSet>,
}

/// A quota as it is set.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct QuotaSet {
    /// `user:ana`, `defaults`, `team-defaults:sap`, `team:sap`, `tool:cline`, `model:ID` or
    /// `organisation`.
    scope: String,
    /// requests, tokens, `tokens_all` or cost.
    metric: &'static str,
    /// hour, day or month.
    window: &'static str,
    /// What was set; null is unlimited. Dollars of the metric cost, as exact decimal.
    limit: Option<String>,
    /// What holds now, with temporary additions.
    limit_now: Option<String>,
    /// block or notify.
    action: &'static str,
    /// Warning thresholds in percent.
    warn: Vec<u32>,
    /// Who set it; `built-in` for those that Weir starts with.
    author: String,
    /// Temporary additions that have not ended.
    additions: Vec<Addition>,
    /// What `If-Match` takes, to change exactly this.
    etag: String,
}

/// A temporary addition.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Addition {
    /// How much more, as the limit.
    amount: String,
    /// When it ends, RFC 3339.
    until: String,
}

impl QuotaSet {
    pub(crate) fn of(quota: &Quota, now: jiff::Timestamp) -> Self {
        let Quota {
            scope,
            metric,
            window,
            limit,
            action,
            warn,
            author,
            additions,
        } = quota;
        let set = match limit {
            Limit::Of(limit) => Some(amount(*metric, *limit)),
            Limit::Unlimited => None,
        };
        let additions = additions.iter().filter(|addition| addition.until > now);
        let additions = additions.map(|addition| Addition {
            amount: amount(*metric, addition.amount),
            until: addition.until.to_string(),
        });
        Self {
            scope: scope.to_string(),
            metric: metric.as_str(),
            window: window.as_str(),
            limit: set,
            limit_now: quota.limit_at(now).map(|limit| amount(*metric, limit)),
            action: action.as_str(),
            warn: warn.clone(),
            author: author.clone(),
            additions: additions.collect(),
            etag: tag(quota),
        }
    }

    /// What stands for it.
    pub(super) fn tag(&self) -> &str {
        &self.etag
    }
}

fn tag(quota: &Quota) -> String {
    let limit = match quota.limit {
        Limit::Of(limit) => Some(limit),
        Limit::Unlimited => None,
    };
    let additions = quota.additions.iter();
    let additions: Vec<_> = additions
        .map(|addition| (addition.amount, addition.until.as_microsecond()))
        .collect();
    etag::of(&(
        limit,
        quota.action.as_str(),
        &quota.warn,
        &quota.author,
        additions,
    ))
}

/// List quotas
///
/// As they are set. The role team sees its own, its members' and those that hold for everybody.
#[utoipa::path(
    get,
    path = "/api/v1/quotas",
    operation_id = "quotas_list",
    tag = "quotas",
    params(Asked),
    responses(
        (status = 200, description = "Quotas", body = Quotas),
        crate::api::answers::Reads,
    ),
)]
pub(crate) async fn get(
    State(api): State<Api>,
    who: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Json<Quotas>, Problem> {
    let within = who.may(Permission::ReadUsage)?;
    let wanted: Option<Scope> = asked
        .scope
        .as_deref()
        .map(str::parse)
        .transpose()
        .map_err(|error: String| Problem::bad_request(format!("the query: scope: {error}")))?;
    let members = match &within {
        Within::Everything => None,
        Within::Team(own) => Some((own, team::members(&api, own).await?)),
    };
    let seen = |scope: &Scope| {
        let Some((own, members)) = &members else {
            return true;
        };
        match scope {
            Scope::User(user) => members.contains(user),
            Scope::Team(team) | Scope::TeamDefaults(team) => team == *own,
            Scope::Defaults | Scope::Tool(_) | Scope::Model(_) => true,
            Scope::Organisation => false,
        }
    };
    let stored = api.engine.store().rules().await;
    let stored = stored.map_err(Problem::of_store)?;
    let now = api.engine.now();
    let quotas = stored.quotas.iter();
    let quotas = quotas.filter(|quota| wanted.as_ref().is_none_or(|scope| *scope == quota.scope));
    let quotas = quotas.filter(|quota| seen(&quota.scope));
    Ok(Json(Quotas {
        quotas: quotas.map(|quota| QuotaSet::of(quota, now)).collect(),
    }))
}
