//! What must happen now: immutable, complete, computed without IO. An executor has no choices left.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use crate::access::{Member, TargetKey, TargetState};
use crate::audit::Entry;
use crate::block::{Block, Force, Protection, Until, Violation};
use crate::ids::{BlockId, ProtectionId, TeamId, UserId};
use crate::message::Message;
use crate::outbox::OutboxRow;
use crate::standing::WarningKey;

/// A decision over a [`crate::standing::Situation`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Blocks that begin.
    pub opened: Vec<Block>,
    /// Blocks whose facts changed; the id stays.
    pub revised: Vec<Revision>,
    /// Blocks that end.
    pub lifted: Vec<Lift>,
    /// Protections that begin.
    pub protected: Vec<Protection>,
    /// Protections that end.
    pub unprotected: Vec<ProtectionEnd>,
    /// Warnings given now, and remembered.
    pub warned: Vec<Warning>,
    /// Warnings to forget: their limit changed and usage is below their threshold again (rules Q5).
    pub rearmed: Vec<WarningKey>,
    /// Changed memberships of targets; each raises the generation of its target.
    pub access: Vec<AccessChange>,
    /// Facts about targets that calls have shown.
    pub observed: Vec<Observation>,
    /// The projection of blocks and protections into the `users` row, where it changed.
    pub projections: Vec<Projection>,
    /// Rows for the outbox.
    pub outbox: Vec<OutboxRow>,
    /// What people are told, in this order; they leave through the outbox too.
    pub told: Vec<Message>,
    /// Entries for the audit log.
    pub audit: Vec<Entry>,
    /// Users whose young provisional usage decides: read it and decide again. Everything else in
    /// the plan is void while this is not empty.
    pub ask_young: Vec<UserId>,
    /// The same for teams.
    pub ask_young_teams: Vec<TeamId>,
    /// Users to evaluate again at that instant, because provisional counts will have settled.
    pub recheck: Vec<(UserId, Timestamp)>,
}

/// Changed facts of a block that goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// Which block.
    pub id: BlockId,
    /// The reason as it reads now.
    pub reason: String,
    /// Who stands behind it now.
    pub author: String,
    /// The evidence as it is now.
    pub evidence: Vec<Violation>,
    /// The end as it is now.
    pub until: Until,
    /// Whether it denies anything now.
    pub force: Force,
}

/// The end of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lift {
    /// Which block.
    pub id: BlockId,
    /// Who lifted it; `weir` for the clock and for totals.
    pub by: String,
    /// Why.
    pub why: LiftReason,
    /// An administrator's words.
    pub note: Option<String>,
}

/// Why a block ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LiftReason {
    /// Its time was over.
    Expired,
    /// Its quotas are no longer reached: a total was lowered or a limit raised.
    NoLongerHolds,
    /// A protection began.
    Protected,
    /// An administrator unblocked.
    Administrator,
    /// The administrators discarded a held block.
    Discarded,
}

/// The end of a protection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtectionEnd {
    /// Which.
    pub id: ProtectionId,
    /// Who ended it; `weir` for the clock.
    pub by: String,
}

/// A warning, as given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// What is remembered.
    pub key: WarningKey,
    /// Told to people; lower thresholds that one call jumped over are only remembered.
    pub told: bool,
    /// How much was used.
    pub used: i64,
}

/// A user's changed part in a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessChange {
    /// The membership as it is now.
    pub member: Member,
    /// The state the target starts its new generation in.
    pub state: TargetState,
    /// Why, where the state says that nothing will be done.
    pub note: Option<String>,
}

/// Something a call has shown about a Deny, or a step of a block's own Deny (rules B8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Observation {
    /// The Deny of a block is asked for from now on.
    Requested {
        /// Which.
        block: BlockId,
        /// Another block asked for the same, and it was read back.
        in_place: bool,
    },
    /// It is asked for no more: the mode or the scope keeps it out of AWS.
    Withdrawn {
        /// Which.
        block: BlockId,
    },
    /// A denied call that a block explains.
    Explained {
        /// Which.
        block: BlockId,
        /// When the call was made.
        at: Timestamp,
    },
    /// A denied call: the Deny is effective.
    Denied {
        /// Where.
        target: TargetKey,
        /// When the call was made.
        at: Timestamp,
    },
    /// A call slipped through a verified Deny: verify again now (rules E13).
    Leak {
        /// Where.
        target: TargetKey,
    },
}

/// The block columns of the `users` row, kept for people and tools that read the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Projection {
    /// Which user.
    pub user: UserId,
    /// At least one block is active.
    pub is_blocked: bool,
    /// The headline of the block that lasts longest.
    pub blocked_reason: Option<String>,
    /// The latest end; `None` while blocked is indefinite.
    pub blocked_until: Option<Timestamp>,
    /// Who protects the user.
    pub protection_by: Option<String>,
}

impl LiftReason {
    /// The word stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::NoLongerHolds => "no-longer-holds",
            Self::Protected => "protected",
            Self::Administrator => "administrator",
            Self::Discarded => "discarded",
        }
    }
}

impl fmt::Display for LiftReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for LiftReason {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [
            Self::Expired,
            Self::NoLongerHolds,
            Self::Protected,
            Self::Administrator,
            Self::Discarded,
        ]
        .into_iter()
        .find(|why| why.as_str() == text)
        .ok_or_else(|| format!("`{text}` is not a reason for the end of a block"))
    }
}

impl Plan {
    /// Whether nothing has to happen.
    pub fn is_empty(&self) -> bool {
        let Self {
            opened,
            revised,
            lifted,
            protected,
            unprotected,
            warned,
            rearmed,
            access,
            observed,
            projections,
            outbox,
            told,
            audit,
            ask_young,
            ask_young_teams,
            recheck,
        } = self;
        opened.is_empty()
            && revised.is_empty()
            && lifted.is_empty()
            && protected.is_empty()
            && unprotected.is_empty()
            && warned.is_empty()
            && rearmed.is_empty()
            && access.is_empty()
            && observed.is_empty()
            && projections.is_empty()
            && outbox.is_empty()
            && told.is_empty()
            && audit.is_empty()
            && ask_young.is_empty()
            && ask_young_teams.is_empty()
            && recheck.is_empty()
    }

    /// Adds what another plan wants.
    pub fn extend(&mut self, other: Self) {
        // The ordinary case.
        if other.is_empty() {
            return;
        }
        let Self {
            opened,
            revised,
            lifted,
            protected,
            unprotected,
            warned,
            rearmed,
            access,
            observed,
            projections,
            outbox,
            told,
            audit,
            ask_young,
            ask_young_teams,
            recheck,
        } = other;
        self.opened.extend(opened);
        self.revised.extend(revised);
        self.lifted.extend(lifted);
        self.protected.extend(protected);
        self.unprotected.extend(unprotected);
        self.warned.extend(warned);
        self.rearmed.extend(rearmed);
        self.access.extend(access);
        self.observed.extend(observed);
        self.projections.extend(projections);
        self.outbox.extend(outbox);
        self.told.extend(told);
        self.audit.extend(audit);
        self.ask_young.extend(ask_young);
        self.ask_young_teams.extend(ask_young_teams);
        self.recheck.extend(recheck);
    }
}
