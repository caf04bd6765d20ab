//! The hot path: one transaction that counts, decides and records.

use jiff::Timestamp;
use weir_core::audit::Entry;
use weir_core::evidence::Evidence;
use weir_core::forget::Names;
use weir_core::history::{Reattribution, Repricing};
use weir_core::ids::{TeamId, UserId};
use weir_core::plan::Plan;
use weir_core::rulebook::Rulebook;
use weir_core::standing::Situation;

use crate::rows::DeadLetter;

/// What one transaction is about.
#[derive(Clone, Debug)]
pub struct Batch<'a> {
    /// Names the transaction in logs and metrics: `usage`, `block`, `expiry`, `evaluate`.
    pub name: &'static str,
    /// Unique for ever, at most 64 characters; marks the rows this transaction inserts. A batch whose
    /// fate is unknown (the connection broke at its commit) is sent again under another id.
    pub id: String,
    /// The instant to evaluate at.
    pub now: Timestamp,
    /// What to go by. A version that is no longer the newest fails with
    /// [`crate::StoreError::StaleRules`]; read the rules again and repeat.
    pub rules: &'a Rulebook,
    /// Records, grouped by request id.
    pub evidence: Vec<Evidence>,
    /// What becomes of those of the invocations that are on file, instead of adding records to them.
    pub anew: Option<Anew>,
    /// Users to evaluate besides those whose totals changed.
    pub users: Vec<UserId>,
    /// Teams to evaluate besides those whose totals changed.
    pub teams: Vec<TeamId>,
    /// What could not be read.
    pub dead_letters: Vec<DeadLetter>,
    /// Outbox rows that this transaction completes.
    pub done: Vec<String>,
    /// Entries for the audit log besides those of the plan.
    pub audit: Vec<Entry>,
}

/// What becomes of invocations on file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Anew {
    /// They are attributed anew.
    Attributed(Reattribution),
    /// They are costed anew.
    Priced(Repricing),
    /// They name a user no more, and its own are those of a pseudonym.
    Forgotten(Names),
}

/// The pure decision. It may run more than once; it is neither async nor fallible so that it can be.
pub type Decide<'a> = dyn Fn(&Situation) -> Plan + Send + Sync + 'a;

/// What a settle did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// Invocations seen for the first time.
    pub new: u64,
    /// Known invocations that the records, or an administrator, changed.
    pub completed: u64,
    /// Known invocations that the records did not change.
    pub duplicates: u64,
    /// Of the new ones, those that failed.
    pub failed_calls: u64,
    /// Of the new and completed ones, those without a price.
    pub unpriced: u64,
    /// Models without a price among them.
    pub unpriced_models: Vec<String>,
    /// Users that were seen for the first time.
    pub new_users: Vec<UserId>,
    /// What was decided.
    pub plan: Plan,
    /// How often the transaction was repeated after a deadlock.
    pub retries: u32,
}
