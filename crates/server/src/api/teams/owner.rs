//! `PUT` and `DELETE /api/v1/teams/{team}/owner`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_core::attribution::team_name;
use weir_core::operator::Permission;

use crate::api::body::Body;
use crate::api::etag::{self, IfMatch};
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

/// What stands for the owner of a team, or for that it has none.
pub(super) fn state(owner: Option<&str>) -> etag::State {
    etag::State::of(owner.as_ref())
}

/// Set the owner of a team
///
/// Who gets the messages about it.
#[utoipa::path(
    put,
    path = "/api/v1/teams/{team}/owner",
    operation_id = "teams_own",
    tag = "teams",
    params(
        ("team" = String, Path, description = "The team; it may have no members yet"),
        ("If-Match" = Option<String>, Header, description = "`ETag` of the team, as it was read: it stands for the owner"),
    ),
    request_body = NewOwner,
    responses(
        (status = 200, description = "Who owns it now", body = TeamOwner, headers(("etag" = String))),
        crate::api::answers::Writes,
    ),
)]
pub(crate) async fn put(
    State(api): State<Api>,
    who: SignedIn,
    PathPart(team): PathPart,
    believed: IfMatch,
    Body(new): Body<NewOwner>,
) -> Result<(etag::Header, Json<TeamOwner>), Problem> {
    if !new.owner.contains('@') {
        return Err(Problem::bad_request(
            "the body: owner: this is not an e-mail address",
        ));
    }
    set(&api, &who, &team, Some(new.owner), &believed).await
}

/// Take the owner of a team away
#[utoipa::path(
    delete,
    path = "/api/v1/teams/{team}/owner",
    operation_id = "teams_disown",
    tag = "teams",
    params(
        ("team" = String, Path, description = "The team"),
        ("If-Match" = Option<String>, Header, description = "`ETag` of the team, as it was read: it stands for the owner"),
    ),
    responses(
        (status = 200, description = "That nobody owns it now", body = TeamOwner, headers(("etag" = String))),
        crate::api::answers::Writes,
    ),
)]
pub(crate) async fn delete(
    State(api): State<Api>,
    who: SignedIn,
    PathPart(team): PathPart,
    believed: IfMatch,
) -> Result<(etag::Header, Json<TeamOwner>), Problem> {
    set(&api, &who, &team, None, &believed).await
}

async fn set(
    api: &Api,
    who: &SignedIn,
    team: &str,
    owner: Option<String>,
    believed: &IfMatch,
) -> Result<(etag::Header, Json<TeamOwner>), Problem> {
    who.may(Permission::ChangePeople)?;
    let team = team_name(team);
    let engine = &api.engine;
    // Each change of an owner makes another version of the rules. It is read first: the owner is as of it, or newer.
    let rules = engine.reload_rules().await;
    let bound = believed.binds(rules.map_err(|error| Problem::of_engine(&error))?.version);
    let before = engine.store().team_owners(Some(&team)).await;
    let before = before.map_err(Problem::of_store)?;
    let before = before.first().map(|before| before.email.as_str());
    believed.check_state(&state(before))?;
    let by = who.caller.actor();
    let done = engine.set_team_owner_as_of(&team, owner.clone(), bound, &by);
    done.await.map_err(|error| believed.failed(&error))?;
    let tag = state(owner.as_deref()).header();
    let team = team.to_string();
    Ok((tag, Json(TeamOwner { team, owner })))
}
