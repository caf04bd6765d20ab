//! Where model invocations of a Region are logged (aws.md, 3.1).

use aws_config::{Region as SdkRegion, SdkConfig};
use aws_sdk_bedrock::Client;
use weir_core::ids::Region;
use weir_engine::ports::{EffectError, InvocationLog};

use crate::error::classify;

pub(crate) async fn of(
    config: &SdkConfig,
    region: &Region,
) -> Result<Option<InvocationLog>, EffectError> {
    let config = config
        .to_builder()
        .region(SdkRegion::new(region.to_string()))
        .build();
    let answer = Client::new(&config)
        .get_model_invocation_logging_configuration()
        .send()
        .await
        .map_err(|error| {
            let what = format!("GetModelInvocationLoggingConfiguration in {region}");
            classify(what, &error)
        })?;
    let Some(found) = answer.logging_config else {
        return Ok(None);
    };
    let bucket = found.s3_config.map(|s3| {
        let prefix = s3.key_prefix.unwrap_or_default();
        (s3.bucket_name, prefix.trim_end_matches('/').to_owned())
    });
    let log_group = found.cloud_watch_config.map(|logs| logs.log_group_name);
    let log = InvocationLog { bucket, log_group };
    Ok(Some(log).filter(|log| *log != InvocationLog::default()))
}
