//! The cookie that holds a session.

use axum::http::{HeaderMap, HeaderValue, header};

use super::Transport;

/// Its name where browsers hold it to TLS, this host and every path.
pub(crate) const SECURE: &str = "__Host-weir";
/// Its name where there is no TLS, which the other one demands.
const PLAIN: &str = "weir";
/// As long as the longest session.
const MAX_AGE: u32 = 12 * 60 * 60;

fn name(transport: Transport) -> &'static str {
    match transport {
        Transport::Plain => PLAIN,
        Transport::Tls | Transport::BehindProxy => SECURE,
    }
}

/// What a browser is to keep.
pub(super) fn set(transport: Transport, secret: &str) -> Option<HeaderValue> {
    header(transport, secret, MAX_AGE)
}

/// Makes a browser forget it.
pub(super) fn clear(transport: Transport) -> Option<HeaderValue> {
    header(transport, "", 0)
}

fn header(transport: Transport, secret: &str, age: u32) -> Option<HeaderValue> {
    let (name, secure) = match transport {
        Transport::Plain => (name(transport), ""),
        Transport::Tls | Transport::BehindProxy => (name(transport), "; Secure"),
    };
    let text = format!("{name}={secret}; Path=/; Max-Age={age}; HttpOnly; SameSite=Strict{secure}");
    HeaderValue::from_str(&text).ok()
}

/// What a browser kept.
pub(super) fn read(transport: Transport, headers: &HeaderMap) -> Option<&str> {
    let name = name(transport);
    let cookies = headers.get_all(header::COOKIE).iter();
    let cookies = cookies.filter_map(|line| line.to_str().ok());
    cookies
        .flat_map(|line| line.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find_map(|(found, value)| (found == name).then_some(value))
}
