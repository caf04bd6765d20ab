//! A row of `weir usage`.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use weir_server::forms::UsageRow;

/// The row, keyed by the word after `--by`.
#[derive(Debug)]
pub(crate) struct UsageView {
    pub(crate) by: &'static str,
    pub(crate) row: UsageRow,
}

impl Serialize for UsageView {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let used = &self.row.used;
        let mut map = out.serialize_map(Some(10))?;
        map.serialize_entry(self.by, &self.row.key)?;
        map.serialize_entry("requests", &used.requests)?;
        map.serialize_entry("failed", &used.failed)?;
        map.serialize_entry("input_tokens", &used.input_tokens)?;
        map.serialize_entry("cache_read_tokens", &used.cache_read_tokens)?;
        map.serialize_entry("cache_write_tokens", &used.cache_write_tokens)?;
        map.serialize_entry("output_tokens", &used.output_tokens)?;
        map.serialize_entry("cost_usd", &used.cost_usd)?;
        map.serialize_entry("unpriced", &used.unpriced)?;
        map.serialize_entry("unmetered", &used.unmetered)?;
        map.end()
    }
}
