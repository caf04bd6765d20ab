//! What the engine needs from outside, in its own language. Adapters live in `weir-aws`; fakes in
//! `weir-testkit`; one suite runs against both.

mod metering;
mod people;
mod provisioning;
mod sources;
mod survey;

use std::sync::Arc;

use async_trait::async_trait;
use weir_core::access::{Desired, TargetKey};
use weir_core::attribution::Principal;
use weir_core::evidence::CallerFacts;
use weir_core::ids::{AccountId, KeyId};
use weir_core::message::Message;

use crate::notify::Letter;

pub use metering::{Figures, Metering};
pub use people::People;
pub use provisioning::{Home, MadeKey, Performed, PolicyLine, Provisioning};
pub use sources::{
    AccountSources, FoundEvent, History, Listed, Listing, LogEvent, LogGroup, LogGroups,
    NotALogGroup, ObjectKey, Objects, Page, QueueMessage, Queues, Sources,
};
pub use survey::{Feature, FoundRole, InvocationLog, RightsFound, RightsIn, Survey, Trail};

/// Makes denials real.
#[async_trait]
pub trait AccessControl: Send + Sync {
    /// Makes what AWS holds at `target` equal to `desired`: reads, writes what differs, reads back
    /// once. Touches nothing that is not ours. Safe to repeat, in any order.
    async fn apply(&self, target: &TargetKey, desired: &Desired) -> Result<Applied, EffectError>;

    /// Compares without writing.
    async fn compare(
        &self,
        target: &TargetKey,
        desired: &Desired,
    ) -> Result<Comparison, EffectError>;

    /// Makes the fixed managed policy that is attached to denied IAM users, if it is missing, and
    /// corrects it if its text is another.
    async fn set_up(&self) -> Result<SetUp, EffectError>;

    /// What [`Self::set_up`] would do; changes nothing.
    async fn foresee_set_up(&self) -> Result<SetUp, EffectError>;

    /// Reads the text in force of that policy, in every account. Where it is not ours any more, what it is
    /// attached to counts as [`Comparison::DenyMissing`] from now on, until it is.
    async fn altered_policies(&self) -> Result<AlteredPolicies, EffectError>;

    /// Puts the text in force again that this policy of an account must have. A policy that is missing is not
    /// made.
    async fn restore_policy(&self, account: &AccountId) -> Result<(), EffectError>;

    /// Finds everything of ours by name and Sid, without any database (rules E12). An account that cannot be
    /// looked at hides the others from nobody.
    async fn find_ours(&self) -> Result<Ours, EffectError>;

    /// Where a Deny of people of Identity Center would not hold: what an administrator has to attach.
    async fn unguarded(&self) -> Result<Vec<Unguarded>, EffectError> {
        Ok(Vec::new())
    }

    /// Which of these keys an IAM user has, and whether each is active. A key that is gone, or has
    /// expired, is left out.
    async fn keys(
        &self,
        account: &AccountId,
        iam_user: &str,
        keys: &[KeyId],
    ) -> Result<Vec<(KeyId, bool)>, EffectError>;

    /// Deactivates or activates keys of an IAM user. A key that is gone is left out in silence.
    async fn set_keys(
        &self,
        account: &AccountId,
        iam_user: &str,
        keys: &[KeyId],
        active: bool,
    ) -> Result<(), EffectError>;
}

/// Tells who somebody is.
#[async_trait]
pub trait Directory: Send + Sync {
    /// Tags, groups and console password of a principal. [`EffectErrorKind::Gone`] if it was
    /// deleted, [`EffectErrorKind::Cannot`] if it lives where our credentials do not reach.
    async fn caller(&self, principal: &Principal) -> Result<CallerFacts, EffectError>;

    /// The foundation-model or system-profile ARN behind an application inference profile.
    async fn profile(&self, arn: &str) -> Result<String, EffectError>;

    /// Who may assume a role and how: the JSON text of its trust policy. [`EffectErrorKind::Gone`] if
    /// there is no such role.
    async fn trust_policy(&self, account: &AccountId, role: &str) -> Result<String, EffectError>;

    /// The account and ARN of our own credentials.
    async fn whoami(&self) -> Result<(AccountId, String), EffectError>;
}

