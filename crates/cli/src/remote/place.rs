//! Where commands work: in the database, or through a server. Flags go before variables, variables before
//! the configuration file, and all of them before a login.

use super::{Address, Credential, Logins};
use crate::exit::CliError;

/// What was named, and how.
#[derive(Debug)]
pub(crate) struct Named {
    /// `--server`.
    pub(crate) server: Option<String>,
    /// `WEIR_SERVER`.
    pub(crate) server_variable: Option<String>,
    /// `--database` was typed.
    pub(crate) database: bool,
    /// `WEIR_DATABASE_URL` is set.
    pub(crate) database_variable: bool,
    /// The configuration names a database.
    pub(crate) database_configured: bool,
    /// `WEIR_TOKEN`, for a server that was named.
    pub(crate) token: Option<weir_core::secret::Secret>,
}

/// Where a command works.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// In the database of the settings.
    Database,
    /// Through a server.
    Server {
        /// Which.
        address: Address,
        /// Who we are there.
        credential: Credential,
        /// How it was named.
        why: Why,
    },
}

/// How a server was named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// By `--server` or `WEIR_SERVER`.
    Named,
    /// By a login.
    LoggedIn,
}

impl Place {
    /// Decides.
    pub(crate) fn of(named: Named, logins: &Logins) -> Result<Self, CliError> {
        let Named {
            server,
            server_variable,
            database,
            database_variable,
            database_configured,
            token,
        } = named;
        let by_variable = server_variable.filter(|_| !database);
        if server.is_some() && database {
            return Err(CliError::Usage(
                "--server and --database: give one of them".to_owned(),
            ));
        }
        if server.is_none() && by_variable.is_some() && database_variable {
            return Err(CliError::Usage(
                "WEIR_SERVER and WEIR_DATABASE_URL are both set: give --server or --database"
                    .to_owned(),
            ));
        }
        if let Some(text) = server.or(by_variable) {
            let address = Address::parse(&text)?;
            let credential = match token {
                Some(token) => Credential::Token(token),
                None => Self::login(&address, logins)?,
            };
            return Ok(Self::Server {
                address,
                credential,
                why: Why::Named,
            });
        }
        if database || database_variable || database_configured {
            return Ok(Self::Database);
        }
        let Some(current) = logins.current()? else {
            return Ok(Self::Database);
        };
        let address = Address::parse(&current)?;
        let credential = Self::login(&address, logins)?;
        Ok(Self::Server {
            address,
            credential,
            why: Why::LoggedIn,
        })
    }

    fn login(address: &Address, logins: &Logins) -> Result<Credential, CliError> {
        let login = logins.at(address)?;
        let login = login.ok_or_else(|| {
            CliError::NotAllowed(format!(
                "you are not logged in to {address}: `weir login {address}`, or set WEIR_TOKEN"
            ))
        })?;
        Ok(Credential::Token(login.token))
    }

    /// Refuses what does not work through a server.
    pub(crate) fn needs_database(&self) -> Result<(), CliError> {
        let Self::Server { address, why, .. } = self else {
            return Ok(());
        };
        let remedy = match why {
            Why::Named => "leave --server and WEIR_SERVER out, and name it by --database",
            Why::LoggedIn => "name it by --database, or `weir logout` to work with your own again",
        };
        Err(CliError::Usage(format!(
            "this needs the database, and does not work through the server {address}: {remedy}"
        )))
    }
}
