//! The fake AWS of a story: [`FakeAws`] behind the gate, with the cast in it, with policies of other
//! people, and with faults that hit the next write, whomever it is about.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use serde_json::{Value, json};
use weir_core::access::{Denial, Desired, Reach, TargetKey, TargetKind};
use weir_core::attribution::Principal;
use weir_core::block::Until;
use weir_core::evidence::CallerFacts;
use weir_core::ids::{AccountId, KeyId};
use weir_core::policy_doc::{self, people};
use weir_core::rulebook::{IdentityCenter, Scp};
use weir_engine::ports::{
    AccessControl, AlteredPolicies, Applied, Comparison, Directory, EffectError, EffectErrorKind,
    Ours, SetUp,
};

use super::cast::{NORAS_ID, Who, anas_cline_key};
use super::gate::Gate;
use super::op::{Fault, People};
use crate::fakes::{self, FakeAws};

const OURS: &str = policy_doc::POLICY_NAME;
const THEIRS: &str = "Theirs";
const THEIR_TEXT: &str = r#"{"Version":"2012-10-17","Statement":[]}"#;
/// So many looks show the old state after a stale write.
const STALE_LOOKS: u32 = 2;
/// Where the service control policy is.
const MANAGEMENT: &str = "999900001111";
const SCP: &str = "p-people";

/// The fake AWS.
pub(crate) struct Cloud {
    fake: Arc<FakeAws>,
    gate: Arc<Gate>,
    people: People,
    plans: Mutex<Plans>,
}

#[derive(Default)]
struct Plans {
    faults: VecDeque<Fault>,
    late: u32,
    /// Somebody's own statement is in the document that denies people.
    theirs: bool,
}

impl Cloud {
    pub(crate) fn new(gate: Arc<Gate>, people: People) -> Self {
        let fake = FakeAws::new();
        for who in Who::ALL {
            let (facts, target) = (who.facts(), target(who, people));
            match target.kind {
                TargetKind::IamUser => fake.user(&target.id, |user| {
                    let is_person = facts.login_profile || facts.person.is_some();
                    let email = is_person.then(|| format!("{}@example.com", target.id));
                    let tags = [
                        ("Team", facts.team_tag),
                        ("Person", facts.person),
                        ("Email", email),
                    ];
                    let said =
                        |(key, value): (&str, Option<String>)| Some((key.to_owned(), value?));
                    user.tags = tags.into_iter().filter_map(said).collect();
                    user.groups = facts.groups;
                    user.login_profile = facts.login_profile;
                    user.attached.insert(THEIRS.to_owned());
                    user.inline.insert(THEIRS.to_owned(), THEIR_TEXT.to_owned());
                }),
                TargetKind::Role => fake.role(&target.id, |role| {
                    role.inline.insert(THEIRS.to_owned(), THEIR_TEXT.to_owned());
                }),
                TargetKind::PermissionSetPolicy | TargetKind::Scp => {
                    fake.document(&target, |text| *text = nobody(&target));
                }
                _ => {}
            }
        }
        fake.user("ana", |ana| _ = ana.keys.insert(anas_cline_key(), true));
        Self {
            fake,
            gate,
            people,
            plans: Mutex::default(),
        }
    }

    fn plans(&self) -> MutexGuard<'_, Plans> {
        self.plans.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next write goes wrong.
    pub(crate) fn plan(&self, fault: Fault) {
        self.plans().faults.push_back(fault);
    }

    /// Nothing goes wrong any more.
    pub(crate) fn calm(&self) {
        self.plans().faults.clear();
    }

    /// Writes that were delayed land. Returns whether there were any.
    pub(crate) fn land(&self) -> bool {
        self.fake.land_writes();
        std::mem::take(&mut self.plans().late) > 0
    }

    /// Somebody removes what is ours. Returns whether there was anything.
    pub(crate) fn remove(&self, who: Who) -> bool {
        let target = target(who, self.people);
        let there = self.denies(&target);
        match target.kind {
            TargetKind::IamUser => self.fake.user(&target.id, |user| {
                user.weir_attached = false;
                user.inline.remove(OURS);
            }),
            TargetKind::Role => self
                .fake
                .role(&target.id, |role| _ = role.inline.remove(OURS)),
            TargetKind::PermissionSetPolicy | TargetKind::Scp => {
                let text = self.beside_theirs(nobody(&target));
                self.fake.document(&target, |known| *known = text);
            }
            _ => {}
        }
        there
    }

    /// Whoever changes what is ours leaves what somebody else wrote beside it.
    fn beside_theirs(&self, ours: String) -> String {
        if self.plans().theirs {
            with_theirs(&ours)
        } else {
            ours
        }
    }

    /// A user or role is deleted, with everything of ours and its keys, and made again. Returns whether
    /// there was anything of ours.
    pub(crate) fn make_again(&self, who: Who) -> bool {
        let target = target(who, self.people);
        if target.kind == TargetKind::IamUser {
            self.fake.user(&target.id, |user| user.keys.clear());
        }
        self.remove(who)
    }

