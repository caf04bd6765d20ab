//! Where the demo keeps its database, and that it takes nobody else's.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use weir_config::sqlite_path;

use super::prepare::MARK;
use crate::app::App;
use crate::exit::CliError;

const DEFAULT_URL: &str = "sqlite:weir-demo.db";
/// How far into a file the mark is looked for: it is among the first things written.
const START: u64 = 8 * 1024 * 1024;

/// The database: a file of its own here, or what a flag or variable names; never that of the
/// configuration.
pub(super) fn choose(app: &App) -> Result<String, CliError> {
    let database = &app.settings.database;
    let url = if database.is_asked_for {
        database.url.as_str()
    } else {
        DEFAULT_URL
    };
    match sqlite_path(url) {
        Some(_) => Ok(url.to_owned()),
        None => Err(CliError::Usage(format!(
            "--database or WEIR_DATABASE_URL: the demo keeps to a SQLite file of its own, for example \
             {DEFAULT_URL}"
        ))),
    }
}

/// Makes room for a new demo; refuses to touch anything but an old one.
pub(super) fn clear(url: &str) -> Result<(), CliError> {
    let Some(path) = sqlite_path(url) else {
        return Ok(());
    };
    if !path.exists() {
        return Ok(());
    }
    let unreadable = format!("cannot read {}", path.display());
    if !is_demo(path).map_err(CliError::io(unreadable))? {
        return Err(CliError::Failed(format!(
            "{} is there and is not the database of a demo: it is left alone; give --database \
             sqlite:FILE to put the demo somewhere else",
            path.display()
        )));
    }
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let part = with_suffix(path, suffix);
        if part.exists() {
            std::fs::remove_file(&part).map_err(CliError::io(format!(
                "cannot remove the old demo {}",
                part.display()
            )))?;
        }
    }
    Ok(())
}

/// Whether a file is a demo's database: it begins with a sentence of ours. Read as bytes, because
/// a connection that is still closing would take the files of the next database for its own.
fn is_demo(path: &Path) -> std::io::Result<bool> {
    // An empty file is nobody's database.
    if std::fs::metadata(path)?.len() == 0 {
        return Ok(true);
    }
    let log = with_suffix(path, "-wal");
    Ok(begins_with_mark(path)? || (log.exists() && begins_with_mark(&log)?))
}

fn begins_with_mark(path: &Path) -> std::io::Result<bool> {
    let mut start = Vec::new();
    File::open(path)?.take(START).read_to_end(&mut start)?;
    Ok(start
        .windows(MARK.len())
        .any(|window| window == MARK.as_bytes()))
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
