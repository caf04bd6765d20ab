//! [`AccessControl`] over the fake account: the limits of IAM, and its faults.

use async_trait::async_trait;
use weir_core::access::{Denial, Desired, TargetKey, TargetKind};
use weir_core::ids::{AccountId, KeyId};
use weir_core::policy_doc;
use weir_engine::ports::{
    AccessControl, AlteredPolicies, AlteredPolicy, Applied, Comparison, EffectError,
    EffectErrorKind, Ours, PolicyStep, SetUp,
};

use super::account::{FakeAws, FakeUser, Fault, Op, Shown, World, error};
use super::people;

const NAME: &str = policy_doc::POLICY_NAME;
pub(super) const PARTITION: &str = "aws";

#[async_trait]
impl AccessControl for FakeAws {
    async fn apply(&self, target: &TargetKey, desired: &Desired) -> Result<Applied, EffectError> {
        let fault = self.called(Op::Apply, &target.id);
        if let Some(Fault::Error(kind)) = fault {
            return Err(error(kind, Op::Apply, &target.id));
        }
        let before = self.world().look(target)?;
        if fault == Some(Fault::Pause) {
            self.wait().await;
        }
        if compare(&before, desired) == Comparison::Same && fault != Some(Fault::Pause) {
            return Ok(Applied {
                wrote: false,
                verified: true,
                mechanism: mechanism(&before),
            });
        }
        let mut world = self.world();
        match &fault {
            Some(Fault::LateWrite) => world.late.push((target.clone(), desired.clone())),
            Some(Fault::LostWrite) => {}
            Some(Fault::StaleReads(looks)) => {
                world.write(target, desired)?;
                world.stale.insert(target.id.clone(), (*looks, before));
            }
            _ => world.write(target, desired)?,
        }
        if let Some(Fault::ErrorAfterwards(kind)) = fault {
            return Err(error(kind, Op::Apply, &target.id));
        }
        let now = world.look(target)?;
        let verified = compare(&now, desired) == Comparison::Same;
        Ok(Applied {
            wrote: true,
            verified,
            mechanism: mechanism(&now),
        })
    }

    async fn compare(
        &self,
        target: &TargetKey,
        desired: &Desired,
    ) -> Result<Comparison, EffectError> {
        if let Some(Fault::Error(kind)) = self.called(Op::Compare, &target.id) {
            return Err(error(kind, Op::Compare, &target.id));
        }
        Ok(compare(&self.world().look(target)?, desired))
    }

    async fn set_up(&self) -> Result<SetUp, EffectError> {
        let foreseen = self.foresee_set_up().await;
        let mut world = self.world();
        (world.managed_policy, world.altered) = (true, false);
        foreseen
    }

    async fn foresee_set_up(&self) -> Result<SetUp, EffectError> {
        let world = self.world();
        let step = match (world.managed_policy, world.altered) {
            (true, false) => PolicyStep::Nothing,
            (true, true) => PolicyStep::Correct,
            (false, _) => PolicyStep::Make,
        };
        Ok(SetUp {
            policies: vec![(world.managed_arn(), step)],
        })
    }

    async fn altered_policies(&self) -> Result<AlteredPolicies, EffectError> {
        let world = self.world();
        let one = || AlteredPolicy {
            account: world.account.clone(),
            arn: world.managed_arn(),
        };
        Ok(AlteredPolicies {
            altered: world.altered.then(one).into_iter().collect(),
            unread: Vec::new(),
        })
    }

    async fn restore_policy(&self, account: &AccountId) -> Result<(), EffectError> {
        let mut world = self.world();
        world.reach(account)?;
        if !world.may_restore {
            let what = format!("CreatePolicyVersion {}", world.managed_arn());
            return Err(EffectError::new(EffectErrorKind::Denied, what, "no right"));
        }
        world.altered = false;
        Ok(())
    }

