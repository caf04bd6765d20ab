//! Requests that are done once however often they are sent: the header `Idempotency-Key` on every `POST`
//! of an operator.
//!
//! A request is claimed under its key before it is looked at. What was answered is remembered for a day
//! and answered again; failures of ours are forgotten, so that the same request may be tried again. Who
//! dies half-way leaves a claim that ends by itself.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use utoipa::IntoParams;
use weir_core::operator::digest;
use weir_store::{Claim, ClaimedRequest};

use super::{Api, SignedIn};
use crate::problem::Problem;

const NAME: &str = "idempotency-key";
/// Says that an answer was given before.
const REPLAYED: &str = "idempotency-replayed";
/// The longest key.
const LONGEST: usize = 200;
/// The largest body: as of every body of the API.
const MOST: usize = 64 * 1024;
/// How long a request may be at work before it may be done again.
const AT_WORK: SignedDuration = SignedDuration::from_mins(5);

/// The header, in the description of addresses.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it is only described")]
pub(crate) struct Key {
    /// A key of the caller's own, up to 200 characters, a random one for each thing to be done: the same
    /// request with the same key is done once and answered alike for a day.
    #[param(rename = "Idempotency-Key")]
    idempotency_key: Option<String>,
}

/// What is remembered instead of an answer that holds something shown once.
#[derive(Clone)]
pub(crate) struct Unrepeated(String);

impl Unrepeated {
    pub(crate) fn of<T: Serialize>(again: &T) -> Self {
        // An answer of plain values always has a text.
        Self(serde_json::to_string(again).unwrap_or_default())
    }
}

/// Wraps the addresses of the API.
pub(crate) async fn once(State(api): State<Api>, request: Request, next: Next) -> Response {
    if request.method() != Method::POST || !request.headers().contains_key(NAME) {
        return next.run(request).await;
    }
    match claimed(&api, request, next).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

async fn claimed(api: &Api, request: Request, next: Next) -> Result<Response, Problem> {
    let (mut parts, body) = request.into_parts();
    // Whoever is not let in has nothing remembered: the handler says what is wrong.
    let Ok(who) = SignedIn::from_request_parts(&mut parts, api).await else {
        return Ok(next.run(Request::from_parts(parts, body)).await);
    };
    let key = parts.headers.get(NAME).map(HeaderValue::to_str);
    let key = match key {
        Some(Ok(key)) if (1..=LONGEST).contains(&key.len()) => key.to_owned(),
        _ => {
            return Err(Problem::bad_request(format!(
                "the header Idempotency-Key: 1 to {LONGEST} printable ASCII characters"
            )));
        }
    };
    let body: Bytes = to_bytes(body, MOST).await.map_err(|_| {
        Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "the body is larger than 64 KiB, or ended before it was complete",
        )
    })?;
    let now = api.engine.wall();
    let claim = ClaimedRequest {
        digest: digest(&format!("{} {key}", who.caller.name)),
        request: fingerprint(&key, &parts, &body),
    };
    let lease = now.saturating_add(AT_WORK).unwrap_or(Timestamp::MAX);
    let store = api.engine.store().operators();
    let found = store.claim_request(&claim, now, lease).await;
    match found.map_err(Problem::of_store)? {
        Claim::New => {}
        Claim::Answered { status, body } => return Ok(replayed(status, body)),
        Claim::AtWork => {
            return Err(Problem::new(
                StatusCode::CONFLICT,
                "the same request is at work: ask again in a moment",
            ));
        }
        Claim::Different => {
            return Err(Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "this Idempotency-Key came with another request: take a new one for each thing to do",
            ));
        }
    }
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    remembered(api, &claim.digest, response).await
}

/// The key is in it, so that a body with a password cannot be guessed from what is stored.
fn fingerprint(key: &str, parts: &axum::http::request::Parts, body: &[u8]) -> String {
    let mut text = format!("{key}\n{} {}\n", parts.method, parts.uri);
    text.push_str(&weir_core::operator::hex(body));
    digest(&text)
}

fn replayed(status: u16, body: Option<String>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let kind = if status.is_success() {
        "application/json"
    } else {
        "application/problem+json"
    };
    let has_body = body.is_some();
    let mut response = (status, body.unwrap_or_default()).into_response();
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_TYPE);
    if has_body {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    response
}

/// Writes down what is answered. If that fails, the claim ends by itself and the answer is given.
async fn remembered(api: &Api, digest: &str, response: Response) -> Result<Response, Problem> {
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let instead = parts.extensions.get::<Unrepeated>();
    let text = match instead {
        Some(Unrepeated(text)) => Some(text.clone()),
        None => std::str::from_utf8(&body).ok().map(str::to_owned),
    };
    let text = text.filter(|text| !text.is_empty());
    let failed = parts.status.is_server_error() || parts.status == StatusCode::TOO_MANY_REQUESTS;
    let answer = (!failed).then_some((parts.status.as_u16(), text.as_deref()));
    let store = api.engine.store().operators();
    if let Err(error) = store.end_request(digest, answer).await {
        tracing::error!(%error, "an answer could not be remembered under its key");
    }
    Ok(Response::from_parts(parts, Body::from(body)))
}
