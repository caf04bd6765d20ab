//! The engine: what its verbs share.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use jiff::Timestamp;
use weir_core::audit::Entry;
use weir_core::plan::Plan;
use weir_core::rulebook::{Rulebook, Settings};
use weir_store::{Batch, Lease, Store};

use crate::clock::Clock;
use crate::deliver::UnderWay;
use crate::lookups::Lookups;
use crate::notify::Stationery;
use crate::operators::Passwords;
use crate::options::{Actor, Options};
use crate::ports::{AccessControl, Directory, Metering, Survey};
use crate::post::Post;
use crate::reconcile::Cadence;
use crate::rules::RulesCache;

/// What an engine is made of.
pub struct Parts {
    /// Storage.
    pub store: Arc<dyn Store>,
    /// Settings that decisions depend on.
    pub settings: Arc<Settings>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Makes denials real; `None` where there are no credentials.
    pub access: Option<Arc<dyn AccessControl>>,
    /// Answers who somebody is; `None` where there are no credentials.
    pub directory: Option<Arc<dyn Directory>>,
    /// How people are told; `None` leaves it to other processes.
    pub post: Option<Post>,
    /// How to work.
    pub options: Options,
}

/// All workflows of Weir over one database. Several engines, in several processes, may work on the
/// same database at once: targets and jobs are claimed by lease, everything else is one transaction.
pub struct Engine {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) settings: Arc<Settings>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) access: Option<Arc<dyn AccessControl>>,
    pub(crate) directory: Option<Arc<dyn Directory>>,
    pub(crate) post: Option<Post>,
    pub(crate) stationery: OnceLock<Arc<Stationery>>,
    pub(crate) under_way: UnderWay,
    pub(crate) metering: Option<Arc<dyn Metering>>,
    pub(crate) survey: Option<Arc<dyn Survey>>,
    pub(crate) options: Options,
    /// What was decided, for a trial that listens.
    pub(crate) decided: Option<Mutex<Vec<Plan>>>,
    pub(crate) rules: RulesCache,
    pub(crate) lookups: Lookups,
    pub(crate) cadence: Cadence,
    pub(crate) passwords: Passwords,
    instance: String,
    serial: AtomicU64,
    pub(crate) mode_confirmed: AtomicBool,
}

impl Engine {
    /// Puts an engine together. Does no IO.
    pub fn new(parts: Parts) -> Self {
        let Parts {
            store,
            settings,
            clock,
            access,
            directory,
            post,
            options,
        } = parts;
        let instance = if options.instance.is_empty() {
            instance_name(clock.now())
        } else {
            options.instance.clone()
        };
        Self {
            store,
            settings,
            clock,
            access,
            directory,
            post,
            stationery: OnceLock::new(),
            under_way: UnderWay::default(),
            metering: None,
            survey: None,
            decided: None,
            rules: RulesCache::default(),
            lookups: Lookups::default(),
            cadence: Cadence::default(),
            passwords: Passwords::default(),
            options,
            instance,
            serial: AtomicU64::new(0),
            mode_confirmed: AtomicBool::new(false),
        }
    }

    /// The same engine, which also reads what AWS itself counted.
    #[must_use]
    pub fn with_metering(self, metering: Option<Arc<dyn Metering>>) -> Self {
        Self { metering, ..self }
    }

    /// The same engine, which also looks around in the accounts, for `weir doctor`.
    #[must_use]
    pub fn with_survey(self, survey: Option<Arc<dyn Survey>>) -> Self {
        Self { survey, ..self }
    }

    /// The storage, for reads that need no workflow.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// The instant everything is evaluated at: now, or `--as-of`.
    pub fn now(&self) -> Timestamp {
        self.options.as_of.unwrap_or_else(|| self.clock.now())
    }

    /// Wall time, also under `--as-of`: what the audit log and effects go by.
    pub fn wall(&self) -> Timestamp {
        self.clock.now()
    }

    /// Whether this engine may change AWS: credentials, and no `--as-of` without `--effects`.
    /// What it changes there is what the ledger wants in the mode in force.
    pub fn reaches_aws(&self) -> bool {
        self.access.is_some() && (self.options.as_of.is_none() || self.options.effects)
    }

    /// What effects are timed by: the later of wall time and `--as-of`, so that what was decided
    /// for a future instant is due.
    pub(crate) fn effect_time(&self) -> Timestamp {
        self.wall().max(self.now())
    }

    /// A text that was never used before.
    pub(crate) fn fresh_id(&self, what: &str) -> String {
        let serial = self.serial.fetch_add(1, Ordering::Relaxed);
        format!("{what}-{}-{serial}", self.instance)
    }

    pub(crate) fn lease(&self, from: Timestamp) -> Lease {
        let until = from
            .saturating_add(self.options.lease)
            .unwrap_or(Timestamp::MAX);
        Lease {
            owner: self.fresh_id("lease"),
            until,
        }
    }

    /// A transaction about nothing yet.
    pub(crate) fn batch<'a>(&self, name: &'static str, rules: &'a Rulebook) -> Batch<'a> {
        Batch {
            name,
            id: self.fresh_id(name),
            now: self.now(),
            rules,
            evidence: Vec::new(),
            anew: None,
            users: Vec::new(),
            teams: Vec::new(),
            dead_letters: Vec::new(),
            done: Vec::new(),
            audit: Vec::new(),
        }
    }

    /// An audit entry with time and place filled in.
    pub(crate) fn entry(
        &self,
        operation: &str,
        subject: String,
        reason: String,
        by: &Actor,
    ) -> Entry {
        Entry {
            operation: operation.to_owned(),
            subject,
            reason,
            actor: by.name.clone(),
            claimed_by: by.claimed.clone(),
            at: self.wall(),
            origin: self.options.origin.clone(),
            ..Entry::default()
        }
    }

    /// Weir itself, for the audit log.
    pub(crate) fn weir() -> Actor {
        Actor {
            name: "weir".to_owned(),
            claimed: None,
        }
    }
}

/// Process, start and a number the operating system drew: two engines never share it.
fn instance_name(now: Timestamp) -> String {
    let drawn = RandomState::new().build_hasher().finish();
    format!(
        "{}-{:x}-{drawn:x}",
        std::process::id(),
        now.as_microsecond()
    )
}
