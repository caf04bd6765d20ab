//! `[notify]`

use serde::Deserialize;
use weir_engine::notify::Language;

use super::value;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct NotifySection {
    /// The language of messages to people whose language is not known.
    #[serde(deserialize_with = "language")]
    pub(crate) language: Option<Language>,
    /// Whom people may ask: an address or a sentence's end.
    pub(crate) contact: Option<String>,
}

fn language<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Language>, D::Error> {
    value::parsed(from).map(Some)
}
