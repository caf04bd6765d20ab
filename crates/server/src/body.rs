//! Bodies: at most so many bytes, inflated.

use std::io::Read;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, StatusCode, header};
use flate2::read::MultiGzDecoder;

use crate::problem::Problem;

/// What a body may come to once inflated (rules 12).
pub(crate) const MOST: u64 = 64 * 1024 * 1024;

/// How often gzip may be wrapped in gzip: a `.gz` file sent with `Content-Encoding: gzip`.
const WRAPPINGS: u32 = 2;

/// Reads a body and inflates it, whether a header says that it is gzip or its bytes do.
pub(crate) async fn read(headers: &HeaderMap, body: Body, most: u64) -> Result<Vec<u8>, Problem> {
    let encoded = match headers
        .get(header::CONTENT_ENCODING)
        .map(axum::http::HeaderValue::as_bytes)
    {
        None | Some(b"identity") => false,
        Some(b"gzip" | b"x-gzip") => true,
        Some(_) => {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "send the body as it is or with `Content-Encoding: gzip`",
            ));
        }
    };
    let limit = usize::try_from(most).unwrap_or(usize::MAX);
    let bytes = to_bytes(body, limit).await.map_err(|error| {
        // The one error that is not the connection's: more bytes than the limit.
        let too_large = std::error::Error::source(&error)
            .is_some_and(|cause| cause.to_string().contains("length limit"));
        if too_large {
            Problem::too_large(most)
        } else {
            Problem::bad_request("the body ended before it was complete")
        }
    })?;
    inflate(bytes.into(), encoded, most)
}

fn inflate(mut bytes: Vec<u8>, encoded: bool, most: u64) -> Result<Vec<u8>, Problem> {
    if encoded && !is_gzip(&bytes) {
        return Err(Problem::bad_request(
            "the header says gzip and the body is not",
        ));
    }
    for _ in 0..WRAPPINGS {
        if !is_gzip(&bytes) {
            break;
        }
        let mut plain = Vec::new();
        let read = MultiGzDecoder::new(bytes.as_slice())
            .take(most + 1)
            .read_to_end(&mut plain);
        if plain.len() as u64 > most {
            return Err(Problem::too_large(most));
        }
        match read {
            Ok(_) => bytes = plain,
            // Broken gzip is a dead letter, whose reason the parser knows best.
            Err(_) => break,
        }
    }
    Ok(bytes)
}

fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}
