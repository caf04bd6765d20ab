//! `GET /api/v1/me`

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use weir_core::operator::Permission;
use weir_engine::{Caller, Via};

use crate::api::{Api, SignedIn};
use crate::problem::Problem;

/// Who calls, and what they may do.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Me {
    /// The operator.
    name: String,
    /// viewer, operator, admin, team or developer.
    role: &'static str,
    /// The team of the role team.
    team: Option<String>,
    /// The user of the role developer.
    user: Option<String>,
    /// What the role may do, by words.
    permissions: Vec<&'static str>,
    /// The id of the token that was used; null for a session.
    token: Option<String>,
    /// Whether there is a password here to change; false for whoever comes by single sign-on.
    has_password: bool,
    /// The business zone, whose days and months are counted.
    zone: String,
    /// The server's clock, RFC 3339.
    now: String,
    /// Whether denials are written to AWS: `dry-run`, `iam` or `off`.
    mode: &'static str,
    /// Weir's version.
    version: &'static str,
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
            role: rights.role().as_str(),
            team: rights.team().map(ToString::to_string),
            user: rights.user().map(ToString::to_string),
            permissions: allowed.map(Permission::as_str).collect(),
            token: match via {
                Via::Session => None,
                Via::Token(id) => Some(id.clone()),
            },
            has_password: *has_password,
            zone: rules.zone.name().to_owned(),
            now: api.engine.now().to_string(),
            mode: rules.mode.mode.as_str(),
            version: env!("CARGO_PKG_VERSION"),
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
