//! Who logs in to the database, where AWS knows it.

use std::sync::Arc;

use async_trait::async_trait;
use weir_aws::{DatabaseSecret, DatabaseToken};
use weir_engine::clock::WallClock;
use weir_store::{Credentials, Entry, Login, NoCredentials, Server};

use crate::error::StartError;
use crate::settings::{Database, Entrance, Settings};

/// By a password that rotates.
#[derive(Debug)]
struct BySecret(DatabaseSecret);

/// By a token that lives a quarter of an hour.
#[derive(Debug)]
struct ByToken(DatabaseToken);

/// The whole URL, and how to get in.
pub(crate) async fn entry(settings: &Settings) -> Result<(String, Entry), StartError> {
    let Database { url, entrance, .. } = &settings.database;
    let Entrance {
        secret,
        is_all_in_secret,
        by_token,
        authorities,
    } = entrance;
    let mut entry = Entry {
        login: None,
        authorities: authorities.clone(),
    };
    let mut url = url.clone();
    if let Some(arn) = secret {
        let config = weir_aws::sdk_config(&settings.aws).await;
        let secret = DatabaseSecret::new(&config, arn, Arc::new(WallClock));
        if *is_all_in_secret {
            url = place(&secret).await?;
        }
        entry.login = Some(Arc::new(BySecret(secret)));
    } else if *by_token {
        let server = Server::of(&url).ok_or_else(|| {
            StartError::Wrong(
                "database_login = \"iam\" is for mysql://USER@HOST/NAME: name the database"
                    .to_owned(),
            )
        })?;
        let Server { host, port, user } = server;
        let config = weir_aws::sdk_config(&settings.aws).await;
        let token = DatabaseToken::new(config, (&host, port), &user, Arc::new(WallClock));
        entry.login = Some(Arc::new(ByToken(token)));
    }
    Ok((url, entry))
}

/// The database that a secret names.
async fn place(secret: &DatabaseSecret) -> Result<String, StartError> {
    let login = secret.login(false).await;
    let login = login.map_err(|error| StartError::Failed(error.to_string()))?;
    match (login.host, login.name) {
        (Some(host), Some(name)) => Ok(format!(
            "mysql://{host}:{}/{name}",
            login.port.unwrap_or(3306)
        )),
        _ => Err(StartError::Wrong(
            "the secret of the database names no `host` and `dbname`, as one that RDS manages does not: \
             name them by `database` or WEIR_DATABASE_URL, as mysql://HOST/NAME"
                .to_owned(),
        )),
    }
}

#[async_trait]
impl Login for BySecret {
    async fn credentials(&self, refused: bool) -> Result<Credentials, NoCredentials> {
        let login = self.0.login(refused).await;
        let login = login.map_err(|error| NoCredentials(error.to_string()))?;
        Ok(Credentials {
            user: Some(login.user),
            password: login.password.reveal().to_owned(),
        })
    }

    fn is_token(&self) -> bool {
        false
    }
}

#[async_trait]
impl Login for ByToken {
    async fn credentials(&self, refused: bool) -> Result<Credentials, NoCredentials> {
        let token = self.0.token(refused).await;
        let token = token.map_err(|error| NoCredentials(error.to_string()))?;
        Ok(Credentials {
            user: None,
            password: token.reveal().to_owned(),
        })
    }

    fn is_token(&self) -> bool {
        true
    }
}
