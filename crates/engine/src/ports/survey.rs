//! A look at the accounts, which changes nothing: what `weir init`, `weir ingest aws` and `weir doctor`
//! go by.

use std::fmt;
use std::str::FromStr;

use async_trait::async_trait;
use weir_core::ids::{AccountId, Region};

use super::EffectError;

/// What Weir is to do, and so which rights it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Feature {
    /// Counting, looking people up, telling them.
    Read,
    /// Denying IAM users, roles and keys.
    Enforce,
    /// Denying people of Identity Center.
    IdentityCenter,
    /// Handing out access: for people, never for a server.
    Provision,
}

/// Looks around.
#[async_trait]
pub trait Survey: Send + Sync {
    /// All roles of all accounts that are reached, with what they trust and allow.
    async fn roles(&self) -> Result<Vec<FoundRole>, EffectError>;

    /// How our own rights differ from what these features need, as far as IAM says.
    async fn rights(&self, features: &[Feature]) -> Result<RightsFound, EffectError>;

    /// The same of the roles that lead to other accounts, each by itself: one that is refused hides no other.
    async fn rights_elsewhere(&self, features: &[Feature]) -> Result<Vec<RightsIn>, EffectError>;

    /// The Regions that the home account may use.
    async fn regions(&self) -> Result<Vec<Region>, EffectError>;

    /// Where model invocations of a Region are logged; `None` if they are not.
    async fn invocation_log(&self, region: &Region) -> Result<Option<InvocationLog>, EffectError>;

    /// Trails that a Region sees: its own, those of all Regions, and the organisation's.
    async fn trails(&self, region: &Region) -> Result<Vec<Trail>, EffectError>;
}

/// A role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundRole {
    /// Whose.
    pub account: AccountId,
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// The JSON text of its trust policy.
    pub trust: String,
    /// The JSON texts of its policies, inline and managed.
    pub policies: Vec<String>,
}

/// Our own rights, beside what is needed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RightsFound {
    /// Who we are.
    pub who: String,
    /// `iam:GetRole on *`: needed, and not allowed.
    pub missing: Vec<String>,
    /// Allowed, and not needed.
    pub excess: Vec<String>,
}

/// The rights of the role in another account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RightsIn {
    /// Which.
    pub account: AccountId,
    /// What was found by the role; or why nothing.
    pub found: Result<RightsFound, EffectError>,
}

/// Where model invocations are logged. One of both is there, or both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InvocationLog {
    /// The bucket and the prefix in it.
    pub bucket: Option<(String, String)>,
    /// The log group.
    pub log_group: Option<String>,
}

/// A trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trail {
    /// Its name.
    pub name: String,
    /// The bucket.
    pub bucket: String,
    /// The prefix in it, without a slash at its end; may be empty.
    pub prefix: String,
    /// The organisation whose trail it is, if the id is known and it is one.
    pub organisation: bool,
    /// It logs now.
    pub is_logging: bool,
    /// It logs management events that only read, as Bedrock's calls are.
    pub reads: bool,
}

impl Feature {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Read,
        Self::Enforce,
        Self::IdentityCenter,
        Self::Provision,
    ];

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Enforce => "enforce",
            Self::IdentityCenter => "identity-center",
            Self::Provision => "provision",
        }
    }
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Feature {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|one| one.as_str() == text);
        found.ok_or_else(|| {
            format!("`{text}` is not a feature: read, enforce, identity-center, provision")
        })
    }
}
