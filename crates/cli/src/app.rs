//! What commands work with: settings, printer, and the database and engine they open.

use std::sync::Arc;

use jiff::Timestamp;
use weir_config::{AnyDatabase, Asked, Environment, Installation, Needs, Process, Settings, Tell};
use weir_core::calendar::Zone;
use weir_engine::{Actor, Engine};
use weir_store::Store;

use crate::args::{Author, Global};
use crate::exit::CliError;
use crate::printer::Printer;

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
}

impl App {
    /// What was typed, and what the environment and the configuration file say about it.
    pub(crate) fn new(
        global: Global,
        environment: &Environment,
        printer: Printer,
    ) -> Result<Self, CliError> {
        let Global {
            config,
            database,
            as_of,
            effects,
            yes,
            json: _,
        } = global;
        let settings = Settings::resolve(
            &Asked {
                config,
                text: None,
                database,
            },
            environment,
        )?;
        Ok(Self {
            settings,
            printer,
            as_of,
            effects,
            yes,
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

    /// The database as it is, whatever its schema.
    pub(crate) async fn open(&self) -> Result<Arc<dyn Store>, CliError> {
        Ok(self.installation().open().await?)
    }

    /// The database, ready for use.
    pub(crate) async fn store(&self) -> Result<Arc<dyn Store>, CliError> {
        Ok(self.installation().store().await?)
    }

    /// Applies pending migrations, and gives a new database its zone.
    pub(crate) async fn migrate(&self) -> Result<Vec<String>, CliError> {
        Ok(self.installation().migrate().await?)
    }

    /// The business zone of the database.
    pub(crate) async fn zone(&self, store: &dyn Store) -> Result<Zone, CliError> {
        Ok(self.installation().zone(store).await?)
    }

    /// An engine over the database.
    pub(crate) async fn engine(&self, needs: Needs) -> Result<Engine, CliError> {
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
