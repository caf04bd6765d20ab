//! How a connection gets in: TLS, and who logs in.

use std::io::ErrorKind;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use sqlx::mysql::{MySqlConnectOptions, MySqlSslMode};

use crate::error::StoreError;
use crate::login::{Credentials, Entry};
use crate::mysql::number;

/// `ER_ACCESS_DENIED_ERROR`: name and password do not fit each other.
const ACCESS_DENIED: u16 = 1045;

/// What every connection is made by.
#[derive(Debug)]
pub(crate) struct Entrance {
    options: MySqlConnectOptions,
    entry: Entry,
    /// What connections that read were told last.
    told: Mutex<Option<Credentials>>,
}

/// What the URL says.
pub(crate) fn options(url: &str) -> Result<MySqlConnectOptions, sqlx::Error> {
    Ok(MySqlConnectOptions::from_str(url)?
        .charset("utf8mb4")
        .collation("utf8mb4_bin")
        .pipes_as_concat(false)
        .no_engine_substitution(false)
        .statement_cache_capacity(200))
}

impl Entrance {
    /// `says_tls`: the URL names an `ssl-mode`, which then holds.
    pub(crate) fn new(
        mut options: MySqlConnectOptions,
        says_tls: bool,
        entry: Entry,
    ) -> Result<Self, StoreError> {
        let is_token = entry.login.as_ref().is_some_and(|login| login.is_token());
        if let Some(path) = &entry.authorities {
            // Its own complaint would be one about every connection, and not name the file.
            std::fs::metadata(path).map_err(|error| StoreError::Tls {
                host: options.get_host().to_owned(),
                why: format!("cannot read `{}`: {error}", path.display()),
            })?;
            options = options.ssl_ca(path);
        }
        if !says_tls {
            let mode = usual(&options, is_token || entry.authorities.is_some());
            options = options.ssl_mode(mode);
        }
        let mode = options.get_ssl_mode();
        let is_verified = matches!(mode, MySqlSslMode::VerifyCa | MySqlSslMode::VerifyIdentity);
        if is_token && !is_verified {
            return Err(StoreError::Tls {
                host: options.get_host().to_owned(),
                why: "a token goes only to a server whose certificate is verified".to_owned(),
            });
        }
        Ok(Self {
            options: options.enable_cleartext_plugin(is_token),
            entry,
            told: Mutex::new(None),
        })
    }

    /// What connections are made by until somebody is asked.
    pub(crate) fn first(&self) -> MySqlConnectOptions {
        self.options.clone()
    }

    /// What a new connection is made by now.
    pub(crate) async fn options(&self, refused: bool) -> Result<MySqlConnectOptions, StoreError> {
        let Some(login) = &self.entry.login else {
            return Ok(self.options.clone());
        };
        Ok(self.by(&login.credentials(refused).await?))
    }

    /// The same, if it is another than when this was asked last.
    pub(crate) async fn options_if_new(
        &self,
        refused: bool,
    ) -> Result<Option<MySqlConnectOptions>, StoreError> {
        let Some(login) = &self.entry.login else {
            return Ok(None);
        };
        let now = login.credentials(refused).await?;
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.as_ref() == Some(&now) {
            return Ok(None);
        }
        let options = self.by(&now);
        *told = Some(now);
        Ok(Some(options))
    }

    fn by(&self, credentials: &Credentials) -> MySqlConnectOptions {
        let Credentials { user, password } = credentials;
        let options = self.options.clone().password(password);
        match user {
            Some(user) => options.username(user),
            None => options,
        }
    }

    /// Whether the server refused a login that somebody may know a newer one of.
    pub(crate) fn may_have_changed(&self, error: &sqlx::Error) -> bool {
        self.entry.login.is_some() && number(error) == Some(ACCESS_DENIED)
    }

