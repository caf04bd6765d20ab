//! `weir pricing`.

use serde::Serialize;
use weir_core::model::Class;
use weir_core::money::Price;
use weir_core::pricing::{Band, PriceRow, Sheet, TokenClass};

/// The prices of a model in one Region.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PriceView {
    pub(crate) model: String,
    pub(crate) class: &'static str,
    pub(crate) region: String,
    pub(crate) prices_usd_per_mtok: PricesView,
    /// Dearer prices from so many tokens of whole input on.
    pub(crate) bands: Vec<BandView>,
    /// `null` if there is no price.
    pub(crate) source: Option<String>,
    /// `null` if for as long as anybody knows.
    pub(crate) effective_from: Option<String>,
}

/// Dollars per million tokens as exact decimal text; `null` is not known.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct PricesView {
    pub(crate) input: Option<String>,
    pub(crate) output: Option<String>,
    pub(crate) cache_read: Option<String>,
    pub(crate) cache_write_5m: Option<String>,
    pub(crate) cache_write_1h: Option<String>,
}

/// The prices of a band.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct BandView {
    pub(crate) from_input_tokens: u64,
    pub(crate) prices_usd_per_mtok: PricesView,
}

/// A line of `weir pricing list`.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ModelView {
    pub(crate) model: String,
    pub(crate) name: String,
    pub(crate) class: &'static str,
    pub(crate) regions: Vec<String>,
    pub(crate) prices_usd_per_mtok: PricesView,
    pub(crate) bands: usize,
    pub(crate) source: Option<String>,
}

impl PriceView {
    /// The sheet, or that there is none.
    pub(crate) fn of(model: &str, class: Class, region: &str, sheet: Option<&Sheet>) -> Self {
        let base = sheet.and_then(|sheet| sheet.bands.first());
        Self {
            model: model.to_owned(),
            class: class.as_str(),
            region: region.to_owned(),
            prices_usd_per_mtok: base.map(PricesView::from).unwrap_or_default(),
            bands: sheet.map(bands).unwrap_or_default(),
            source: base.and_then(source),
            effective_from: base
                .and_then(Band::effective_from)
                .filter(|at| *at != PriceRow::ALWAYS)
                .map(|at| at.to_string()),
        }
    }
}

fn bands(sheet: &Sheet) -> Vec<BandView> {
    let dearer = sheet.bands.iter().filter(|band| band.from > 0);
    dearer
        .map(|band| BandView {
            from_input_tokens: band.from,
            prices_usd_per_mtok: PricesView::from(band),
        })
        .collect()
}

/// The sources of a band, best first.
pub(crate) fn source(band: &Band) -> Option<String> {
    let words: Vec<_> = band
        .sources()
        .into_iter()
        .map(weir_core::pricing::PriceSource::as_str)
        .collect();
    (!words.is_empty()).then(|| words.join("+"))
}

impl From<&Band> for PricesView {
    fn from(band: &Band) -> Self {
        let price = |class: TokenClass| band.price(class).map(Price::to_decimal);
        Self {
            input: price(TokenClass::Input),
            output: price(TokenClass::Output),
            cache_read: price(TokenClass::CacheRead),
            cache_write_5m: price(TokenClass::CacheWrite5m),
            cache_write_1h: price(TokenClass::CacheWrite1h),
        }
    }
}
