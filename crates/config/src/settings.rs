//! What was asked for, what the environment and the configuration file say, and what it means.
//! Flags win over variables, variables over the file, the file over defaults.

mod notify;
mod show;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::SignedDuration;
use weir_aws::AwsSettings;
use weir_core::calendar::Zone;
use weir_core::quota::Quota;
use weir_core::reset::Retention;
use weir_engine::ports::LogGroup;

use crate::environment::Environment;
use crate::error::StartError;
use crate::sections::{ConfigFile, QUOTA_AUTHOR, Unknown};

pub use notify::NotifySettings;
pub use show::Item;

/// The business time zone of a new database that no configuration names one for.
const DEFAULT_ZONE: &str = "Europe/Madrid";
const DEFAULT_LISTEN: ([u8; 4], u16) = ([127, 0, 0, 1], 8080);
const DEFAULT_METADATA_KEYS: [&str; 1] = ["tool"];

/// What whoever starts the process asks for in so many words: flags, or variables in their place.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The configuration file.
    pub config: Option<PathBuf>,
    /// The URL of the database.
    pub database: Option<String>,
}

/// Everything that an installation goes by.
#[derive(Debug)]
pub struct Settings {
    /// What decisions depend on.
    pub rules: Arc<weir_core::rulebook::Settings>,
    /// The business zone of a new database.
    pub zone: Zone,
    /// The configuration names the zone, so a database with another one is a contradiction.
    pub zone_is_named: bool,
    /// The database.
    pub database: Database,
    /// Quotas of the configuration file.
    pub quotas: Vec<Quota>,
    /// How AWS is written to.
    pub aws: AwsSettings,
    /// How to serve.
    pub server: ServerSettings,
    /// How people are told.
    pub notify: NotifySettings,
    /// The keys of `requestMetadata` that are kept.
    pub metadata_keys: Vec<String>,
    /// The URLs of queues that a server reads.
    pub queues: Vec<String>,
    /// Log groups that a server follows.
    pub log_groups: Vec<LogGroup>,
    /// How long what is kept.
    pub retention: Retention,
    /// Who runs this.
    pub actor: String,
    /// The values as `weir config show` prints them.
    pub items: Vec<Item>,
}

/// Which database.
#[derive(Clone, Debug)]
pub struct Database {
    /// The URL, password included.
    pub url: String,
    /// A directory of ours that must exist for the default database.
    pub directory: Option<PathBuf>,
    /// A flag or variable named it.
    pub is_asked_for: bool,
}

/// How to serve.
#[derive(Clone, Debug)]
pub struct ServerSettings {
    /// Where to listen.
    pub listen: SocketAddr,
    /// A file that holds the token senders must present.
    pub token_file: Option<PathBuf>,
    /// That token, from the environment.
    pub token: Option<String>,
}

/// The database and where the word comes from.
struct Found {
    database: Database,
    source: String,
}

impl Settings {
    /// Puts everything together.
    pub fn resolve(asked: &Asked, environment: &Environment) -> Result<Self, StartError> {
        let usual = environment.config_paths();
        let file = ConfigFile::load(asked.config.as_deref(), &usual)?;
        let config = &file.config;
        let found = database(asked, &file, environment)?;
        let zone = match &config.zone {
            Some(zone) => zone.clone(),
            None => {
                Zone::named(DEFAULT_ZONE).map_err(|error| StartError::Failed(error.to_string()))?
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
            actor: environment.actor.clone(),
            items: Vec::new(),
        };
        settings.items = show::items(&settings, &file, &found.source);
        Ok(settings)
    }
}

fn database(
    asked: &Asked,
    file: &ConfigFile,
    environment: &Environment,
) -> Result<Found, StartError> {
    let named = |url: &str, is_asked_for: bool, source: String| Found {
        database: Database {
            url: url.to_owned(),
            directory: None,
            is_asked_for,
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
    };
    Ok(Found {
        database,
        source: "default".to_owned(),
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

/// `15m`, as the configuration file writes it.
pub fn short(duration: SignedDuration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0 => "0".to_owned(),
        _ if seconds % 86_400 == 0 => format!("{}d", seconds / 86_400),
        _ if seconds % 3_600 == 0 => format!("{}h", seconds / 3_600),
        _ => format!("{}m", seconds / 60),
    }
}
