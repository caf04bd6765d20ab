//! Who uses Weir itself: operators, their roles and what each may do. No passwords are judged here,
//! only whether a new one is good enough.

mod pace;
mod secret;

use std::fmt;
use std::str::FromStr;

use crate::ids::TeamId;

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
    pub const ALL: [Self; 4] = [Self::Team, Self::Viewer, Self::Operator, Self::Admin];

    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
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
            .ok_or_else(|| format!("`{text}` is not a role: use viewer, operator, admin or team"))
    }
}

/// Something that may be allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission {
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
    /// Make, change and see operators; see and revoke anybody's tokens.
    ManageOperators,
}

impl Permission {
    /// All permissions.
    pub const ALL: [Self; 10] = [
        Self::ReadUsage,
        Self::ReadPrices,
        Self::ReadAudit,
        Self::ReadSystem,
        Self::Block,
        Self::LiftOthersBlock,
        Self::ChangeQuotas,
        Self::ChangePrices,
        Self::ChangePeople,
        Self::ManageOperators,
    ];

    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReadUsage => "read-usage",
            Self::ReadPrices => "read-prices",
            Self::ReadAudit => "read-audit",
            Self::ReadSystem => "read-system",
            Self::Block => "block",
            Self::LiftOthersBlock => "lift-others-block",
            Self::ChangeQuotas => "change-quotas",
            Self::ChangePrices => "change-prices",
            Self::ChangePeople => "change-people",
            Self::ManageOperators => "manage-operators",
        }
    }
}

/// How far a permission goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// Not at all.
    Nothing,
    /// What concerns the operator's own team.
    OwnTeam,
    /// Everything.
    Everything,
}

/// The one table of who may do what.
pub const fn reach(role: Role, permission: Permission) -> Reach {
    use Permission as P;
    use Reach::{Everything, Nothing, OwnTeam};
    match (role, permission) {
        (Role::Admin, _)
        | (Role::Operator, P::Block)
        | (
            Role::Viewer | Role::Operator,
            P::ReadUsage | P::ReadPrices | P::ReadAudit | P::ReadSystem,
        )
        | (Role::Team, P::ReadPrices) => Everything,
        (Role::Team, P::ReadUsage | P::Block) => OwnTeam,
        (Role::Team | Role::Viewer | Role::Operator, _) => Nothing,
    }
}

/// What an operator may do: a role and, for [`Role::Team`], the team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rights {
    role: Role,
    team: Option<TeamId>,
}

/// A role that does not fit the team beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRights {
    /// The role needs one.
    #[error("the role team needs the team it is for")]
    NoTeam,
    /// The role has none.
    #[error("a team goes with the role team only: the other roles see every team")]
    NeedlessTeam,
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
    /// A role, with the team it is for.
    pub fn new(role: Role, team: Option<TeamId>) -> Result<Self, BadRights> {
        match (role, &team) {
            (Role::Team, None) => Err(BadRights::NoTeam),
            (Role::Viewer | Role::Operator | Role::Admin, Some(_)) => Err(BadRights::NeedlessTeam),
            _ => Ok(Self { role, team }),
        }
    }

    /// Everything.
    pub fn admin() -> Self {
        Self {
            role: Role::Admin,
            team: None,
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

    /// How far a permission goes; `None` is not at all.
    pub fn within(&self, permission: Permission) -> Option<Within> {
        match (reach(self.role, permission), &self.team) {
            (Reach::Everything, _) => Some(Within::Everything),
            (Reach::OwnTeam, Some(team)) => Some(Within::Team(team.clone())),
            (Reach::OwnTeam, None) | (Reach::Nothing, _) => None,
        }
    }

    /// What is left of these rights in the hands of a token of that role: never more than either has.
    /// The team stays the operator's.
    #[must_use]
    pub fn narrowed(&self, token: Role) -> Self {
        match (self.role, token) {
            // A token of the team needs a team, and only an operator of a team has one.
            (Role::Team, _) => self.clone(),
            (role, token) => Self {
                role: role.min(token.max(Role::Viewer)),
                team: None,
            },
        }
    }

    /// Whether a token of that role may be made under these rights.
    pub fn may_issue(&self, token: Role) -> bool {
        match (self.role, token) {
            (Role::Team, token) => token == Role::Team,
            (_, Role::Team) => false,
            (role, token) => token <= role,
        }
    }
}

#[cfg(test)]
mod tests;
