//! `GET /api/v1/users`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use weir_core::ids::UserId;
use weir_core::operator::Permission;

use super::User;
use crate::api::query::Query;
use crate::api::{Api, SignedIn, page, team};
use crate::problem::Problem;

/// Which users.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// Only members of this team.
    team: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// Rows of a page, 1 to 500 [default: 50].
    limit: Option<u32>,
}

/// A page of users.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Users {
    /// By id.
    users: Vec<User>,
    /// The cursor of the next page; null after the last.
    next: Option<String>,
}

/// List users
#[utoipa::path(
    get,
    path = "/api/v1/users",
    operation_id = "users_list",
    tag = "users",
    params(Asked),
    responses(
        (status = 200, description = "A page of users", body = Users),
        (status = 400, description = "The query is wrong", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Not logged in", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Another team", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn get(
    State(api): State<Api>,
    who: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Json<Users>, Problem> {
    let within = who.may(Permission::ReadUsage)?;
    let team = team::asked(&within, asked.team.as_deref())?;
    let limit = page::limit(asked.limit)?;
    let after = asked.cursor.as_deref().map(page::key).transpose()?;
    let after = after.map(UserId::new);
    let store = api.engine.store();
    // One more tells whether there are more.
    let users = store.users(team.as_ref(), after.as_ref(), limit + 1).await;
    let mut users = users.map_err(Problem::of_store)?;
    let more = users.len() > limit as usize;
    users.truncate(limit as usize);
    let last = users.last().filter(|_| more);
    Ok(Json(Users {
        next: last.map(|row| page::cursor(row.user.as_str())),
        users: users.into_iter().map(User::of).collect(),
    }))
}
