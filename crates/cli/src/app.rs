//! What commands work with: settings, printer, and the database and engine they open.

use std::sync::Arc;

use jiff::Timestamp;
use weir_config::{AnyDatabase, Asked, Environment, Installation, Needs, Process, Settings, Tell};
use weir_engine::{Actor, Engine};
use weir_store::Store;

use crate::args::{Author, Global};
use crate::backend::{Backend, Server};
use crate::exit::CliError;
use crate::printer::Printer;
use crate::remote::{Client, Logins, Named, Place};

/// What a command works with.
pub(crate) struct App {
    pub(crate) settings: Settings,
    pub(crate) printer: Printer,
    /// `--as-of`.
    pub(crate) as_of: Option<Timestamp>,
    /// `--effects`.
    effects: bool,
    /// `--yes`.
    pub(crate) yes: bool,
    /// Where verbs work that can work through a server.
    place: Place,
    /// Who we are at which server.
    pub(crate) logins: Logins,
}

/// Whether a login says where a command works, if nothing else does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Follows {
    /// As of every command about what is counted and decided.
    Login,
    /// The command is about a database by its nature, or about logins themselves.
    Nothing,
}

impl App {
    /// What was typed, and what the environment and the configuration file say about it.
    pub(crate) fn new(
        global: Global,
        environment: &Environment,
        printer: Printer,
        follows: Follows,
    ) -> Result<Self, CliError> {
        let Global {
            config,
            database,
            server,
            as_of,
            effects,
            yes,
            json: _,
        } = global;
        let by_variable =
            |said: &Option<String>, variable: &Option<String>| said.is_some() && said == variable;
        let database_variable = by_variable(&database, &environment.database_url);
        let server_variable = by_variable(&server, &environment.server);
        let is_typed = database.is_some() && !database_variable;
        let settings = Settings::resolve(
            &Asked {
                config,
                text: None,
                database,
            },
            environment,
        )?;
        let logins = Logins::of(environment.config_dir());
        let named = Named {
            server: server.clone().filter(|_| !server_variable),
            server_variable: server.filter(|_| server_variable && follows == Follows::Login),
            database: is_typed,
            database_variable,
            // Nothing names the default database.
            database_configured: settings.database.is_named || follows == Follows::Nothing,
            token: environment.token.clone(),
        };
        let place = Place::of(named, &logins)?;
        if matches!(place, Place::Server { .. }) && as_of.is_some() {
            return Err(CliError::Usage(
                "--as-of: a server answers as of now; it works with the database alone".to_owned(),
            ));
        }
        Ok(Self {
            settings,
            printer,
            as_of,
            effects,
            yes,
            place,
            logins,
        })
    }

    fn installation(&self) -> Installation<'_> {
        Installation {
            settings: &self.settings,
            tell: &self.printer,
            as_of: self.as_of,
            effects: self.effects,
            process: Process::Command,
            databases: &AnyDatabase,
        }
    }

    /// Who decides: what can be proved, and what `--by` claims.
    pub(crate) fn author(&self, by: &Author) -> Actor {
        Actor {
            name: self.settings.actor.clone(),
            claimed: by.by.clone(),
        }
    }

    /// What a verb works with that can work through a server.
    pub(crate) async fn backend(&self, needs: Needs) -> Result<Backend, CliError> {
        match &self.place {
            Place::Database => Ok(Backend::Database(Box::new(self.engine(needs).await?))),
            Place::Server {
                address,
                credential,
                ..
            } => {
                let client = Client::new(address.clone(), credential.clone())?;
                Ok(Backend::Server(Box::new(Server::open(client).await?)))
            }
        }
    }

    /// The same for a verb that changes something, and who does. A server knows who we are.
    pub(crate) async fn deciding(
        &self,
        needs: Needs,
        by: &Author,
    ) -> Result<(Backend, Actor), CliError> {
        if matches!(self.place, Place::Server { .. }) && by.by.is_some() {
            return Err(CliError::Usage(
                "--by: through a server the record has the operator who is logged in".to_owned(),
            ));
        }
        Ok((self.backend(needs).await?, self.author(by)))
    }

    /// Refuses, if the command works through a server, what a server does not do.
    pub(crate) fn needs_database(&self) -> Result<(), CliError> {
        self.place.needs_database()
    }

    /// The server that is worked through, if one is.
    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// The database as it is, whatever its schema.
    pub(crate) async fn open(&self) -> Result<Arc<dyn Store>, CliError> {
        self.needs_database()?;
        Ok(self.installation().open().await?)
    }

    /// Applies pending migrations, and gives a new database its zone.
    pub(crate) async fn migrate(&self) -> Result<Vec<String>, CliError> {
        self.needs_database()?;
        Ok(self.installation().migrate().await?)
    }

    /// An engine over the database.
    pub(crate) async fn engine(&self, needs: Needs) -> Result<Engine, CliError> {
        self.needs_database()?;
        Ok(self.installation().engine(needs).await?)
    }
}

impl Tell for Printer {
    fn note(&self, text: &str) {
        Printer::note(*self, text);
    }

    fn warn(&self, text: &str) {
        Printer::warn(*self, text);
    }
}
