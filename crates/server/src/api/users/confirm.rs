//! `POST /api/v1/users/{user}/confirm`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_core::ids::UserId;
use weir_core::operator::Permission;

use crate::api::query::PathPart;
use crate::api::{Api, SignedIn};
use crate::problem::Problem;

/// Whose calls those of a user are from now on.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Confirmed {
    /// Who was confirmed.
    pub user_id: String,
    /// For whom the calls count.
    pub counts_for: Vec<String>,
}

/// Confirm a user
///
/// Says that another identity under a known name is the same user. Calls of the past stay where they are.
#[utoipa::path(
    post,
    path = "/api/v1/users/{user}/confirm",
    operation_id = "users_confirm",
    tag = "users",
    params(
        ("user" = String, Path, description = "The id, as `ana~AIDAEXAMPLE`; a slash in it is written %2F"),
        crate::api::idempotency::Key,
    ),
    responses(
        (status = 200, description = "Whose calls they are", body = Confirmed),
        crate::api::answers::Writes,
    ),
)]
pub(crate) async fn post(
    State(api): State<Api>,
    who: SignedIn,
    PathPart(user): PathPart,
) -> Result<Json<Confirmed>, Problem> {
    who.may(Permission::ChangePeople)?;
    let user = UserId::new(user.trim());
    let became = api.engine.confirm(&user, &who.caller.actor()).await;
    let became = became.map_err(|error| Problem::of_engine(&error))?;
    Ok(Json(Confirmed {
        user_id: user.to_string(),
        counts_for: became.iter().map(ToString::to_string).collect(),
    }))
}
