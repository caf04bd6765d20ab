//! From a database URL to a store.

use std::sync::Arc;

use crate::backend::Backend;
use crate::error::StoreError;
use crate::login::Entry;
use crate::store::Store;
use crate::{mysql, sqlite};

/// Opens `sqlite:PATH`, `sqlite::memory:` or `mysql://USER:PASSWORD@HOST/NAME`. Errors never show
/// the password. Nothing is migrated.
pub async fn open(url: &str) -> Result<Arc<dyn Store>, StoreError> {
    open_with(url, Entry::default()).await
}

/// The same, where the URL does not say how to get in.
pub async fn open_with(url: &str, entry: Entry) -> Result<Arc<dyn Store>, StoreError> {
    if let Some(path) = url.strip_prefix("sqlite:") {
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() {
            return Err(bad(url));
        }
        return Ok(Arc::new(Backend(sqlite::open(path).await?)));
    }
    if !is_mysql(url) {
        return Err(bad(url));
    }
    open_server(url, entry)
}

/// Opens `mysql://USER:PASSWORD@HOST/NAME` and nothing else: a binary that only opens this way holds no
/// `SQLite`.
pub fn open_server(url: &str, entry: Entry) -> Result<Arc<dyn Store>, StoreError> {
    if !is_mysql(url) {
        let url = without_password(url);
        return Err(StoreError::NoServer { url });
    }
    // What the parser says may quote the URL with its password.
    let options = crate::entrance::options(url).map_err(|_| bad(url))?;
    let db = mysql::open(options, is_said(url, "ssl-mode"), entry)?;
    Ok(Arc::new(Backend(db)))
}

pub(crate) fn bad(url: &str) -> StoreError {
    StoreError::BadUrl {
        url: without_password(url),
    }
}

/// The server that a `mysql://` URL names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Who logs in.
    pub user: String,
}

impl Server {
    /// Reads a URL; `None` if it names no server.
    pub fn of(url: &str) -> Option<Self> {
        if !is_mysql(url) {
            return None;
        }
        let options = crate::entrance::options(url).ok()?;
        Some(Self {
            host: options.get_host().to_owned(),
            port: options.get_port(),
            user: options.get_username().to_owned(),
        })
    }
}

pub(crate) fn is_mysql(url: &str) -> bool {
    url.starts_with("mysql://") || url.starts_with("mariadb://")
}

/// Whether the URL says something about an option; `MySQL` writes it with and without the hyphen.
pub(crate) fn is_said(url: &str, option: &str) -> bool {
    let (_, query) = url.split_once('?').unwrap_or_default();
    query.split('&').any(|pair| {
        let name = pair.split('=').next().unwrap_or_default();
        name.replace('-', "") == option.replace('-', "")
    })
}

/// The URL with `…` for the password.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let Some((user, host)) = rest.rsplit_once('@') else {
        return url.to_owned();
    };
    let user = user.split_once(':').map_or(user, |(name, _)| name);
    format!("{scheme}://{user}:…@{host}")
}
