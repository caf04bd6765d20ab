//! [`AccessControl`] over IAM: which adapter serves which kind of target.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_iam::Client;
use weir_core::access::{Desired, TargetKey, TargetKind};
use weir_core::ids::{AccountId, KeyId};
use weir_core::rulebook::{IdentityCenter, Scp};
use weir_engine::ports::{
    AccessControl, AlteredPolicies, AlteredPolicy, Applied, Comparison, EffectError,
    EffectErrorKind, Ours, SetUp, Unguarded,
};

use crate::accounts::{Account, Accounts};
use crate::iam_managed::{ManagedPolicy, Seen};
use crate::iam_people::PeopleTarget;
use crate::iam_role::RoleTarget;
use crate::iam_user::UserTarget;
use crate::org_scp::ScpTarget;
use crate::{iam_find, iam_keys};

/// IAM in the home account and in those with a configured role.
pub struct IamAccess {
    accounts: Arc<Accounts>,
    policies: Arc<Seen>,
}

/// A target that IAM can deny.
enum Handle {
    User(UserTarget),
    Role(RoleTarget),
    People(PeopleTarget),
    Scp(ScpTarget),
}

impl IamAccess {
    pub(crate) fn new(accounts: Arc<Accounts>) -> Self {
        Self {
            accounts,
            policies: Arc::default(),
        }
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
                    managed: self.managed(&account),
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
            TargetKind::PermissionSetPolicy => {
                let account = self.accounts.get(&target.account).await?;
                Ok(Handle::People(people_target(account, target.id.clone())))
            }
            TargetKind::Scp => {
                let scp = self.scp_target(&target.account, target.id.clone());
                Ok(Handle::Scp(scp.await?))
            }
            TargetKind::IdentityCenter => cannot(
                "roles of Identity Center cannot be edited in IAM: set enforcement.identity_center to \
                 permission-set-policy or scp",
            ),
            TargetKind::Undeniable => {
                cannot("root, AWS services and unknown callers cannot be denied in IAM")
            }
            TargetKind::ToolKeys => cannot("keys are switched one by one, not by a policy"),
        }
    }
}

impl IamAccess {
    /// In every account, by its policies: makes and corrects them, or only looks what they need.
    async fn set_up_or_look(&self, write: bool) -> Result<SetUp, EffectError> {
        let settings = &self.accounts.settings;
        let count = match settings.identity_center {
            IdentityCenter::PermissionSetPolicy(_) => settings.people_policies,
            IdentityCenter::None | IdentityCenter::Scp(_) => 1,
        };
        let mut all = SetUp::default();
        for account in self.accounts.all().await? {
            let target = people_target(account, settings.policy_name.clone());
            all.policies.extend(target.set_up(count, write).await?);
        }
        Ok(all)
    }

    /// The policy of an account that is attached to IAM users.
    fn managed(&self, account: &Account) -> ManagedPolicy {
        ManagedPolicy {
            client: Client::new(&account.config),
            account: account.id.clone(),
            arn: managed_arn(account, &self.accounts.settings.policy_name),
            seen: Arc::clone(&self.policies),
        }
    }

    fn denies_by_policy(&self) -> bool {
        matches!(
            self.accounts.settings.identity_center,
            IdentityCenter::PermissionSetPolicy(_)
        )
    }

    /// IAM users and roles of an account that hold something of ours.
    async fn ours_of_users(&self, account: &Account) -> Result<Vec<TargetKey>, EffectError> {
        let name = &self.accounts.settings.policy_name;
        let arn = managed_arn(account, name);
        let client = Client::new(&account.config);
        iam_find::ours(&client, &account.id, &arn, name).await
    }

    /// The policy of an account that denies people, if it denies any.
    async fn ours_of_people(&self, account: Account) -> Result<Vec<TargetKey>, EffectError> {
        let key = TargetKey {
            account: account.id.clone(),
            kind: TargetKind::PermissionSetPolicy,
            id: self.accounts.settings.policy_name.clone(),
        };
        match people_target(account, key.id.clone()).denies().await {
            Ok(denies) => Ok(denies.then_some(key).into_iter().collect()),
            // What we may not even read we never wrote.
            Err(error) if error.kind == EffectErrorKind::Denied && !self.denies_by_policy() => {
                tracing::debug!(%error, "policies of people are not looked at");
                Ok(Vec::new())
            }
            Err(error) => Err(error),
        }
    }

