//! What the settings name, opened: database, AWS, engine.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use weir_aws::{Connection, NoCredentials};
use weir_core::access::TargetState;
use weir_core::calendar::Zone;
use weir_core::ids::{Region, UserId};
use weir_core::quota::Quota;
use weir_core::rulebook::{Mode, StoredRules};
use weir_engine::clock::{Clock, WallClock};
use weir_engine::ports::{AccessControl, Directory, Metering, Survey};
use weir_engine::{Actor, Engine, Options, Parts, Post};
use weir_store::{Entry, RuleChange, Store, StoreError};

use crate::error::StartError;
use crate::login;
use crate::sections::QUOTA_AUTHOR;
use crate::settings::{NotifySettings, Settings, redacted};

/// The author of the quotas a new database starts with.
/// How long a server and a function wait for letters before they go on.
const TELLING: Duration = Duration::from_secs(5);
const BUILT_IN: &str = "built-in";

/// The ways to AWS, where there are any.
#[derive(Default)]
struct Ports {
    access: Option<Arc<dyn AccessControl>>,
    directory: Option<Arc<dyn Directory>>,
    metering: Option<Arc<dyn Metering>>,
    survey: Option<Arc<dyn Survey>>,
}

/// Whom the process tells what somebody should know.
pub trait Tell: Send + Sync {
    /// Something people may want to know.
    fn note(&self, text: &str);
    /// Something that may go wrong.
    fn warn(&self, text: &str);
}

/// What an engine is needed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Reading the database: AWS is not asked for anything.
    Reads,
    /// Changing rules or blocks: AWS is written to in mode `iam`.
    Decides,
    /// Counting records: callers are looked up too.
    Counts {
        /// Not with `--no-lookups`.
        lookups: bool,
    },
    /// All of that, until told to stop.
    Serves,
    /// Asking AWS whatever the mode.
    Aws,
}

/// One installation of Weir: its settings, and how this process works with what they name.
pub struct Installation<'a> {
    /// What it goes by.
    pub settings: &'a Settings,
    /// Whom it tells.
    pub tell: &'a dyn Tell,
    /// Evaluate everything at this instant instead of now.
    pub as_of: Option<Timestamp>,
    /// With `as_of`: change AWS all the same.
    pub effects: bool,
    /// What this process is.
    pub process: Process,
    /// What it can open.
    pub databases: &'a dyn Databases,
}

/// Which databases a process can open. A binary holds the code of those that it names, and no other.
#[async_trait]
pub trait Databases: Send + Sync {
    /// Opens the database of a URL.
    async fn open(&self, url: &str, entry: Entry) -> Result<Arc<dyn Store>, StoreError>;
}

/// A file, or a server.
#[derive(Clone, Copy, Debug)]
pub struct AnyDatabase;

/// `MySQL` and `MariaDB`.
#[derive(Clone, Copy, Debug)]
pub struct ServersOnly;

#[async_trait]
impl Databases for AnyDatabase {
    async fn open(&self, url: &str, entry: Entry) -> Result<Arc<dyn Store>, StoreError> {
        weir_store::open_with(url, entry).await
    }
}

#[async_trait]
impl Databases for ServersOnly {
    async fn open(&self, url: &str, entry: Entry) -> Result<Arc<dyn Store>, StoreError> {
        weir_store::open_server(url, entry)
    }
}

/// What a process is to the installation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Process {
    /// A command, or the server that one starts.
    Command,
    /// A Lambda function: it never migrates.
    Lambda,
}

