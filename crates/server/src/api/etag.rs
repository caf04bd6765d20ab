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

/// The header of an answer.
pub(crate) type Header = [(header::HeaderName, HeaderValue); 1];

/// The value of a header.
pub(crate) fn header(tag: &str) -> Header {
    let value = HeaderValue::from_str(tag);
    // A tag is quoted digits.
    let value = value.unwrap_or_else(|_| HeaderValue::from_static("\"\""));
    [(header::ETAG, value)]
}

/// What can be there or not: that nothing is there has a tag too, so that whoever saw nothing can say so.
pub(crate) struct State {
    pub(crate) tag: String,
    is_there: bool,
}

impl State {
    pub(crate) fn of<T: Serialize>(state: Option<&T>) -> Self {
        Self {
            tag: of(&state),
            is_there: state.is_some(),
        }
    }

    pub(crate) fn header(&self) -> Header {
        header(&self.tag)
    }
}

/// What the caller believes it edits; without the header, whatever there is.
#[derive(Default)]
pub(crate) struct IfMatch(Option<String>);

impl IfMatch {
    /// The version of the rules that an edit is bound to, so that nobody comes between the look and the edit;
    /// none for whoever edits whatever there is.
    pub(crate) fn binds(&self, version: u64) -> Option<u64> {
        self.tags().map(|_| version)
    }

    fn tags(&self) -> Option<&str> {
        self.0.as_deref().filter(|tags| tags.trim() != "*")
    }

    /// Refuses if something else is there, or nothing.
    pub(crate) fn check(&self, there: Option<&str>) -> Result<(), Problem> {
        self.holds(there, there.is_some())
            .then_some(())
            .ok_or_else(changed_since)
    }

    /// The same of what has a tag also where there is nothing; `*` asks for something.
    pub(crate) fn check_state(&self, there: &State) -> Result<(), Problem> {
        self.fits(there).then_some(()).ok_or_else(changed_since)
    }

    /// Whether that is what is to be edited.
    pub(crate) fn fits(&self, there: &State) -> bool {
        self.holds(Some(&there.tag), there.is_there)
    }

    fn holds(&self, there: Option<&str>, is_there: bool) -> bool {
        let Some(believed) = &self.0 else {
            return true;
        };
        let mut tags = believed.split(',').map(str::trim);
        tags.any(|tag| match tag {
            "*" => is_there,
            tag => there == Some(tag),
        })
    }

    /// Why an edit failed; of one that was bound to a version of the rules, that somebody else changed any of them.
    pub(crate) fn failed(&self, error: &EngineError) -> Problem {
        match error {
            EngineError::Store(StoreError::StaleRules { .. }) if self.tags().is_some() => {
                changed_since()
            }
            other => Problem::of_engine(other),
        }
    }
}

/// Somebody else was faster.
pub(crate) fn changed_since() -> Problem {
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
