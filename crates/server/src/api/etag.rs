//! Edits that know what they edit (RFC 9110, `ETag` and `If-Match`).

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use weir_core::operator::digest;
use weir_engine::EngineError;
use weir_store::StoreError;

use crate::problem::Problem;

/// What stands for a state: another one has another.
pub(crate) fn of<T: Serialize>(state: &T) -> String {
    // A state of plain values always has a text.
    let text = serde_json::to_string(state).unwrap_or_default();
    let mut digest = digest(&text);
    digest.truncate(32);
    format!("\"{digest}\"")
}

/// The value of a header.
pub(crate) fn header(tag: &str) -> [(header::HeaderName, HeaderValue); 1] {
    let value = HeaderValue::from_str(tag);
    // A tag is quoted digits.
    let value = value.unwrap_or_else(|_| HeaderValue::from_static("\"\""));
    [(header::ETAG, value)]
}

/// What the caller believes it edits; without the header, whatever there is.
#[derive(Default)]
pub(crate) struct IfMatch(Option<String>);

impl IfMatch {
    /// The version of the rules that an edit is bound to, so that nobody comes between the look and the edit;
    /// none for whoever edits whatever there is.
    pub(crate) fn binds(&self, version: u64) -> Option<u64> {
        let tags = self.0.as_deref().filter(|tags| tags.trim() != "*");
        tags.map(|_| version)
    }

    /// Refuses if something else is there, or nothing.
    pub(crate) fn check(&self, there: Option<&str>) -> Result<(), Problem> {
        let Some(believed) = &self.0 else {
            return Ok(());
        };
        let mut tags = believed.split(',').map(str::trim);
        let holds = match there {
            None => false,
            Some(there) => tags.any(|tag| tag == "*" || tag == there),
        };
        if holds {
            return Ok(());
        }
        Err(changed_since())
    }
}

/// Why an edit failed; of one that was bound to a version of the rules, that somebody else changed any of them.
pub(crate) fn failed(error: &EngineError) -> Problem {
    match error {
        EngineError::Store(StoreError::StaleRules { .. }) => changed_since(),
        other => Problem::of_engine(other),
    }
}

fn changed_since() -> Problem {
    Problem::new(
        StatusCode::PRECONDITION_FAILED,
        "it was changed since it was read: read it again, and look whether the edit still fits",
    )
}

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let sent = parts.headers.get(header::IF_MATCH);
        let sent = sent
            .map(|value| value.to_str().map(str::to_owned))
            .transpose();
        sent.map(Self)
            .map_err(|_| Problem::bad_request("the header If-Match: take it from `ETag`"))
    }
}
