//! From a database URL to a store.

use std::sync::Arc;

use crate::backend::Backend;
use crate::error::StoreError;
use crate::store::Store;
use crate::{mysql, sqlite};

/// Opens `sqlite:PATH`, `sqlite::memory:` or `mysql://USER:PASSWORD@HOST/NAME`. Errors never show
/// the password. Nothing is migrated.
pub async fn open(url: &str) -> Result<Arc<dyn Store>, StoreError> {
    if let Some(path) = url.strip_prefix("sqlite:") {
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() {
            return Err(bad(url));
        }
        return Ok(Arc::new(Backend(sqlite::open(path).await?)));
    }
    if url.starts_with("mysql://") || url.starts_with("mariadb://") {
        // What the parser says may quote the URL with its password.
        let db = mysql::open(url).map_err(|_| bad(url))?;
        return Ok(Arc::new(Backend(db)));
    }
    Err(bad(url))
}

fn bad(url: &str) -> StoreError {
    StoreError::BadUrl {
        url: without_password(url),
    }
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
