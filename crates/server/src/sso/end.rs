//! `GET /sso/callback`: back from the provider.

use std::net::IpAddr;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use weir_engine::{EngineError, SignIn};

use super::flow::Flow;
use super::page::{self, Trouble};
use super::provider::{Failure, Provider};
use crate::api::peer::Peer;
use crate::api::{Api, cookie};
use crate::problem::Problem;

/// What the provider sends back; it may send more.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Answer {
    code: Option<String>,
    state: String,
    error: Option<String>,
    error_description: Option<String>,
    /// Who answers (RFC 9207).
    iss: Option<String>,
}

pub(super) async fn get(
    State(api): State<Api>,
    Peer(from): Peer,
    headers: HeaderMap,
    answer: Result<Query<Answer>, axum::extract::rejection::QueryRejection>,
) -> Response {
    let Some(provider) = &api.sso else {
        return Problem::not_found("there is no single sign-on here").into_response();
    };
    let answer = answer.map(|Query(answer)| answer).unwrap_or_default();
    let mut response = match end(&api, provider, from, &headers, answer).await {
        Ok(session) => {
            let sent = [
                (header::LOCATION, HeaderValue::from_static("/")),
                (header::SET_COOKIE, session),
            ];
            (StatusCode::SEE_OTHER, sent).into_response()
        }
        Err(Stop::Trouble(trouble)) => page::of(&headers, &trouble),
        Err(Stop::Engine(error)) => Problem::of_engine(&error).into_response(),
    };
    // It was good for this once.
    if let Some(cookie) = Flow::clear(api.transport) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// Why it ends without a session.
enum Stop {
    Trouble(Trouble),
    Engine(EngineError),
}

impl From<EngineError> for Stop {
    fn from(error: EngineError) -> Self {
        Self::Engine(error)
    }
}

/// The cookie of the session that begins.
async fn end(
    api: &Api,
    provider: &Provider,
    from: Option<IpAddr>,
    headers: &HeaderMap,
    answer: Answer,
) -> Result<HeaderValue, Stop> {
    let engine = &api.engine;
    if let Some(until) = engine.count_sign_in(from).await? {
        let wait = until.duration_since(engine.wall());
        return Err(Stop::Trouble(Trouble::TooSoon(wait.as_secs().max(0) + 1)));
    }
    let Some(flow) = Flow::of(api.transport, headers, &answer.state) else {
        engine
            .note_failed_sign_in("not begun in this browser", from)
            .await?;
        return Err(Stop::Trouble(Trouble::NotBegun));
    };
    if let Some(error) = answer.error {
        engine
            .note_failed_sign_in("the provider denied it", from)
            .await?;
        let words = answer.error_description.unwrap_or_default();
        tracing::warn!(
            error,
            words,
            "the provider of single sign-on denied somebody"
        );
        let said = format!("{error}: {words}");
        return Err(Stop::Trouble(Trouble::Denied(said)));
    }
    let code = answer.code.unwrap_or_default();
    let told = provider.end(code, answer.iss.as_deref(), &flow, engine.wall());
    let person = match told.await {
        Ok(person) => person,
        Err(failure) => {
            tracing::error!(error = %failure, "single sign-on failed");
            let trouble = match failure {
                Failure::Unreachable(_) => Trouble::Provider,
                Failure::Unproven(_) => Trouble::Unproven,
            };
            engine.note_failed_sign_in(failure.reason(), from).await?;
            return Err(Stop::Trouble(trouble));
        }
    };
    match engine.sign_in(&person, provider.admission(), from).await? {
        SignIn::Away(why) => Err(Stop::Trouble(Trouble::Away(why))),
        SignIn::In(login) => {
            let session = cookie::set(api.transport, login.secret.expose());
            session.ok_or(Stop::Trouble(Trouble::Unproven))
        }
    }
}
