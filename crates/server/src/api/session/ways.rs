//! `GET /api/v1/login`

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::Api;
use crate::sso::BEGIN;

/// How somebody can sign in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Ways {
    /// By single sign-on; null where there is none. Name and password do always.
    sso: Option<Sso>,
}

/// Single sign-on.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Sso {
    /// What the provider is called here; null if it has no name.
    label: Option<String>,
    /// Where a browser begins. It comes back with a session.
    start: &'static str,
}

/// Show ways to sign in
#[utoipa::path(
    get,
    path = "/api/v1/login",
    operation_id = "login_ways",
    tag = "session",
    security(()),
    responses((status = 200, description = "What there is", body = Ways)),
)]
pub(crate) async fn get(State(api): State<Api>) -> Json<Ways> {
    let sso = api.sso.as_ref().map(|provider| Sso {
        label: provider.label().map(str::to_owned),
        start: BEGIN,
    });
    Json(Ways { sso })
}
