//! Blocks and protections: why a user may not call, or may call all the same (rules 6).

use jiff::Timestamp;

use crate::calendar::Window;
use crate::ids::{BlockId, ModelId, ProtectionId, TeamId, ToolId, UserId};
use crate::quota::{Metric, Scope};

/// When something ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Until {
    /// Over at `now >= instant`.
    At(Timestamp),
    /// Only an administrator ends it.
    Indefinite,
}

impl Until {
    /// Whether it is over.
    pub fn is_over(self, now: Timestamp) -> bool {
        matches!(self, Self::At(end) if now >= end)
    }

    /// The instant, if there is one.
    pub fn instant(self) -> Option<Timestamp> {
        match self {
            Self::At(end) => Some(end),
            Self::Indefinite => None,
        }
    }

    /// From a nullable column.
    pub fn from_instant(end: Option<Timestamp>) -> Self {
        end.map_or(Self::Indefinite, Self::At)
    }
}

/// What a block denies (rules Q1).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Denies {
    /// Everything, to one user.
    User(UserId),
    /// Everything, to the human members of a team.
    Team(TeamId),
    /// One user's keys of one tool.
    Tool(UserId, ToolId),
    /// One model, to one user.
    Model(UserId, ModelId),
}

/// Why there is a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Quotas were reached in this window; one block per violated window.
    Automatic(Window),
    /// An administrator said so.
    Manual,
}

/// One quota that was reached, as it stood then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Whose quota.
    pub scope: Scope,
    /// What it counts.
    pub metric: Metric,
    /// The window.
    pub window: Window,
    /// How much was used.
    pub used: i64,
    /// How much was allowed.
    pub limit: i64,
}

/// A reason why a user may not call Bedrock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Unique for ever.
    pub id: BlockId,
    /// What it denies, and to whom.
    pub denies: Denies,
    /// Automatic or manual.
    pub cause: Cause,
    /// One line for people: the headline quota, or the administrator's reason.
    pub reason: String,
    /// All violated quotas; the first is the headline. Empty for manual blocks.
    pub evidence: Vec<Violation>,
    /// `weir` for automatic blocks, else who.
    pub author: String,
    /// When it began.
    pub since: Timestamp,
    /// When it ends.
    pub until: Until,
    /// Whether it denies anything.
    pub force: Force,
    /// How far its Deny has come.
    pub deny: DenyTimes,
}

/// When the Deny of a block was asked for, was there, and was felt (rules B8).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DenyTimes {
    /// When it was asked for in AWS; `None` where it is only recorded.
    pub requested_at: Option<Timestamp>,
    /// When it was first read back wherever it is wanted.
    pub verified_at: Option<Timestamp>,
    /// The first denied call that it explains.
    pub first_denied_at: Option<Timestamp>,
}

/// A block that was lifted lately: calls made while it denied may still come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedBlock {
    /// What it denied.
    pub block: Block,
    /// When it was lifted.
    pub lifted_at: Timestamp,
}

/// Whether a block denies anything: the breaker keeps those back that come in a crowd, until an
/// administrator applies or discards them (rules Q10).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Force {
    /// It denies.
    #[default]
    InForce,
    /// The breaker keeps it back.
    Held,
    /// An administrator decided against a held block of a team. It stays on file until the end that
    /// the decision has, and while it is there no other block of the team begins.
    Discarded,
}

/// An administrator's decision that automatic blocks do not apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protection {
    /// Unique for ever.
    pub id: ProtectionId,
    /// Whom.
    pub user: UserId,
    /// Who decided.
    pub author: String,
    /// Why.
    pub reason: String,
    /// When it began.
    pub since: Timestamp,
    /// When it ends.
    pub until: Until,
    /// Percent of a limit beyond which blocks apply again.
    pub up_to_percent: Option<u32>,
}

impl Denies {
    /// The kind, as stored: `user`, `team`, `tool`, `model`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::Team(_) => "team",
            Self::Tool(..) => "tool",
            Self::Model(..) => "model",
        }
    }

    /// The one user concerned; none for a team.
    pub fn user(&self) -> Option<&UserId> {
        match self {
            Self::User(user) | Self::Tool(user, _) | Self::Model(user, _) => Some(user),
            Self::Team(_) => None,
        }
    }

    /// The team concerned; none for one user.
    pub fn team(&self) -> Option<&TeamId> {
        match self {
            Self::Team(team) => Some(team),
            Self::User(_) | Self::Tool(..) | Self::Model(..) => None,
        }
    }
}

impl Block {
    /// Whether it was decided by quotas.
    pub fn is_automatic(&self) -> bool {
        matches!(self.cause, Cause::Automatic(_))
    }

    /// Whether it denies anything.
    pub fn is_in_force(&self) -> bool {
        self.force == Force::InForce
    }

    /// Whether the breaker keeps it back, and nobody has decided yet.
    pub fn is_held(&self) -> bool {
        self.force == Force::Held
    }

    /// The violated window of an automatic block.
    pub fn window(&self) -> Option<Window> {
        match self.cause {
            Cause::Automatic(window) => Some(window),
            Cause::Manual => None,
        }
    }
}

impl Force {
    /// The word shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InForce => "in-force",
            Self::Held => "held",
            Self::Discarded => "discarded",
        }
    }
}

impl Violation {
    /// The order of headlines: day before month before hour, requests before tokens before cost (rules Q6).
    pub fn precedence(&self) -> (u8, Metric) {
        use crate::calendar::WindowKind::{Day, Hour, Month};
        let window = match self.window.kind() {
            Day => 0,
            Month => 1,
            Hour => 2,
        };
        (window, self.metric)
    }
}
