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
pub(crate) fn set(transport: Transport, secret: &str) -> Option<HeaderValue> {
    header(transport, name(transport), secret, MAX_AGE, "Strict")
}

/// Makes a browser forget it.
pub(super) fn clear(transport: Transport) -> Option<HeaderValue> {
    header(transport, name(transport), "", 0, "Strict")
}

/// A cookie that no script reads, kept for so many seconds, and sent along from other sites or not.
pub(crate) fn header(
    transport: Transport,
    name: &str,
    value: &str,
    age: u32,
    same_site: &str,
) -> Option<HeaderValue> {
    let secure = match transport {
        Transport::Plain => "",
        Transport::Tls | Transport::BehindProxy => "; Secure",
    };
    let text =
        format!("{name}={value}; Path=/; Max-Age={age}; HttpOnly; SameSite={same_site}{secure}");
    HeaderValue::from_str(&text).ok()
}

/// The secret of the session, if the browser has one.
pub(super) fn read(transport: Transport, headers: &HeaderMap) -> Option<&str> {
    find(name(transport), headers)
}

/// What a browser kept under a name.
pub(crate) fn find<'a>(name: &str, headers: &'a HeaderMap) -> Option<&'a str> {
    let cookies = headers.get_all(header::COOKIE).iter();
    let cookies = cookies.filter_map(|line| line.to_str().ok());
    cookies
        .flat_map(|line| line.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find_map(|(found, value)| (found == name).then_some(value))
}
