//! What was asked for, what the environment and the configuration file say, and what it means.
//! Flags win over variables, variables over the file, the file over defaults.

mod database;
mod feeds;
mod notify;
mod oidc;
mod rights;
mod show;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use weir_aws::AwsSettings;
use weir_core::calendar::Zone;
use weir_core::ids::AccountId;
use weir_core::pseudonym::People;
use weir_core::quota::Quota;
use weir_core::reset::Retention;

use crate::environment::Environment;
use crate::error::StartError;
use crate::sections::{ConfigFile, MetricsSection, QUOTA_AUTHOR, Reader, TlsSection, Unknown};

pub use database::{Database, Entrance, redacted, sqlite_path};
pub use feeds::{LogFeed, QueueFeed};
pub use notify::NotifySettings;
pub use oidc::OidcSettings;
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
    /// Its text instead.
    pub text: Option<String>,
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
    /// Queues that a server reads.
    pub queues: Vec<QueueFeed>,
    /// Log groups that a server follows.
    pub log_groups: Vec<LogFeed>,
    /// How figures are told, and where AWS is asked for its own.
    pub metrics: MetricsSection,
    /// How people are shown to operators who only look.
    pub people: People,
    /// How long what is kept.
    pub retention: Retention,
    /// Whether the Lambda controller takes manual operations.
    pub lambda_manual: bool,
    /// Whose role opens the objects that the Lambda controller is told of; `None`: nobody said.
    pub lambda_objects: Option<Reader>,
    /// Who runs this.
    pub actor: String,
    /// The values as `weir config show` prints them.
    pub items: Vec<Item>,
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
    /// Whether a proxy that speaks TLS stands in front.
    pub behind_proxy: bool,
    /// PEM files of the certificate and of the key that Weir itself speaks TLS with.
    pub tls: Option<TlsSection>,
    /// Single sign-on.
    pub oidc: Option<OidcSettings>,
}

impl ServerSettings {
    fn resolve(file: &ConfigFile, environment: &Environment) -> Result<Self, StartError> {
        let section = &file.config.server;
        Ok(Self {
            listen: section.listen.unwrap_or_else(|| DEFAULT_LISTEN.into()),
            token_file: section.token_file.clone(),
            token: environment.server_token.clone(),
            behind_proxy: section.behind_proxy,
            tls: section.tls.clone(),
            oidc: OidcSettings::resolve(file, environment)?,
        })
    }
}

impl Settings {
    /// Puts everything together.
    pub fn resolve(asked: &Asked, environment: &Environment) -> Result<Self, StartError> {
        let usual = environment.config_paths();
        let file = match &asked.text {
            Some(text) => ConfigFile::of_variable("WEIR_CONFIG_TEXT", text)?,
            None => ConfigFile::load(asked.config.as_deref(), &usual)?,
        };
        let config = &file.config;
        let found = database::find(asked, &file, environment)?;
        let zone = match &config.zone {
            Some(zone) => zone.clone(),
            None => {
                Zone::named(DEFAULT_ZONE).map_err(|error| StartError::Failed(error.to_string()))?
            }
        };
        let identity_center = config.enforcement.identity_center();
        let identity_center = identity_center.map_err(StartError::Wrong)?;
        let defaults = weir_core::rulebook::Settings::default();
        let rules = weir_core::rulebook::Settings {
            attribution: config.attribution.settings(config.aws.home_account.clone()),
            settle_after: config.usage.settle_after.unwrap_or(defaults.settle_after),
            unknown_price: config
                .pricing
                .unknown
                .map_or(defaults.unknown_price, Unknown::setting),
            enforcement: config.enforcement.settings(identity_center.clone()),
        };
        let aws = AwsSettings {
            directory: config.directory.place(),
            ..config.enforcement.aws(identity_center)
        };
        let reach = feeds::Reach {
            home: config.aws.home_account.as_ref(),
            roles: &aws.accounts,
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
            server: ServerSettings::resolve(&file, environment)?,
            notify: NotifySettings::resolve(&file, environment)?,
            metadata_keys: config.intake.metadata_keys.clone().unwrap_or_else(|| {
                DEFAULT_METADATA_KEYS
                    .into_iter()
                    .map(str::to_owned)
                    .collect()
            }),
            queues: reach.queues(&file)?,
            log_groups: reach.log_groups(&file)?,
            lambda_objects: reach.lambda_objects(&file)?,
            aws,
            metrics: config.metrics.clone(),
            people: config.privacy.people(),
            retention: config.retention.settings(),
            lambda_manual: config.lambda.manual,
            actor: environment.actor.clone(),
            items: Vec::new(),
        };
        settings.items = show::items(&settings, &file, environment, &found.source);
        Ok(settings)
    }
}

impl Settings {
    /// Whose role reads what is in an account, if nobody says who; `None`: our own credentials.
    pub fn reader_in(&self, owner: Option<&AccountId>) -> Option<AccountId> {
        let home = self.rules.attribution.home_account.as_ref();
        let roles = &self.aws.accounts;
        feeds::Reach { home, roles }.of(owner)
    }
}

/// `15m`, as the configuration file writes it.
pub use weir_core::duration::short;
