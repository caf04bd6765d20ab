//! `[lambda]`

use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LambdaSection {
    /// Whether the controller takes manual operations (rules 11).
    pub(crate) manual: bool,
}
