//! Credentials of a role in another account; and if it may not be assumed, why, and what to do, in one sentence.

use aws_config::SdkConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, future};
use aws_sdk_sts::error::ProvideErrorMetadata;
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use weir_core::ids::AccountId;
use weir_engine::ports::EffectErrorKind;

use crate::config::AccountRole;
use crate::error::{chain, kind_of};

/// The longest part of what AWS says that is kept.
const LONGEST: usize = 300;

/// The role of an account, assumed by us.
#[derive(Debug)]
pub(crate) struct AssumedRole {
    account: AccountId,
    role: AccountRole,
    /// Who assumes it.
    ours: String,
    provider: AssumeRoleProvider,
}

impl AssumedRole {
    pub(crate) async fn new(
        home: &SdkConfig,
        account: &AccountId,
        role: &AccountRole,
        ours: &str,
    ) -> Self {
        let mut provider = AssumeRoleProvider::builder(role.role_arn.as_str())
            .session_name("weir")
            .configure(home);
        if let Some(external_id) = &role.external_id {
            provider = provider.external_id(external_id);
        }
        Self {
            account: account.clone(),
            role: role.clone(),
            ours: ours.to_owned(),
            provider: provider.build().await,
        }
    }
}

impl ProvideCredentials for AssumedRole {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            let credentials = self.provider.provide_credentials().await;
            credentials.map_err(|error| CredentialsError::provider_error(self.not_assumed(&error)))
        })
    }
}

impl AssumedRole {
    fn not_assumed(&self, error: &CredentialsError) -> NotAssumed {
        let (kind, why) = match find::<AssumeRoleError>(error) {
            Some(refused) => {
                let code = refused.code().unwrap_or("an error without a code");
                let why = refused.message().map_or_else(
                    || code.to_owned(),
                    |message| format!("{code}: {}", cut(message)),
                );
                (kind_of(code), why)
            }
            None => (EffectErrorKind::Retry, cut(&chain(error)).to_owned()),
        };
        let (account, role, ours) = (&self.account, &self.role.role_arn, &self.ours);
        let external_id = match self.role.external_id {
            Some(_) => ", with the external id of the configuration",
            None => "",
        };
        let remedy = match kind {
            EffectErrorKind::Retry => String::new(),
            _ => format!(
                "; let the trust policy of the role allow {ours}{external_id}, and allow {ours} sts:AssumeRole on it"
            ),
        };
        let sentence =
            format!("the role {role} of account {account} was not assumed: {why}{remedy}");
        NotAssumed { kind, sentence }
    }
}

/// A role that could not be assumed. The SDK carries it as the cause of an error of whatever was called.
#[derive(Debug, thiserror::Error)]
#[error("{sentence}")]
pub(crate) struct NotAssumed {
    pub(crate) kind: EffectErrorKind,
    sentence: String,
}

/// The cause of that type, however deep.
pub(crate) fn find<'e, E: std::error::Error + 'static>(
    error: &'e (dyn std::error::Error + 'static),
) -> Option<&'e E> {
    let mut causes = std::iter::successors(Some(error), |error| error.source());
    causes.find_map(|error| error.downcast_ref())
}

fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST)]
}
