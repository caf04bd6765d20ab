//! What readers get.

use jiff::Timestamp;
use weir_core::access::{Member, Target};
use weir_core::attribution::Principal;
use weir_core::block::{Block, Protection};
use weir_core::counter::Sums;
use weir_core::evidence::Evidence;
use weir_core::ids::{AccountId, KeyId, Region, TeamId, UserId};
use weir_core::invocation::Invocation;
use weir_core::outbox::Job;
use weir_core::rulebook::UserClass;

/// A user as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserRow {
    /// Who.
    pub user: UserId,
    /// The team they are in now.
    pub team: TeamId,
    /// The person's name.
    pub person: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// `es` or `en`.
    pub language: Option<String>,
    /// What kind of subject.
    pub class: UserClass,
    /// The projection of blocks.
    pub is_blocked: bool,
    /// The headline.
    pub blocked_reason: Option<String>,
    /// The latest end; `None` while blocked is indefinite.
    pub blocked_until: Option<Timestamp>,
    /// Who protects the user.
    pub protection_by: Option<String>,
    /// First sight.
    pub created_at: Timestamp,
    /// The identities the user consists of, with first and last sight.
    pub principals: Vec<(Principal, Option<String>, Timestamp, Timestamp)>,
}

/// One row of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageRow {
    /// The user, team, model, tool or day.
    pub key: String,
    /// The sums.
    pub sums: Sums,
}

/// An invocation on file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvocationRow {
    /// As counted, from the stored columns.
    pub invocation: Invocation,
    /// The records it was derived from.
    pub evidence: Evidence,
    /// First record.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

/// A block on file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockRow {
    /// The block.
    pub block: Block,
    /// When it was lifted, by whom, why.
    pub lifted: Option<(Timestamp, String, String)>,
    /// The totals by now of what it denies in its window; only lists know them.
    pub used: Option<Sums>,
}

impl BlockRow {
    /// How much more than its headline quota allowed was used by now, in the units of its metric (rules B8);
    /// `None` of a manual block.
    pub fn overshoot(&self) -> Option<i64> {
        let headline = self.block.evidence.first()?;
        let used = self
            .used
            .as_ref()
            .map_or(headline.used, |sums| headline.metric.used(sums));
        Some(used.saturating_sub(headline.limit).max(0))
    }
}

/// A protection on file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtectionRow {
    /// The protection.
    pub protection: Protection,
}

/// A target on file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetRow {
    /// The target.
    pub target: Target,
    /// Everybody's part in it.
    pub members: Vec<Member>,
    /// Keys that its block has deactivated, or was about to.
    pub keys: Vec<TargetKeyRow>,
}

/// A key that the block of a tool has deactivated, or was about to when somebody looked last.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TargetKeyRow {
    /// The IAM user it belongs to.
    pub iam_user: String,
    /// The key.
    pub key: KeyId,
}

/// A target that the claimer now holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimedTarget {
    /// The target, as it was when claimed.
    pub row: TargetRow,
}

/// An outbox row that the claimer now holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimedJob {
    /// Its id.
    pub id: String,
    /// What to do.
    pub job: Job,
    /// How often it was tried before.
    pub attempts: u32,
}

/// What was counted in a Region on a local day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoverageRow {
    /// The source Region.
    pub region: Region,
    /// How much.
    pub sums: Sums,
}

/// A role whose session names are trusted (rules A3), as it was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRoleRow {
    /// The account.
    pub account: AccountId,
    /// The role, without path.
    pub role: String,
    /// Session names first seen since the instant that was asked about.
    pub new_names: u64,
}

/// Something that could not be read (rules C7). No prompt text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DeadLetter {
    /// Where it came from: a file name and place, `http`, …
    pub source: String,
    /// What is wrong, naming what and where.
    pub reason: String,
    /// Keys and types of the payload.
    pub shape: String,
}

/// A dead letter on file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetterRow {
    /// Number.
    pub id: u64,
    /// What.
    pub letter: DeadLetter,
    /// First seen.
    pub first_seen: Timestamp,
    /// Last seen.
    pub last_seen: Timestamp,
    /// How often.
    pub count: u64,
}

/// The end of the audit chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditHead {
    /// The last number; 0 for an empty log.
    pub seq: u64,
    /// Its hash.
    pub hash: String,
}

/// What a database says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// `sqlite 3.50.1`, `mariadb 10.11.11`, `mysql 9.7.0`.
    pub engine: String,
    /// Its own clock, to be compared with ours.
    pub clock: Timestamp,
    /// Jobs in the outbox that are due.
    pub outbox_due: u64,
    /// Messages that have not left, and letters that are not sent.
    pub mail_waiting: u64,
    /// When the oldest of those was written.
    pub mail_oldest: Option<Timestamp>,
    /// Letters that were given up.
    pub mail_failed: u64,
    /// Invocations on file.
    pub invocations: u64,
}

/// Migrations by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MigrationStatus {
    /// In the database.
    pub applied: Vec<String>,
    /// In the binary, not in the database.
    pub pending: Vec<String>,
    /// In the database, not in the binary: it was migrated by a newer release.
    pub unknown: Vec<String>,
    /// In both, begun or applied with another text than the binary has: not to be worked on.
    pub changed: Vec<String>,
}

/// How far a source has been read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The last object key, or an instant: the source knows what it means.
    pub position: String,
    /// When that was written.
    pub at: Timestamp,
}
