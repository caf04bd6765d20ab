//! Which database, and how to get into it.

use std::path::{Path, PathBuf};

use super::Asked;
use crate::environment::Environment;
use crate::error::StartError;
use crate::sections::{ConfigFile, LoginWord};

/// Which database.
#[derive(Clone, Debug)]
pub struct Database {
    /// The URL, password included.
    pub url: String,
    /// A directory of ours that must exist for the default database.
    pub directory: Option<PathBuf>,
    /// A flag or variable named it.
    pub is_asked_for: bool,
    /// Somebody named it: a flag, a variable, the file or a secret.
    pub is_named: bool,
    /// How to get in.
    pub entrance: Entrance,
}

/// How to get into the database, besides its URL.
#[derive(Clone, Debug, Default)]
pub struct Entrance {
    /// The ARN of a secret that says who logs in.
    pub secret: Option<String>,
    /// Server and database are in that secret, not in the URL.
    pub is_all_in_secret: bool,
    /// By a token that AWS credentials sign, not by a password.
    pub by_token: bool,
    /// PEM of the authorities that vouch for the server.
    pub authorities: Option<PathBuf>,
}

/// The database and where the word comes from.
pub(super) struct Found {
    pub(super) database: Database,
    pub(super) source: String,
}

/// Flags and variables go before the file, and a secret that says everything before the default.
pub(super) fn find(
    asked: &Asked,
    file: &ConfigFile,
    environment: &Environment,
) -> Result<Found, StartError> {
    let mut entrance = entrance(file, environment)?;
    let named = |url: &str, is_asked_for: bool, entrance: Entrance, source: String| Found {
        database: Database {
            url: url.to_owned(),
            directory: None,
            is_asked_for,
            is_named: true,
            entrance,
        },
        source,
    };
    if let Some(url) = &asked.database {
        let by_variable = environment.database_url.as_ref() == Some(url);
        let source = if by_variable {
            "WEIR_DATABASE_URL"
        } else {
            "--database"
        };
        return Ok(named(url, true, entrance, source.to_owned()));
    }
    if let Some(url) = &file.config.database {
        let source = file.place("database").unwrap_or_default();
        return Ok(named(url, false, entrance, source));
    }
    if entrance.secret.is_some() {
        entrance.is_all_in_secret = true;
        return Ok(named("mysql://", false, entrance, "the secret".to_owned()));
    }
    let directory = environment.data_dir().ok_or_else(|| {
        StartError::Wrong(
            "there is no home directory to keep the database in: give --database, for example \
             --database sqlite:weir.db"
                .to_owned(),
        )
    })?;
    let url = format!("sqlite:{}", directory.join("weir.db").display());
    let database = Database {
        url,
        directory: Some(directory),
        is_asked_for: false,
        is_named: false,
        entrance,
    };
    Ok(Found {
        database,
        source: "default".to_owned(),
    })
}

fn entrance(file: &ConfigFile, environment: &Environment) -> Result<Entrance, StartError> {
    let config = &file.config;
    let word = match &environment.database_login {
        Some(text) => text
            .parse()
            .map_err(|error| StartError::Wrong(format!("WEIR_DATABASE_LOGIN: {error}")))?,
        None => config.database_login.unwrap_or_default(),
    };
    let secret = environment.database_secret.as_ref();
    let secret = secret.or(config.database_secret.as_ref()).cloned();
    let by_token = word == LoginWord::Iam;
    if by_token && secret.is_some() {
        return Err(StartError::Wrong(
            "database_login = \"iam\" needs no password, and database_secret holds one: keep one of \
             the two (WEIR_DATABASE_LOGIN and WEIR_DATABASE_SECRET likewise)"
                .to_owned(),
        ));
    }
    let authorities = environment.database_ca.as_ref();
    Ok(Entrance {
        secret,
        is_all_in_secret: false,
        by_token,
        authorities: authorities.or(config.database_ca.as_ref()).cloned(),
    })
}

/// The URL without its password.
pub fn redacted(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let Some((login, place)) = rest.rsplit_once('@') else {
        return url.to_owned();
    };
    match login.split_once(':') {
        Some((user, _)) => format!("{scheme}://{user}:…@{place}"),
        None => url.to_owned(),
    }
}

/// The path of a `SQLite` database.
pub fn sqlite_path(url: &str) -> Option<&Path> {
    let rest = url.strip_prefix("sqlite:")?;
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let path = rest.split_once('?').map_or(rest, |(path, _)| path);
    (!path.is_empty() && path != ":memory:").then(|| Path::new(path))
}
