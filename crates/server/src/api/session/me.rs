//! `GET /api/v1/me`

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;
use weir_core::operator::Permission;
use weir_engine::{Caller, Via};

use crate::api::SignedIn;
use crate::problem::Problem;

/// Who calls, and what they may do.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Me {
    /// The operator.
    name: String,
    /// viewer, operator, admin or team.
    role: &'static str,
    /// The team of the role team.
    team: Option<String>,
    /// What the role may do, by words.
    permissions: Vec<&'static str>,
    /// The id of the token that was used; null for a session.
    token: Option<String>,
}

impl Me {
    pub(super) fn of(caller: &Caller) -> Self {
        let Caller { name, rights, via } = caller;
        let allowed = Permission::ALL.into_iter();
        let allowed = allowed.filter(|permission| rights.within(*permission).is_some());
        Self {
            name: name.to_string(),
            role: rights.role().as_str(),
            team: rights.team().map(ToString::to_string),
            permissions: allowed.map(Permission::as_str).collect(),
            token: match via {
                Via::Session => None,
                Via::Token(id) => Some(id.clone()),
            },
        }
    }
}

/// Who am I
///
/// The operator behind the session or token, and what it may do.
#[utoipa::path(
    get,
    path = "/api/v1/me",
    operation_id = "me",
    tag = "session",
    responses(
        (status = 200, description = "Who calls", body = Me),
        (status = 401, description = "Not logged in", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn get(who: SignedIn) -> Json<Me> {
    Json(Me::of(&who.caller))
}
