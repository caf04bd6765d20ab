//! Whose credentials these are.

use aws_config::SdkConfig;
use aws_sdk_sts::Client;
use weir_core::ids::AccountId;
use weir_engine::ports::{EffectError, EffectErrorKind};

use crate::error::classify;

/// Our own identity.
pub(crate) struct Identity {
    pub(crate) account: AccountId,
    pub(crate) arn: String,
    /// `aws`, `aws-us-gov`, `aws-cn`, …
    pub(crate) partition: String,
}

pub(crate) async fn ask(config: &SdkConfig) -> Result<Identity, EffectError> {
    let what = || "GetCallerIdentity".to_owned();
    let answer = Client::new(config)
        .get_caller_identity()
        .send()
        .await
        .map_err(|error| classify(what(), &error))?;
    let missing = || {
        EffectError::new(
            EffectErrorKind::Refused,
            what(),
            "the answer names no account",
        )
    };
    let account = AccountId::new(answer.account().ok_or_else(missing)?);
    let arn = answer.arn().ok_or_else(missing)?.to_owned();
    let partition = arn.split(':').nth(1).unwrap_or("aws").to_owned();
    Ok(Identity {
        account,
        arn,
        partition,
    })
}
