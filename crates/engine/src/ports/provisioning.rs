//! Users, groups, policies and keys of the home account, with an operator's own rights.

use async_trait::async_trait;
use jiff::Timestamp;
use weir_core::ids::{AccountId, KeyId};
use weir_core::provision::{Change, FoundGroup, FoundKey, FoundPolicy, FoundUser, KeyKind};
use weir_core::secret::Secret;

use super::EffectError;

/// Hands out access. What only reads answers `None` for what is not there.
#[async_trait]
pub trait Provisioning: Send + Sync {
    /// Where this is, and who we are there.
    async fn home(&self) -> Result<Home, EffectError>;

    /// A group, its members and policies.
    async fn group(&self, name: &str) -> Result<Option<FoundGroup>, EffectError>;

    /// Names of all groups.
    async fn groups(&self) -> Result<Vec<String>, EffectError>;

    /// A user with everything that hangs on it.
    async fn user(&self, name: &str) -> Result<Option<FoundUser>, EffectError>;

    /// The text of an inline policy of a user.
    async fn inline_policy(&self, user: &str, policy: &str) -> Result<Option<String>, EffectError>;

    /// Replaces the text of an inline policy of a user; `None` deletes the policy.
    async fn set_inline_policy(
        &self,
        user: &str,
        policy: &str,
        text: Option<&str>,
    ) -> Result<(), EffectError>;

    /// All users with tags, groups and policies, without keys and other credentials.
    async fn users(&self) -> Result<Vec<FoundUser>, EffectError>;

    /// Access keys and Bedrock API keys of a user; none if there is no such user.
    async fn keys(&self, user: &str) -> Result<Vec<FoundKey>, EffectError>;

    /// A customer managed policy by its ARN, with its text and whoever holds it.
    async fn policy(&self, arn: &str) -> Result<Option<FoundPolicy>, EffectError>;

    /// All customer managed policies.
    async fn policies(&self) -> Result<Vec<PolicyLine>, EffectError>;

    /// Makes a change. What is there already, or gone already, is [`Performed::AlreadySo`].
    async fn perform(&self, change: &Change) -> Result<Performed, EffectError>;

    /// Makes a key. Each time another one: nothing here repeats it.
    async fn make_key(
        &self,
        user: &str,
        kind: KeyKind,
        days: Option<u32>,
    ) -> Result<MadeKey, EffectError>;

    /// Makes a random password for the console that must be changed at the first login; `None` if
    /// the user has one.
    async fn make_login(&self, user: &str) -> Result<Option<Secret>, EffectError>;
}

/// The account of our credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// Which.
    pub account: AccountId,
    /// `aws`, `aws-us-gov`, `aws-cn`, …
    pub partition: String,
    /// Who we are.
    pub arn: String,
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Performed {
    /// It was made.
    Changed,
    /// There was nothing to change.
    AlreadySo,
}

/// A new key, with the only sight of its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeKey {
    /// Its id.
    pub id: KeyId,
    /// The secret, as a client takes it.
    pub secret: Secret,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// When it ends by itself.
    pub expires: Option<Timestamp>,
}

/// A customer managed policy in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyLine {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// The version in force.
    pub version: String,
    /// How many hold it.
    pub attachments: u32,
    /// When its text was changed last.
    pub updated: Option<Timestamp>,
}
