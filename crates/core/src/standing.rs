//! What a decision needs to know about its subjects, read under lock in the transaction that
//! counted.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::access::{Member, Target};
use crate::attribution::Principal;
use crate::block::{Block, EndedBlock, Protection};
use crate::calendar::Window;
use crate::counter::{CounterScope, Sums};
use crate::ids::{KeyId, ModelId, RequestId, TeamId, ToolId, UserId};
use crate::quota::{Metric, Scope};
use crate::rulebook::UserClass;

/// Everything a decision is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Situation {
    /// The users, sorted by id.
    pub users: Vec<Standing>,
    /// The teams and the organisation whose totals may have changed, sorted.
    pub groups: Vec<GroupStanding>,
    /// How many users were newly blocked lately, and how many may be.
    pub breaker: Breaker,
    /// Those of the users who are seen for the first time.
    pub newcomers: BTreeSet<UserId>,
}

/// One user, as the ledger has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Who.
    pub user: UserId,
    /// The team they are in now.
    pub team: TeamId,
    /// Human, workload, service, unknown.
    pub class: UserClass,
    /// Tagged `WeirExempt` in IAM.
    pub exempt: bool,
    /// A call proved that the user exists, or an administrator spoke of it. A role session that
    /// only the invocation log names may turn out to be somebody else: no quota denies it yet, not
    /// even a limit of 0 (rules C3, Q1).
    pub confirmed: bool,
    /// The identities the user consists of.
    pub principals: Vec<KnownPrincipal>,
    /// Totals of the windows that contain `now`: of the user, and of the user's governed tools
    /// and models.
    pub usage: Vec<Usage>,
    /// The part of the user's totals that is provisional *and* younger than `usage.settle_after`,
    /// per window. Read only when a plan asked for it ([`crate::plan::Plan::ask_young`]).
    pub young: Option<Vec<Usage>>,
    /// Blocks of this user that were not lifted.
    pub blocks: Vec<Block>,
    /// Blocks of the user's team that were not lifted.
    pub team_blocks: Vec<Block>,
    /// Blocks of this user and of the user's team that were lifted lately.
    pub ended: Vec<EndedBlock>,
    /// Protections that have not ended.
    pub protections: Vec<Protection>,
    /// Warnings given in the windows that contain `now`.
    pub warned: BTreeSet<WarningKey>,
    /// Targets of enforcement and the user's part in each.
    pub access: Vec<(Target, Member)>,
    /// The user's keys that belong to a tool.
    pub tool_keys: Vec<(ToolId, KeyId)>,
    /// Calls of this user that the batch brought, where the user is denied anything or was lately.
    pub calls: Vec<CallSeen>,
}

/// A team, or the organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupStanding {
    /// `None` is the organisation.
    pub team: Option<TeamId>,
    /// Totals of the windows that contain `now`.
    pub usage: Vec<Usage>,
    /// As for users.
    pub young: Option<Vec<Usage>>,
    /// Team blocks that were not lifted.
    pub blocks: Vec<Block>,
    /// Warnings given in the windows that contain `now`.
    pub warned: BTreeSet<WarningKey>,
    /// How many human members the team has: how many a team block would deny.
    pub members: u32,
}

/// One total.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Whose.
    pub scope: CounterScope,
    /// Over what.
    pub window: Window,
    /// How much.
    pub sums: Sums,
}

/// A principal of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownPrincipal {
    /// Its name.
    pub principal: Principal,
    /// Its immutable id, where known.
    pub stable_id: Option<String>,
}

/// Which warning: one per subject, quota, threshold and window (rules Q5).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WarningKey {
    /// Whom it is about: `user:ana`, `team:sap`, `organisation`.
    pub subject: String,
    /// The quota's scope.
    pub scope: Scope,
    /// The quota's metric.
    pub metric: Metric,
    /// The window.
    pub window: Window,
    /// Percent; [`PROTECTED_OVER`] marks "protected and over the limit".
    pub threshold: u32,
    /// The limit it was given for: another limit is another warning.
    pub limit: i64,
}

/// The threshold under which "protected user over limit" is remembered (rules B7).
pub const PROTECTED_OVER: u32 = 1_000;

/// A call of a user who is denied something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallSeen {
    /// Which.
    pub request: RequestId,
    /// When.
    pub at: Timestamp,
    /// The identity that called.
    pub principal: Principal,
    /// The model.
    pub model: ModelId,
    /// Event name.
    pub operation: String,
    /// The key that signed, if it was seen.
    pub key: Option<KeyId>,
    /// Denied by a policy.
    pub denied: bool,
    /// Failed for whatever reason.
    pub failed: bool,
}

/// The circuit breaker (rules Q10).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Breaker {
    /// Users newly blocked automatically within the last ten minutes.
    pub recent: u32,
    /// Users active within the last seven days.
    pub active: u32,
}