    /// Something of ours appears where nothing was. Returns whether it did.
    pub(crate) fn leave(&self, who: Who) -> bool {
        let target = target(who, self.people);
        if self.denies(&target) {
            return false;
        }
        let denial = Denial {
            everything: Some(Until::Indefinite),
            ..Denial::default()
        };
        match target.kind {
            TargetKind::IamUser => self.fake.user(&target.id, |user| user.weir_attached = true),
            TargetKind::Role => self.fake.role(&target.id, |role| {
                let text = policy_doc::role(&[(Reach::Whole, denial)], "aws");
                role.inline.insert(OURS.to_owned(), text);
            }),
            TargetKind::PermissionSetPolicy | TargetKind::Scp => {
                let stranger = (Reach::Person("a-stranger".to_owned()), denial);
                let text = people::text(&[stranger], "aws", is_policy(&target));
                let text = self.beside_theirs(text);
                self.fake.document(&target, |known| *known = text);
            }
            _ => return false,
        }
        true
    }

    /// Whether anything of ours is at a target.
    pub(crate) fn denies(&self, target: &TargetKey) -> bool {
        match target.kind {
            TargetKind::IamUser => self
                .fake
                .show_user(&target.id)
                .is_some_and(|user| user.weir_attached || user.inline.contains_key(OURS)),
            TargetKind::Role => self
                .fake
                .show_role(&target.id)
                .is_some_and(|role| role.inline.contains_key(OURS)),
            TargetKind::PermissionSetPolicy | TargetKind::Scp => self
                .fake
                .show_document(target)
                .is_some_and(|text| !people::reaches(&text).is_empty()),
            _ => false,
        }
    }

    /// Somebody writes a statement into the document of the people. Returns whether there is one.
    pub(crate) fn write_theirs(&self) -> bool {
        let target = target(Who::Maria, self.people);
        let Some(text) = self.fake.show_document(&target) else {
            return false;
        };
        let text = with_theirs(&without_theirs(&text));
        self.fake.document(&target, |known| *known = text);
        self.plans().theirs = true;
        true
    }

    /// It is taken out again, if it was written. Returns whether it was still there.
    pub(crate) fn take_theirs(&self) -> bool {
        if !std::mem::take(&mut self.plans().theirs) {
            return true;
        }
        let target = target(Who::Maria, self.people);
        let text = self.fake.show_document(&target).unwrap_or_default();
        let ours = without_theirs(&text);
        let untouched = policy_doc::same(&text, &with_theirs(&ours));
        self.fake.document(&target, |known| *known = ours);
        untouched
    }

    /// Whether a target holds exactly this. Takes no step.
    pub(crate) async fn holds(&self, target: &TargetKey, desired: &Desired) -> bool {
        let same = matches!(
            self.fake.compare(target, desired).await,
            Ok(Comparison::Same)
        );
        same && self.denies(target) != desired.is_allowed()
    }

    /// Whether Ana's key of `cline` is active.
    pub(crate) fn key_is_active(&self) -> bool {
        let ana = self.fake.show_user("ana").unwrap_or_default();
        ana.keys.get(&anas_cline_key()) == Some(&true)
    }

    /// Whether it is not there any more.
    pub(crate) fn key_is_gone(&self) -> bool {
        let ana = self.fake.show_user("ana").unwrap_or_default();
        !ana.keys.contains_key(&anas_cline_key())
    }

    /// Whether the policies of other people are as they were.
    pub(crate) fn others_are_untouched(&self) -> bool {
        let theirs = |inline: &BTreeMap<String, String>| {
            inline.get(THEIRS).is_some_and(|text| text == THEIR_TEXT)
                && inline.keys().all(|name| name == THEIRS || name == OURS)
        };
        Who::ALL.into_iter().all(|who| {
            let target = target(who, self.people);
            match target.kind {
                TargetKind::IamUser => self
                    .fake
                    .show_user(&target.id)
                    .is_some_and(|user| theirs(&user.inline) && user.attached.iter().eq([THEIRS])),
                TargetKind::Role => self
                    .fake
                    .show_role(&target.id)
                    .is_some_and(|role| theirs(&role.inline)),
                // The statement for IAM users stays in the policy, and nothing else is in either.
                TargetKind::PermissionSetPolicy => self
                    .fake
                    .show_document(&target)
                    .is_some_and(|text| policy_doc::same(&text, &people::with_users(&text))),
                TargetKind::Scp => self
                    .fake
                    .show_document(&target)
                    .is_some_and(|text| people::owner(&text) == people::Owner::Ours),
                _ => true,
            }
        })
    }
}

/// The target at which somebody is denied.
pub(crate) fn target(who: Who, people: People) -> TargetKey {
    let principal = who.principal();
    let (kind, id) = match (who, people) {
        (Who::Ci | Who::Dan | Who::Carl, _) => (TargetKind::Role, principal.name),
        (Who::Maria, People::Nobody) => {
            (TargetKind::IdentityCenter, who.user().as_str().to_owned())
        }
        (Who::Nora, People::Nobody) => (TargetKind::IdentityCenter, NORAS_ID.to_owned()),
        (Who::Maria | Who::Nora, People::Policy) => {
            (TargetKind::PermissionSetPolicy, OURS.to_owned())
        }
        (Who::Maria | Who::Nora, People::Scp) => {
            return TargetKey {
                account: AccountId::new(MANAGEMENT),
                kind: TargetKind::Scp,
                id: SCP.to_owned(),
            };
        }
        (Who::Root, _) => (TargetKind::Undeniable, principal.name),
        _ => (TargetKind::IamUser, principal.name),
    };
    TargetKey {
        account: principal.account,
        kind,
        id,
    }
}

