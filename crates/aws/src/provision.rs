//! [`Provisioning`] over IAM, with the operator's own credentials in their own account.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_iam::Client;
use aws_sdk_iam::error::{ProvideErrorMetadata, SdkError};
use jiff::Timestamp;
use weir_core::provision::{Change, FoundGroup, FoundKey, FoundPolicy, FoundUser, KeyKind};
use weir_core::secret::Secret;
use weir_engine::ports::{
    EffectError, EffectErrorKind, Home, MadeKey, Performed, PolicyLine, Provisioning,
};

use crate::accounts::Accounts;
use crate::error::classify;
use crate::{provision_change, provision_keys, provision_policies, provision_read};

/// The operator's hands.
pub(crate) struct IamProvisioning {
    accounts: Arc<Accounts>,
}

impl IamProvisioning {
    pub(crate) fn new(accounts: Arc<Accounts>) -> Self {
        Self { accounts }
    }

    async fn client(&self) -> Result<Client, EffectError> {
        let home = self.accounts.identity().await?.account.clone();
        Ok(Client::new(&self.accounts.get(&home).await?.config))
    }
}

#[async_trait]
impl Provisioning for IamProvisioning {
    async fn home(&self) -> Result<Home, EffectError> {
        let identity = self.accounts.identity().await?;
        Ok(Home {
            account: identity.account.clone(),
            partition: identity.partition.clone(),
            arn: identity.arn.clone(),
        })
    }

    async fn group(&self, name: &str) -> Result<Option<FoundGroup>, EffectError> {
        there(provision_read::group(&self.client().await?, name).await)
    }

    async fn groups(&self) -> Result<Vec<String>, EffectError> {
        provision_read::groups(&self.client().await?).await
    }

    async fn user(&self, name: &str) -> Result<Option<FoundUser>, EffectError> {
        there(provision_read::user(&self.client().await?, name).await)
    }

    async fn inline_policy(&self, user: &str, policy: &str) -> Result<Option<String>, EffectError> {
        there(provision_read::inline_policy(&self.client().await?, user, policy).await)
    }

    async fn set_inline_policy(
        &self,
        user: &str,
        policy: &str,
        text: Option<&str>,
    ) -> Result<(), EffectError> {
        let client = self.client().await?;
        provision_change::set_inline(&client, (user, policy), text).await
    }

    async fn users(&self) -> Result<Vec<FoundUser>, EffectError> {
        provision_read::users(&self.client().await?).await
    }

    async fn keys(&self, user: &str) -> Result<Vec<FoundKey>, EffectError> {
        let found = provision_keys::of(&self.client().await?, user).await;
        Ok(there(found)?.map(|(keys, _)| keys).unwrap_or_default())
    }

    async fn policy(&self, arn: &str) -> Result<Option<FoundPolicy>, EffectError> {
        there(provision_policies::one(&self.client().await?, arn).await)
    }

    async fn policies(&self) -> Result<Vec<PolicyLine>, EffectError> {
        provision_policies::all(&self.client().await?).await
    }

    async fn perform(&self, change: &Change) -> Result<Performed, EffectError> {
        provision_change::perform(&self.client().await?, change).await
    }

    async fn make_key(
        &self,
        user: &str,
        kind: KeyKind,
        days: Option<u32>,
    ) -> Result<MadeKey, EffectError> {
        provision_keys::make(&self.client().await?, user, kind, days).await
    }

    async fn make_login(&self, user: &str) -> Result<Option<Secret>, EffectError> {
        provision_keys::make_login(&self.client().await?, user).await
    }
}

/// What is gone is not there.
fn there<T>(found: Result<T, EffectError>) -> Result<Option<T>, EffectError> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind == EffectErrorKind::Gone => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether a change was made, or an error of this code says that there was nothing to make.
pub(crate) fn outcome<T, E, R>(
    what: impl Into<String>,
    sent: Result<T, SdkError<E, R>>,
    already: &str,
) -> Result<Performed, EffectError>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug + 'static,
{
    match sent {
        Ok(_) => Ok(Performed::Changed),
        Err(error) if is_code(&error, already) => Ok(Performed::AlreadySo),
        Err(error) => Err(classify(what, &error)),
    }
}

pub(crate) fn is_code<E, R>(error: &SdkError<E, R>, code: &str) -> bool
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let said = error
        .as_service_error()
        .and_then(ProvideErrorMetadata::code);
    said.is_some_and(|said| said.strip_suffix("Exception").unwrap_or(said) == code)
}

pub(crate) fn instant(at: &aws_smithy_types::DateTime) -> Option<Timestamp> {
    Timestamp::new(at.secs(), i32::try_from(at.subsec_nanos()).ok()?).ok()
}
