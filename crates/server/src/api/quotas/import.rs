//! `PATCH /api/v1/quotas`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_core::operator::Permission;
use weir_store::RuleChange;

use super::edit::{NewQuota, QuotaChanged, Whether, Which, metric, quota};
use crate::api::body::{Body, LARGE};
use crate::api::query::Query;
use crate::api::{Api, SignedIn};
use crate::problem::Problem;

/// Quotas to be set at once.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "quotas": [{ "scope": "user:ana", "metric": "requests", "window": "day", "limit": "350" }]
}))]
pub struct NewQuotas {
    /// Each scope, metric and window once.
    pub quotas: Vec<OneQuota>,
    /// Why, for the record.
    #[serde(default)]
    pub reason: String,
}

/// One of several quotas to be set.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OneQuota {
    /// `user:ana`, `defaults`, `team-defaults:sap`, `team:sap`, `tool:cline`, `model:ID` or `organisation`.
    pub scope: String,
    /// requests, tokens, `tokens_all` or cost.
    pub metric: String,
    /// hour, day or month.
    pub window: String,
    /// Digits; dollars of the metric cost, as decimal; `unlimited`.
    pub limit: String,
    /// block or notify [default: block].
    pub action: Option<String>,
    /// Warning thresholds in percent, 1 to 99 [default: 80 and 95].
    pub warn: Option<Vec<u32>>,
}

/// Set several quotas
///
/// All of them or none; what is not named stays as it is. If anybody would be blocked by it, it is done with
/// `yes=true` only. `quota` of the answer is null.
#[utoipa::path(
    patch,
    path = "/api/v1/quotas",
    operation_id = "quotas_import",
    tag = "quotas",
    params(Whether),
    request_body = NewQuotas,
    responses(
        (status = 200, description = "What it did", body = QuotaChanged),
        crate::api::answers::Writes,
    ),
)]
pub(crate) async fn patch(
    State(api): State<Api>,
    who: SignedIn,
    Query(whether): Query<Whether>,
    Body(new): Body<NewQuotas, LARGE>,
) -> Result<Json<QuotaChanged>, Problem> {
    who.may(Permission::ChangeQuotas)?;
    let NewQuotas { quotas, reason } = new;
    let mut changes = Vec::with_capacity(quotas.len());
    let mut seen = std::collections::BTreeSet::new();
    for (at, one) in quotas.into_iter().enumerate() {
        let place = format!("the body: quotas[{at}]");
        let (which, new) =
            read(one).map_err(|why| Problem::bad_request(format!("{place}: {why}")))?;
        if !seen.insert((which.scope.clone(), which.metric, which.window)) {
            return Err(Problem::bad_request(format!("{place}: it comes twice")));
        }
        let set = quota(&place, &which, &new, who.caller.name.author())?;
        changes.push(RuleChange::SetQuota(set));
    }
    if changes.is_empty() {
        return Err(Problem::bad_request("the body: quotas: there is none"));
    }
    let failed = |error| Problem::of_engine(&error);
    let foreseen = api.engine.preview(&changes).await.map_err(failed)?;
    if whether.dry_run {
        return Ok(Json(QuotaChanged::of(None, true, &foreseen)));
    }
    whether.agrees(&foreseen)?;
    let reason = match reason.trim() {
        "" => "import",
        reason => reason,
    };
    let by = who.caller.actor();
    let effect = Box::pin(api.engine.change_quotas(changes, reason, &by)).await;
    Ok(Json(QuotaChanged::of(
        None,
        false,
        &effect.map_err(failed)?,
    )))
}

fn read(one: OneQuota) -> Result<(Which, NewQuota), String> {
    let OneQuota {
        scope,
        metric: of,
        window,
        limit,
        action,
        warn,
    } = one;
    let which = Which {
        scope: scope.parse()?,
        metric: metric(&of)?,
        window: window.parse()?,
    };
    let new = NewQuota {
        limit,
        action,
        warn,
        reason: String::new(),
    };
    Ok((which, new))
}
