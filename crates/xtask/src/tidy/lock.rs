//! What the lock file must not hold: a second TLS or database stack costs minutes and trust.

use std::path::Path;

use super::read;

const BANNED: [&str; 4] = ["openssl-sys", "native-tls", "chrono", "rsa"];
const ONCE: [&str; 5] = ["tokio", "sqlx", "hyper", "rustls", "jiff"];

pub(super) fn check(root: &Path) -> Vec<String> {
    let lock = read(&root.join("Cargo.lock"));
    let count = |name: &str| lock.matches(&format!("name = \"{name}\"\n")).count();
    let banned = BANNED
        .iter()
        .filter(|name| count(name) > 0)
        .map(|name| format!("Cargo.lock holds {name}, which is banned"));
    let twice = ONCE
        .iter()
        .filter(|name| count(name) > 1)
        .map(|name| format!("Cargo.lock holds {name} more than once"));
    banned.chain(twice).collect()
}
