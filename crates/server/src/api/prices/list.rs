//! `GET /api/v1/prices`

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use weir_core::ids::ModelId;
use weir_core::model::Class;
use weir_core::money::Price;
use weir_core::operator::Permission;
use weir_core::pricing::{Band, PriceBook, PriceRow, PriceSource, Sheet, Tier, TokenClass};

use crate::api::query::Query;
use crate::api::{Api, SignedIn};
use crate::problem::Problem;

/// Which prices.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// Only models with this in their id or name.
    search: Option<String>,
}

/// Prices in force.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Prices {
    /// By model and class, of the standard tier.
    prices: Vec<ModelPrices>,
}

/// Prices of a model, where they are the same.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ModelPrices {
    /// The canonical model.
    model: String,
    /// What people call it.
    name: String,
    /// global or regional.
    class: &'static str,
    /// The source Regions they hold for: `eu-west-1`, `eu-*` or `*`.
    regions: Vec<String>,
    /// The bands, the base first.
    bands: Vec<BandPrices>,
    /// Who says so: administrator, price-list, bundled; the best first.
    sources: Vec<&'static str>,
    /// From when, RFC 3339; null if for as long as anybody knows.
    effective_from: Option<String>,
}

/// Dollars per million tokens as exact decimal; null is not known.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BandPrices {
    /// From how many tokens of whole input.
    from_input_tokens: u64,
    /// Uncached input.
    input: Option<String>,
    /// Output.
    output: Option<String>,
    /// Input read from the cache.
    cache_read: Option<String>,
    /// Input written to the five-minute cache.
    cache_write_5m: Option<String>,
    /// Input written to the one-hour cache.
    cache_write_1h: Option<String>,
}

impl BandPrices {
    fn of(band: &Band) -> Self {
        let price = |class: TokenClass| band.price(class).map(Price::to_decimal);
        Self {
            from_input_tokens: band.from,
            input: price(TokenClass::Input),
            output: price(TokenClass::Output),
            cache_read: price(TokenClass::CacheRead),
            cache_write_5m: price(TokenClass::CacheWrite5m),
            cache_write_1h: price(TokenClass::CacheWrite1h),
        }
    }
}

impl ModelPrices {
    fn of(model: &str, name: &str, sheet: &Sheet) -> Self {
        let base = sheet.bands.first();
        let from = base.and_then(Band::effective_from);
        let sources = base.map(Band::sources).unwrap_or_default();
        Self {
            model: model.to_owned(),
            name: name.to_owned(),
            class: sheet.class.as_str(),
            regions: sheet.regions.iter().map(ToString::to_string).collect(),
            bands: sheet.bands.iter().map(BandPrices::of).collect(),
            sources: sources.into_iter().map(PriceSource::as_str).collect(),
            effective_from: from
                .filter(|at| *at != PriceRow::ALWAYS)
                .map(|at| at.to_string()),
        }
    }
}

/// List prices
///
/// Those in force now.
#[utoipa::path(
    get,
    path = "/api/v1/prices",
    operation_id = "prices_list",
    tag = "prices",
    params(Asked),
    responses(
        (status = 200, description = "Prices", body = Prices),
        crate::api::answers::Reads,
    ),
)]
pub(crate) async fn get(
    State(api): State<Api>,
    who: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Json<Prices>, Problem> {
    who.may(Permission::ReadPrices)?;
    let rules = api.engine.rules().await;
    let rules = rules.map_err(|error| Problem::of_engine(&error))?;
    let wanted = asked.search.unwrap_or_default().to_lowercase();
    let (book, now) = (&rules.prices, api.engine.now());
    let mut prices = Vec::new();
    for model in book.models() {
        let name = book.display_name(model);
        let has = |text: &str| text.to_lowercase().contains(&wanted);
        if !has(model.as_str()) && !has(name) {
            continue;
        }
        prices.extend(of_model(book, model, now));
    }
    Ok(Json(Prices { prices }))
}

/// The prices of a model in force.
pub(crate) fn of_model(book: &PriceBook, model: &ModelId, now: Timestamp) -> Vec<ModelPrices> {
    let name = book.display_name(model);
    let sheets = Class::ALL
        .into_iter()
        .flat_map(|class| book.sheets(model, class, None, Tier::Standard, now));
    sheets
        .map(|sheet| ModelPrices::of(model.as_str(), name, &sheet))
        .collect()
}