impl Installation<'_> {
    /// The database as it is, whatever its schema.
    pub async fn open(&self) -> Result<Arc<dyn Store>, StartError> {
        let database = &self.settings.database;
        if let Some(directory) = &database.directory {
            std::fs::create_dir_all(directory).map_err(|source| StartError::Io {
                what: format!(
                    "cannot make {} for the database; give --database",
                    directory.display()
                ),
                source,
            })?;
        }
        let (url, entry) = login::entry(self.settings).await?;
        tracing::debug!(url = redacted(&url), "opening the database");
        Ok(self.databases.open(&url, entry).await?)
    }

    /// The database, ready for use: `SQLite` is migrated by every command, `MySQL` by `db migrate`,
    /// and neither by a Lambda function.
    pub async fn store(&self) -> Result<Arc<dyn Store>, StartError> {
        let store = self.open().await?;
        let is_embedded = self.settings.database.url.starts_with("sqlite:");
        if is_embedded && self.process == Process::Command {
            store.migrate().await?;
        } else {
            let migrations = store.migrations().await?;
            if let Some(why) = migrations.refusal() {
                return Err(StartError::Failed(why));
            }
            let pending = migrations.pending.len();
            if pending > 0 {
                return Err(StartError::Failed(format!(
                    "{pending} migrations of the database are pending: run `weir db migrate`, or \
                     `weir serve --migrate`"
                )));
            }
        }
        self.settle_zone(&*store).await?;
        Ok(store)
    }

    /// Applies pending migrations, and gives a new database its zone.
    pub async fn migrate(&self) -> Result<Vec<String>, StartError> {
        let store = self.open().await?;
        let applied = store.migrate().await?;
        self.settle_zone(&*store).await?;
        Ok(applied)
    }

    async fn settle_zone(&self, store: &dyn Store) -> Result<(), StartError> {
        let stored = store.rules().await?.zone;
        let wanted = self.settings.zone.name();
        if stored.is_empty() {
            store.set_zone(wanted).await?;
        } else if self.settings.zone_is_named && stored != wanted {
            self.tell.warn(&format!(
                "the configuration says zone {wanted}; this database was made with {stored}, and keeps it"
            ));
        }
        Ok(())
    }

    /// The business zone of the database.
    pub async fn zone(&self, store: &dyn Store) -> Result<Zone, StartError> {
        let name = store.rules().await?.zone;
        Zone::named(&name).map_err(|error| StartError::Failed(error.to_string()))
    }

    /// An engine over the database.
    pub async fn engine(&self, needs: Needs) -> Result<Engine, StartError> {
        let settings = self.settings;
        let store = self.store().await?;
        let writes = self.writes_aws(&*store).await?;
        let asks = match needs {
            Needs::Reads => false,
            Needs::Decides => writes,
            Needs::Counts { .. } | Needs::Serves => {
                writes || settings.rules.enforcement.mode != Some(Mode::Off)
            }
            Needs::Aws => true,
        };
        let Ports {
            access,
            directory,
            metering,
            survey,
        } = if asks {
            self.adapters(writes && needs != Needs::Aws).await?
        } else {
            Ports::default()
        };
        let clock: Arc<dyn Clock> = Arc::new(WallClock);
        let engine = Engine::new(Parts {
            store,
            settings: Arc::clone(&settings.rules),
            access,
            directory,
            post: self.post(needs, &clock).await?,
            clock,
            options: self.options(needs),
        })
        .with_metering(metering)
        .with_survey(survey);
        if !matches!(needs, Needs::Reads | Needs::Aws) {
            self.settle_quotas(&engine).await?;
        }
        Ok(engine)
    }

    /// How people are told. A command tells of what it did if it has channels, else it leaves that to
    /// `weir serve`, which settles it either way.
    async fn post(&self, needs: Needs, clock: &Arc<dyn Clock>) -> Result<Option<Post>, StartError> {
        let NotifySettings {
            language,
            contact,
            admins,
            channels,
            routes,
            warnings: _,
        } = &self.settings.notify;
        let has_none = channels.names().is_empty();
        if matches!(needs, Needs::Reads | Needs::Aws) || (has_none && needs != Needs::Serves) {
            return Ok(None);
        }
        let channels = weir_aws::channels(channels.clone(), &self.settings.aws, clock)
            .await
            .map_err(|error| StartError::Wrong(error.to_string()))?;
        Ok(Some(Post {
            channels,
            routes: routes.clone(),
            admins: admins.clone(),
            language: *language,
            contact: contact.clone(),
        }))
    }

    /// Whether AWS may have to be written to: mode `iam` is in force or asked for, or something of
    /// the time in `iam` is still there, kept or to be removed.
    async fn writes_aws(&self, store: &dyn Store) -> Result<bool, StartError> {
        use TargetState::{Applied, Failed, Requested, Verified};
        let in_force = store.rules().await?.mode;
        if in_force.mode == Mode::Iam || self.settings.rules.enforcement.mode == Some(Mode::Iam) {
            return Ok(true);
        }
        let open = store.targets(&[Requested, Applied, Verified, Failed]);
        Ok(!open.await?.is_empty())
    }

    /// The adapters, if there are credentials; a command that has to deny is nothing without them.
    async fn adapters(&self, needed: bool) -> Result<Ports, StartError> {
        match connect(self.settings).await {
            Ok(aws) => Ok(Ports {
                survey: Some(aws.survey(self.settings.rights(), self.settings.rights_elsewhere())),
                access: Some(aws.access),
                directory: Some(aws.directory),
                metering: Some(aws.metering),
            }),
            Err(_) if needed => {
                self.tell.warn(
                    "there are no AWS credentials: in mode iam blocks are recorded, \
                     and nobody is denied until somebody with credentials runs `weir reconcile`",
                );
                Ok(Ports::default())
            }
            Err(error) => {
                tracing::info!(%error, "AWS is not asked");
                Ok(Ports::default())
            }
        }
    }

    fn options(&self, needs: Needs) -> Options {
        let defaults = Options::default();
        Options {
            as_of: self.as_of,
            effects: self.effects,
            confirms_mode: !matches!(needs, Needs::Reads | Needs::Aws),
            origin: match needs {
                _ if self.process == Process::Lambda => "lambda",
                Needs::Counts { .. } => "ingest",
                Needs::Serves => "serve",
                Needs::Reads | Needs::Decides | Needs::Aws => "cli",
            }
            .to_owned(),
            actor: self.settings.actor.clone(),
            lookups: needs != Needs::Counts { lookups: false },
            metadata_keys: self.settings.metadata_keys.clone(),
            retention: self.settings.retention,
            watched_regions: self
                .settings
                .metrics
                .regions
                .iter()
                .map(Region::new)
                .collect(),
            // A sender does not wait for AWS: the tick goes on with what is to be tried again.
            patience: if needs == Needs::Serves {
                Duration::ZERO
            } else {
                defaults.patience
            },
            // Nor for a server that takes no mail.
            telling: (needs == Needs::Serves).then_some(TELLING),
            ..defaults
        }
    }

    /// Gives the database the quotas of the configuration, except where an administrator has set
    /// another by command.
    async fn settle_quotas(&self, engine: &Engine) -> Result<(), StartError> {
        if self.settings.quotas.is_empty() {
            return Ok(());
        }
        let stored = engine.store().rules().await?;
        let wanted = self
            .settings
            .quotas
            .iter()
            .filter(|quota| is_due(quota, &stored));
        let changes: Vec<_> = wanted.cloned().map(RuleChange::SetQuota).collect();
        if changes.is_empty() {
            return Ok(());
        }
        let count = changes.len();
        let by = Actor {
            name: self.settings.actor.clone(),
            claimed: None,
        };
        let effect = engine
            .change_quotas(changes, "from the configuration file", &by)
            .await?;
        self.tell.note(&format!(
            "{count} quotas of the configuration file are in force now"
        ));
        if !effect.blocked.is_empty() {
            let names: Vec<_> = effect.blocked.iter().map(UserId::as_str).collect();
            self.tell
                .note(&format!("blocked by them: {}", names.join(", ")));
        }
        Ok(())
    }
}

/// Whether a quota of the configuration is not the one in the database, and may replace it.
fn is_due(quota: &Quota, stored: &StoredRules) -> bool {
    let same = |known: &&Quota| {
        (&known.scope, known.metric, known.window) == (&quota.scope, quota.metric, quota.window)
    };
    stored.quotas.iter().find(same).is_none_or(|known| {
        let ours = known.author == BUILT_IN || known.author == QUOTA_AUTHOR;
        let alike =
            (known.limit, known.action, &known.warn) == (quota.limit, quota.action, &quota.warn);
        ours && (!alike || known.author == BUILT_IN)
    })
}

/// Opens a database.
pub async fn open(url: &str) -> Result<Arc<dyn Store>, StartError> {
    Ok(weir_store::open(url).await?)
}

/// Connects to AWS, or says that there are no credentials.
pub async fn connect(settings: &Settings) -> Result<Connection, NoCredentials> {
    weir_aws::connect(settings.aws.clone()).await
}

/// Connects to AWS for what is nothing without it.
pub async fn require(settings: &Settings) -> Result<Connection, StartError> {
    connect(settings).await.map_err(|error| {
        StartError::Failed(format!(
            "{error}; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run where a \
             role provides them"
        ))
    })
}
