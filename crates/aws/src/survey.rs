//! [`Survey`]: a look at the accounts that changes nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use weir_core::ids::{AccountId, Region};
use weir_engine::ports::{
    EffectError, Feature, FoundRole, InvocationLog, RightsFound, RightsIn, Survey, Trail,
};

use crate::accounts::{Account, Accounts};
use crate::rights::RightsOf;
use crate::{account_regions, bedrock_logging, cloudtrail_trails, iam_rights, iam_roles};

pub(crate) struct AwsSurvey {
    accounts: Arc<Accounts>,
    of: RightsOf,
    /// What the rights of the roles in other accounts depend on.
    elsewhere: BTreeMap<AccountId, RightsOf>,
    /// Where it is looked; `None`: in the account of our credentials.
    at: Option<AccountId>,
}

impl AwsSurvey {
    /// `of` says what the rights depend on; account and partition are those of the credentials.
    pub(crate) fn new(accounts: Arc<Accounts>, of: RightsOf) -> Self {
        Self {
            accounts,
            of,
            elsewhere: BTreeMap::new(),
            at: None,
        }
    }

    /// Looks at the rights of the roles in other accounts, too.
    pub(crate) fn and_of(self, elsewhere: BTreeMap<AccountId, RightsOf>) -> Self {
        Self { elsewhere, ..self }
    }

    /// In another account.
    pub(crate) fn at(self, account: AccountId) -> Self {
        let at = Some(account);
        Self { at, ..self }
    }

    async fn place(&self) -> Result<Account, EffectError> {
        match &self.at {
            Some(account) => self.accounts.get(account).await,
            None => self.home().await,
        }
    }

    /// The rights that the role in an account has, as IAM simulates them there by the role itself.
    async fn rights_in(
        &self,
        id: &AccountId,
        of: &RightsOf,
        features: &[Feature],
    ) -> Result<RightsFound, EffectError> {
        let config = self.accounts.by_role(id).await?;
        self.accounts.must_be_in(id, &config).await?;
        let role = &self.accounts.settings.accounts[id].role_arn;
        let partition = role.split(':').nth(1).unwrap_or(&of.partition).to_owned();
        let of = RightsOf {
            partition,
            account: id.to_string(),
            ..of.clone()
        };
        iam_rights::found(&config, role, features, &of).await
    }

    async fn home(&self) -> Result<Account, EffectError> {
        let id = self.accounts.identity().await?.account.clone();
        self.accounts.get(&id).await
    }
}

#[async_trait]
impl Survey for AwsSurvey {
    async fn roles(&self) -> Result<Vec<FoundRole>, EffectError> {
        let mut all = Vec::new();
        for account in self.accounts.all().await? {
            all.extend(iam_roles::all(&account).await?);
        }
        Ok(all)
    }

    async fn rights(&self, features: &[Feature]) -> Result<RightsFound, EffectError> {
        let identity = self.accounts.identity().await?;
        let of = RightsOf {
            partition: identity.partition.clone(),
            account: identity.account.to_string(),
            ..self.of.clone()
        };
        let home = self.home().await?;
        iam_rights::found(&home.config, &identity.arn, features, &of).await
    }

    async fn rights_elsewhere(&self, features: &[Feature]) -> Result<Vec<RightsIn>, EffectError> {
        let home = self.accounts.identity().await?.account.clone();
        let mut all = Vec::new();
        for (account, of) in self.elsewhere.iter().filter(|(id, _)| **id != home) {
            let found = Box::pin(self.rights_in(account, of, features)).await;
            let account = account.clone();
            all.push(RightsIn { account, found });
        }
        Ok(all)
    }

    async fn regions(&self) -> Result<Vec<Region>, EffectError> {
        account_regions::enabled(&self.place().await?.config).await
    }

    async fn invocation_log(&self, region: &Region) -> Result<Option<InvocationLog>, EffectError> {
        bedrock_logging::of(&self.place().await?.config, region).await
    }

    async fn trails(&self, region: &Region) -> Result<Vec<Trail>, EffectError> {
        cloudtrail_trails::of(&self.place().await?.config, region).await
    }
}
