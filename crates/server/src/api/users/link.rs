//! `POST /api/v1/users/{user}/principals`

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_core::attribution::{Principal, named};
use weir_core::operator::Permission;
use weir_engine::LinkEffect;

use crate::api::body::Body;
use crate::api::query::{PathPart, Query};
use crate::api::quotas::edit::Whether;
use crate::api::{Api, SignedIn, users};
use crate::problem::Problem;

/// An AWS identity that is to be part of a user.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "principal": "arn:aws:iam::111122223333:user/ana" }))]
pub struct NewLink {
    /// An ARN, or `ACCOUNT/KIND/NAME[/SESSION]`.
    pub principal: String,
}

/// What a link does, or would do.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Linked {
    /// `ACCOUNT/KIND/NAME[/SESSION]`
    pub principal: String,
    /// It was not done: nobody wanted more than to know.
    pub dry_run: bool,
    /// Whose its calls were.
    pub before: String,
    /// Whose they are from now on.
    pub after: String,
    /// The user whose they were is blocked.
    pub was_blocked: bool,
    /// The user whose they are is blocked.
    pub is_blocked: bool,
    /// Tools and models that whoever calls is denied by it: `tool cline`.
    pub denied_in_part: Vec<String>,
    /// Tools and models that they are given back.
    pub released_in_part: Vec<String>,
}

impl Linked {
    /// What a link would do.
    pub fn foreseen(principal: &Principal, effect: LinkEffect) -> Self {
        let LinkEffect {
            before,
            after,
            was_blocked,
            is_blocked,
            denied_in_part,
            released_in_part,
        } = effect;
        Self {
            principal: principal.to_string(),
            dry_run: true,
            before: before.to_string(),
            after: after.to_string(),
            was_blocked,
            is_blocked,
            denied_in_part: denied_in_part.into_iter().collect(),
            released_in_part: released_in_part.into_iter().collect(),
        }
    }

    /// Whether somebody loses access by it.
    pub fn denies(&self) -> bool {
        (self.is_blocked && !self.was_blocked) || !self.denied_in_part.is_empty()
    }
}

/// Link an identity to a user
///
/// For its calls from now on; the user is made if nobody has seen them. If whoever calls would be denied by it, it is
/// done with `yes=true` only.
#[utoipa::path(
    post,
    path = "/api/v1/users/{user}/principals",
    operation_id = "users_link",
    tag = "users",
    params(
        ("user" = String, Path, description = "The id; a slash in it is written %2F"),
        Whether,
        crate::api::idempotency::Key,
    ),
    request_body = NewLink,
    responses(
        (status = 200, description = "What it did", body = Linked),
        crate::api::answers::Writes,
    ),
)]
pub(crate) async fn post(
    State(api): State<Api>,
    who: SignedIn,
    PathPart(user): PathPart,
    Query(whether): Query<Whether>,
    Body(new): Body<NewLink>,
) -> Result<Json<Linked>, Problem> {
    who.may(Permission::ChangePeople)?;
    let user = users::to_be(&user)
        .map_err(|why| Problem::bad_request(format!("the path: user: {why}")))?;
    let failed = |error| Problem::of_engine(&error);
    let engine = &api.engine;
    let rules = engine.rules().await.map_err(failed)?;
    let sessions = &rules.settings.attribution.session_roles;
    let principal = named(new.principal.trim(), sessions)
        .map_err(|why| Problem::bad_request(format!("the body: principal: {why}")))?;
    let foreseen = engine.foresee_link(&principal, &user).await;
    let foreseen = Linked::foreseen(&principal, foreseen.map_err(failed)?);
    if whether.dry_run {
        return Ok(Json(foreseen));
    }
    if foreseen.denies() && !whether.yes {
        return Err(Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            format!(
                "{principal} would be denied by it, as `{user}` is: say `yes=true` to do it all the same"
            ),
        ));
    }
    let by = who.caller.actor();
    engine.link(&principal, &user, &by).await.map_err(failed)?;
    Ok(Json(Linked {
        dry_run: false,
        ..foreseen
    }))
}
