//! Who we are at which server: a file that its owner alone reads.

use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use weir_core::secret::Secret;

use super::Address;
use crate::exit::CliError;

/// A login: what it is known by, and the token.
#[derive(Clone, Debug)]
pub(crate) struct Login {
    /// In whose name.
    pub(crate) operator: String,
    /// What `weir token list` calls it.
    pub(crate) token_id: Option<String>,
    /// When it ends, RFC 3339.
    pub(crate) expires_at: Option<String>,
    pub(crate) token: Secret,
}

/// What the file holds.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    /// The server that was logged in to last.
    current: Option<String>,
    logins: BTreeMap<String, StoredLogin>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredLogin {
    operator: String,
    token_id: Option<String>,
    expires_at: Option<String>,
    token: String,
}

impl std::fmt::Debug for StoredLogin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StoredLogin(…)")
    }
}

/// The logins of this user.
#[derive(Clone, Debug)]
pub(crate) struct Logins {
    path: Option<PathBuf>,
}

impl Logins {
    /// Those in a directory for configuration; none, if there is no such directory.
    pub(crate) fn of(directory: Option<PathBuf>) -> Self {
        Self {
            path: directory.map(|directory| directory.join("logins.json")),
        }
    }

    /// The server that was logged in to last.
    pub(crate) fn current(&self) -> Result<Option<String>, CliError> {
        Ok(self.read()?.current)
    }

    /// The login at a server.
    pub(crate) fn at(&self, address: &Address) -> Result<Option<Login>, CliError> {
        let stored = self.read()?.logins.remove(&address.to_string());
        Ok(stored.map(|stored| Login {
            operator: stored.operator,
            token_id: stored.token_id,
            expires_at: stored.expires_at,
            token: Secret::new(stored.token),
        }))
    }

    /// Notes a login, and that it is the current one.
    pub(crate) fn put(&self, address: &Address, login: &Login) -> Result<PathBuf, CliError> {
        let mut stored = self.read()?;
        let name = address.to_string();
        stored.current = Some(name.clone());
        stored.logins.insert(
            name,
            StoredLogin {
                operator: login.operator.clone(),
                token_id: login.token_id.clone(),
                expires_at: login.expires_at.clone(),
                token: login.token.reveal().to_owned(),
            },
        );
        self.write(&stored)
    }

    /// Forgets a login.
    pub(crate) fn remove(&self, address: &Address) -> Result<(), CliError> {
        let mut stored = self.read()?;
        let name = address.to_string();
        stored.logins.remove(&name);
        if stored.current.as_ref() == Some(&name) {
            stored.current = None;
        }
        self.write(&stored).map(|_| ())
    }

    fn read(&self) -> Result<Stored, CliError> {
        let Some(path) = &self.path else {
            return Ok(Stored::default());
        };
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Stored::default()),
            Err(error) => {
                return Err(CliError::io(format!("cannot read {}", path.display()))(
                    error,
                ));
            }
        };
        self.is_ours_alone()?;
        serde_json::from_str(&text).map_err(|error| {
            CliError::Failed(format!(
                "{} is not as `weir login` writes it (line {}, column {}): delete it and log in again",
                path.display(),
                error.line(),
                error.column()
            ))
        })
    }

    /// A token that others could read is no longer ours.
    fn is_ours_alone(&self) -> Result<(), CliError> {
        use std::os::unix::fs::PermissionsExt;
        let Some(path) = &self.path else {
            return Ok(());
        };
        let found = fs::metadata(path);
        let found = found.map_err(CliError::io(format!("cannot read {}", path.display())))?;
        if found.permissions().mode() & 0o077 != 0 {
            return Err(CliError::Failed(format!(
                "others may read {}, which holds your tokens: chmod 600 it, and if others use this \
                 machine, `weir logout` and log in again",
                path.display()
            )));
        }
        Ok(())
    }

    /// Whole or not at all, and for its owner alone from the first byte on.
    fn write(&self, stored: &Stored) -> Result<PathBuf, CliError> {
        let path = self.path.clone().ok_or_else(|| {
            CliError::Failed("there is no home directory to keep a login in: set HOME".to_owned())
        })?;
        let directory = path.parent().unwrap_or(&path);
        let failed = || CliError::io(format!("cannot write {}", path.display()));
        fs::create_dir_all(directory).map_err(failed())?;
        let mut text = serde_json::to_vec_pretty(stored)
            .map_err(|error| CliError::Failed(format!("cannot write JSON: {error}")))?;
        text.push(b'\n');
        let mut file = tempfile::NamedTempFile::new_in(directory).map_err(failed())?;
        file.write_all(&text).map_err(failed())?;
        file.as_file().sync_all().map_err(failed())?;
        file.persist(&path).map_err(|error| failed()(error.error))?;
        Ok(path)
    }
}
