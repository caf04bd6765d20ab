//! How to get in where the URL does not say it all: passwords that change, and how far the server is
//! to be trusted.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;

/// How to get into a database, besides its URL. `SQLite` needs none of it.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// Who logs in, where the URL does not say it.
    pub login: Option<Arc<dyn Login>>,
    /// PEM of the authorities that vouch for the server; with it the server's name is verified too,
    /// unless the URL names another `ssl-mode`.
    pub authorities: Option<PathBuf>,
}

/// Says who logs in, before every new connection.
#[async_trait]
pub trait Login: Send + Sync + fmt::Debug {
    /// Name and password for now. `refused`: the server did not take what was said before, because
    /// it changed meanwhile.
    async fn credentials(&self, refused: bool) -> Result<Credentials, NoCredentials>;

    /// Whether the password is a token that the server takes only in clear: it is shown to nobody
    /// but a server whose certificate is verified.
    fn is_token(&self) -> bool;
}

/// Who logs in.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Instead of the name in the URL.
    pub user: Option<String>,
    /// The password.
    pub password: String,
}

/// Nobody knows who logs in.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct NoCredentials(pub String);

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}
