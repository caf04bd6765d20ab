//! What IAM holds, as far as plans need it.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use crate::ids::KeyId;
use crate::provision::Grant;

/// A group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundGroup {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Its members.
    pub members: Vec<String>,
    /// The text of our policy, if it is there.
    pub team_policy: Option<String>,
    /// Names of other inline policies.
    pub inline: Vec<String>,
    /// ARNs of attached policies.
    pub attached: Vec<String>,
}

/// A user with everything that hangs on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundUser {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// The id that no other user ever has.
    pub stable_id: String,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// The groups it is in.
    pub groups: Vec<String>,
    /// It may log in to the console.
    pub login: bool,
    /// Access keys and Bedrock API keys.
    pub keys: Vec<FoundKey>,
    /// Service-specific credentials for other services.
    pub other_credentials: Vec<KeyId>,
    /// Signing certificates.
    pub certificates: Vec<String>,
    /// SSH public keys.
    pub ssh_keys: Vec<String>,
    /// MFA devices.
    pub mfa: Vec<FoundMfa>,
    /// Names of inline policies.
    pub inline: Vec<String>,
    /// ARNs of attached policies.
    pub attached: Vec<String>,
    /// It has a permissions boundary.
    pub boundary: bool,
}

/// An MFA device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundMfa {
    /// Serial number, or the ARN of a virtual one.
    pub serial: String,
    /// A virtual one is to be deleted after it is taken from its user.
    pub is_virtual: bool,
}

/// A key of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundKey {
    /// Its id.
    pub id: KeyId,
    /// What kind of key.
    pub kind: KeyKind,
    /// Whether it may be used.
    pub status: KeyStatus,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// When it ends by itself.
    pub expires: Option<Timestamp>,
}

/// What kind of key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyKind {
    /// A long-term Bedrock API key: a service-specific credential.
    Bedrock,
    /// An access key, for signed requests.
    AccessKey,
}

/// Whether a key may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyStatus {
    /// It may.
    Active,
    /// It is deactivated.
    Inactive,
    /// Its time is over.
    Expired,
}

/// A customer managed policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundPolicy {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// What is said about it.
    pub description: Option<String>,
    /// The text in force.
    pub text: String,
    /// Its versions, and whether each is in force.
    pub versions: Vec<(String, bool)>,
    /// Users it is attached to.
    pub users: Vec<String>,
    /// Groups it is attached to.
    pub groups: Vec<String>,
    /// Roles it is attached to.
    pub roles: Vec<String>,
}

impl FoundGroup {
    /// What the group's policy of ours grants.
    pub fn grant(&self) -> Option<Grant> {
        Grant::read(self.team_policy.as_deref()?)
    }
}

impl FoundUser {
    /// The value of a tag, whatever the case of its key.
    pub fn tag(&self, key: &str) -> Option<&str> {
        let found = self
            .tags
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(key));
        found.map(|(_, value)| value.as_str())
    }

    /// Keys of that kind.
    pub fn keys_of(&self, kind: KeyKind) -> impl Iterator<Item = &FoundKey> {
        self.keys.iter().filter(move |key| key.kind == kind)
    }
}

impl KeyKind {
    /// The word typed and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bedrock => "bedrock-api-key",
            Self::AccessKey => "access-key",
        }
    }
}

impl KeyStatus {
    /// The word shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Expired => "expired",
        }
    }
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for KeyStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for KeyKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Bedrock, Self::AccessKey]
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| format!("`{text}` is not a kind of key: bedrock-api-key or access-key"))
    }
}
