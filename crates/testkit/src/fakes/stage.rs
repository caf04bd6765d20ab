//! [`FakeAws`] as the stage of its own contract.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use weir_core::ids::{AccountId, KeyId};
use weir_core::policy_doc;
use weir_engine::ports::{AccessControl, Directory, EffectErrorKind};

use super::account::{FakeAws, Fault, Op};
use super::contract::Stage;

const NAME: &str = policy_doc::POLICY_NAME;

/// A fresh fake account.
pub struct FakeStage(Arc<FakeAws>);

impl FakeStage {
    /// An empty account.
    pub fn new() -> Self {
        Self(FakeAws::new())
    }
}

impl Default for FakeStage {
    fn default() -> Self {
        Self::new()
    }
}

fn ours(inline: &BTreeMap<String, String>) -> impl Iterator<Item = String> {
    inline.get(NAME).cloned().into_iter()
}

#[async_trait]
impl Stage for FakeStage {
    fn access(&self) -> Arc<dyn AccessControl> {
        Arc::clone(&self.0) as Arc<dyn AccessControl>
    }

    fn directory(&self) -> Arc<dyn Directory> {
        Arc::clone(&self.0) as Arc<dyn Directory>
    }

    async fn account(&self) -> AccountId {
        self.0.account()
    }

    fn name(&self, what: &str) -> String {
        what.to_owned()
    }

    async fn make_user(&self, name: &str) {
        self.0.user(name, |_| {});
    }

    async fn delete_user(&self, name: &str) {
        self.0.delete_user(name);
    }

    async fn make_role(&self, name: &str) {
        self.0.role(name, |_| {});
    }

    async fn trust_role(&self, name: &str, policy: &str) {
        self.0.role(name, |role| policy.clone_into(&mut role.trust));
    }

    async fn attach_others(&self, user: &str, count: usize) {
        self.0.user(user, |user| {
            user.attached
                .extend((0..count).map(|i| format!("Theirs{i}")));
        });
    }

    async fn put_other(&self, user: &str, name: &str, text: &str) {
        self.0.user(user, |user| {
            user.inline.insert(name.to_owned(), text.to_owned());
        });
    }

    async fn tag_user(&self, name: &str, tags: &[(&str, &str)]) {
        let tags = tags
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        self.0.user(name, |user| user.tags.extend(tags));
    }

    async fn join(&self, user: &str, group: &str) {
        self.0.user(user, |user| user.groups.push(group.to_owned()));
    }

    async fn make_login(&self, user: &str) {
        self.0.user(user, |user| user.login_profile = true);
    }

    async fn make_key(&self, user: &str) -> KeyId {
        let mut made = KeyId::new("");
        self.0.user(user, |user| {
            made = KeyId::new(format!("ACCAFAKE{:012}", user.keys.len()));
            user.keys.insert(made.clone(), true);
        });
        made
    }

    async fn ours_of_user(&self, user: &str) -> Vec<String> {
        let user = self.0.show_user(user).unwrap_or_default();
        let attached = user.weir_attached.then(policy_doc::managed);
        attached.into_iter().chain(ours(&user.inline)).collect()
    }

    async fn ours_of_role(&self, role: &str) -> Vec<String> {
        ours(&self.0.show_role(role).unwrap_or_default().inline).collect()
    }

    async fn others(&self, user: &str) -> (Vec<String>, Vec<String>) {
        let user = self.0.show_user(user).unwrap_or_default();
        let inline = user.inline.into_keys().filter(|name| name != NAME);
        (user.attached.into_iter().collect(), inline.collect())
    }

    async fn fail_write(&self, user: &str, kind: EffectErrorKind) {
        self.0.fault(Op::Apply, user, Fault::Error(kind));
    }

    async fn delay_write(&self, user: &str) {
        self.0.fault(Op::Apply, user, Fault::LateWrite);
    }

    async fn land_writes(&self, _user: &str) {
        self.0.land_writes();
    }
}
