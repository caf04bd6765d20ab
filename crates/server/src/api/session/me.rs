//! `GET /api/v1/me`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_core::operator::Permission;
use weir_engine::{Caller, Via};

use crate::api::{Api, SignedIn};
use crate::problem::Problem;

/// Who calls, and what they may do.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Me {
    /// The operator.
    pub name: String,
    /// viewer, operator, admin, team or developer.
    pub role: String,
    /// The team of the role team.
    pub team: Option<String>,
    /// The user of the role developer.
    pub user: Option<String>,
    /// What the role may do, by words.
    pub permissions: Vec<String>,
    /// The id of the token that was used; null for a session.
    pub token: Option<String>,
    /// Whether there is a password here to change; false for whoever comes by single sign-on.
    pub has_password: bool,
    /// The business zone, whose days and months are counted.
    pub zone: String,
    /// The server's clock, RFC 3339.
    pub now: String,
    /// Whether denials are written to AWS: `dry-run`, `iam` or `off`.
    pub mode: String,
    /// Weir's version.
    pub version: String,
}

impl Me {
    pub(super) async fn of(api: &Api, caller: &Caller) -> Result<Self, Problem> {
        let rules = api.engine.rules().await;
        let rules = rules.map_err(|error| Problem::of_engine(&error))?;
        let Caller {
            name,
            rights,
            via,
            has_password,
        } = caller;
        let allowed = Permission::ALL.into_iter();
        let allowed = allowed.filter(|permission| rights.may(*permission));
        Ok(Self {
            name: name.to_string(),
            role: rights.role().to_string(),
            team: rights.team().map(ToString::to_string),
            user: rights.user().map(ToString::to_string),
            permissions: allowed
                .map(|permission| permission.as_str().to_owned())
                .collect(),
            token: match via {
                Via::Session => None,
                Via::Token(id) => Some(id.clone()),
            },
            has_password: *has_password,
            zone: rules.zone.name().to_owned(),
            now: api.engine.now().to_string(),
            mode: rules.mode.mode.as_str().to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        })
    }
}

/// Who am I
///
/// The operator behind the session or token, what it may do, and by which clock and zone.
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
pub(crate) async fn get(State(api): State<Api>, who: SignedIn) -> Result<Json<Me>, Problem> {
    Me::of(&api, &who.caller).await.map(Json)
}