/// Sends letters to people.
#[async_trait]
pub trait Mail: Send + Sync {
    /// Sends a letter to one address. `id` is the message's and the same for a repeat, so that
    /// whoever gets it twice can tell.
    async fn send(&self, to: &str, id: &str, letter: &Letter) -> Result<(), EffectError>;
}

/// Tells whoever listens: a topic, a webhook, a chat.
#[async_trait]
pub trait Alerts: Send + Sync {
    /// Publishes a message: its facts, or its one line, as the listeners take it.
    async fn publish(&self, message: &Message, letter: &Letter) -> Result<(), EffectError>;
}

/// A way to tell people, by the name that the configuration gives it.
#[derive(Clone)]
pub struct Channel {
    /// `smtp`, `ses`, `sns`, `webhook.NAME`, `chat.NAME`.
    pub name: String,
    /// How it tells.
    pub way: Way,
}

/// How a channel tells.
#[derive(Clone)]
pub enum Way {
    /// To addresses.
    Mail(Arc<dyn Mail>),
    /// To whoever listens.
    Alerts(Arc<dyn Alerts>),
}

/// What [`AccessControl::apply`] reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// Something had to be written.
    pub wrote: bool,
    /// The state was read back and is the desired one.
    pub verified: bool,
    /// By which mechanism: `attached-policy`, `inline-policy`, `role-policy`, `permission-set-policy`,
    /// `scp`, `keys`, `nothing`.
    pub mechanism: &'static str,
}

/// What [`AccessControl::compare`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// As desired.
    Same,
    /// A Deny is missing or weaker.
    DenyMissing,
    /// A Deny of ours that nothing wants.
    DenyLeft,
}

impl Comparison {
    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::DenyMissing => "deny-missing",
            Self::DenyLeft => "deny-left",
        }
    }
}

/// A place at which a Deny of ours would not hold.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unguarded {
    /// The account.
    pub account: AccountId,
    /// The role, or the policy, that something is missing at.
    pub place: String,
    /// What is missing there.
    pub missing: String,
}

/// What [`AccessControl::set_up`] did or would do: each managed policy of ours by its ARN, account by account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SetUp {
    /// The policies.
    pub policies: Vec<(String, PolicyStep)>,
}

/// What a managed policy of ours needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyStep {
    /// Nothing: it is as it should be.
    Nothing,
    /// To be made.
    Make,
    /// Another text.
    Correct,
}

impl SetUp {
    /// Whether anything is not as it should be, or was not before.
    pub fn changed(&self) -> bool {
        let mut steps = self.policies.iter().map(|(_, step)| *step);
        steps.any(|step| step != PolicyStep::Nothing)
    }
}

/// What [`AccessControl::altered_policies`] found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlteredPolicies {
    /// Which say something else.
    pub altered: Vec<AlteredPolicy>,
    /// Where it could not be looked, and why.
    pub unread: Vec<EffectError>,
}

/// A managed policy of ours whose text in force is not ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlteredPolicy {
    /// Whose.
    pub account: AccountId,
    /// Which.
    pub arn: String,
}

/// What is ours in AWS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ours {
    /// What holds something of ours.
    pub targets: Vec<TargetKey>,
    /// Where it could not be looked, and why.
    pub unread: Vec<EffectError>,
}

/// Why an effect failed, and so what to do about it. The adapter decides, where the cause is known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {why}")]
pub struct EffectError {
    /// What was tried: `AttachUserPolicy ana`.
    pub what: String,
    /// What AWS said, without anything secret.
    pub why: String,
    /// What to do.
    pub kind: EffectErrorKind,
}

/// What to do about a failed effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EffectErrorKind {
    /// Throttled, network, server fault, conflict: try again with backoff.
    Retry,
    /// The principal does not exist any more.
    Gone,
    /// Weir lacks a right: stop, tell the administrators.
    Denied,
    /// No mechanism can do this (Identity Center, service role, foreign account).
    Cannot,
    /// No room for another policy in either form.
    NoRoom,
    /// AWS refuses the request itself: a bug or a limit we do not know.
    Refused,
}

impl EffectError {
    /// An error of that kind.
    pub fn new(kind: EffectErrorKind, what: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            why: why.into(),
            kind,
        }
    }
}
