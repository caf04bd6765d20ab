//! `[usage]`

use jiff::SignedDuration;
use serde::Deserialize;

use super::value;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct UsageSection {
    /// How long counts that may still change do not block.
    #[serde(deserialize_with = "value::duration")]
    pub(crate) settle_after: Option<SignedDuration>,
}