    async fn find_ours(&self) -> Result<Ours, EffectError> {
        let world = self.world();
        let key = |kind, id: &String| TargetKey {
            account: world.account.clone(),
            kind,
            id: id.clone(),
        };
        let users = world
            .users
            .iter()
            .filter(|(_, user)| user.weir_attached || user.inline.contains_key(NAME))
            .map(|(name, _)| key(TargetKind::IamUser, name));
        let roles = world
            .roles
            .iter()
            .filter(|(_, role)| role.inline.contains_key(NAME))
            .map(|(name, _)| key(TargetKind::Role, name));
        let documents = world.documents.iter();
        let documents = documents.filter(|(_, text)| people::denies(text));
        let documents = documents.map(|(key, _)| key.clone());
        Ok(Ours {
            targets: users.chain(roles).chain(documents).collect(),
            unread: Vec::new(),
        })
    }

    async fn keys(
        &self,
        account: &AccountId,
        iam_user: &str,
        keys: &[KeyId],
    ) -> Result<Vec<(KeyId, bool)>, EffectError> {
        if let Some(Fault::Error(kind)) = self.called(Op::Keys, iam_user) {
            return Err(error(kind, Op::Keys, iam_user));
        }
        let world = self.world();
        world.reach(account)?;
        let user = world.users.get(iam_user);
        let user = user.ok_or_else(|| error(EffectErrorKind::Gone, Op::Keys, iam_user))?;
        let found = user.keys.iter().filter(|(key, _)| keys.contains(key));
        Ok(found.map(|(key, active)| (key.clone(), *active)).collect())
    }

    async fn set_keys(
        &self,
        account: &AccountId,
        iam_user: &str,
        keys: &[KeyId],
        active: bool,
    ) -> Result<(), EffectError> {
        let fault = self.called(Op::Keys, iam_user);
        if let Some(Fault::Error(kind)) = fault {
            return Err(error(kind, Op::Keys, iam_user));
        }
        let mut world = self.world();
        world.reach(account)?;
        let user = world.users.get_mut(iam_user);
        let user = user.ok_or_else(|| error(EffectErrorKind::Gone, Op::Keys, iam_user))?;
        for key in keys {
            if let Some(state) = user.keys.get_mut(key) {
                *state = active;
            }
        }
        match fault {
            Some(Fault::ErrorAfterwards(kind)) => Err(error(kind, Op::Keys, iam_user)),
            _ => Ok(()),
        }
    }
}

impl World {
    fn managed_arn(&self) -> String {
        format!("arn:aws:iam::{}:policy/weir/{NAME}", self.account)
    }

    pub(super) fn reach(&self, account: &AccountId) -> Result<(), EffectError> {
        if *account == self.account {
            return Ok(());
        }
        let why = "no role is configured for this account";
        Err(EffectError::new(
            EffectErrorKind::Cannot,
            format!("account {account}"),
            why,
        ))
    }

    /// What a look at a target shows, which may be stale.
    fn look(&mut self, target: &TargetKey) -> Result<Shown, EffectError> {
        if !people::is_document(target) {
            self.reach(&target.account)?;
        }
        let gone = || error(EffectErrorKind::Gone, Op::Apply, &target.id);
        let shown = match target.kind {
            TargetKind::IamUser => {
                let user = self.users.get(&target.id).ok_or_else(gone)?;
                Shown::User(user.clone(), !self.altered)
            }
            TargetKind::Role => Shown::Role(self.roles.get(&target.id).ok_or_else(gone)?.clone()),
            TargetKind::PermissionSetPolicy | TargetKind::Scp => {
                let text = self.documents.get(target);
                let cannot = || error(EffectErrorKind::Cannot, Op::Apply, &target.id);
                Shown::Document(text.ok_or_else(cannot)?.clone())
            }
            _ => return Err(error(EffectErrorKind::Cannot, Op::Apply, &target.id)),
        };
        match self.stale.get_mut(&target.id) {
            Some((looks, old)) if *looks > 0 => {
                *looks -= 1;
                Ok(old.clone())
            }
            _ => Ok(shown),
        }
    }

