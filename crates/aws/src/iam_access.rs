//! [`AccessControl`] over IAM: which adapter serves which kind of target.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_iam::Client;
use weir_core::access::{Desired, TargetKey, TargetKind};
use weir_core::ids::{AccountId, KeyId};
use weir_engine::ports::{AccessControl, Applied, Comparison, EffectError, EffectErrorKind, SetUp};

use crate::accounts::{Account, Accounts};
use crate::iam_role::RoleTarget;
use crate::iam_user::UserTarget;
use crate::{iam_find, iam_keys, iam_setup};

/// IAM in the home account and in those with a configured role.
pub struct IamAccess {
    accounts: Arc<Accounts>,
}

/// A target that IAM can deny.
enum Handle {
    User(UserTarget),
    Role(RoleTarget),
}

impl IamAccess {
    pub(crate) fn new(accounts: Arc<Accounts>) -> Self {
        Self { accounts }
    }

    async fn handle(&self, target: &TargetKey) -> Result<Handle, EffectError> {
        let cannot = |why: &str| {
            Err(EffectError::new(
                EffectErrorKind::Cannot,
                target.to_string(),
                why,
            ))
        };
        match target.kind {
            TargetKind::IamUser => {
                let account = self.accounts.get(&target.account).await?;
                let settings = &self.accounts.settings;
                Ok(Handle::User(UserTarget {
                    client: Client::new(&account.config),
                    user: target.id.clone(),
                    managed_arn: managed_arn(&account, &settings.policy_name),
                    policy_name: settings.policy_name.clone(),
                    mechanism: settings.iam_user,
                    partition: account.partition.clone(),
                }))
            }
            TargetKind::Role => {
                let account = self.accounts.get(&target.account).await?;
                Ok(Handle::Role(RoleTarget {
                    client: Client::new(&account.config),
                    role: target.id.clone(),
                    policy_name: self.accounts.settings.policy_name.clone(),
                    partition: account.partition,
                }))
            }
            TargetKind::IdentityCenter => cannot(
                "roles of Identity Center cannot be edited in IAM, and no other mechanism is configured",
            ),
            TargetKind::Undeniable => {
                cannot("root, AWS services and unknown callers cannot be denied in IAM")
            }
            TargetKind::ToolKeys => cannot("keys are switched one by one, not by a policy"),
        }
    }
}

#[async_trait]
impl AccessControl for IamAccess {
    async fn apply(&self, target: &TargetKey, desired: &Desired) -> Result<Applied, EffectError> {
        match self.handle(target).await? {
            Handle::User(user) => user.apply(desired).await,
            Handle::Role(role) => role.apply(desired).await,
        }
    }

    async fn compare(
        &self,
        target: &TargetKey,
        desired: &Desired,
    ) -> Result<Comparison, EffectError> {
        match self.handle(target).await? {
            Handle::User(user) => user.compare(desired).await,
            Handle::Role(role) => role.compare(desired).await,
        }
    }

    async fn set_up(&self) -> Result<SetUp, EffectError> {
        let mut answer = None;
        let mut changed = false;
        for account in self.accounts.all().await? {
            let client = Client::new(&account.config);
            let name = &self.accounts.settings.policy_name;
            let arn = managed_arn(&account, name);
            changed |= iam_setup::ensure(&client, &arn, name).await?;
            answer.get_or_insert(arn);
        }
        Ok(SetUp {
            policy_arn: answer.unwrap_or_default(),
            changed,
        })
    }

    async fn find_ours(&self) -> Result<Vec<TargetKey>, EffectError> {
        let mut found = Vec::new();
        for account in self.accounts.all().await? {
            let name = &self.accounts.settings.policy_name;
            let arn = managed_arn(&account, name);
            let client = Client::new(&account.config);
            found.extend(iam_find::ours(&client, &account.id, &arn, name).await?);
        }
        Ok(found)
    }

    async fn keys(
        &self,
        account: &AccountId,
        iam_user: &str,
        keys: &[KeyId],
    ) -> Result<Vec<(KeyId, bool)>, EffectError> {
        let account = self.accounts.get(account).await?;
        iam_keys::found(&Client::new(&account.config), iam_user, keys).await
    }

    async fn set_keys(
        &self,
        account: &AccountId,
        iam_user: &str,
        keys: &[KeyId],
        active: bool,
    ) -> Result<(), EffectError> {
        let account = self.accounts.get(account).await?;
        iam_keys::set(&Client::new(&account.config), iam_user, keys, active).await
    }
}

fn managed_arn(account: &Account, name: &str) -> String {
    let path = weir_core::policy_doc::POLICY_PATH;
    format!(
        "arn:{}:iam::{}:policy{path}{name}",
        account.partition, account.id
    )
}
