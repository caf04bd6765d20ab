//! Bodies of requests: JSON, small, without fields that nobody knows.

use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use jiff::civil::Date;
use serde::de::DeserializeOwned;

use crate::problem::Problem;

/// No body about one thing comes near this.
const SMALL: usize = 64 * 1024;
/// Nor one about many things.
pub(crate) const LARGE: usize = 1024 * 1024;

/// The local day in a field of a body.
pub(crate) fn day(field: &str, text: &str) -> Result<Date, Problem> {
    let day = text.parse();
    day.map_err(|error| Problem::bad_request(format!("the body: {field}: {error}")))
}

/// A JSON body, of at most so many bytes. Types that are read refuse unknown fields.
pub(crate) struct Body<T, const MOST: usize = SMALL>(pub(crate) T);

impl<S: Sync, T: DeserializeOwned, const MOST: usize> FromRequest<S> for Body<T, MOST> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/json") {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "send JSON with `Content-Type: application/json`",
            ));
        }
        let bytes: Bytes = to_bytes(request.into_body(), MOST).await.map_err(|_| {
            let most = MOST / 1024;
            Problem::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("the body is larger than {most} KiB, or ended before it was complete"),
            )
        })?;
        serde_json::from_slice(&bytes)
            .map(Self)
            .map_err(|error| Problem::bad_request(format!("the body: {error}")))
    }
}
