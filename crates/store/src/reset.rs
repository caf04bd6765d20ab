//! The record of the daily reset, and what leaves after a while.

use jiff::Timestamp;
use jiff::civil::Date;
use weir_core::message::Message;

/// Whether a reset may be run now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResetClaim {
    /// It is ours, until the lease ends.
    Begun,
    /// It came to its end before: without errors, or so lately that it is not tried again yet.
    Finished,
    /// Somebody else runs it.
    Held,
}

/// How a run of the reset ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResetOutcome {
    /// The local date that began.
    pub date: Date,
    /// When it ended.
    pub at: Timestamp,
    /// What was done, JSON.
    pub counts: String,
    /// What went wrong without stopping the rest.
    pub errors: Vec<String>,
    /// The summary of the day before, JSON; `None` if it could not be made.
    pub summary: Option<String>,
    /// What people are told of it, once however often it is run.
    pub told: Vec<Message>,
}

/// The reset of a date as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResetRow {
    /// The local date that began.
    pub date: Date,
    /// When the latest run began.
    pub started_at: Timestamp,
    /// When a run last came to its end.
    pub finished_at: Option<Timestamp>,
    /// How many runs came to their end.
    pub runs: u32,
    /// What the latest did, JSON.
    pub counts: Option<String>,
    /// What went wrong without stopping the rest.
    pub errors: Vec<String>,
    /// The summary of the day before, JSON.
    pub summary: Option<String>,
}

/// What is not kept for ever (rules P1). Totals are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Retained {
    /// Invocations, by the time of the call.
    Invocations,
    /// Source IP, user agent and error text of invocations, by the time they came; the rest of the
    /// invocation stays.
    ClientFacts,
    /// Dead letters, by the time they were last seen.
    DeadLetters,
    /// Jobs that are done and messages, by the time they were due; messages whose letters still wait
    /// stay.
    Outbox,
    /// Warnings that were given, by the time they were.
    Warnings,
}

impl Retained {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Invocations,
        Self::ClientFacts,
        Self::DeadLetters,
        Self::Outbox,
        Self::Warnings,
    ];

    /// The word shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invocations => "invocations",
            Self::ClientFacts => "client_facts",
            Self::DeadLetters => "dead_letters",
            Self::Outbox => "outbox",
            Self::Warnings => "warnings",
        }
    }
}
