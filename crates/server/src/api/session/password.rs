//! `POST /api/v1/me/password`

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::ToSchema;
use weir_engine::{LogIn, LoggedIn};

use crate::api::body::Body;
use crate::api::peer::Peer;
use crate::api::{Api, SignedIn, cookie};
use crate::problem::Problem;

/// One's own password, before and after.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "current": "a few words in a row", "password": "a long phrase nobody guesses" }))]
pub(crate) struct OwnPassword {
    /// The one that holds now.
    #[schema(format = Password)]
    current: String,
    /// The one to be.
    #[schema(format = Password)]
    password: String,
}

/// Change one's own password
///
/// Ends all sessions of the operator; this one goes on with another cookie. Wrong current passwords
/// are slowed down like failures to log in.
#[utoipa::path(
    post,
    path = "/api/v1/me/password",
    operation_id = "me_passwd",
    tag = "session",
    security(("session" = [])),
    params(
        ("X-Weir-CSRF" = String, Header, description = "Any value"),
        crate::api::idempotency::Key,
    ),
    request_body = OwnPassword,
    responses(
        (status = 204, description = "Changed", headers(("set-cookie" = String))),
        crate::api::answers::Writes,
    ),
)]
pub(crate) async fn post(
    State(api): State<Api>,
    who: SignedIn,
    Peer(from): Peer,
    Body(OwnPassword { current, password }): Body<OwnPassword>,
) -> Result<Response, Problem> {
    if who.session.is_none() {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "a token changes no password: log in for that",
        ));
    }
    let name = &who.caller.name;
    let done = api
        .engine
        .change_own_password(name, &current, &password, from);
    match done.await.map_err(|error| Problem::of_engine(&error))? {
        LogIn::In(LoggedIn { secret, .. }) => {
            let mut response = StatusCode::NO_CONTENT.into_response();
            if let Some(cookie) = cookie::set(api.transport, secret.expose()) {
                response.headers_mut().insert(header::SET_COOKIE, cookie);
            }
            Ok(response)
        }
        LogIn::Wrong => Err(Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "the current password is wrong",
        )),
        LogIn::Wait(until) => {
            let wait = until.duration_since(api.engine.wall());
            Err(Problem::too_soon(wait))
        }
    }
}
