//! Models side by side.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use weir_core::counter::Sums;
use weir_core::ids::ModelId;
use weir_core::model::Class;
use weir_core::money::Price;
use weir_core::pricing::{PriceBook, Tier, TokenClass};
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
    /// Whole cost in dollars for a million tokens of output; null without output, or where a call has no price.
    per_million_output_usd: Option<String>,
    /// Of all input, what was read from the cache, in tenths of a percent; null without input.
    cache_share_permille: Option<i64>,
    /// What the tokens read from the cache would have cost more as ordinary input, dollars, by today's
    /// prices: the least of it where these are not the same everywhere, null where they are not known.
    cache_savings_usd: Option<String>,
    /// Whether prices differ, so that it may have been more.
    cache_savings_at_least: bool,
}

/// Models, the dearest first.
pub(super) fn models(rows: Vec<UsageRow>, prices: &PriceBook, now: Timestamp) -> Vec<ModelCost> {
    let rows = rows.into_iter();
    rows.filter(|row| row.sums != Sums::default())
        .map(|row| {
            let model = ModelId::new(&row.key);
            let sums = &row.sums;
            let input = sums.input + sums.cache_read + sums.cache_write_5m + sums.cache_write_1h;
            let (saved, at_least) = savings(&model, sums, prices, now).unzip();
            ModelCost {
                name: prices.display_name(&model).to_owned(),
                per_thousand_requests_usd: per_request(sums, 1_000),
                per_million_output_usd: per_million_output(sums),
                cache_share_permille: permille(sums.cache_read, input),
                cache_savings_usd: saved,
                cache_savings_at_least: at_least.unwrap_or(false),
                used: Used::of(sums),
                model: row.key,
            }
        })
        .collect()
}

fn per_million_output(sums: &Sums) -> Option<String> {
    if sums.output <= 0 || sums.unpriced > 0 {
        return None;
    }
    let nanos = i128::from(sums.cost_nanos) * 1_000_000 / i128::from(sums.output);
    i64::try_from(nanos).ok().map(usd)
}

/// Calls of a model may have been made at several prices, and sums do not say at which: what was saved by
/// the least difference of input and cache that holds today, and whether others are larger.
fn savings(
    model: &ModelId,
    sums: &Sums,
    prices: &PriceBook,
    now: Timestamp,
) -> Option<(String, bool)> {
    if sums.cache_read <= 0 {
        return Some((usd(0), false));
    }
    let classes = Class::ALL.into_iter();
    let sheets = classes.flat_map(|class| prices.sheets(model, class, None, Tier::Standard, now));
    let mut differences: Vec<i64> = Vec::new();
    for band in sheets.flat_map(|sheet| sheet.bands) {
        let input = band.price(TokenClass::Input)?;
        let cached = band.price(TokenClass::CacheRead)?;
        differences.push(input.nanos_per_mtok() - cached.nanos_per_mtok());
    }
    let (least, most) = (differences.iter().min()?, differences.iter().max()?);
    let tokens = u64::try_from(sums.cache_read).ok()?;
    let saved = Price::from_nanos_per_mtok(*least).cost(tokens).ok()?;
    Some((saved.to_decimal(), least < most))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_795_000_000, 0);

    fn compared(model: &str, sums: Sums) -> ModelCost {
        let key = model.to_owned();
        let mut models = models(vec![UsageRow { key, sums }], &PriceBook::bundled(), NOW);
        models.remove(0)
    }

    #[test]
    fn what_the_cache_saved_is_said_as_far_as_prices_tell() {
        let read = |cache_read| Sums {
            requests: 1,
            cache_read,
            ..Sums::default()
        };
        let haiku = "anthropic.claude-haiku-4-5-20251001-v1:0";
        for (model, cache_read, saved, at_least) in [
            // A dollar for a million tokens, ten cents from the cache; a tenth more within Europe.
            (haiku, 1_000_000, Some("0.9"), true),
            (haiku, 0, Some("0"), false),
            ("nobody.knows-this", 1_000_000, None, false),
        ] {
            let seen = compared(model, read(cache_read));
            let seen = (seen.cache_savings_usd, seen.cache_savings_at_least);
            assert_eq!(seen, (saved.map(str::to_owned), at_least), "{model}");
        }
    }

    #[test]
    fn the_cost_of_output_is_not_said_while_a_call_has_no_price() {
        let sums = |unpriced| Sums {
            requests: 2,
            output: 1_000_000,
            cost_nanos: 5_000_000_000,
            unpriced,
            ..Sums::default()
        };
        for (unpriced, said) in [(0, Some("5")), (1, None), (2, None)] {
            let seen = compared("m", sums(unpriced)).per_million_output_usd;
            assert_eq!(seen.as_deref(), said, "{unpriced} without a price");
        }
    }
}
