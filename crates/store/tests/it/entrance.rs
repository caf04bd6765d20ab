//! Getting in: passwords that change, and servers that cannot be trusted.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use weir_store::{Credentials, Entry, Login, NoCredentials, StoreError, open_with};

use crate::place::Place;

/// Knows a newer password, once the one it knew is refused.
#[derive(Debug)]
struct Rotating {
    knows_better: bool,
    was_refused: AtomicBool,
}

#[async_trait]
impl Login for Rotating {
    async fn credentials(&self, refused: bool) -> Result<Credentials, NoCredentials> {
        if refused {
            self.was_refused.store(true, Ordering::Relaxed);
        }
        let new = self.knows_better && self.was_refused.load(Ordering::Relaxed);
        Ok(Credentials {
            user: Some("rotating".to_owned()),
            password: if new { "new" } else { "old" }.to_owned(),
        })
    }

    fn is_token(&self) -> bool {
        false
    }
}

async fn rotated(place: &Place, knows_better: bool) -> Result<(), StoreError> {
    let name = place.url.rsplit('/').next().unwrap();
    for sql in [
        "CREATE USER IF NOT EXISTS rotating@'%' IDENTIFIED BY 'new'".to_owned(),
        format!("GRANT ALL ON {name}.* TO rotating@'%'"),
    ] {
        place.raw(&sql).await.unwrap();
    }
    let entry = Entry {
        login: Some(Arc::new(Rotating {
            knows_better,
            was_refused: AtomicBool::new(false),
        })),
        authorities: None,
    };
    let store = open_with(&place.url, entry).await?;
    store.health().await?;
    store.set_zone("Europe/Madrid").await
}

async fn a_password_that_was_changed_is_asked_for_again(place: Place) {
    rotated(&place, true).await.unwrap();
}

async fn a_password_nobody_knows_is_refused_once_more_and_then_said(place: Place) {
    let error = rotated(&place, false).await.unwrap_err();
    assert!(error.to_string().contains("Access denied"), "{error}");
}

mod mariadb {
    #[tokio::test]
    async fn a_password_that_was_changed_is_asked_for_again() {
        if let Some(place) = crate::place::mariadb().await {
            super::a_password_that_was_changed_is_asked_for_again(place).await;
        }
    }

    #[tokio::test]
    async fn a_password_nobody_knows_is_refused_once_more_and_then_said() {
        if let Some(place) = crate::place::mariadb().await {
            super::a_password_nobody_knows_is_refused_once_more_and_then_said(place).await;
        }
    }
}

mod mysql {
    use super::*;

    #[tokio::test]
    async fn a_password_that_was_changed_is_asked_for_again() {
        if let Some(place) = crate::place::mysql().await {
            super::a_password_that_was_changed_is_asked_for_again(place).await;
        }
    }

    #[tokio::test]
    async fn a_server_nobody_vouches_for_is_not_spoken_to() {
        let Some(place) = crate::place::mysql().await else {
            return;
        };
        // It made a certificate for itself when it was installed.
        let url = format!("{}?ssl-mode=VERIFY_IDENTITY", place.url);
        let store = open_with(&url, Entry::default()).await.unwrap();
        let error = store.health().await.unwrap_err();
        assert!(matches!(error, StoreError::Tls { .. }), "{error:?}");
        assert!(error.to_string().contains("database_ca"), "{error}");
    }
}
