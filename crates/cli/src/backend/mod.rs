//! What a verb works with: the database, or a server that has it. Each function has an arm for either and
//! returns the form that the API has for it, so that a verb prints one thing, wherever it is from.

mod access;
mod held;
mod identities;
mod in_aws;
mod operators;
mod pages;
mod people;
mod prices;
mod quotas;
mod record;
mod system;
mod trials;
mod upkeep;
mod usage;

use jiff::Timestamp;
use weir_core::calendar::Zone;
use weir_core::rulebook::Mode;
use weir_engine::Engine;
use weir_server::forms::Me;

use crate::exit::CliError;
use crate::remote::{Ask, Client};

pub(crate) use held::Held;
pub(crate) use prices::NewPrice;
pub(crate) use quotas::QuotaEdit;
pub(crate) use record::EntriesAsked;
pub(crate) use upkeep::ModeEdit;
pub(crate) use usage::BlocksAsked;

/// Rows of a page, the most a server gives at once.
const PAGE: usize = 500;

/// Where the answers come from.
pub(crate) enum Backend {
    /// The database.
    Database(Box<Engine>),
    /// A server.
    Server(Box<Server>),
}

/// A server, and what it said when it was asked who we are.
pub(crate) struct Server {
    pub(crate) client: Client,
    pub(crate) me: Me,
    zone: Zone,
    now: Timestamp,
}

impl Server {
    /// Asks who we are there, by which clock and in which zone.
    pub(crate) async fn open(client: Client) -> Result<Self, CliError> {
        let me: Me = client.answer(Ask::get(&["me"])).await?;
        let client = client.of_version(&me.version);
        let zone = Zone::named(&me.zone).map_err(|error| CliError::Failed(error.to_string()))?;
        let now = me.now.parse().map_err(|error| {
            CliError::Failed(format!("the server's clock says `{}`: {error}", me.now))
        })?;
        Ok(Self {
            client,
            me,
            zone,
            now,
        })
    }

    /// Whether denials are written to AWS.
    pub(crate) fn mode(&self) -> Result<Mode, CliError> {
        upkeep::mode(&self.me.mode)
    }
}

impl Backend {
    /// The business zone.
    pub(crate) async fn zone(&self) -> Result<Zone, CliError> {
        match self {
            Self::Database(engine) => Ok(engine.rules().await?.zone.clone()),
            Self::Server(server) => Ok(server.zone.clone()),
        }
    }

    /// What time it is there.
    pub(crate) fn now(&self) -> Timestamp {
        match self {
            Self::Database(engine) => engine.now(),
            Self::Server(server) => server.now,
        }
    }
}
