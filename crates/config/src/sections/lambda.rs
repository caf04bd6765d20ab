//! `[lambda]`

use serde::Deserialize;

use super::Reader;
use super::intake::reader;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LambdaSection {
    /// Whether the controller takes manual operations (rules 11).
    pub(crate) manual: bool,
    /// Who opens the objects that the controller is told of.
    #[serde(deserialize_with = "reader")]
    pub(crate) objects_account: Option<Reader>,
}
