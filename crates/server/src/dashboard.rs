//! The dashboard: what `make web` built into `web/dist`, out of the binary; with debug assertions out of that
//! directory, so that a build of the one does not wait for the other. Everything it shows it asks the API for,
//! so there is nothing secret in it and no session is needed to load it.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::problem::Problem;

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
struct Files;

/// The one page; which of its views is shown is decided in the browser, by the address.
const PAGE: &str = "index.html";
/// Where the page takes the value that its styles must carry.
const NONCE: &str = "__NONCE__";
/// Names below it hold a digest of the content: whatever is kept is right for ever.
const HASHED: &str = "assets/";
/// What a binary answers that was built without the dashboard.
const ABSENT: &str = include_str!("dashboard_absent.html");

/// Answers whatever has no address of its own: a file, the page, or a problem.
pub(crate) async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    if !matches!(method, Method::GET | Method::HEAD) || path.starts_with("api/") {
        return nothing();
    }
    match Files::get(path).filter(|_| is_public(path)) {
        Some(file) => sent(path, file, &headers),
        None if path.is_empty() || accepts(&headers, header::ACCEPT, "text/html") => page(),
        None => nothing(),
    }
}

fn nothing() -> Response {
    Problem::new(StatusCode::NOT_FOUND, "there is nothing at this address").into_response()
}

/// The page itself is never sent as a file: it lacks its nonce.
fn is_public(path: &str) -> bool {
    path != PAGE && !path.starts_with('.') && !path.is_empty()
}

/// Whether a header names something, with a weight or without.
fn accepts(headers: &HeaderMap, name: HeaderName, wanted: &str) -> bool {
    let values = headers.get_all(name).iter();
    let values = values.filter_map(|value| value.to_str().ok());
    values
        .flat_map(|value| value.split(','))
        .filter_map(|part| part.split(';').next())
        .any(|part| part.trim().eq_ignore_ascii_case(wanted))
}

fn page() -> Response {
    let Some(file) = Files::get(PAGE) else {
        let mut response = (StatusCode::NOT_FOUND, ABSENT).into_response();
        guarded(response.headers_mut(), "text/html; charset=utf-8");
        put(response.headers_mut(), header::CACHE_CONTROL, "no-store");
        put(
            response.headers_mut(),
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        );
        return response;
    };
    let Some(nonce) = nonce() else {
        let detail = "the system has no random numbers: see the log";
        tracing::error!("the system gave no random bytes for the page");
        return Problem::new(StatusCode::INTERNAL_SERVER_ERROR, detail).into_response();
    };
    let text = String::from_utf8_lossy(&file.data).replace(NONCE, &nonce);
    let mut response = text.into_response();
    let headers = response.headers_mut();
    guarded(headers, "text/html; charset=utf-8");
    put(headers, header::CACHE_CONTROL, "no-store");
    if let Ok(policy) = HeaderValue::from_str(&policy(&nonce)) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// Nothing but what this server sends. Mantine makes style elements while the page runs: they carry the
/// nonce, and nothing else may.
fn policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; \
         connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

fn nonce() -> Option<String> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).ok()?;
    Some(weir_core::operator::hex(&bytes))
}

/// A file; small if the browser takes it so, and not at all if it has it.
fn sent(path: &str, file: EmbeddedFile, headers: &HeaderMap) -> Response {
    let tag = format!(
        "\"{}\"",
        weir_core::operator::hex(&file.metadata.sha256_hash())
    );
    let hashed = path.starts_with(HASHED);
    let known = headers.get(header::IF_NONE_MATCH);
    let mut response = if known.is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let small = Files::get(&format!("{path}.br"));
        let small = small.filter(|_| accepts(headers, header::ACCEPT_ENCODING, "br"));
        let is_small = small.is_some();
        let data = small.unwrap_or(file).data;
        let mut response = Response::new(match data {
            std::borrow::Cow::Borrowed(bytes) => Body::from(bytes),
            std::borrow::Cow::Owned(bytes) => Body::from(bytes),
        });
        if is_small {
            put(response.headers_mut(), header::CONTENT_ENCODING, "br");
        }
        response
    };
    let headers = response.headers_mut();
    guarded(headers, kind(path));
    put(headers, header::VARY, "accept-encoding");
    let kept = if hashed {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    put(headers, header::CACHE_CONTROL, kept);
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}

/// What every answer says, whatever it is.
fn guarded(headers: &mut HeaderMap, kind: &'static str) {
    put(headers, header::CONTENT_TYPE, kind);
    put(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(headers, header::REFERRER_POLICY, "no-referrer");
    let opener = HeaderName::from_static("cross-origin-opener-policy");
    put(headers, opener, "same-origin");
}

fn kind(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        Some("json") => "application/json",
        _ => "application/octet-stream",
    }
}
