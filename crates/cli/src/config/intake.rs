//! `[intake]`

use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct IntakeSection {
    /// The keys of `requestMetadata` that are kept.
    pub(crate) metadata_keys: Option<Vec<String>>,
}
