//! [`Directory`] over IAM, Bedrock and STS.

use std::sync::Arc;

use async_trait::async_trait;
use weir_core::attribution::{Principal, PrincipalKind};
use weir_core::evidence::CallerFacts;
use weir_core::ids::AccountId;
use weir_engine::ports::{Directory, EffectError};

use crate::accounts::Accounts;
use crate::{bedrock_profile, iam_facts};

/// Who somebody is, as far as IAM and Bedrock know it.
pub struct AwsDirectory {
    accounts: Arc<Accounts>,
}

impl AwsDirectory {
    pub(crate) fn new(accounts: Arc<Accounts>) -> Self {
        Self { accounts }
    }
}

#[async_trait]
impl Directory for AwsDirectory {
    async fn caller(&self, principal: &Principal) -> Result<CallerFacts, EffectError> {
        use PrincipalKind::{IamUser, Role, RoleSession, SourceIdentity};
        if !matches!(
            principal.kind,
            IamUser | Role | RoleSession | SourceIdentity
        ) {
            return Ok(CallerFacts::default());
        }
        let account = self.accounts.get(&principal.account).await?;
        let client = aws_sdk_iam::Client::new(&account.config);
        match principal.kind {
            IamUser => iam_facts::of_user(&client, &principal.name).await,
            _ => iam_facts::of_role(&client, &principal.name).await,
        }
    }

    async fn profile(&self, arn: &str) -> Result<String, EffectError> {
        let account = arn.split(':').nth(4).unwrap_or_default();
        let account = self.accounts.get(&AccountId::new(account)).await?;
        bedrock_profile::ask(&account.config, arn).await
    }

    async fn trust_policy(&self, account: &AccountId, role: &str) -> Result<String, EffectError> {
        let account = self.accounts.get(account).await?;
        let client = aws_sdk_iam::Client::new(&account.config);
        iam_facts::trust_policy(&client, role).await
    }

    async fn whoami(&self) -> Result<(AccountId, String), EffectError> {
        let identity = self.accounts.identity().await?;
        Ok((identity.account.clone(), identity.arn.clone()))
    }
}
