//! The one form of every error that is answered (RFC 9457).
//!
//! | code | we mean | the caller should |
//! | --- | --- | --- |
//! | 400 | the request itself is wrong | fix it |
//! | 401 | no token, or not the right one | send the right one |
//! | 403 | the role may not, or another site made the browser ask | ask an admin |
//! | 404, 405 | no such address or thing, or not with this method | fix the request |
//! | 413 | more than is accepted at once | send it in parts |
//! | 422 | a rule forbids it | read the detail |
//! | 429 | too often | wait as long as `Retry-After` says |
//! | 500 | a fault of ours; the log has it under the `id` | report it |
//! | 503 | the database is busy or away | try again, with pauses |

use std::sync::atomic::{AtomicU64, Ordering};

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_engine::EngineError;
use weir_store::StoreError;

/// An error as it is answered.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// What kind of problem; the words of the status.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong, and what to do.
    pub detail: String,
    /// Where the log tells more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Seconds to wait.
    #[serde(skip)]
    pub retry_after: Option<i64>,
}

/// Numbers the faults of this process.
static FAULTS: AtomicU64 = AtomicU64::new(1);

impl Problem {
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        let title = status.canonical_reason().unwrap_or("Error").to_owned();
        Self {
            title,
            status: status.as_u16(),
            detail: detail.into(),
            id: None,
            retry_after: None,
        }
    }

    pub(crate) fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    pub(crate) fn unauthorized(detail: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, detail)
    }

    pub(crate) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    pub(crate) fn too_large(limit: u64) -> Self {
        let mib = limit / (1024 * 1024);
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("the body is larger than {mib} MiB once inflated: send it in parts"),
        )
    }

    /// The same, for another reason.
    pub(crate) fn because(self, detail: &str) -> Self {
        Self {
            detail: detail.to_owned(),
            ..self
        }
    }

    /// What is wrong.
    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }

    /// Whether there is no such thing.
    pub(crate) fn is_missing(&self) -> bool {
        self.status == StatusCode::NOT_FOUND.as_u16()
    }

    /// Whether the request is what is wrong, rather than us.
    pub(crate) fn is_of_caller(&self) -> bool {
        self.status < 500
    }

    /// Too many failures, or requests, in too short a time.
    pub(crate) fn too_soon(wait: SignedDuration) -> Self {
        let seconds = wait.as_secs().max(0) + 1;
        Self {
            retry_after: Some(seconds),
            ..Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                format!("too often in too short a time: try again in {seconds} s"),
            )
        }
    }

    /// A read that failed.
    pub(crate) fn of_store(error: StoreError) -> Self {
        Self::of_engine(&EngineError::Store(error))
    }

    /// What the engine says no to, in its words; a failure of the database or of ours stays in the log.
    pub(crate) fn of_engine(error: &EngineError) -> Self {
        match error {
            EngineError::Refused(_)
            | EngineError::NoAws { .. }
            | EngineError::Store(StoreError::Refused(_)) => {
                return Self::new(StatusCode::UNPROCESSABLE_ENTITY, error.to_string());
            }
            EngineError::NoUser { .. }
            | EngineError::NoPolicy { .. }
            | EngineError::NotThere(_)
            | EngineError::NoOperator(_) => {
                return Self::new(StatusCode::NOT_FOUND, error.to_string());
            }
            EngineError::OthersBlock { .. } => {
                return Self::new(StatusCode::FORBIDDEN, error.to_string());
            }
            _ => {}
        }
        let busy = matches!(
            error,
            EngineError::Store(
                StoreError::Busy { .. } | StoreError::Database(_) | StoreError::StaleRules { .. }
            )
        );
        let id = format!("{:06}", FAULTS.fetch_add(1, Ordering::Relaxed));
        tracing::error!(id, %error, "a request failed");
        let problem = if busy {
            Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "the database is busy or away: try again; what was counted already is recognised",
            )
        } else {
            Self::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "this should not happen; the log has the cause under the id",
            )
        };
        Self {
            id: Some(id),
            ..problem
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let retry_after = self.retry_after;
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
