//! `GET /api/v1/users/{user}/status`; also what `weir status` and the verbs about access print.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_core::ids::UserId;
use weir_core::operator::Permission;
use weir_engine::StatusReport;

use super::show::{Protection, Quota, protection};
use crate::api::query::PathPart;
use crate::api::{Api, SignedIn};
use crate::problem::Problem;

/// How a user stands now.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Status {
    /// Who.
    pub user_id: String,
    /// The team.
    pub team: String,
    /// The person's name.
    pub person: Option<String>,
    /// `ACTIVE`, `ACTIVE_ADM`, `BLOCKED` or `BLOCKED_ADM`.
    pub state: String,
    /// The worst state of the user's targets in AWS: whether a Deny was read back already.
    pub enforcement: String,
    /// The latest end of the active blocks, RFC 3339; null while blocked is indefinite.
    pub blocked_until: Option<String>,
    /// One line per active block, held ones and those of the team included.
    pub reasons: Vec<String>,
    /// The protection that holds.
    pub protection: Option<Protection>,
    /// Every quota that applies, with what was used of it.
    pub quotas: Vec<Quota>,
}

impl Status {
    /// As the engine reports it.
    pub fn of(report: StatusReport) -> Self {
        let StatusReport {
            user_id,
            team,
            person,
            state,
            enforcement,
            blocked_until,
            reasons,
            protection: held,
            quotas,
        } = report;
        Self {
            user_id: user_id.to_string(),
            team: team.to_string(),
            person,
            state: state.to_owned(),
            enforcement: enforcement.as_str().to_owned(),
            blocked_until,
            reasons,
            protection: held.map(protection),
            quotas: quotas.into_iter().map(Quota::of).collect(),
        }
    }
}

/// Show how a user stands
///
/// State, what blocks and protects, and what was used of every quota.
#[utoipa::path(
    get,
    path = "/api/v1/users/{user}/status",
    operation_id = "users_status",
    tag = "users",
    params(("user" = String, Path, description = "The id; a slash in it is written %2F")),
    responses(
        (status = 200, description = "How the user stands", body = Status),
        crate::api::answers::Shows,
    ),
)]
pub(crate) async fn get(
    State(api): State<Api>,
    who: SignedIn,
    PathPart(user): PathPart,
) -> Result<Json<Status>, Problem> {
    let within = who.may(Permission::ReadUsage)?;
    let row = super::within_reach(&api, &within, &UserId::new(user)).await?;
    let report = api.engine.status(&row.user).await;
    let report = report.map_err(|error| Problem::of_engine(&error))?;
    Ok(Json(Status::of(report)))
}
