//! Targets of enforcement: what must be denied where (rules 7).
//!
//! The ledger says who is denied what; a [`Denial`] of every [`Member`] of a target gives its
//! [`Desired`] state, whole and never a delta. Executors compare generations, never orders of arrival.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use crate::block::Until;
use crate::ids::{AccountId, ModelId, UserId};

/// What kind of thing carries the Deny.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TargetKind {
    /// An IAM user; `id` is its name.
    IamUser,
    /// An ordinary role; `id` is its name. Shared by its sessions.
    Role,
    /// A person of Identity Center whom nothing can deny; `id` is the directory user id, else the user name.
    IdentityCenter,
    /// The managed policies that permission sets of one account refer to; `id` is the name of the first.
    /// Shared by everybody who comes through Identity Center.
    PermissionSetPolicy,
    /// A service control policy of the organisation; `id` is its id, the account the management
    /// account. Shared likewise.
    Scp,
    /// One user's keys of one tool; `id` is `<user> <tool>`.
    ToolKeys,
    /// Root, services, unknown callers: nothing in IAM can deny them here.
    Undeniable,
}

/// One unit of enforcement.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TargetKey {
    /// The account it lives in.
    pub account: AccountId,
    /// What it is.
    pub kind: TargetKind,
    /// Its name within account and kind.
    pub id: String,
}

/// How a Deny on a shared target finds one user among others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// The target is the user: no condition.
    Whole,
    /// `aws:userid` of one session: `AROA…:session`, or `*:session` while the role id is unknown.
    Session(String),
    /// `aws:SourceIdentity`.
    SourceIdentity(String),
    /// `identitystore:userId`: a person of Identity Center.
    Person(String),
}

/// What one user must be denied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Denial {
    /// Every inference route, until then.
    pub everything: Option<Until>,
    /// Single models, until then.
    pub models: BTreeMap<ModelId, Until>,
}

/// One user's part in one target; unique by target, user and reach (a user may own two sessions of one role).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The target.
    pub target: TargetKey,
    /// Whose access it is.
    pub user: UserId,
    /// How the Deny finds the user.
    pub reach: Reach,
    /// What is denied; empty means allowed.
    pub denial: Denial,
    /// The denial is to be in AWS. Else it is only recorded: the mode or the scope keeps it from
    /// being written (rules E8).
    pub enforced: bool,
}

/// What AWS must hold at a target, whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Desired {
    /// The members that AWS must deny something, sorted by reach.
    pub denied: Vec<(Reach, Denial)>,
}

/// How far the desired state of a target has come (rules B8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TargetState {
    /// Nothing is wanted and nothing of ours is there.
    None,
    /// `enforcement.mode = off`.
    Off,
    /// `enforcement.mode = dry-run`: would be denied.
    DryRun,
    /// Read back, for the newest generation.
    Verified,
    /// Written, not yet read back.
    Applied,
    /// Wanted, not yet written.
    Requested,
    /// The breaker holds it.
    Held,
    /// The principal is gone from AWS.
    Gone,
    /// No mechanism can do it.
    Cannot,
    /// Gave up after an error.
    Failed,
}

/// A target as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Which.
    pub key: TargetKey,
    /// Counts every change of what is wanted.
    pub generation: u64,
    /// Whether AWS must deny anything in it.
    pub denies: bool,
    /// How far it has come.
    pub state: TargetState,
    /// The generation that was read back last.
    pub verified_generation: Option<u64>,
    /// When the newest generation was asked for.
    pub requested_at: Option<Timestamp>,
    /// When it was read back.
    pub verified_at: Option<Timestamp>,
    /// The first denied call seen since.
    pub first_denied_at: Option<Timestamp>,
    /// How often it was tried since it was last verified.
    pub attempts: u32,
    /// Not to be tried before.
    pub next_attempt_at: Option<Timestamp>,
    /// What went wrong last.
    pub last_error: Option<String>,
}

/// Why the block of a tool denies nothing: no key of it is on record. Where keys are, and AWS has none of them, it says
/// something else.
pub const NO_KEYS: &str = "the user has no keys of this tool that Weir may deactivate";

impl Denial {
    /// Whether nothing is denied.
    pub fn is_none(&self) -> bool {
        self.everything.is_none() && self.models.is_empty()
    }
}

impl Member {
    /// Whether AWS must deny this user anything here.
    pub fn is_denied(&self) -> bool {
        self.enforced && !self.denial.is_none()
    }
}

impl Target {
    /// Whether the newest generation was read back: AWS has what is wanted now.
    pub fn is_read_back(&self) -> bool {
        self.verified_generation == Some(self.generation)
    }
}

impl Desired {
    /// The desired state of a target, from its members.
    pub fn of(members: impl IntoIterator<Item = Member>) -> Self {
        let mut denied: Vec<_> = members
            .into_iter()
            .filter(Member::is_denied)
            .map(|Member { reach, denial, .. }| (reach, denial))
            .collect();
        denied.sort_by(|(a, _), (b, _)| a.cmp(b));
        Self { denied }
    }

    /// Whether nothing is denied: ours must be gone.
    pub fn is_allowed(&self) -> bool {
        self.denied.is_empty()
    }
}

macro_rules! words {
    ($type:ident, $what:literal: $($variant:ident = $word:literal),+ $(,)?) => {
        impl $type {
            /// The word stored and shown.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl FromStr for $type {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(format!(concat!("`{}` is not ", $what), text)),
                }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

words!(TargetKind, "a kind of target":
    IamUser = "iam-user",
    Role = "role",
    IdentityCenter = "identity-center",
    PermissionSetPolicy = "permission-set-policy",
    Scp = "scp",
    ToolKeys = "tool-keys",
    Undeniable = "undeniable",
);

words!(TargetState, "a state of enforcement":
    None = "none",
    Off = "off",
    DryRun = "dry_run",
    Verified = "verified",
    Applied = "applied",
    Requested = "requested",
    Held = "held",
    Gone = "gone",
    Cannot = "cannot",
    Failed = "failed",
);

impl fmt::Display for TargetKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.account, self.kind, self.id)
    }
}
