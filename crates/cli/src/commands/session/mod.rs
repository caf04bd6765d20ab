//! `weir login`, `logout` and `whoami`: who we are at a server.

use jiff::Timestamp;

pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod whoami;

/// An RFC 3339 instant to the minute, where no business zone is known yet.
fn minute(rfc3339: &str) -> String {
    let at = rfc3339.parse::<Timestamp>();
    at.map_or_else(
        |_| rfc3339.to_owned(),
        |at| at.strftime("%Y-%m-%d %H:%M UTC").to_string(),
    )
}
