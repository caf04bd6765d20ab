//! `POST /api/v1/logout`

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::api::{Api, SignedIn, cookie};
use crate::problem::Problem;

/// Log out
///
/// Ends the session.
#[utoipa::path(
    post,
    path = "/api/v1/logout",
    operation_id = "logout",
    tag = "session",
    security(("session" = [])),
    params(("X-Weir-CSRF" = String, Header, description = "Any value")),
    responses(
        (status = 204, description = "Logged out", headers(("set-cookie" = String))),
        (status = 400, description = "A token has no session", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Not logged in", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The header is missing", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn post(State(api): State<Api>, who: SignedIn) -> Result<Response, Problem> {
    let Some(secret) = &who.session else {
        return Err(Problem::bad_request(
            "a token has no session: revoke it by `weir token revoke`",
        ));
    };
    let done = api.engine.log_out(secret, &who.caller).await;
    done.map_err(|error| Problem::of_engine(&error))?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    if let Some(cookie) = cookie::clear(api.transport) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
