//! The one form of every error that is answered (RFC 9457).
//!
//! | code | we mean | the caller should |
//! | --- | --- | --- |
//! | 400 | the request itself is wrong | fix it |
//! | 401 | no token, or not the right one | send the right one |
//! | 404, 405 | no such address, or not with this method | fix the request |
//! | 413 | more than is accepted at once | send it in parts |
//! | 500 | a fault of ours; the log has it under the `id` | report it |
//! | 503 | the database is busy or away | try again, with pauses |

use std::sync::atomic::{AtomicU64, Ordering};

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use weir_engine::EngineError;
use weir_store::StoreError;

/// An error as it is answered.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Problem {
    /// What kind of problem; the words of the status.
    title: String,
    /// The HTTP status.
    status: u16,
    /// What is wrong, and what to do.
    detail: String,
    /// Where the log tells more.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
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
        }
    }

    pub(crate) fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    pub(crate) fn unauthorized(detail: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, detail)
    }

    pub(crate) fn too_large(limit: u64) -> Self {
        let mib = limit / (1024 * 1024);
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("the body is larger than {mib} MiB once inflated: send it in parts"),
        )
    }

    /// A failure of the database or the engine; its details stay in the log.
    pub(crate) fn of_engine(error: &EngineError) -> Self {
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
        response
    }
}
