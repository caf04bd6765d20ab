//! One account in memory, and what a test may do to it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use weir_core::access::{Desired, TargetKey};
use weir_core::ids::{AccountId, KeyId};
use weir_engine::ports::{EffectError, EffectErrorKind};

/// A fake AWS: [`weir_engine::ports::AccessControl`] and [`weir_engine::ports::Directory`] in one.
#[derive(Default)]
pub struct FakeAws {
    pub(super) world: Mutex<World>,
    gate: Notify,
}

/// What a fault is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Op {
    /// `AccessControl::apply`.
    Apply,
    /// `AccessControl::compare`.
    Compare,
    /// Switching and listing keys.
    Keys,
    /// `Directory::caller`.
    Caller,
    /// `Directory::profile`.
    Profile,
    /// `Directory::trust_policy`.
    TrustPolicy,
    /// `Directory::whoami`.
    Whoami,
}

/// Something that goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// An error of that kind, nothing done.
    Error(EffectErrorKind),
    /// An error, though everything was done.
    ErrorAfterwards(EffectErrorKind),
    /// The write is answered with success and lands only when [`FakeAws::land_writes`] is called.
    LateWrite,
    /// The write is answered with success and never lands.
    LostWrite,
    /// The write is done, and so many looks at it still show the old state.
    StaleReads(u32),
    /// The call waits, after it has read and before it writes, until [`FakeAws::resume`].
    Pause,
}

/// An IAM user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FakeUser {
    /// Names of attached managed policies of others.
    pub attached: BTreeSet<String>,
    /// Whether ours is attached.
    pub weir_attached: bool,
    /// Inline policies, ours too, by name.
    pub inline: BTreeMap<String, String>,
    /// Keys, and whether each is active.
    pub keys: BTreeMap<KeyId, bool>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// Groups.
    pub groups: Vec<String>,
    /// Has a console password.
    pub login_profile: bool,
}

/// A role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FakeRole {
    /// Who may assume it.
    pub trust: String,
    /// Inline policies, ours too, by name.
    pub inline: BTreeMap<String, String>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts of an account, each set by a test of its own"
)]
pub(super) struct World {
    pub(super) account: AccountId,
    pub(super) managed_policy: bool,
    /// Somebody put another text of it in force.
    pub(super) altered: bool,
    /// Weir may put another text of it in force.
    pub(super) may_restore: bool,
    pub(super) prefer_inline: bool,
    pub(super) users: BTreeMap<String, FakeUser>,
    pub(super) roles: BTreeMap<String, FakeRole>,
    /// Documents that deny people of Identity Center.
    pub(super) documents: BTreeMap<TargetKey, String>,
    pub(super) profiles: HashMap<String, String>,
    faults: BTreeMap<(Op, String), Vec<Fault>>,
    /// What looks still show of a target, and how many of them.
    pub(super) stale: HashMap<String, (u32, Shown)>,
    pub(super) late: Vec<(TargetKey, Desired)>,
    calls: BTreeMap<(Op, String), u32>,
}

/// A target as a look shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// And whether the policy that may be attached to it denies.
    User(FakeUser, bool),
    Role(FakeRole),
    Document(String),
}

impl Default for World {
    fn default() -> Self {
        Self {
            account: AccountId::new("111122223333"),
            managed_policy: true,
            altered: false,
            may_restore: true,
            prefer_inline: false,
            users: BTreeMap::new(),
            roles: BTreeMap::new(),
            documents: BTreeMap::new(),
            profiles: HashMap::new(),
            faults: BTreeMap::new(),
            stale: HashMap::new(),
            late: Vec::new(),
            calls: BTreeMap::new(),
        }
    }
}

impl FakeAws {
    /// An empty account in which Weir was set up.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// The account's id.
    pub fn account(&self) -> AccountId {
        self.world().account.clone()
    }

    /// Makes a user, or changes it.
    pub fn user(&self, name: &str, change: impl FnOnce(&mut FakeUser)) {
        change(self.world().users.entry(name.to_owned()).or_default());
    }

    /// Makes a role, or changes it.
    pub fn role(&self, name: &str, change: impl FnOnce(&mut FakeRole)) {
        change(self.world().roles.entry(name.to_owned()).or_default());
    }

    /// A user as it is now.
    pub fn show_user(&self, name: &str) -> Option<FakeUser> {
        self.world().users.get(name).cloned()
    }

    /// A role as it is now.
    pub fn show_role(&self, name: &str) -> Option<FakeRole> {
        self.world().roles.get(name).cloned()
    }

    /// Makes a document that denies people of Identity Center, or changes its text: a managed policy that permission
    /// sets refer to, or a service control policy that is attached.
    pub fn document(&self, target: &TargetKey, change: impl FnOnce(&mut String)) {
        change(self.world().documents.entry(target.clone()).or_default());
    }

    /// Its text as it is now.
    pub fn show_document(&self, target: &TargetKey) -> Option<String> {
        self.world().documents.get(target).cloned()
    }

    /// Deletes a user.
    pub fn delete_user(&self, name: &str) {
        self.world().users.remove(name);
    }

    /// Makes an application inference profile.
    pub fn profile_is(&self, arn: &str, behind: &str) {
        self.world()
            .profiles
            .insert(arn.to_owned(), behind.to_owned());
    }

    /// Removes or makes the managed policy.
    pub fn set_managed_policy(&self, there: bool) {
        self.world().managed_policy = there;
    }

    /// Puts another text of the managed policy in force, which denies nobody.
    pub fn alter_managed_policy(&self) {
        self.world().altered = true;
    }

    /// Takes the right to correct the managed policy away.
    pub fn forbid_set_up(&self) {
        self.world().may_restore = false;
    }

    /// Writes inline policies first, as `enforcement.iam_user = inline` does.
    pub fn prefer_inline(&self) {
        self.world().prefer_inline = true;
    }

    /// The next call of that kind about `subject` (a name, or `*`) goes wrong; faults queue up.
    pub fn fault(&self, op: Op, subject: &str, fault: Fault) {
        self.world()
            .faults
            .entry((op, subject.to_owned()))
            .or_default()
            .push(fault);
    }

    /// Carries out the writes that were delayed.
    pub fn land_writes(&self) {
        let late = std::mem::take(&mut self.world().late);
        for (target, desired) in late {
            self.world().write(&target, &desired).ok();
        }
    }

    /// Lets calls go on that wait because of [`Fault::Pause`].
    pub fn resume(&self) {
        self.gate.notify_waiters();
    }

    /// How many calls of that kind there were about `subject`.
    pub fn calls(&self, op: Op, subject: &str) -> u32 {
        self.world()
            .calls
            .get(&(op, subject.to_owned()))
            .copied()
            .unwrap_or(0)
    }

    /// How many calls there were.
    pub fn all_calls(&self) -> u32 {
        self.world().calls.values().sum()
    }

    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a call and takes the fault that is meant for it.
    pub(super) fn called(&self, op: Op, subject: &str) -> Option<Fault> {
        let mut world = self.world();
        *world.calls.entry((op, subject.to_owned())).or_default() += 1;
        for whom in [subject, "*"] {
            let queue = world.faults.get_mut(&(op, whom.to_owned()));
            if let Some(queue) = queue.filter(|queue| !queue.is_empty()) {
                return Some(queue.remove(0));
            }
        }
        None
    }

    pub(super) async fn wait(&self) {
        self.gate.notified().await;
    }
}

pub(super) fn error(kind: EffectErrorKind, what: Op, subject: &str) -> EffectError {
    EffectError::new(
        kind,
        format!("{what:?} {subject}"),
        format!("{kind:?}, as the test asked"),
    )
}
