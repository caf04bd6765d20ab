//! Which credentials reach which account (rules E11): the home account's own, or a configured role.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use aws_config::SdkConfig;
use tokio::sync::OnceCell;
use weir_core::ids::AccountId;
use weir_engine::ports::{EffectError, EffectErrorKind};

use crate::assumed_role::AssumedRole;
use crate::config::AwsSettings;
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
            config: self.assume(id, &ours.arn).await,
        })
    }

    /// Credentials of the role in an account, whatever account our own are of.
    pub(crate) async fn by_role(&self, id: &AccountId) -> Result<SdkConfig, EffectError> {
        if self.settings.accounts.contains_key(id) {
            let ours = self.identity().await?;
            return Ok(self.assume(id, &ours.arn).await);
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
        let cannot =
            |why: String| EffectError::new(EffectErrorKind::Cannot, format!("account {id}"), why);
        let found = Box::pin(sts_whoami::ask(config)).await;
        let found = found.map_err(|error| cannot(error.why))?;
        if found.account == *id {
            return Ok(());
        }
        Err(cannot(format!(
            "the role of enforcement.accounts.{id}.role_arn is of account {}",
            found.account
        )))
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

    async fn assume(&self, id: &AccountId, ours: &str) -> SdkConfig {
        if let Some(config) = self.assumed().get(id) {
            return config.clone();
        }
        let role = &self.settings.accounts[id];
        let credentials = AssumedRole::new(&self.home, id, role, ours).await;
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