    /// An error of a new connection, with what to do if it is about TLS.
    pub(crate) fn explained(&self, error: sqlx::Error) -> StoreError {
        let why = match &error {
            sqlx::Error::Tls(why) => why.to_string(),
            // The TLS library speaks through the connection.
            sqlx::Error::Io(io) if io.kind() == ErrorKind::InvalidData => io.to_string(),
            _ => return error.into(),
        };
        StoreError::Tls {
            host: self.options.get_host().to_owned(),
            why,
        }
    }
}

/// The mode where the URL names none: beyond this machine nothing goes in clear.
fn usual(options: &MySqlConnectOptions, verifies: bool) -> MySqlSslMode {
    if verifies {
        MySqlSslMode::VerifyIdentity
    } else if options.get_socket().is_some() || is_here(options.get_host()) {
        MySqlSslMode::Preferred
    } else {
        MySqlSslMode::Required
    }
}

fn is_here(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use async_trait::async_trait;

    use super::*;
    use crate::login::{Login, NoCredentials};

    #[derive(Debug)]
    struct Token;

    #[async_trait]
    impl Login for Token {
        async fn credentials(&self, _: bool) -> Result<Credentials, NoCredentials> {
            Ok(Credentials {
                user: None,
                password: "token".to_owned(),
            })
        }

        fn is_token(&self) -> bool {
            true
        }
    }

    fn mode(url: &str, entry: Entry) -> Result<MySqlSslMode, String> {
        let entrance = Entrance::new(options(url).unwrap(), url.contains("ssl-mode"), entry);
        entrance
            .map(|entrance| entrance.options.get_ssl_mode())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn nothing_leaves_this_machine_in_clear() {
        use MySqlSslMode::{Disabled, Preferred, Required, VerifyIdentity};
        for (url, want) in [
            ("mysql://weir@127.0.0.1/weir", Preferred),
            ("mysql://weir@localhost/weir", Preferred),
            ("mysql://weir@[::1]/weir", Preferred),
            ("mysql://weir@db.example.com/weir", Required),
            ("mysql://weir@127.0.0.1.example.com/weir", Required),
            ("mysql://weir@10.0.0.7/weir", Required),
            (
                "mysql://weir@db.example.com/weir?ssl-mode=DISABLED",
                Disabled,
            ),
            (
                "mysql://weir@db.example.com/weir?ssl-mode=VERIFY_IDENTITY",
                VerifyIdentity,
            ),
        ] {
            let mode = mode(url, Entry::default()).unwrap();
            assert_eq!(format!("{mode:?}"), format!("{want:?}"), "{url}");
        }
    }

    #[test]
    fn an_authority_is_there_to_verify() {
        let entry = Entry {
            authorities: Some("/dev/null".into()),
            ..Entry::default()
        };
        let mode = mode("mysql://weir@127.0.0.1/weir", entry).unwrap();
        assert!(matches!(mode, MySqlSslMode::VerifyIdentity));
    }

    #[test]
    fn an_authority_that_cannot_be_read_is_named() {
        let entry = Entry {
            authorities: Some("/nowhere/bundle.pem".into()),
            ..Entry::default()
        };
        let error = mode("mysql://weir@db/weir", entry).unwrap_err();
        assert!(
            error.contains("cannot read `/nowhere/bundle.pem`"),
            "{error}"
        );
    }

    #[test]
    fn a_token_goes_to_nobody_who_is_not_verified() {
        let entry = || Entry {
            login: Some(Arc::new(Token)),
            authorities: None,
        };
        let usual = mode("mysql://weir@db.example.com/weir", entry()).unwrap();
        assert!(matches!(usual, MySqlSslMode::VerifyIdentity));
        for asked in ["REQUIRED", "PREFERRED", "DISABLED"] {
            let url = format!("mysql://weir@127.0.0.1/weir?ssl-mode={asked}");
            let error = mode(&url, entry()).unwrap_err();
            assert!(error.contains("a token goes only to a server"), "{error}");
        }
    }
}
