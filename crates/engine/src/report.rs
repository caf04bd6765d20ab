//! What the engine answers: values for people and for `--json`. Nothing here decides.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Serialize, Serializer};
use weir_core::access::{TargetKey, TargetState};
use weir_core::block::Protection;
use weir_core::ids::{TeamId, UserId};

use crate::ports::Comparison;
use crate::reset::ResetReport;

/// What an intake did. Serialises as the answer of `weir ingest --json`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct IngestReport {
    /// Records read that concern an invocation.
    pub records: u64,
    /// Invocations seen for the first time.
    pub new: u64,
    /// Known invocations that the records changed.
    pub completed: u64,
    /// Records that changed nothing: their invocation was known, or another record of the same
    /// intake made it.
    pub duplicates: u64,
    /// Pieces of input that are not about an invocation.
    pub ignored: u64,
    /// Of the new invocations, those that failed.
    pub failed_calls: u64,
    /// What could not be read or must not be counted.
    pub dead_letters: u64,
    /// Of the new and completed invocations, those without a price.
    pub unpriced: u64,
    /// Users that were warned, sorted, each once.
    #[serde(serialize_with = "names")]
    pub warned: BTreeSet<UserId>,
    /// Users against whom a block is newly in force, be it of everything, of a tool or of a model;
    /// sorted, each once.
    #[serde(serialize_with = "names")]
    pub blocked: BTreeSet<UserId>,
}

impl IngestReport {
    /// Adds what another intake did.
    pub fn add(&mut self, other: Self) {
        let Self {
            records,
            new,
            completed,
            duplicates,
            ignored,
            failed_calls,
            dead_letters,
            unpriced,
            warned,
            blocked,
        } = other;
        self.records += records;
        self.new += new;
        self.completed += completed;
        self.duplicates += duplicates;
        self.ignored += ignored;
        self.failed_calls += failed_calls;
        self.dead_letters += dead_letters;
        self.unpriced += unpriced;
        self.warned.extend(warned);
        self.blocked.extend(blocked);
    }
}

/// How far an intake has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes read, of all inputs so far (compressed bytes of compressed input).
    pub bytes: u64,
    /// Records counted.
    pub records: u64,
}

/// Who would lose and who would regain access by a change, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Preview {
    /// Newly blocked.
    #[serde(serialize_with = "names")]
    pub blocked: BTreeSet<UserId>,
    /// No longer blocked.
    #[serde(serialize_with = "names")]
    pub released: BTreeSet<UserId>,
    /// Would be blocked, but the breaker would hold it (rules Q10).
    #[serde(serialize_with = "names")]
    pub held: BTreeSet<UserId>,
    /// Teams whose total would newly be blocked; their members follow.
    #[serde(serialize_with = "teams")]
    pub teams: BTreeSet<TeamId>,
    /// Newly blocked with one tool or one model, in words: `ana with cline`.
    pub blocked_in_part: BTreeSet<String>,
    /// No longer blocked with it.
    pub released_in_part: BTreeSet<String>,
    /// Would be blocked with it, but the breaker would hold it.
    pub held_in_part: BTreeSet<String>,
}

impl Preview {
    /// Whether nobody would lose anything, not even if an administrator applied what is held.
    pub fn blocks_nobody(&self) -> bool {
        self.blocked.is_empty()
            && self.teams.is_empty()
            && self.held.is_empty()
            && self.blocked_in_part.is_empty()
            && self.held_in_part.is_empty()
    }

    /// Whether nobody would regain anything.
    pub fn releases_nobody(&self) -> bool {
        self.released.is_empty() && self.released_in_part.is_empty()
    }
}

/// `weir status USER`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StatusReport {
    /// Who.
    #[serde(serialize_with = "name")]
    pub user_id: UserId,
    /// The team.
    #[serde(serialize_with = "team")]
    pub team: TeamId,
    /// The person's name.
    pub person: Option<String>,
    /// `ACTIVE`, `ACTIVE_ADM`, `BLOCKED`, `BLOCKED_ADM` (rules B8).
    pub state: &'static str,
    /// The worst state of the user's targets.
    #[serde(serialize_with = "state")]
    pub enforcement: TargetState,
    /// The latest end of the active blocks; `None` while not blocked, and for an indefinite block.
    pub blocked_until: Option<String>,
    /// One line per active block, held ones and blocks of the team included.
    pub reasons: Vec<String>,
    /// The protection that holds, if any.
    pub protection: Option<ProtectionView>,
    /// Every quota that applies, with what was used of it.
    pub quotas: Vec<QuotaView>,
}

/// A protection, for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProtectionView {
    /// Who decided.
    pub by: String,
    /// Why.
    pub reason: String,
    /// RFC 3339; `None` is indefinite.
    pub until: Option<String>,
    /// Percent of a limit beyond which blocks apply again.
    pub up_to_percent: Option<u32>,
}

impl From<&Protection> for ProtectionView {
    fn from(protection: &Protection) -> Self {
        Self {
            by: protection.author.clone(),
            reason: protection.reason.clone(),
            until: protection.until.instant().map(rfc3339),
            up_to_percent: protection.up_to_percent,
        }
    }
}

