//! Finding and reading the configuration file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Config;

/// A configuration file that was read; an empty one if there is none.
#[derive(Debug, Default)]
pub(crate) struct ConfigFile {
    /// Where it is.
    pub(crate) path: Option<PathBuf>,
    /// What it says.
    pub(crate) config: Config,
    /// The line of each key, dotted.
    lines: BTreeMap<String, usize>,
}

/// The configuration file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// A file that was asked for is not there.
    #[error("{asked_by}: cannot read `{}`: {source}", path.display())]
    Unreadable {
        /// Who named it.
        asked_by: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// What it says is wrong.
    #[error("{}:{line}: {message}", path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// Where it is wrong.
        line: usize,
        /// How.
        message: String,
    },
}

impl ConfigFile {
    /// Reads the file that was asked for, else the first of `usual` that exists.
    pub(crate) fn load(asked: Option<&Path>, usual: &[PathBuf]) -> Result<Self, FileError> {
        let path = match asked {
            Some(path) => path,
            None => match usual.iter().find(|path| path.is_file()) {
                Some(path) => path,
                None => return Ok(Self::default()),
            },
        };
        let text = std::fs::read_to_string(path).map_err(|source| FileError::Unreadable {
            asked_by: if asked.is_some() {
                "--config or WEIR_CONFIG"
            } else {
                "configuration"
            },
            path: path.to_owned(),
            source,
        })?;
        Self::parse(path, &text)
    }

    /// Reads what somebody put into a variable of that name.
    pub(crate) fn of_variable(name: &str, text: &str) -> Result<Self, FileError> {
        Self::parse(Path::new(name), text)
    }

    fn parse(path: &Path, text: &str) -> Result<Self, FileError> {
        let wrong = |error: &toml::de::Error| FileError::Wrong {
            path: path.to_owned(),
            line: error.span().map_or(1, |span| line_at(text, span.start)),
            message: error.message().to_owned(),
        };
        let config: Config = toml::from_str(text).map_err(|error| wrong(&error))?;
        let table = DeTable::parse(text).map_err(|error| wrong(&error))?;
        let mut lines = BTreeMap::new();
        number(text, "", table.get_ref(), &mut lines);
        Ok(Self {
            path: Some(path.to_owned()),
            config,
            lines,
        })
    }

    /// `weir.toml:12`, if the file says something about the key.
    pub(crate) fn place(&self, key: &str) -> Option<String> {
        let (path, line) = (self.path.as_ref()?, self.lines.get(key)?);
        Some(format!("{}:{line}", path.display()))
    }
}

fn number(text: &str, prefix: &str, table: &DeTable<'_>, lines: &mut BTreeMap<String, usize>) {
    for (key, value) in table {
        let dotted = match prefix {
            "" => key.get_ref().to_string(),
            _ => format!("{prefix}.{}", key.get_ref()),
        };
        lines.insert(dotted.clone(), line_at(text, Spanned::span(key).start));
        if let DeValue::Table(inner) = value.get_ref() {
            number(text, &dotted, inner, lines);
        }
    }
}

fn line_at(text: &str, byte: usize) -> usize {
    text.bytes()
        .take(byte)
        .filter(|byte| *byte == b'\n')
        .count()
        + 1
}
