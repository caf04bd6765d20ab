//! [`Survey`]: a look at the accounts that changes nothing.

use std::sync::Arc;

use async_trait::async_trait;
use weir_core::ids::{AccountId, Region};
use weir_engine::ports::{
    EffectError, Feature, FoundRole, InvocationLog, RightsFound, Survey, Trail,
};

use crate::accounts::{Account, Accounts};
use crate::rights::RightsOf;
use crate::{account_regions, bedrock_logging, cloudtrail_trails, iam_rights, iam_roles};

pub(crate) struct AwsSurvey {
    accounts: Arc<Accounts>,
    of: RightsOf,
    /// Where it is looked; `None`: in the account of our credentials.
    at: Option<AccountId>,
}

impl AwsSurvey {
    /// `of` says what the rights depend on; account and partition are those of the credentials.
    pub(crate) fn new(accounts: Arc<Accounts>, of: RightsOf) -> Self {
        let at = None;
        Self { accounts, of, at }
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
