//! Documents that describe this program and no other.

use std::path::Path;

use super::{files_below, read};

pub(super) fn check(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let architecture = read(&root.join("docs/architecture.md"));
    for entry in std::fs::read_dir(root.join("crates"))
        .into_iter()
        .flatten()
        .flatten()
    {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !architecture.contains(&format!("crates/{name}")) {
            found.push(format!(
                "docs/architecture.md does not mention crates/{name}"
            ));
        }
    }
    let sources: String = files_below(&root.join("crates"), ".rs")
        .iter()
        .map(|path| read(path))
        .collect();
    for test in quoted(&architecture, "test:") {
        if !sources.contains(&format!("fn {test}(")) && !sources.contains(&format!("{test},")) {
            found.push(format!(
                "docs/architecture.md names a test that is not there: {test}"
            ));
        }
    }
    let mut documents = files_below(&root.join("docs"), ".md");
    documents.extend(["README.md", "CONTRIBUTING.md"].map(|name| root.join(name)));
    for document in documents {
        let text = read(&document);
        let name = document
            .strip_prefix(root)
            .unwrap_or(&document)
            .display()
            .to_string();
        if text.is_empty() {
            found.push(format!("{name} is missing or empty"));
        }
        for path in paths(&text) {
            if !root.join(path).exists() {
                found.push(format!("{name} names {path}, which is not there"));
            }
        }
    }
    found
}

/// Backquoted words after `marker`: `test:name`.
fn quoted<'a>(text: &'a str, marker: &'a str) -> impl Iterator<Item = &'a str> {
    text.split('`')
        .skip(1)
        .step_by(2)
        .filter_map(move |word| word.strip_prefix(marker))
}

/// Backquoted words that look like paths of this repository.
fn paths(text: &str) -> impl Iterator<Item = &str> {
    const PLACES: [&str; 6] = [
        "crates/",
        "docs/",
        "scripts/",
        "fixtures/",
        "deploy/",
        "fuzz/",
    ];
    text.split('`')
        .skip(1)
        .step_by(2)
        .filter(|word| PLACES.iter().any(|place| word.starts_with(place)))
        .filter(|word| !word.contains(['*', ' ', '<', '{', '…']))
}