/// A quota held against what was used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct QuotaView {
    /// Where the quota was set: `user:ana`, `defaults`, …
    pub scope: String,
    /// `requests`, `tokens`, `tokens_all`, `cost`.
    pub metric: &'static str,
    /// `hour`, `day`, `month`.
    pub window: &'static str,
    /// The limit now; `None` is unlimited.
    pub limit: Option<Amount>,
    /// Used in the window that contains now.
    pub used: Amount,
    /// Used, in whole percent of the limit, rounded down; `None` if unlimited.
    pub percent: Option<u32>,
    /// When the window ends, RFC 3339.
    pub resets_at: String,
    /// `block` or `notify`: what reaching it does to this user.
    pub action: &'static str,
}

/// A count, or money as exact decimal dollars (a string in JSON).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Amount {
    /// Requests or tokens.
    Count(i64),
    /// Dollars.
    Usd(String),
}

/// What became of the effects that were due.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DispatchReport {
    /// Targets read back in their newest state.
    pub verified: u64,
    /// Targets that are to be tried again.
    pub retried: u64,
    /// Targets that failed, are gone or cannot be denied.
    pub failed: u64,
    /// Targets that changed while they were written, or that somebody else holds.
    pub superseded: u64,
}

/// What a tick did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TickReport {
    /// Users and teams whose block or protection was over.
    pub expired: u64,
    /// Jobs of the outbox that were finished.
    pub jobs: u64,
    /// Invocations whose caller or price is known now.
    pub resolved: u64,
    /// Targets that differed from the ledger.
    pub drift: u64,
    /// Effects.
    pub dispatch: DispatchReport,
    /// What was told to people.
    pub mail: MailReport,
    /// Daily resets that were run.
    pub resets: Vec<ResetReport>,
    /// What went wrong without stopping the rest.
    pub errors: Vec<String>,
}

/// What was told to people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MailReport {
    /// Messages that became letters.
    pub told: u64,
    /// Letters that went out.
    pub sent: u64,
    /// Letters that are tried again.
    pub retried: u64,
    /// Letters that were given up.
    pub failed: u64,
}

/// What a reconciliation found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ReconcileReport {
    /// Targets compared.
    pub checked: u64,
    /// Where AWS and the ledger differed.
    pub drift: Vec<Drift>,
    /// Managed policies of ours whose text was another's.
    pub policies: Vec<PolicyDrift>,
    /// Targets that could not be compared, and why.
    pub errors: Vec<String>,
    /// Effects of the repairs.
    pub dispatch: DispatchReport,
}

/// A target that differed from the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Drift {
    /// Which.
    #[serde(serialize_with = "target")]
    pub target: TargetKey,
    /// How.
    #[serde(serialize_with = "comparison")]
    pub found: Comparison,
    /// It is as the ledger has it now.
    pub repaired: bool,
}

/// A managed policy of ours whose text in force was not what it must be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PolicyDrift {
    /// Its ARN.
    pub policy: String,
    /// It says again what it must.
    pub repaired: bool,
}

/// One line of the enforcement overview.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EnforcementRow {
    /// Which target.
    #[serde(serialize_with = "target")]
    pub target: TargetKey,
    /// The denied users.
    #[serde(serialize_with = "name_list")]
    pub denied: Vec<UserId>,
    /// How far it has come.
    #[serde(serialize_with = "state")]
    pub state: TargetState,
    /// Counts every change of what is wanted.
    pub generation: u64,
    /// When the newest generation was asked for, RFC 3339.
    pub requested_at: Option<String>,
    /// When it was read back.
    pub verified_at: Option<String>,
    /// The first denied call seen since.
    pub first_denied_at: Option<String>,
    /// How often it was tried since it was last verified.
    pub attempts: u32,
    /// When it is tried again.
    pub next_attempt_at: Option<String>,
    /// What went wrong last.
    pub last_error: Option<String>,
}

/// One line of `weir doctor`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was checked.
    pub name: &'static str,
    /// How it is.
    pub level: Level,
    /// What was found.
    pub found: String,
    /// What to do, where there is something to do.
    pub remedy: Option<String>,
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// As it should be.
    Ok,
    /// Works, but somebody should know.
    Warn,
    /// Does not work.
    Fail,
}

impl Level {
    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// RFC 3339, as all times of the reports.
pub(crate) fn rfc3339(at: Timestamp) -> String {
    at.to_string()
}

fn names<S: Serializer>(users: &BTreeSet<UserId>, out: S) -> Result<S::Ok, S::Error> {
    out.collect_seq(users.iter().map(UserId::as_str))
}

fn name_list<S: Serializer>(users: &[UserId], out: S) -> Result<S::Ok, S::Error> {
    out.collect_seq(users.iter().map(UserId::as_str))
}

fn teams<S: Serializer>(teams: &BTreeSet<TeamId>, out: S) -> Result<S::Ok, S::Error> {
    out.collect_seq(teams.iter().map(TeamId::as_str))
}

fn name<S: Serializer>(user: &UserId, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_str(user.as_str())
}

fn team<S: Serializer>(team: &TeamId, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_str(team.as_str())
}

fn target<S: Serializer>(target: &TargetKey, out: S) -> Result<S::Ok, S::Error> {
    out.collect_str(target)
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands out references"
)]
fn state<S: Serializer>(state: &TargetState, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_str(state.as_str())
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands out references"
)]
fn comparison<S: Serializer>(found: &Comparison, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_str(found.as_str())
}
