//! Who uses Weir itself: operators, their roles and what each may do. No passwords are judged here,
//! only whether a new one is good enough.

mod admission;
mod pace;
mod secret;

use std::fmt;
use std::str::FromStr;

use crate::ids::{TeamId, UserId};

pub use admission::{Admission, Entitled, GroupRights, Identity, OwnUser, Vouched, sign_in_names};
pub use pace::{Attempts, Pace};
pub use secret::{BadPassword, account_key, check_password, digest, hex};

/// The name of an operator: `a`-`z`, digits, `.`, `_`, `-` and `@`; 1 to 64 of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OperatorName(String);

/// A name that no operator can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the name of an operator has 1 to 64 letters a-z, digits, `.`, `_`, `-` or `@`")]
pub struct BadName;

impl OperatorName {
    /// Takes a name as it was typed: white space around it and upper case do not count.
    pub fn new(text: &str) -> Result<Self, BadName> {
        let name = text.trim().to_lowercase();
        let good =
            |letter: u8| matches!(letter, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-' | b'@');
        if (1..=64).contains(&name.len()) && name.bytes().all(good) {
            Ok(Self(name))
        } else {
            Err(BadName)
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How the record and blocks name the operator as their author: `operator:ana`, which no user of
    /// an operating system and no ARN looks like.
    pub fn author(&self) -> String {
        format!("operator:{self}")
    }
}

impl fmt::Display for OperatorName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What an operator is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Sees what concerns one user: themselves.
    Developer,
    /// Sees and manages one team.
    Team,
    /// Sees everything.
    Viewer,
    /// Sees everything; blocks, unblocks and protects.
    Operator,
    /// Everything.
    Admin,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 5] = [
        Self::Developer,
        Self::Team,
        Self::Viewer,
        Self::Operator,
        Self::Admin,
    ];

    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Developer => "developer",
            Self::Team => "team",
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| {
                format!("`{text}` is not a role: use viewer, operator, admin, team or developer")
            })
    }
}

/// Something that may be allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission {
    /// Use, quotas and blocks of the operator's own user.
    ReadOwn,
    /// Usage, users, teams, invocations, quotas, blocks and how far they are enforced.
    ReadUsage,
    /// Prices.
    ReadPrices,
    /// The record of everything, and its proof.
    ReadAudit,
    /// Health, resets, dead letters: what concerns the installation.
    ReadSystem,
    /// Block, unblock, protect, unprotect.
    Block,
    /// Lift or replace the manual block of somebody else.
    LiftOthersBlock,
    /// Set and unset quotas.
    ChangeQuotas,
    /// Set prices.
    ChangePrices,
    /// Say who users are.
    ChangePeople,
    /// Make, see and revoke tokens of one's own.
    MakeTokens,
    /// Make, change and see operators; see and revoke anybody's tokens.
    ManageOperators,
    /// The mode of enforcement, resets, retention, comparisons with AWS: what concerns the installation.
    ManageSystem,
}

impl Permission {
    /// All permissions.
    pub const ALL: [Self; 13] = [
        Self::ReadOwn,
        Self::ReadUsage,
        Self::ReadPrices,
        Self::ReadAudit,
        Self::ReadSystem,
        Self::Block,
        Self::LiftOthersBlock,
        Self::ChangeQuotas,
        Self::ChangePrices,
        Self::ChangePeople,
        Self::MakeTokens,
        Self::ManageOperators,
        Self::ManageSystem,
    ];

    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReadOwn => "read-own",
            Self::ReadUsage => "read-usage",
            Self::ReadPrices => "read-prices",
            Self::ReadAudit => "read-audit",
            Self::ReadSystem => "read-system",
            Self::Block => "block",
            Self::LiftOthersBlock => "lift-others-block",
            Self::ChangeQuotas => "change-quotas",
            Self::ChangePrices => "change-prices",
            Self::ChangePeople => "change-people",
            Self::MakeTokens => "make-tokens",
            Self::ManageOperators => "manage-operators",
            Self::ManageSystem => "manage-system",
        }
    }
}

/// How far a permission goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// Not at all.
    Nothing,
    /// What concerns the operator's own user.
    OwnUser,
    /// What concerns the operator's own team.
    OwnTeam,
    /// Everything.
    Everything,
}

/// The one table of who may do what.
pub const fn reach(role: Role, permission: Permission) -> Reach {
    use Permission as P;
    use Reach::{Everything, Nothing, OwnTeam, OwnUser};
    match (role, permission) {
        (Role::Developer, P::ReadOwn) => OwnUser,
        // The others have no user of their own.
        (Role::Developer, _) | (_, P::ReadOwn) => Nothing,
        (Role::Admin, _)
        | (Role::Operator, P::Block)
        | (
            Role::Viewer | Role::Operator,
            P::ReadUsage | P::ReadPrices | P::ReadAudit | P::ReadSystem,
        )
        | (Role::Team, P::ReadPrices)
        | (_, P::MakeTokens) => Everything,
        (Role::Team, P::ReadUsage | P::Block) => OwnTeam,
        (Role::Team | Role::Viewer | Role::Operator, _) => Nothing,
    }
}

