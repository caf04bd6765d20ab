//! `POST /api/v1/setup`

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use weir_core::operator::OperatorName;

use crate::api::Api;
use crate::api::body::Body;
use crate::api::caller::OwnSite;
use crate::problem::Problem;

/// The first operator.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "token": "…", "name": "ana", "password": "correct horse battery" }))]
pub(crate) struct First {
    /// What `weir serve` printed: good once, for a day.
    token: String,
    /// A name: letters a-z, digits, `.`, `_`, `-`, `@`.
    name: String,
    /// A password of at least twelve characters.
    #[schema(format = Password)]
    password: String,
}

/// Make the first operator
///
/// An admin. Works once, and only while there is no operator: `weir serve` prints the token then.
#[utoipa::path(
    post,
    path = "/api/v1/setup",
    operation_id = "setup",
    tag = "session",
    security(()),
    params(("X-Weir-CSRF" = String, Header, description = "Any value")),
    request_body = First,
    responses(
        (status = 204, description = "Made: log in"),
        (status = 400, description = "The body is wrong", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The token is not good, or the header is missing", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "The body is not JSON", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The password is too easy", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn post(
    State(api): State<Api>,
    _: OwnSite,
    Body(First {
        token,
        name,
        password,
    }): Body<First>,
) -> Result<StatusCode, Problem> {
    let name = OperatorName::new(&name)
        .map_err(|error| Problem::bad_request(format!("the body: name: {error}")))?;
    let made = api.engine.set_up(&token, &name, &password).await;
    if made.map_err(|error| Problem::of_engine(&error))? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        "this set-up token was used, is too old, or there are operators already: `weir operator create` \
         makes more",
    ))
}
