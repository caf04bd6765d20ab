//! What stands behind an application inference profile (rules M4).

use aws_config::{Region, SdkConfig};
use aws_sdk_bedrock::Client;
use weir_core::model::behind;
use weir_engine::ports::{EffectError, EffectErrorKind};

use crate::error::classify;

/// Asks in the profile's own Region.
pub(crate) async fn ask(config: &SdkConfig, arn: &str) -> Result<String, EffectError> {
    let what = || format!("GetInferenceProfile {arn}");
    let region = arn.split(':').nth(3).filter(|region| !region.is_empty());
    let mut builder = config.to_builder();
    if let Some(region) = region {
        builder = builder.region(Region::new(region.to_owned()));
    }
    let answer = Client::new(&builder.build())
        .get_inference_profile()
        .inference_profile_identifier(arn)
        .send()
        .await
        .map_err(|error| classify(what(), &error))?;
    let arns = answer.models().iter().filter_map(|model| model.model_arn());
    behind(arns).map(ToOwned::to_owned).ok_or_else(|| {
        let why = "the profile names no model, or more than one";
        EffectError::new(EffectErrorKind::Refused, what(), why)
    })
}
