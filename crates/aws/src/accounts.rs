//! Which credentials reach which account (rules E11): the home account's own, or a configured role.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use aws_config::SdkConfig;
use aws_config::sts::AssumeRoleProvider;
use tokio::sync::OnceCell;
use weir_core::ids::AccountId;
use weir_engine::ports::{EffectError, EffectErrorKind};

use crate::config::{AccountRole, AwsSettings};
use crate::sts_whoami::{self, Identity};

/// All accounts Weir may act in.
pub(crate) struct Accounts {
    pub(crate) settings: AwsSettings,
    home: SdkConfig,
    identity: OnceCell<Identity>,
    assumed: Mutex<HashMap<AccountId, SdkConfig>>,
}

/// One account, and how to talk to it.
pub(crate) struct Account {
    pub(crate) id: AccountId,
    pub(crate) partition: String,
    pub(crate) config: SdkConfig,
}

impl Accounts {
    pub(crate) fn new(home: SdkConfig, settings: AwsSettings) -> Self {
        Self {
            settings,
            home,
            identity: OnceCell::new(),
            assumed: Mutex::default(),
        }
    }

    /// Who we are: asked once.
    pub(crate) async fn identity(&self) -> Result<&Identity, EffectError> {
        self.identity
            .get_or_try_init(|| sts_whoami::ask(&self.home))
            .await
    }

    /// An account, or why we cannot act there.
    pub(crate) async fn get(&self, id: &AccountId) -> Result<Account, EffectError> {
        let ours = self.identity().await?;
        let partition = ours.partition.clone();
        if *id == ours.account {
            return Ok(Account {
                id: id.clone(),
                partition,
                config: self.home.clone(),
            });
        }
        if !self.settings.accounts.contains_key(id) {
            let why = format!(
                "our credentials are of account {}; set enforcement.accounts.{id}.role_arn",
                ours.account
            );
            return Err(EffectError::new(
                EffectErrorKind::Cannot,
                format!("account {id}"),
                why,
            ));
        }
        Ok(Account {
            id: id.clone(),
            partition,
            config: self.assume(id).await,
        })
    }

    /// Credentials of the role in an account, whatever account our own are of.
    pub(crate) async fn by_role(&self, id: &AccountId) -> Result<SdkConfig, EffectError> {
        if self.settings.accounts.contains_key(id) {
            return Ok(self.assume(id).await);
        }
        Err(EffectError::new(
            EffectErrorKind::Cannot,
            format!("account {id}"),
            format!("no role is known there; set enforcement.accounts.{id}.role_arn"),
        ))
    }

    /// A role that cannot be assumed says so at its first call, whatever that is about: this asks for nothing else.
    pub(crate) async fn must_be_in(
        &self,
        id: &AccountId,
        config: &SdkConfig,
    ) -> Result<(), EffectError> {
        let found = match Box::pin(sts_whoami::ask(config)).await {
            Ok(found) => found,
            Err(error) => return Err(self.not_assumed(id, &error.why).await),
        };
        if found.account != *id {
            let why = format!("it is of the account {}", found.account);
            return Err(self.not_assumed(id, &why).await);
        }
        Ok(())
    }

    async fn not_assumed(&self, id: &AccountId, why: &str) -> EffectError {
        let ours = self.identity().await;
        let ours = ours.map_or("us", |identity| identity.arn.as_str());
        let role = self.settings.accounts.get(id);
        let role = role.map_or_else(String::new, |role| role.role_arn.clone());
        let external_id = match self.settings.accounts.get(id) {
            Some(AccountRole {
                external_id: Some(_),
                ..
            }) => ", with the external id of the configuration",
            _ => "",
        };
        let why = format!(
            "{why}; let the trust policy of {role} allow {ours}{external_id}, and allow that one sts:AssumeRole on it"
        );
        EffectError::new(EffectErrorKind::Cannot, format!("account {id}"), why)
    }

    /// The home account and all configured ones.
    pub(crate) async fn all(&self) -> Result<Vec<Account>, EffectError> {
        let home = self.identity().await?.account.clone();
        let mut all = vec![self.get(&home).await?];
        for id in self.settings.accounts.keys().filter(|id| **id != home) {
            all.push(self.get(id).await?);
        }
        Ok(all)
    }

    async fn assume(&self, id: &AccountId) -> SdkConfig {
        if let Some(config) = self.assumed().get(id) {
            return config.clone();
        }
        let role = &self.settings.accounts[id];
        let mut provider = AssumeRoleProvider::builder(role.role_arn.as_str())
            .session_name("weir")
            .configure(&self.home);
        if let Some(external_id) = &role.external_id {
            provider = provider.external_id(external_id);
        }
        let credentials = provider.build().await;
        let config = self
            .home
            .to_builder()
            .credentials_provider(aws_sdk_sts::config::SharedCredentialsProvider::new(
                credentials,
            ))
            .build();
        self.assumed().insert(id.clone(), config.clone());
        config
    }

    fn assumed(&self) -> std::sync::MutexGuard<'_, HashMap<AccountId, SdkConfig>> {
        self.assumed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
