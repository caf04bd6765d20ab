//! `--json` of prices: those of an ordinary call, and dearer bands beside them.

use serde::Serialize;
use weir_server::forms::{BandPrices, ModelPrices, PriceOfCall};

/// `weir pricing show`.
#[derive(Debug, Serialize)]
pub(crate) struct PriceView<'a> {
    model: &'a str,
    class: &'a str,
    region: &'a str,
    prices_usd_per_mtok: PricesView<'a>,
    /// Dearer prices from so many tokens of whole input on.
    bands: Vec<BandView<'a>>,
    /// The best first, joined by `+`; `null` if there is no price.
    source: Option<String>,
    /// `null` if for as long as anybody knows.
    effective_from: Option<&'a str>,
}

/// A line of `weir pricing list`.
#[derive(Debug, Serialize)]
pub(crate) struct ModelView<'a> {
    model: &'a str,
    name: &'a str,
    class: &'a str,
    regions: &'a [String],
    prices_usd_per_mtok: PricesView<'a>,
    bands: Vec<BandView<'a>>,
    source: Option<String>,
    effective_from: Option<&'a str>,
}

/// Dollars per million tokens as exact decimal text; `null` is not known.
#[derive(Debug, Default, Serialize)]
struct PricesView<'a> {
    input: Option<&'a str>,
    output: Option<&'a str>,
    cache_read: Option<&'a str>,
    cache_write_5m: Option<&'a str>,
    cache_write_1h: Option<&'a str>,
}

/// The prices of a dearer band.
#[derive(Debug, Serialize)]
struct BandView<'a> {
    from_input_tokens: u64,
    prices_usd_per_mtok: PricesView<'a>,
}

impl<'a> From<&'a PriceOfCall> for PriceView<'a> {
    fn from(price: &'a PriceOfCall) -> Self {
        let (prices_usd_per_mtok, bands) = split(&price.bands);
        Self {
            model: &price.model,
            class: &price.class,
            region: &price.region,
            prices_usd_per_mtok,
            bands,
            source: joined(&price.sources),
            effective_from: price.effective_from.as_deref(),
        }
    }
}

impl<'a> From<&'a ModelPrices> for ModelView<'a> {
    fn from(prices: &'a ModelPrices) -> Self {
        let (prices_usd_per_mtok, bands) = split(&prices.bands);
        Self {
            model: &prices.model,
            name: &prices.name,
            class: &prices.class,
            regions: &prices.regions,
            prices_usd_per_mtok,
            bands,
            source: joined(&prices.sources),
            effective_from: prices.effective_from.as_deref(),
        }
    }
}

/// The base, and the bands above it.
fn split(bands: &[BandPrices]) -> (PricesView<'_>, Vec<BandView<'_>>) {
    let Some((base, dearer)) = bands.split_first() else {
        return (PricesView::default(), Vec::new());
    };
    let dearer = dearer.iter().map(|band| BandView {
        from_input_tokens: band.from_input_tokens,
        prices_usd_per_mtok: PricesView::from(band),
    });
    (PricesView::from(base), dearer.collect())
}

fn joined(sources: &[String]) -> Option<String> {
    (!sources.is_empty()).then(|| sources.join("+"))
}

impl<'a> From<&'a BandPrices> for PricesView<'a> {
    fn from(band: &'a BandPrices) -> Self {
        Self {
            input: band.input.as_deref(),
            output: band.output.as_deref(),
            cache_read: band.cache_read.as_deref(),
            cache_write_5m: band.cache_write_5m.as_deref(),
            cache_write_1h: band.cache_write_1h.as_deref(),
        }
    }
}