/// What an operator may do: a role and, for [`Role::Team`], the team; for [`Role::Developer`], the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rights {
    role: Role,
    team: Option<TeamId>,
    user: Option<UserId>,
}

/// A role that does not fit the team or user beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRights {
    /// The role needs one.
    #[error("the role team needs the team it is for")]
    NoTeam,
    /// The role has none.
    #[error("a team goes with the role team only")]
    NeedlessTeam,
    /// The role needs one.
    #[error(
        "the role developer needs the user it is for, of 1 to {MAX_USER} characters and not `unknown`, who \
         is whoever cannot be told"
    )]
    NoUser,
    /// The role has none.
    #[error("a user goes with the role developer only")]
    NeedlessUser,
}

/// The longest id of a user that is stored.
const MAX_USER: usize = 191;

/// Whether a user id names one person, as far as its text tells.
fn is_somebody(user: &UserId) -> bool {
    let length = user.as_str().trim().chars().count();
    (1..=MAX_USER).contains(&length) && *user != UserId::unknown()
}

/// What is within reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Within {
    /// Everything.
    Everything,
    /// What concerns one team.
    Team(TeamId),
}

impl Within {
    /// Whether a team is within reach.
    pub fn holds(&self, team: &TeamId) -> bool {
        match self {
            Self::Everything => true,
            Self::Team(own) => own == team,
        }
    }

    /// The one team within reach, if it is one.
    pub fn team(&self) -> Option<&TeamId> {
        match self {
            Self::Everything => None,
            Self::Team(team) => Some(team),
        }
    }
}

impl Rights {
    /// A role, with the team or user it is for.
    pub fn new(role: Role, team: Option<TeamId>, user: Option<UserId>) -> Result<Self, BadRights> {
        match (role, &team, &user) {
            (Role::Team, None, _) => Err(BadRights::NoTeam),
            (Role::Developer, _, user) if !user.as_ref().is_some_and(is_somebody) => {
                Err(BadRights::NoUser)
            }
            (Role::Developer | Role::Viewer | Role::Operator | Role::Admin, Some(_), _) => {
                Err(BadRights::NeedlessTeam)
            }
            (Role::Team | Role::Viewer | Role::Operator | Role::Admin, _, Some(_)) => {
                Err(BadRights::NeedlessUser)
            }
            _ => Ok(Self { role, team, user }),
        }
    }

    /// Everything.
    pub fn admin() -> Self {
        Self::alone(Role::Admin)
    }

    /// A role without a team or user.
    fn alone(role: Role) -> Self {
        Self {
            role,
            team: None,
            user: None,
        }
    }

    /// The role.
    pub fn role(&self) -> Role {
        self.role
    }

    /// The team of [`Role::Team`].
    pub fn team(&self) -> Option<&TeamId> {
        self.team.as_ref()
    }

    /// The user of [`Role::Developer`].
    pub fn user(&self) -> Option<&UserId> {
        self.user.as_ref()
    }

    /// Whether these rights are for looking alone, at what concerns others.
    pub fn only_look(&self) -> bool {
        self.role == Role::Viewer
    }

    /// Whether a permission goes anywhere.
    pub fn may(&self, permission: Permission) -> bool {
        self.within(permission).is_some() || self.own(permission).is_some()
    }

    /// How far a permission goes among teams; `None` is not at all.
    pub fn within(&self, permission: Permission) -> Option<Within> {
        match (reach(self.role, permission), &self.team) {
            (Reach::Everything, _) => Some(Within::Everything),
            (Reach::OwnTeam, Some(team)) => Some(Within::Team(team.clone())),
            (Reach::OwnTeam, None) | (Reach::OwnUser | Reach::Nothing, _) => None,
        }
    }

    /// The one user that a permission goes to, if it is for one.
    pub fn own(&self, permission: Permission) -> Option<&UserId> {
        match reach(self.role, permission) {
            Reach::OwnUser => self.user.as_ref(),
            Reach::Everything | Reach::OwnTeam | Reach::Nothing => None,
        }
    }

    /// What is left of these rights in the hands of a token of that role: never more than either has.
    /// Team and user stay the operator's.
    #[must_use]
    pub fn narrowed(&self, token: Role) -> Self {
        match (self.role, token) {
            (Role::Developer, _) => self.clone(),
            // The owner was one once, and has no user any more: such a token is good for nothing.
            (_, Role::Developer) => Self::alone(Role::Developer),
            // A token of the team needs a team, and only an operator of a team has one.
            (Role::Team, _) => self.clone(),
            (role, token) => Self::alone(role.min(token.max(Role::Viewer))),
        }
    }

    /// Whether a token of that role may be made under these rights.
    pub fn may_issue(&self, token: Role) -> bool {
        match (self.role, token) {
            (Role::Developer | Role::Team, token) => token == self.role,
            (_, Role::Developer | Role::Team) => false,
            (role, token) => token <= role,
        }
    }
}

#[cfg(test)]
mod tests;
