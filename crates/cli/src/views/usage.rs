//! A row of `weir usage`.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use weir_core::counter::Sums;
use weir_core::money::Usd;
use weir_store::UsageRow;

/// The row, keyed by the word after `--by`.
#[derive(Clone, Debug)]
pub(crate) struct UsageView {
    pub(crate) by: &'static str,
    pub(crate) row: UsageRow,
}

impl UsageView {
    pub(crate) fn cache_write(&self) -> i64 {
        self.row.sums.cache_write_5m + self.row.sums.cache_write_1h
    }

    pub(crate) fn cost(&self) -> Usd {
        Usd::from_nanos(self.row.sums.cost_nanos)
    }
}

impl Serialize for UsageView {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let Sums {
            requests,
            failed,
            input,
            cache_read,
            output,
            unpriced,
            unmetered,
            ..
        } = self.row.sums;
        let mut map = out.serialize_map(Some(10))?;
        map.serialize_entry(self.by, &self.row.key)?;
        map.serialize_entry("requests", &requests)?;
        map.serialize_entry("failed", &failed)?;
        map.serialize_entry("input_tokens", &input)?;
        map.serialize_entry("cache_read_tokens", &cache_read)?;
        map.serialize_entry("cache_write_tokens", &self.cache_write())?;
        map.serialize_entry("output_tokens", &output)?;
        map.serialize_entry("cost_usd", &self.cost().to_decimal())?;
        map.serialize_entry("unpriced", &unpriced)?;
        map.serialize_entry("unmetered", &unmetered)?;
        map.end()
    }
}
