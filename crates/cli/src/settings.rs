//! What was typed, what the environment and the configuration file say, and what it means.
//! Flags win over variables, variables over the file, the file over defaults.

mod notify;
mod show;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use weir_aws::AwsSettings;
use weir_core::calendar::Zone;
use weir_core::quota::Quota;
use weir_core::reset::Retention;
use weir_engine::ports::LogGroup;

use crate::args::Global;
use crate::config::{ConfigFile, QUOTA_AUTHOR, Unknown};
use crate::environment::Environment;
use crate::exit::CliError;

pub(crate) use notify::NotifySettings;
pub(crate) use show::Item;

/// The business time zone of a new database that no configuration names one for.
const DEFAULT_ZONE: &str = "Europe/Madrid";
const DEFAULT_LISTEN: ([u8; 4], u16) = ([127, 0, 0, 1], 8080);
const DEFAULT_METADATA_KEYS: [&str; 1] = ["tool"];

/// Everything that commands go by.
#[derive(Debug)]
pub(crate) struct Settings {
    /// What decisions depend on.
    pub(crate) rules: Arc<weir_core::rulebook::Settings>,
    /// The business zone of a new database.
    pub(crate) zone: Zone,
    /// The configuration names the zone, so a database with another one is a contradiction.
    pub(crate) zone_is_named: bool,
    /// The database.
    pub(crate) database: Database,
    /// Quotas of the configuration file.
    pub(crate) quotas: Vec<Quota>,
    /// How AWS is written to.
    pub(crate) aws: AwsSettings,
    /// How to serve.
    pub(crate) server: ServerSettings,
    /// How people are told.
    pub(crate) notify: NotifySettings,
    /// The keys of `requestMetadata` that are kept.
    pub(crate) metadata_keys: Vec<String>,
    /// The URLs of queues that a server reads.
    pub(crate) queues: Vec<String>,
    /// Log groups that a server follows.
    pub(crate) log_groups: Vec<LogGroup>,
    /// How long what is kept.
    pub(crate) retention: Retention,
    /// `--as-of`.
    pub(crate) as_of: Option<Timestamp>,
    /// `--effects`.
    pub(crate) effects: bool,
    /// `--yes`.
    pub(crate) yes: bool,
    /// Who runs this.
    pub(crate) actor: String,
    /// The values as `weir config show` prints them.
    pub(crate) items: Vec<Item>,
}

/// Which database.
#[derive(Clone, Debug)]
pub(crate) struct Database {
    /// The URL, password included.
    pub(crate) url: String,
    /// A directory of ours that must exist for the default database.
    pub(crate) directory: Option<PathBuf>,
    /// A flag or variable named it.
    pub(crate) is_asked_for: bool,
}

/// How to serve.
#[derive(Clone, Debug)]
pub(crate) struct ServerSettings {
    pub(crate) listen: SocketAddr,
    pub(crate) token_file: Option<PathBuf>,
    pub(crate) token: Option<String>,
}

/// The database and where the word comes from.
struct Found {
    database: Database,
    source: String,
}

impl Settings {
    /// Puts everything together.
    pub(crate) fn resolve(global: &Global, environment: &Environment) -> Result<Self, CliError> {
        let usual = environment.config_paths();
        let file = ConfigFile::load(global.config.as_deref(), &usual)?;
        let config = &file.config;
        let found = database(global, &file, environment)?;
        let zone = match &config.zone {
            Some(zone) => zone.clone(),
            None => {
                Zone::named(DEFAULT_ZONE).map_err(|error| CliError::Failed(error.to_string()))?
            }
        };
        let defaults = weir_core::rulebook::Settings::default();
        let rules = weir_core::rulebook::Settings {
            attribution: config.attribution.settings(config.aws.home_account.clone()),
            settle_after: config.usage.settle_after.unwrap_or(defaults.settle_after),
            unknown_price: config
                .pricing
                .unknown
                .map_or(defaults.unknown_price, Unknown::setting),
            enforcement: config.enforcement.settings(),
        };
        let mut settings = Self {
            rules: Arc::new(rules),
            zone,
            zone_is_named: config.zone.is_some(),
            database: found.database,
            quotas: config
                .quotas
                .iter()
                .cloned()
                .map(|entry| entry.quota(QUOTA_AUTHOR))
                .collect(),
            aws: config.enforcement.aws(),
            server: ServerSettings {
                listen: config
                    .server
                    .listen
                    .unwrap_or_else(|| DEFAULT_LISTEN.into()),
                token_file: config.server.token_file.clone(),
                token: environment.server_token.clone(),
            },
            notify: NotifySettings::resolve(&file, environment)?,
            metadata_keys: config.intake.metadata_keys.clone().unwrap_or_else(|| {
                DEFAULT_METADATA_KEYS
                    .into_iter()
                    .map(str::to_owned)
                    .collect()
            }),
            queues: config.intake.queues.clone(),
            log_groups: config.intake.log_groups.clone(),
            retention: config.retention.settings(),
            as_of: global.as_of,
            effects: global.effects,
            yes: global.yes,
            actor: environment.actor.clone(),
            items: Vec::new(),
        };
        settings.items = show::items(&settings, &file, &found.source);
        Ok(settings)
    }

    /// Who decides: what can be proved, and what `--by` claims.
    pub(crate) fn author(&self, by: &crate::args::Author) -> weir_engine::Actor {
        weir_engine::Actor {
            name: self.actor.clone(),
            claimed: by.by.clone(),
        }
    }
}

fn database(
    global: &Global,
    file: &ConfigFile,
    environment: &Environment,
) -> Result<Found, CliError> {
    let named = |url: &str, is_asked_for: bool, source: String| Found {
        database: Database {
            url: url.to_owned(),
            directory: None,
            is_asked_for,
        },
        source,
    };
    if let Some(url) = &global.database {
        let by_variable = environment.database_url.as_ref() == Some(url);
        let source = if by_variable {
            "WEIR_DATABASE_URL"
        } else {
            "--database"
        };
        return Ok(named(url, true, source.to_owned()));
    }
    if let Some(url) = &file.config.database {
        return Ok(named(
            url,
            false,
            file.place("database").unwrap_or_default(),
        ));
    }
    let directory = environment.data_dir().ok_or_else(|| {
        CliError::Usage(
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
    };
    Ok(Found {
        database,
        source: "default".to_owned(),
    })
}

/// The URL without its password.
pub(crate) fn redacted(url: &str) -> String {
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
pub(crate) fn sqlite_path(url: &str) -> Option<&Path> {
    let rest = url.strip_prefix("sqlite:")?;
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let path = rest.split_once('?').map_or(rest, |(path, _)| path);
    (!path.is_empty() && path != ":memory:").then(|| Path::new(path))
}

/// `15m`, as [`crate::time::duration`] reads it.
pub(crate) fn short(duration: SignedDuration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0 => "0".to_owned(),
        _ if seconds % 86_400 == 0 => format!("{}d", seconds / 86_400),
        _ if seconds % 3_600 == 0 => format!("{}h", seconds / 3_600),
        _ => format!("{}m", seconds / 60),
    }
}
