//! `POST /api/v1/prices/{model}/reprice`; also what `weir pricing reprice` does.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_core::ids::Region;
use weir_core::operator::Permission;
use weir_engine::{Costs, Reprice, Repriced};

use super::set::canonical;
use crate::api::access::Access;
use crate::api::body::{Body, day};
use crate::api::query::{PathPart, Query};
use crate::api::quotas::edit::Whether;
use crate::api::{Api, SignedIn};
use crate::problem::Problem;

/// Which calls of the model are costed anew.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "from": "2026-11-01", "region": "eu-west-1" }))]
pub struct CostAnew {
    /// The first local day.
    pub from: String,
    /// The last local day [default: until now].
    pub to: Option<String>,
    /// Only of this source Region [default: all].
    pub region: Option<String>,
}

/// What costing calls anew did, or would do.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct CostedAnew {
    /// The canonical model.
    pub model: String,
    /// The source Region; null is all.
    pub region: Option<String>,
    /// The first local day.
    pub from: String,
    /// The last local day; null is until now.
    pub to: Option<String>,
    /// It was done.
    pub done: bool,
    /// Invocations of the model in that time, failed ones too.
    pub invocations: u64,
    /// Those that cost something else.
    pub changed: u64,
    /// What those cost before.
    pub before: CostsOfCalls,
    /// What they cost by the prices that are known now.
    pub after: CostsOfCalls,
    /// Who lost and who regained access; nobody where it was not done.
    #[serde(flatten)]
    pub access: Access,
}

/// What some invocations cost.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct CostsOfCalls {
    /// Dollars, the sum of the known costs; exact decimal.
    pub cost_usd: String,
    /// How many have no price.
    pub unpriced: u64,
}

impl CostsOfCalls {
    fn of(costs: Costs) -> Self {
        let Costs { cost, unpriced } = costs;
        Self {
            cost_usd: cost.to_decimal(),
            unpriced,
        }
    }
}

impl CostedAnew {
    /// As the engine foresaw it, or did it.
    pub fn of(wanted: &Reprice, repriced: &Repriced, done: bool) -> Self {
        let Reprice {
            model,
            region,
            from,
            to,
        } = wanted;
        let Repriced {
            invocations,
            changed,
            before,
            after,
            access,
        } = repriced;
        Self {
            model: model.to_string(),
            region: region.as_ref().map(Region::to_string),
            from: from.to_string(),
            to: to.map(|to| to.to_string()),
            done,
            invocations: *invocations,
            changed: *changed,
            before: CostsOfCalls::of(*before),
            after: CostsOfCalls::of(*after),
            access: Access::of(access),
        }
    }
}

/// Cost calls of a model anew
///
/// Past calls get the prices that are known now for their time; totals follow, and windows that are over block nobody. It
/// is done with `yes=true` only.
#[utoipa::path(
    post,
    path = "/api/v1/prices/{model}/reprice",
    operation_id = "prices_reprice",
    tag = "prices",
    params(
        ("model" = String, Path, description = "The canonical model"),
        Whether,
        crate::api::idempotency::Key,
    ),
    request_body = CostAnew,
    responses(
        (status = 200, description = "What it did", body = CostedAnew),
        crate::api::answers::Writes,
    ),
)]
pub(crate) async fn post(
    State(api): State<Api>,
    who: SignedIn,
    PathPart(model): PathPart,
    Query(whether): Query<Whether>,
    Body(new): Body<CostAnew>,
) -> Result<Json<CostedAnew>, Problem> {
    who.may(Permission::ChangePrices)?;
    let CostAnew { from, to, region } = new;
    let wanted = Reprice {
        model: canonical(&model)?,
        region: region.map(Region::new),
        from: day("from", &from)?,
        to: to.map(|to| day("to", &to)).transpose()?,
    };
    let failed = |error| Problem::of_engine(&error);
    let foreseen = api.engine.foresee_repricing(&wanted).await;
    let foreseen = foreseen.map_err(failed)?;
    if whether.dry_run || foreseen.changed == 0 {
        return Ok(Json(CostedAnew::of(&wanted, &foreseen, false)));
    }
    whether.insists("costs of the past change")?;
    let by = who.caller.actor();
    let done = Box::pin(api.engine.reprice_past(&wanted, &by)).await;
    let done = done.map_err(failed)?;
    Ok(Json(CostedAnew::of(&wanted, &done, true)))
}
