//! `PUT` and `DELETE /api/v1/teams/{team}/owner`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_core::attribution::team_name;
use weir_core::operator::Permission;

use crate::api::body::Body;
use crate::api::query::PathPart;
use crate::api::{Api, SignedIn};
use crate::problem::Problem;

/// Who owns a team from now on.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "owner": "lead@example.com" }))]
pub struct NewOwner {
    /// The address that gets the team's messages.
    pub owner: String,
}

/// Who owns a team.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct TeamOwner {
    /// Which.
    pub team: String,
    /// The address that gets its messages; null is nobody's, except administrators'.
    pub owner: Option<String>,
}

/// Set the owner of a team
///
/// Who gets the messages about it.
#[utoipa::path(
    put,
    path = "/api/v1/teams/{team}/owner",
    operation_id = "teams_own",
    tag = "teams",
    params(("team" = String, Path, description = "The team; it may have no members yet")),
    request_body = NewOwner,
    responses(
        (status = 200, description = "Who owns it now", body = TeamOwner),
        crate::api::answers::Writes,
    ),
)]
pub(crate) async fn put(
    State(api): State<Api>,
    who: SignedIn,
    PathPart(team): PathPart,
    Body(new): Body<NewOwner>,
) -> Result<Json<TeamOwner>, Problem> {
    if !new.owner.contains('@') {
        return Err(Problem::bad_request(
            "the body: owner: this is not an e-mail address",
        ));
    }
    set(&api, &who, &team, Some(new.owner)).await
}

/// Take the owner of a team away
#[utoipa::path(
    delete,
    path = "/api/v1/teams/{team}/owner",
    operation_id = "teams_disown",
    tag = "teams",
    params(("team" = String, Path, description = "The team")),
    responses(
        (status = 200, description = "That nobody owns it now", body = TeamOwner),
        crate::api::answers::Writes,
    ),
)]
pub(crate) async fn delete(
    State(api): State<Api>,
    who: SignedIn,
    PathPart(team): PathPart,
) -> Result<Json<TeamOwner>, Problem> {
    set(&api, &who, &team, None).await
}

async fn set(
    api: &Api,
    who: &SignedIn,
    team: &str,
    owner: Option<String>,
) -> Result<Json<TeamOwner>, Problem> {
    who.may(Permission::ChangePeople)?;
    let team = team_name(team);
    let by = who.caller.actor();
    let done = api.engine.set_team_owner(&team, owner.clone(), &by).await;
    done.map_err(|error| Problem::of_engine(&error))?;
    Ok(Json(TeamOwner {
        team: team.to_string(),
        owner,
    }))
}