    /// The service control policy, if it denies anybody.
    async fn ours_in(&self, scp: &Scp) -> Result<Vec<TargetKey>, EffectError> {
        let target = self.scp_target(&scp.management, scp.policy.clone()).await?;
        let key = || TargetKey {
            account: scp.management.clone(),
            kind: TargetKind::Scp,
            id: scp.policy.clone(),
        };
        Ok(target.denies().await?.then(key).into_iter().collect())
    }

    /// By the credentials of the management account, if there is a role for it; else by our own, which
    /// may be those of an account that policies were delegated to.
    async fn scp_target(
        &self,
        management: &AccountId,
        policy: String,
    ) -> Result<ScpTarget, EffectError> {
        let reached = self.accounts.get(management).await;
        let account = match reached {
            Ok(account) => account,
            Err(error) if error.kind == EffectErrorKind::Cannot => {
                let home = self.accounts.identity().await?.account.clone();
                self.accounts.get(&home).await?
            }
            Err(error) => return Err(error),
        };
        Ok(ScpTarget {
            client: aws_sdk_organizations::Client::new(&account.config),
            account: management.clone(),
            partition: account.partition,
            policy,
        })
    }
}

#[async_trait]
impl AccessControl for IamAccess {
    async fn apply(&self, target: &TargetKey, desired: &Desired) -> Result<Applied, EffectError> {
        match self.handle(target).await? {
            Handle::User(user) => user.apply(desired).await,
            Handle::Role(role) => role.apply(desired).await,
            Handle::People(people) => people.apply(desired).await,
            Handle::Scp(scp) => scp.apply(desired).await,
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
            Handle::People(people) => people.compare(desired).await,
            Handle::Scp(scp) => scp.compare(desired).await,
        }
    }

    async fn set_up(&self) -> Result<SetUp, EffectError> {
        let done = self.set_up_or_look(true).await;
        self.policies.forget().await;
        done
    }

    async fn foresee_set_up(&self) -> Result<SetUp, EffectError> {
        self.set_up_or_look(false).await
    }

    async fn altered_policies(&self) -> Result<AlteredPolicies, EffectError> {
        let mut all = AlteredPolicies::default();
        for account in self.accounts.all().await? {
            let policy = self.managed(&account);
            match policy.is_altered().await {
                Ok(false) => {}
                Ok(true) => all.altered.push(AlteredPolicy {
                    account: policy.account,
                    arn: policy.arn,
                }),
                Err(error) => all.unread.push(error),
            }
        }
        Ok(all)
    }

    async fn restore_policy(&self, account: &AccountId) -> Result<(), EffectError> {
        let account = self.accounts.get(account).await?;
        self.managed(&account).restore().await
    }

    async fn find_ours(&self) -> Result<Ours, EffectError> {
        let mut ours = Ours::default();
        let mut note = |found: Result<Vec<TargetKey>, EffectError>| match found {
            Ok(found) => ours.targets.extend(found),
            Err(error) => ours.unread.push(error),
        };
        for account in self.accounts.all().await? {
            note(self.ours_of_users(&account).await);
            note(self.ours_of_people(account).await);
        }
        if let IdentityCenter::Scp(scp) = &self.accounts.settings.identity_center {
            note(self.ours_in(scp).await);
        }
        ours.unread.dedup();
        Ok(ours)
    }

    async fn unguarded(&self) -> Result<Vec<Unguarded>, EffectError> {
        match &self.accounts.settings.identity_center {
            IdentityCenter::None => Ok(Vec::new()),
            IdentityCenter::Scp(scp) => {
                let target = self.scp_target(&scp.management, scp.policy.clone());
                target.await?.unguarded().await
            }
            IdentityCenter::PermissionSetPolicy(name) => {
                let mut all = Vec::new();
                for account in self.accounts.all().await? {
                    all.extend(people_target(account, name.clone()).unguarded().await?);
                }
                Ok(all)
            }
        }
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

fn people_target(account: Account, policy_name: String) -> PeopleTarget {
    PeopleTarget {
        client: Client::new(&account.config),
        account: account.id,
        partition: account.partition,
        policy_name,
    }
}

fn managed_arn(account: &Account, name: &str) -> String {
    let path = weir_core::policy_doc::POLICY_PATH;
    format!(
        "arn:{}:iam::{}:policy{path}{name}",
        account.partition, account.id
    )
}