/// What an administrator has put in place for people of Identity Center.
pub(crate) fn mechanism(people: People) -> IdentityCenter {
    match people {
        People::Nobody => IdentityCenter::None,
        People::Policy => IdentityCenter::PermissionSetPolicy(OURS.to_owned()),
        People::Scp => IdentityCenter::Scp(Scp {
            management: AccountId::new(MANAGEMENT),
            policy: SCP.to_owned(),
        }),
    }
}

fn is_policy(target: &TargetKey) -> bool {
    target.kind == TargetKind::PermissionSetPolicy
}

/// A document that denies nobody.
fn nobody(target: &TargetKey) -> String {
    people::text(&[], "aws", is_policy(target))
}

fn with_theirs(text: &str) -> String {
    let mut document: Value = serde_json::from_str(text).unwrap_or_default();
    if let Some(statements) = document["Statement"].as_array_mut() {
        statements
            .push(json!({ "Sid": THEIRS, "Effect": "Deny", "Action": "s3:*", "Resource": "*" }));
    }
    document.to_string()
}

fn without_theirs(text: &str) -> String {
    let mut document: Value = serde_json::from_str(text).unwrap_or_default();
    if let Some(statements) = document["Statement"].as_array_mut() {
        statements.retain(|statement| statement["Sid"] != THEIRS);
    }
    document.to_string()
}

#[async_trait]
impl AccessControl for Cloud {
    async fn apply(&self, target: &TargetKey, desired: &Desired) -> Result<Applied, EffectError> {
        let apply = async {
            let planned = {
                let mut plans = self.plans();
                let planned = plans.faults.pop_front();
                plans.late += u32::from(planned == Some(Fault::Delayed));
                planned
            };
            let fault = planned.map(|fault| match fault {
                Fault::SlowDown => fakes::Fault::Error(EffectErrorKind::Retry),
                Fault::NoRight => fakes::Fault::Error(EffectErrorKind::Denied),
                Fault::AnswerLost => fakes::Fault::ErrorAfterwards(EffectErrorKind::Retry),
                Fault::Stale => fakes::Fault::StaleReads(STALE_LOOKS),
                Fault::Delayed => fakes::Fault::LateWrite,
            });
            if let Some(fault) = fault {
                self.fake.fault(fakes::Op::Apply, &target.id, fault);
            }
            self.fake.apply(target, desired).await
        };
        self.gate.pass(apply).await
    }

    async fn compare(
        &self,
        target: &TargetKey,
        desired: &Desired,
    ) -> Result<Comparison, EffectError> {
        self.gate.pass(self.fake.compare(target, desired)).await
    }

    async fn set_up(&self) -> Result<SetUp, EffectError> {
        self.gate.pass(self.fake.set_up()).await
    }

    async fn foresee_set_up(&self) -> Result<SetUp, EffectError> {
        self.gate.pass(self.fake.foresee_set_up()).await
    }

    async fn altered_policies(&self) -> Result<AlteredPolicies, EffectError> {
        self.gate.pass(self.fake.altered_policies()).await
    }

    async fn restore_policy(&self, account: &AccountId) -> Result<(), EffectError> {
        self.gate.pass(self.fake.restore_policy(account)).await
    }

    async fn find_ours(&self) -> Result<Ours, EffectError> {
        self.gate.pass(self.fake.find_ours()).await
    }

    async fn keys(
        &self,
        account: &AccountId,
        iam_user: &str,
        keys: &[KeyId],
    ) -> Result<Vec<(KeyId, bool)>, EffectError> {
        self.gate
            .pass(self.fake.keys(account, iam_user, keys))
            .await
    }

    async fn set_keys(
        &self,
        account: &AccountId,
        iam_user: &str,
        keys: &[KeyId],
        active: bool,
    ) -> Result<(), EffectError> {
        self.gate
            .pass(self.fake.set_keys(account, iam_user, keys, active))
            .await
    }
}

#[async_trait]
impl Directory for Cloud {
    async fn caller(&self, principal: &Principal) -> Result<CallerFacts, EffectError> {
        self.gate.pass(self.fake.caller(principal)).await
    }

    async fn profile(&self, arn: &str) -> Result<String, EffectError> {
        self.gate.pass(self.fake.profile(arn)).await
    }

    async fn trust_policy(&self, account: &AccountId, role: &str) -> Result<String, EffectError> {
        self.gate.pass(self.fake.trust_policy(account, role)).await
    }

    async fn whoami(&self) -> Result<(AccountId, String), EffectError> {
        self.gate.pass(self.fake.whoami()).await
    }
}
