//! Who may depend on whom.

use std::path::Path;

use super::read;

/// Our crates, and which of ours each may depend on outside tests.
const ARROWS: [(&str, &[&str]); 10] = [
    ("core", &[]),
    ("store", &["core"]),
    ("engine", &["core", "store"]),
    ("aws", &["core", "engine"]),
    ("server", &["core", "store", "engine"]),
    ("config", &["core", "store", "engine", "aws"]),
    (
        "cli",
        &["core", "store", "engine", "aws", "server", "config"],
    ),
    ("lambda", &["core", "store", "engine", "aws", "config"]),
    ("testkit", &["core", "store", "engine"]),
    ("xtask", &["core", "store", "engine", "server", "testkit"]),
];

/// What the core may use from outside: no IO, no clock, no randomness (`docs/decisions/0001`).
const CORE_MAY_USE: [&str; 8] = [
    "base64",
    "flate2",
    "jiff",
    "regex-lite",
    "serde",
    "serde_json",
    "sha2",
    "thiserror",
];

/// What a crate must never use, by the start of the name.
const NEVER: [(&str, &[&str]); 6] = [
    ("store", &["aws-", "axum", "clap"]),
    ("engine", &["sqlx", "aws-", "axum", "clap"]),
    ("aws", &["sqlx", "axum", "clap"]),
    ("server", &["aws-", "clap", "sqlx"]),
    ("lambda", &["aws-", "axum", "clap", "sqlx"]),
    ("config", &["aws-", "axum", "clap", "sqlx"]),
];

pub(super) fn check(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut crates: Vec<String> = std::fs::read_dir(root.join("crates"))
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    crates.sort();
    for name in crates {
        let Some((_, ours)) = ARROWS.iter().find(|(known, _)| *known == name) else {
            found.push(format!(
                "crates/{name} has no place in the arrows of xtask tidy"
            ));
            continue;
        };
        let manifest = read(&root.join("crates").join(&name).join("Cargo.toml"));
        for dependency in dependencies(&manifest) {
            let allowed = match dependency.strip_prefix("weir-") {
                Some(other) => ours.contains(&other),
                None if name == "core" => CORE_MAY_USE.contains(&dependency.as_str()),
                None => NEVER
                    .iter()
                    .filter(|(crate_name, _)| *crate_name == name)
                    .all(|(_, never)| never.iter().all(|start| !dependency.starts_with(start))),
            };
            if !allowed {
                found.push(format!("crates/{name} must not depend on {dependency}"));
            }
        }
    }
    found
}

/// The names under `[dependencies]`; dependencies of tests are free.
fn dependencies(manifest: &str) -> Vec<String> {
    manifest
        .lines()
        .skip_while(|line| line.trim() != "[dependencies]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split(['.', '=', ' ']).next())
        .filter(|name| !name.is_empty() && !name.starts_with('#'))
        .map(ToOwned::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn dependencies_of_tests_do_not_count() {
        let manifest = "[package]\n[dependencies]\nweir-core.workspace = true\n# why\nserde = \"1\"\n\n[dev-dependencies]\nsqlx = \"1\"\n";
        assert_eq!(super::dependencies(manifest), ["weir-core", "serde"]);
    }
}
