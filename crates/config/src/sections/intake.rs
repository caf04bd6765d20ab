//! `[intake]`

use serde::de::Error;
use serde::{Deserialize, Deserializer};
use weir_engine::ports::LogGroup;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct IntakeSection {
    /// The keys of `requestMetadata` that are kept.
    pub(crate) metadata_keys: Option<Vec<String>>,
    /// The URLs of SQS queues that `weir serve` reads.
    #[serde(deserialize_with = "queues")]
    pub(crate) queues: Vec<String>,
    /// The ARNs of log groups that `weir serve` follows.
    #[serde(deserialize_with = "log_groups")]
    pub(crate) log_groups: Vec<LogGroup>,
}

fn queues<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    let queues = Vec::<String>::deserialize(from)?;
    let is_url = |text: &str| {
        let rest = text
            .strip_prefix("https://")
            .or_else(|| text.strip_prefix("http://"));
        // The account and the name.
        rest.is_some_and(|rest| rest.split('/').filter(|part| !part.is_empty()).count() >= 3)
    };
    match queues.iter().find(|text| !is_url(text)) {
        None => Ok(queues),
        Some(wrong) => Err(D::Error::custom(format!(
            "`{wrong}` is not the URL of a queue: https://sqs.REGION.amazonaws.com/ACCOUNT/NAME"
        ))),
    }
}

fn log_groups<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<LogGroup>, D::Error> {
    let texts = Vec::<String>::deserialize(from)?;
    let groups = texts.iter().map(|text| match text.parse::<LogGroup>() {
        Ok(group) if group.is_arn() => Ok(group),
        Ok(_) => Err(D::Error::custom(format!(
            "`{text}` is a name: write arn:aws:logs:REGION:ACCOUNT:log-group:{text}"
        ))),
        Err(error) => Err(D::Error::custom(error)),
    });
    groups.collect()
}