    pub(super) fn write(
        &mut self,
        target: &TargetKey,
        desired: &Desired,
    ) -> Result<(), EffectError> {
        if let Some(text) = self.documents.get_mut(target) {
            return people::write(text, target, desired);
        }
        let no_room = || error(EffectErrorKind::NoRoom, Op::Apply, &target.id);
        let gone = || error(EffectErrorKind::Gone, Op::Apply, &target.id);
        if target.kind == TargetKind::Role {
            let role = self.roles.get_mut(&target.id).ok_or_else(gone)?;
            role.inline.remove(NAME);
            if desired.is_allowed() {
                return Ok(());
            }
            let room = 10_240_usize.saturating_sub(size(role.inline.values()));
            let all = &desired.denied;
            let fit = policy_doc::most_that_fit(all, PARTITION, room);
            if fit > 0 {
                let text = policy_doc::role(&all[..fit], PARTITION);
                role.inline.insert(NAME.to_owned(), text);
            }
            return if fit < all.len() {
                Err(no_room())
            } else {
                Ok(())
            };
        }
        let managed = self.managed_policy && !self.altered;
        let prefer_inline = self.prefer_inline;
        let user = self.users.get_mut(&target.id).ok_or_else(gone)?;
        let ours = user.inline.remove(NAME);
        let attached = std::mem::take(&mut user.weir_attached);
        let Some(denial) = whole(desired) else {
            return Ok(());
        };
        let text = policy_doc::user(&denial, PARTITION);
        let attachable = managed && denial.everything.is_some() && user.attached.len() < 10;
        let fits = size(user.inline.values()) + policy_doc::size(&text) <= 2_048;
        if attachable && !(prefer_inline && fits) {
            user.weir_attached = true;
        } else if fits {
            user.inline.insert(NAME.to_owned(), text);
        } else {
            user.weir_attached = attached;
            user.inline.extend(ours.map(|text| (NAME.to_owned(), text)));
            return Err(no_room());
        }
        Ok(())
    }
}

fn compare(shown: &Shown, desired: &Desired) -> Comparison {
    let (wanted, found) = match shown {
        Shown::Role(role) => {
            let text =
                (!desired.is_allowed()).then(|| policy_doc::role(&desired.denied, PARTITION));
            (text, role.inline.get(NAME).cloned())
        }
        Shown::User(user, denies) => return compare_user(user, *denies, desired),
        Shown::Document(text) => return people::compare(text, desired),
    };
    match (wanted, found) {
        (None, None) => Comparison::Same,
        (None, Some(_)) => Comparison::DenyLeft,
        (Some(wanted), Some(found)) if policy_doc::same(&wanted, &found) => Comparison::Same,
        (Some(_), _) => Comparison::DenyMissing,
    }
}

fn compare_user(user: &FakeUser, denies: bool, desired: &Desired) -> Comparison {
    let ours = user.inline.get(NAME);
    let Some(denial) = whole(desired) else {
        let left = user.weir_attached || ours.is_some();
        return if left {
            Comparison::DenyLeft
        } else {
            Comparison::Same
        };
    };
    let by_policy = user.weir_attached && denies && denial.everything.is_some();
    let by_text =
        ours.is_some_and(|ours| policy_doc::same(ours, &policy_doc::user(&denial, PARTITION)));
    match (by_policy, by_text) {
        (true, _) if ours.is_none() => Comparison::Same,
        (false, true) if !user.weir_attached => Comparison::Same,
        (true, _) | (_, true) => Comparison::DenyLeft,
        (false, false) => Comparison::DenyMissing,
    }
}

/// What all members together are denied.
fn whole(desired: &Desired) -> Option<Denial> {
    let mut all = Denial::default();
    for (_, denial) in &desired.denied {
        all.everything = all.everything.max(denial.everything);
        for (model, until) in &denial.models {
            let end = all.models.entry(model.clone()).or_insert(*until);
            *end = (*end).max(*until);
        }
    }
    if all.everything.is_some() {
        all.models.clear();
    }
    (!all.is_none()).then_some(all)
}

fn size<'a>(texts: impl Iterator<Item = &'a String>) -> usize {
    texts.map(|text| policy_doc::size(text)).sum()
}

fn mechanism(shown: &Shown) -> &'static str {
    match shown {
        Shown::User(user, _) if user.weir_attached => "attached-policy",
        Shown::User(user, _) if user.inline.contains_key(NAME) => "inline-policy",
        Shown::Role(role) if role.inline.contains_key(NAME) => "role-policy",
        Shown::Document(text) if people::denies(text) => "people-policy",
        _ => "nothing",
    }
}
