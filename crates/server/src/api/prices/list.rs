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
use weir_core::pricing::{Band, PriceBook, PriceRow, Sheet, Tier, TokenClass};
use weir_engine::{Engine, EngineError};

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
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Prices {
    /// By model and class, of the standard tier.
    pub prices: Vec<ModelPrices>,
}

/// Prices of a model, where they are the same.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ModelPrices {
    /// The canonical model.
    pub model: String,
    /// What people call it.
    pub name: String,
    /// global or regional.
    pub class: String,
    /// The source Regions they hold for: `eu-west-1`, `eu-*` or `*`.
    pub regions: Vec<String>,
    /// The bands, the base first.
    pub bands: Vec<BandPrices>,
    /// Who says so: administrator, price-list, bundled; the best first.
    pub sources: Vec<String>,
    /// From when, RFC 3339; null if for as long as anybody knows.
    pub effective_from: Option<String>,
}

/// Dollars per million tokens as exact decimal; null is not known.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct BandPrices {
    /// From how many tokens of whole input.
    pub from_input_tokens: u64,
    /// Uncached input.
    pub input: Option<String>,
    /// Output.
    pub output: Option<String>,
    /// Input read from the cache.
    pub cache_read: Option<String>,
    /// Input written to the five-minute cache.
    pub cache_write_5m: Option<String>,
    /// Input written to the one-hour cache.
    pub cache_write_1h: Option<String>,
}

impl BandPrices {
    pub(super) fn of(band: &Band) -> Self {
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
        Self {
            model: model.to_owned(),
            name: name.to_owned(),
            class: sheet.class.as_str().to_owned(),
            regions: sheet.regions.iter().map(ToString::to_string).collect(),
            bands: sheet.bands.iter().map(BandPrices::of).collect(),
            sources: sources_of(base),
            effective_from: effective_from(base),
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
    let wanted = asked.search.unwrap_or_default();
    let prices = Prices::read(&api.engine, &wanted).await;
    prices.map(Json).map_err(|error| Problem::of_engine(&error))
}

impl Prices {
    /// Those in force now, of models with this in their id or name.
    pub async fn read(engine: &Engine, wanted: &str) -> Result<Self, EngineError> {
        let rules = engine.rules().await?;
        let wanted = wanted.to_lowercase();
        let (book, now) = (&rules.prices, engine.now());
        let mut prices = Vec::new();
        for model in book.models() {
            let name = book.display_name(model);
            let has = |text: &str| text.to_lowercase().contains(&wanted);
            if has(model.as_str()) || has(name) {
                prices.extend(of_model(book, model, now));
            }
        }
        Ok(Self { prices })
    }
}

/// Who says so, the best first.
pub(super) fn sources_of(base: Option<&Band>) -> Vec<String> {
    let sources = base.map(Band::sources).unwrap_or_default().into_iter();
    sources.map(|source| source.as_str().to_owned()).collect()
}

/// From when, if not always.
pub(super) fn effective_from(base: Option<&Band>) -> Option<String> {
    let from = base.and_then(Band::effective_from);
    from.filter(|at| *at != PriceRow::ALWAYS)
        .map(|at| at.to_string())
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
