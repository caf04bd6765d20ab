//! How an engine works, apart from the rules it goes by.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use weir_core::ids::Region;
use weir_core::reset::Retention;

/// Settings of the engine itself. The default is right for production.
#[derive(Clone, Debug)]
pub struct Options {
    /// Evaluate everything at this instant instead of now. Audit times stay wall time, and nothing
    /// in AWS changes unless `effects` is set too.
    pub as_of: Option<Timestamp>,
    /// With `as_of`: change AWS all the same.
    pub effects: bool,
    /// Put the mode that the configuration asks for in force, where nobody would be denied by it.
    pub confirms_mode: bool,
    /// Where decisions are made, for the audit log: `cli`, `serve`, `ingest`.
    pub origin: String,
    /// Who acts where nobody in particular does, by what can be proved (OS user and host, STS ARN).
    pub actor: String,
    /// Ask AWS for tags, groups and inference profiles (`--no-lookups` clears it).
    pub lookups: bool,
    /// The keys of `requestMetadata` that are kept.
    pub metadata_keys: Vec<String>,
    /// Records of one transaction, at most (1 to 1 000).
    pub batch: usize,
    /// Calls to AWS at the same time.
    pub concurrency: usize,
    /// How long what is kept. Records older than invocations are dead letters (rules C7).
    pub retention: Retention,
    /// Rows that retention removes in one transaction, at most.
    pub removed_at_once: u32,
    /// Records further ahead than this are dead letters.
    pub future: SignedDuration,
    /// How long an answer of AWS about a caller holds.
    pub lookup_ttl: SignedDuration,
    /// How long a look-up that failed is not repeated.
    pub lookup_failure_ttl: SignedDuration,
    /// How long a rulebook is used before the database is asked for a newer one.
    pub rules_ttl: SignedDuration,
    /// How long a target or job is held; longer than the longest call with all its retries.
    pub lease: SignedDuration,
    /// How often a read-back that shows the old state is repeated.
    pub read_back: ReadBack,
    /// How long [`crate::Engine::drain`] waits for effects that are to be tried again.
    pub patience: Duration,
    /// How long whoever brings events or commands waits for letters; those under way then go on beside them,
    /// and the rest is left to the tick. `None`: until all are sent, for a process that ends then.
    pub telling: Option<Duration>,
    /// Regions of the home account whose calls AWS is asked about, besides those where calls were
    /// counted lately.
    pub watched_regions: Vec<Region>,
    /// Names this process in leases; made up if empty.
    pub instance: String,
}

/// How long AWS may show the old state before that is a failure (rules E7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadBack {
    /// The pause before the first repetition; it doubles up to ten times that.
    pub first: Duration,
    /// All pauses together.
    pub total: Duration,
}

/// Who does something, for the audit log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actor {
    /// By what can be proved: operator, STS ARN, or OS user and host.
    pub name: String,
    /// By their own word (`--by`).
    pub claimed: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            as_of: None,
            effects: false,
            confirms_mode: true,
            origin: "cli".to_owned(),
            actor: "weir".to_owned(),
            lookups: true,
            metadata_keys: vec!["tool".to_owned()],
            batch: 500,
            concurrency: 8,
            retention: Retention::default(),
            removed_at_once: 1_000,
            future: SignedDuration::from_mins(15),
            lookup_ttl: SignedDuration::from_mins(10),
            lookup_failure_ttl: SignedDuration::from_secs(30),
            rules_ttl: SignedDuration::from_secs(30),
            lease: SignedDuration::from_mins(5),
            read_back: ReadBack::default(),
            patience: Duration::from_secs(15),
            telling: None,
            watched_regions: Vec::new(),
            instance: String::new(),
        }
    }
}

impl Default for ReadBack {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            total: Duration::from_mins(1),
        }
    }
}
