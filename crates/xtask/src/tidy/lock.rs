//! What the lock file must not hold: a second TLS or database stack costs minutes and trust.

use std::collections::BTreeSet;
use std::path::Path;

use super::read;

/// Banned crates, and the ones that may bring them all the same (`docs/decisions/0023-single-sign-on.md`).
const BANNED: [(&str, &[&str]); 4] = [
    ("openssl-sys", &[]),
    ("native-tls", &[]),
    ("chrono", &["oauth2", "openidconnect"]),
    ("rsa", &["openidconnect"]),
];
const ONCE: [&str; 5] = ["tokio", "sqlx", "hyper", "rustls", "jiff"];
/// Lists crates for features that nobody asks for: none of them is built.
const LISTS_MORE_THAN_IT_TAKES: &str = "serde_with";

pub(super) fn check(root: &Path) -> Vec<String> {
    found(&read(&root.join("Cargo.lock")))
}

fn found(lock: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (name, may) in BANNED {
        for (by, _) in wanted(lock, name) {
            if !may.contains(&by) {
                found.push(format!(
                    "Cargo.lock holds {name}, which is banned, for {by}"
                ));
            }
        }
    }
    for name in ONCE {
        let versions: BTreeSet<_> = wanted(lock, name).map(|(_, version)| version).collect();
        if versions.len() > 1 {
            found.push(format!("Cargo.lock holds {name} more than once"));
        }
    }
    found
}

/// Who depends on a crate, and on which version where there are several.
fn wanted<'a>(lock: &'a str, name: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let packages = lock.split("[[package]]\n").filter_map(|package| {
        let by = package.strip_prefix("name = \"")?.split('"').next()?;
        (by != LISTS_MORE_THAN_IT_TAKES).then_some((by, package))
    });
    packages.flat_map(move |(by, package)| {
        let lines = package.lines().filter_map(|line| {
            let dependency = line.strip_prefix(" \"")?.strip_suffix("\",")?;
            let (of, version) = dependency.split_once(' ').unwrap_or((dependency, ""));
            (of == name).then_some((by, version))
        });
        lines.collect::<Vec<_>>()
    })
}

#[cfg(test)]
mod tests {
    use super::found;

    fn lock(packages: &[(&str, &[&str])]) -> String {
        let package = |(name, needs): &(&str, &[&str])| {
            let needs = needs
                .iter()
                .fold(String::new(), |all, one| all + " \"" + one + "\",\n");
            format!("[[package]]\nname = \"{name}\"\ndependencies = [\n{needs}]\n\n")
        };
        packages.iter().map(package).collect()
    }

    #[test]
    fn what_is_banned_comes_by_its_one_way_only() {
        let good = lock(&[
            ("openidconnect", &["chrono", "rsa"]),
            ("serde_with", &["chrono", "jiff 1.0.2"]),
            ("weir-core", &["jiff 0.2.46"]),
        ]);
        assert!(found(&good).is_empty(), "{:?}", found(&good));
        let bad = lock(&[
            ("oauth2", &["rsa"]),
            ("weir-core", &["chrono", "jiff 0.2.46"]),
            ("other", &["jiff 1.0.2"]),
        ]);
        assert_eq!(
            found(&bad),
            [
                "Cargo.lock holds chrono, which is banned, for weir-core",
                "Cargo.lock holds rsa, which is banned, for oauth2",
                "Cargo.lock holds jiff more than once",
            ]
        );
    }
}
