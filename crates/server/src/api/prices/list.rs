//! `GET /api/v1/prices`

use std::cmp::Reverse;

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
use weir_engine::{Engine, EngineError};

use super::state::state;
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
    /// What administrators set, past and future too: by model, the newest first.
    pub set: Vec<SetPrices>,
}

/// Prices of a model that an administrator set together.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct SetPrices {
    /// The canonical model.
    pub model: String,
    /// global or regional.
    pub class: String,
    /// The source Regions they are for: `eu-west-1`, `eu-*` or `*`.
    pub region: String,
    /// The service tier.
    pub tier: String,
    /// From when, RFC 3339; null if for as long as anybody knows.
    pub effective_from: Option<String>,
    /// Before when, RFC 3339; null if no end was said.
    pub effective_until: Option<String>,
    /// past, now or future.
    pub state: String,
    /// The prices.
    #[serde(flatten)]
    pub band: BandPrices,
}

impl SetPrices {
    /// Rows that differ in the class of tokens alone, side by side.
    pub(super) fn of(mut rows: Vec<PriceRow>, now: Timestamp) -> Vec<Self> {
        type Key<'a> = (&'a ModelId, Class, String, Tier, u64, Reverse<Timestamp>);
        fn key(row: &PriceRow) -> (Key<'_>, Option<Timestamp>) {
            let place = row.region.to_string();
            let from = Reverse(row.effective_from);
            let key = (&row.model, row.class, place, row.tier, row.band_from, from);
            (key, row.effective_until)
        }
        rows.retain(|row| row.source == PriceSource::Administrator);
        rows.sort_by(|a, b| key(a).cmp(&key(b)));
        let together = rows.chunk_by(|a, b| key(a) == key(b));
        let mut all: Vec<Self> = Vec::new();
        for rows in together {
            let mut one = Self::one(rows, now);
            let mut newer = all.iter().rev().take_while(|newer| newer.is_beside(&one));
            if one.state == "now" && newer.any(|newer| newer.is_instead_of(&one)) {
                "past".clone_into(&mut one.state);
            }
            all.push(one);
        }
        all
    }

    /// Of the same calls, whenever.
    fn is_beside(&self, other: &Self) -> bool {
        let of = |one: &Self| {
            let words = [&one.model, &one.class, &one.region, &one.tier];
            (words.map(String::clone), one.band.from_input_tokens)
        };
        of(self) == of(other)
    }

    /// Holds, and has every price that an older one has.
    fn is_instead_of(&self, older: &Self) -> bool {
        let (new, old) = (self.band.all(), older.band.all());
        let mut pairs = new.into_iter().zip(old);
        self.state == "now" && pairs.all(|(new, old)| new.is_some() || old.is_none())
    }

    fn one(rows: &[PriceRow], now: Timestamp) -> Self {
        let first = &rows[0];
        let price = |class: TokenClass| {
            let row = rows.iter().find(|row| row.token_class == class);
            row.and_then(|row| row.price).map(Price::to_decimal)
        };
        let state = match (first.effective_from > now, first.effective_until) {
            (true, _) => "future",
            (false, Some(until)) if until <= now => "past",
            (false, _) => "now",
        };
        let from = Some(first.effective_from).filter(|at| *at != PriceRow::ALWAYS);
        Self {
            model: first.model.to_string(),
            class: first.class.as_str().to_owned(),
            region: first.region.to_string(),
            tier: first.tier.as_str().to_owned(),
            effective_from: from.map(|at| at.to_string()),
            effective_until: first.effective_until.map(|at| at.to_string()),
            state: state.to_owned(),
            band: BandPrices {
                from_input_tokens: first.band_from,
                input: price(TokenClass::Input),
                output: price(TokenClass::Output),
                cache_read: price(TokenClass::CacheRead),
                cache_write_5m: price(TokenClass::CacheWrite5m),
                cache_write_1h: price(TokenClass::CacheWrite1h),
            },
        }
    }
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
    /// What `If-Match` takes, to change what administrators have set for exactly this model, as it is now.
    pub etag: String,
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
    fn all(&self) -> [Option<&String>; 5] {
        let Self {
            from_input_tokens: _,
            input,
            output,
            cache_read,
            cache_write_5m,
            cache_write_1h,
        } = self;
        [input, output, cache_read, cache_write_5m, cache_write_1h].map(Option::as_ref)
    }

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
    fn of(model: &str, name: &str, sheet: &Sheet, etag: &str) -> Self {
        let base = sheet.bands.first();
        Self {
            model: model.to_owned(),
            name: name.to_owned(),
            class: sheet.class.as_str().to_owned(),
            regions: sheet.regions.iter().map(ToString::to_string).collect(),
            bands: sheet.bands.iter().map(BandPrices::of).collect(),
            sources: sources_of(base),
            effective_from: effective_from(base),
            etag: etag.to_owned(),
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
        let has = |text: &str| text.to_lowercase().contains(&wanted);
        let is_wanted = |model: &ModelId| has(model.as_str()) || has(book.display_name(model));
        let models = book.models().into_iter().filter(|model| is_wanted(model));
        let prices = models.flat_map(|model| of_model(book, model, now));
        let mut set: Vec<_> = book.rows().collect();
        set.retain(|row| is_wanted(&row.model));
        Ok(Self {
            prices: prices.collect(),
            set: SetPrices::of(set, now),
        })
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
    let tag = state(book, model).tag;
    let sheets = Class::ALL
        .into_iter()
        .flat_map(|class| book.sheets(model, class, None, Tier::Standard, now));
    sheets
        .map(|sheet| ModelPrices::of(model.as_str(), name, &sheet, &tag))
        .collect()
}
