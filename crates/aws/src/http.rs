//! Posting to a URL of somebody else's.

use std::time::Duration;

use reqwest::StatusCode;
use reqwest::redirect::Policy;
use weir_engine::ports::{EffectError, EffectErrorKind};

use weir_core::secret::Secret;

const CONNECT: Duration = Duration::from_secs(5);
const WHOLE: Duration = Duration::from_secs(15);
/// How much of an answer is kept of an error.
const LONGEST: usize = 300;

/// A request. The URL may be a secret, so errors say `what` instead.
pub(crate) struct Post<'a> {
    pub(crate) what: String,
    pub(crate) url: &'a Secret,
    pub(crate) content_type: &'static str,
    pub(crate) headers: &'a [(&'static str, String)],
    pub(crate) body: String,
}

/// A client that waits not too long, verifies certificates and follows nobody elsewhere.
pub(crate) fn http_client() -> Result<reqwest::Client, String> {
    reqwest::Client::builder()
        .connect_timeout(CONNECT)
        .timeout(WHOLE)
        .redirect(Policy::none())
        .user_agent(concat!("weir/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| format!("cannot prepare HTTPS: {error}"))
}

pub(crate) async fn post(client: &reqwest::Client, post: Post<'_>) -> Result<(), EffectError> {
    let Post {
        what,
        url,
        content_type,
        headers,
        body,
    } = post;
    let mut request = client
        .post(url.reveal())
        .header("content-type", content_type)
        .body(body);
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    let answer = match request.send().await {
        Ok(answer) => answer,
        Err(error) => {
            let kind = if error.is_builder() {
                EffectErrorKind::Denied
            } else {
                EffectErrorKind::Retry
            };
            let error = error.without_url();
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            let why = cause.map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"));
            return Err(EffectError::new(kind, what, why));
        }
    };
    let status = answer.status();
    if status.is_success() {
        return Ok(());
    }
    let said = answer.text().await.unwrap_or_default();
    let said: String = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let said = &said[..said.floor_char_boundary(LONGEST)];
    Err(EffectError::new(
        kind_of(status),
        what,
        format!("{status} {said}").trim().to_owned(),
    ))
}

/// What to do about an answer. Whoever does not know us, or us no longer, needs an administrator.
fn kind_of(status: StatusCode) -> EffectErrorKind {
    match status.as_u16() {
        408 | 409 | 425 | 429 | 500.. => EffectErrorKind::Retry,
        // What is sent does not get smaller.
        413 => EffectErrorKind::Refused,
        _ => EffectErrorKind::Denied,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_pass_is_tried_again_and_what_needs_somebody_is_not_hopeless() {
        for (code, kind) in [
            (429, EffectErrorKind::Retry),
            (503, EffectErrorKind::Retry),
            (302, EffectErrorKind::Denied),
            (410, EffectErrorKind::Denied),
            (400, EffectErrorKind::Denied),
            (413, EffectErrorKind::Refused),
        ] {
            assert_eq!(kind_of(StatusCode::from_u16(code).unwrap()), kind, "{code}");
        }
    }
}
