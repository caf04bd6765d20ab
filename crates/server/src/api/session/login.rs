//! `POST /api/v1/login`

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_engine::{LogIn, LoggedIn};

use super::me::Me;
use crate::api::body::Body;
use crate::api::caller::OwnSite;
use crate::api::peer::Peer;
use crate::api::{Api, cookie};
use crate::problem::Problem;

/// What lets an operator in.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "ana", "password": "correct horse battery" }))]
pub struct Credentials {
    /// The operator's name.
    pub name: String,
    /// Their password.
    #[schema(format = Password)]
    pub password: String,
}

/// Log in
///
/// Sets the cookie of a session. It ends after an hour without a request that somebody caused, and after twelve
/// hours at the latest: what an open page asks by itself, with the header `X-Weir-Background: 1` or as the
/// connection for events, does not keep it alive. Failures are slowed down, by account and by address.
#[utoipa::path(
    post,
    path = "/api/v1/login",
    operation_id = "login",
    tag = "session",
    security(()),
    params(("X-Weir-CSRF" = String, Header, description = "Any value")),
    request_body = Credentials,
    responses(
        (status = 200, description = "Logged in", body = Me, headers(("set-cookie" = String))),
        (status = 400, description = "The body is wrong", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Wrong name or password", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The header is missing", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "The body is not JSON", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many failures", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn post(
    State(api): State<Api>,
    _: OwnSite,
    Peer(from): Peer,
    Body(Credentials { name, password }): Body<Credentials>,
) -> Result<Response, Problem> {
    let done = api.engine.log_in(&name, &password, from).await;
    match done.map_err(|error| Problem::of_engine(&error))? {
        LogIn::In(LoggedIn { secret, caller, .. }) => {
            let mut response = Json(Me::of(&api, &caller).await?).into_response();
            if let Some(cookie) = cookie::set(api.transport, secret.expose()) {
                response.headers_mut().insert(header::SET_COOKIE, cookie);
            }
            Ok(response)
        }
        LogIn::Wrong => Err(Problem::unauthorized("the name or the password is wrong")),
        LogIn::Wait(until) => {
            let wait = until.duration_since(api.engine.wall());
            Err(Problem::too_soon(wait))
        }
    }
}
