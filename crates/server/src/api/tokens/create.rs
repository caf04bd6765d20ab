//! `POST /api/v1/tokens`

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_core::operator::{OperatorName, Permission, Role};
use weir_engine::{NewToken, Via};

use super::list::Token;
use crate::api::body::Body;
use crate::api::idempotency::Unrepeated;
use crate::api::{Api, SignedIn};
use crate::problem::Problem;

/// A token to be made.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "label": "nightly report", "role": "viewer", "for": "90d" }))]
pub struct Wanted {
    /// What it is for.
    pub label: String,
    /// For how long, a year at most: `90d`.
    #[serde(rename = "for")]
    pub for_: String,
    /// The most it may do: viewer, operator, admin, team or developer [default: what its operator may].
    pub role: Option<String>,
    /// In whose name it acts [default: the caller]; for others, by admins only.
    pub operator: Option<String>,
}

/// A token that was made.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct MadeToken {
    /// What callers present as `Authorization: Bearer …`. Shown this once: null if the request is repeated.
    pub secret: Option<String>,
    /// What is stored.
    #[serde(flatten)]
    pub token: Token,
}

/// Make a token
#[utoipa::path(
    post,
    path = "/api/v1/tokens",
    operation_id = "tokens_create",
    tag = "operators",
    params(crate::api::idempotency::Key),
    request_body = Wanted,
    responses(
        (status = 201, description = "The token", body = MadeToken),
        crate::api::answers::Writes,
    ),
)]
pub(crate) async fn post(
    State(api): State<Api>,
    who: SignedIn,
    Body(wanted): Body<Wanted>,
) -> Result<Response, Problem> {
    who.may(Permission::MakeTokens)?;
    let wrong =
        |field: &str, why: String| Problem::bad_request(format!("the body: {field}: {why}"));
    let operator = match &wanted.operator {
        None => who.caller.name.clone(),
        Some(name) => {
            OperatorName::new(name).map_err(|error| wrong("operator", error.to_string()))?
        }
    };
    let role = wanted.role.as_deref().map(str::parse::<Role>).transpose();
    let mut role = role.map_err(|error| wrong("role", error))?;
    if operator == who.caller.name {
        // A token that may less than its operator makes none that may more than itself.
        let asked = role.unwrap_or(who.caller.rights.role());
        if !who.caller.rights.may_issue(asked) {
            return Err(Problem::new(
                StatusCode::FORBIDDEN,
                format!("a token of role {asked} would be allowed what the caller is not"),
            ));
        }
        role = Some(asked);
    } else {
        who.may(Permission::ManageOperators)?;
    }
    let term = weir_core::duration::parse(&wanted.for_);
    let term = term.map_err(|error| wrong("for", error.to_string()))?;
    outlives(&api, &who, term).await?;
    let new = NewToken {
        operator,
        label: wanted.label,
        role,
        term,
    };
    let made = api.engine.make_token(&new, &who.caller.actor()).await;
    let made = made.map_err(|error| Problem::of_engine(&error))?;
    let again = MadeToken {
        secret: None,
        token: Token::of(made.token.clone()),
    };
    let once = MadeToken {
        secret: Some(made.secret.expose().to_owned()),
        token: Token::of(made.token),
    };
    let mut response = (StatusCode::CREATED, Json(once)).into_response();
    response.extensions_mut().insert(Unrepeated::of(&again));
    Ok(response)
}

/// A token makes none that is good for longer than itself: who gets hold of one has it for its time.
async fn outlives(api: &Api, who: &SignedIn, term: SignedDuration) -> Result<(), Problem> {
    let Via::Token(id) = &who.caller.via else {
        return Ok(());
    };
    let own = api.engine.store().operators().token_of_id(id).await;
    let end = own.map_err(Problem::of_store)?.map(|own| own.expires_at);
    let wanted = api.engine.wall().saturating_add(term);
    if end.is_some_and(|end| wanted.is_ok_and(|wanted| wanted <= end)) {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        "a token makes none that is good for longer than itself: log in for that",
    ))
}
