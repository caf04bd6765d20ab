//! The rules of the house that no compiler checks. `cargo xtask tidy` and a test run them.

mod arrows;
mod docs;
mod files;
mod lock;
mod migrations;

use std::path::{Path, PathBuf};

/// Runs every check on this workspace.
pub(crate) fn run() -> Result<(), String> {
    let found = check(&root());
    if found.is_empty() {
        println!("tidy: the house is in order");
        return Ok(());
    }
    Err(found.join("\n"))
}

fn check(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    found.extend(arrows::check(root));
    found.extend(files::check(root));
    found.extend(docs::check(root));
    found.extend(lock::check(root));
    found.extend(migrations::check(root));
    found
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All files below `dir` with that ending, sorted.
fn files_below(dir: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![dir.to_owned()];
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(&dir).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_house_is_in_order() {
        let found = super::check(&super::root());
        assert!(found.is_empty(), "\n{}", found.join("\n"));
    }
}
