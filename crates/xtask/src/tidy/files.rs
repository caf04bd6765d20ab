//! Sizes, names and places of source files.

use std::collections::BTreeSet;
use std::path::Path;

use super::{files_below, read};

const HARD_LIMIT: usize = 600;

pub(super) fn check(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for path in files_below(&root.join("crates"), ".rs") {
        let name = path
            .strip_prefix(root)
            .unwrap_or(&path)
            .display()
            .to_string();
        let text = read(&path);
        found.extend(too_long(&name, &text));
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        if ["utils", "util", "common", "helpers", "types", "misc"].contains(&&*stem) {
            found.push(format!("{name}: a name that says what it holds, please"));
        }
        if name.starts_with("crates/store/src") && !name.ends_with("connect.rs") {
            let unsafe_sql = text
                .lines()
                .position(|line| line.contains("AssertSqlSafe("));
            if let Some(line) = unsafe_sql {
                found.push(format!(
                    "{name}:{}: only connect.rs takes SQL that was built (sql::Many)",
                    line + 1
                ));
            }
        }
    }
    for path in files_below(&root.join("crates"), ".py") {
        let name = path.strip_prefix(root).unwrap_or(&path).display();
        found.extend(too_long(&name.to_string(), &read(&path)));
    }
    found.extend(twins(root, "crates/store/src", ".rs"));
    found.extend(twins(root, "crates/store/migrations", ".sql"));
    found
}

/// Tests in a file of their own count like any other; those below what they test do not.
fn too_long(name: &str, text: &str) -> Option<String> {
    let above_tests = text.lines().take_while(|line| *line != "#[cfg(test)]");
    let lines = above_tests.count();
    (lines > HARD_LIMIT)
        .then(|| format!("{name} has {lines} lines; split it (at most {HARD_LIMIT})"))
}

/// The two dialects have the same files.
fn twins(root: &Path, place: &str, ending: &str) -> Vec<String> {
    let names = |dialect: &str| -> BTreeSet<String> {
        let dir = root.join(place).join(dialect);
        files_below(&dir, ending)
            .iter()
            .map(|path| {
                path.strip_prefix(&dir)
                    .unwrap_or(path)
                    .display()
                    .to_string()
            })
            .collect()
    };
    let (sqlite, mysql) = (names("sqlite"), names("mysql"));
    let only = |a: &BTreeSet<String>, b: &BTreeSet<String>, dialect: &str| -> Vec<String> {
        a.difference(b)
            .map(|name| format!("{place}/{dialect}/{name} has no twin"))
            .collect()
    };
    let mut found = only(&sqlite, &mysql, "sqlite");
    found.extend(only(&mysql, &sqlite, "mysql"));
    found
}
