//! Models side by side.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use weir_core::counter::Sums;
use weir_core::ids::ModelId;
use weir_core::model::Class;
use weir_core::money::Price;
use weir_core::pricing::{Tier, TokenClass};
use weir_core::rulebook::Rulebook;
use weir_store::UsageRow;

use super::show::per_request;
use crate::api::teams::show::permille;
use crate::api::used::{Used, usd};

/// A model.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ModelCost {
    /// The canonical model.
    model: String,
    /// What people call it.
    name: String,
    used: Used,
    /// Dollars a thousand priced requests; null without one.
    per_thousand_requests_usd: Option<String>,
    /// Whole cost in dollars for a million tokens of output; null without output.
    per_million_output_usd: Option<String>,
    /// Of all input, what was read from the cache, in tenths of a percent; null without input.
    cache_share_permille: Option<i64>,
    /// What the tokens read from the cache would have cost more as ordinary input, dollars, by today's
    /// prices; null where these are not known, or not the same everywhere.
    cache_savings_usd: Option<String>,
}

/// Models, the dearest first.
pub(super) fn models(rows: Vec<UsageRow>, rules: &Rulebook, now: Timestamp) -> Vec<ModelCost> {
    let rows = rows.into_iter();
    rows.filter(|row| row.sums != Sums::default())
        .map(|row| {
            let model = ModelId::new(&row.key);
            let sums = &row.sums;
            let input = sums.input + sums.cache_read + sums.cache_write_5m + sums.cache_write_1h;
            ModelCost {
                name: rules.prices.display_name(&model).to_owned(),
                per_thousand_requests_usd: per_request(sums, 1_000),
                per_million_output_usd: per_million_output(sums),
                cache_share_permille: permille(sums.cache_read, input),
                cache_savings_usd: savings(&model, sums, rules, now),
                used: Used::of(sums),
                model: row.key,
            }
        })
        .collect()
}

fn per_million_output(sums: &Sums) -> Option<String> {
    if sums.output <= 0 {
        return None;
    }
    let nanos = i128::from(sums.cost_nanos) * 1_000_000 / i128::from(sums.output);
    i64::try_from(nanos).ok().map(usd)
}

/// Calls of a model may have been made at several prices. Where all that hold today say the same of input
/// and cache, that is what was saved.
fn savings(model: &ModelId, sums: &Sums, rules: &Rulebook, now: Timestamp) -> Option<String> {
    if sums.cache_read <= 0 {
        return Some(usd(0));
    }
    let classes = Class::ALL.into_iter();
    let sheets =
        classes.flat_map(|class| rules.prices.sheets(model, class, None, Tier::Standard, now));
    let mut differences: Vec<i64> = Vec::new();
    for band in sheets.flat_map(|sheet| sheet.bands) {
        let input = band.price(TokenClass::Input)?;
        let cached = band.price(TokenClass::CacheRead)?;
        differences.push(input.nanos_per_mtok() - cached.nanos_per_mtok());
    }
    differences.sort_unstable();
    differences.dedup();
    let [difference] = differences.as_slice() else {
        return None;
    };
    let tokens = u64::try_from(sums.cache_read).ok()?;
    let saved = Price::from_nanos_per_mtok(*difference).cost(tokens).ok()?;
    Some(saved.to_decimal())
}
