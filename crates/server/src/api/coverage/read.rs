//! `POST /api/v1/coverage/read`; also what `weir coverage --read` does.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_core::operator::Permission;

use super::show::stretch;
use crate::api::body::{Body, day};
use crate::api::{Api, SignedIn};
use crate::problem::Problem;

/// Which days are read.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "from": "2026-11-20" }))]
pub struct ReadCoverage {
    /// The first local day [default: the last 24 hours].
    pub from: Option<String>,
    /// The last local day [default: until now].
    pub to: Option<String>,
}

/// That both sides were read.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct CoverageRead {
    /// What could not be read, by account and Region.
    pub problems: Vec<String>,
}

/// Read what AWS counted
///
/// Now, instead of once an hour: the calls that CloudWatch reports, beside those on file.
#[utoipa::path(
    post,
    path = "/api/v1/coverage/read",
    operation_id = "coverage_read",
    tag = "system",
    params(crate::api::idempotency::Key),
    request_body = ReadCoverage,
    responses(
        (status = 200, description = "It was read, but for the problems", body = CoverageRead),
        crate::api::answers::Writes,
    ),
)]
pub(crate) async fn post(
    State(api): State<Api>,
    who: SignedIn,
    Body(ReadCoverage { from, to }): Body<ReadCoverage>,
) -> Result<Json<CoverageRead>, Problem> {
    who.may(Permission::ManageSystem)?;
    let failed = |error| Problem::of_engine(&error);
    let rules = api.engine.rules().await.map_err(failed)?;
    let from = from.map(|from| day("from", &from)).transpose()?;
    let to = to.map(|to| day("to", &to)).transpose()?;
    let (from, to) = stretch((from, to), &rules.zone, api.engine.now())
        .ok_or_else(|| Problem::bad_request("the body: from is later than to, or not yet begun"))?;
    let problems = Box::pin(api.engine.read_coverage(from, to)).await;
    let problems = problems.map_err(failed)?;
    Ok(Json(CoverageRead { problems }))
}
