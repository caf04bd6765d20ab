//! `PUT /api/v1/prices/{model}`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_core::ids::ModelId;
use weir_core::model::{Class, ModelRef};
use weir_core::money::{Price, Usd};
use weir_core::operator::Permission;
use weir_core::pricing::{PriceRow, PriceSource, RegionMatch, Tier, TokenClass};

use super::list::{ModelPrices, of_model};
use super::state::state;
use crate::api::body::{self, Body};
use crate::api::etag::{self, IfMatch};
use crate::api::query::PathPart;
use crate::api::{Api, SignedIn};
use crate::problem::Problem;

/// Prices to be set: dollars per million tokens, decimal. What is left out is not changed.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "input": "5.00", "output": "25.00", "cache_read": "0.50" }))]
pub struct NewPrices {
    /// global or regional [default: both].
    pub class: Option<String>,
    /// Source Regions: `eu-west-1`, `eu-*` or `*` [default: *].
    pub region: Option<String>,
    /// The first local day [default: today].
    pub from: Option<String>,
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
    /// Why, for the record.
    #[serde(default)]
    pub reason: String,
}

/// What setting prices did.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PricesSet {
    /// The prices of the model in force now.
    pub prices: Vec<ModelPrices>,
    /// Invocations that have a cost now and had none.
    pub costed: u64,
}

/// Set prices of a model
///
/// Goes before what is bundled. Costs of the past stay; invocations that had no price are costed.
#[utoipa::path(
    put,
    path = "/api/v1/prices/{model}",
    operation_id = "prices_set",
    tag = "prices",
    params(
        ("model" = String, Path, description = "The canonical model"),
        ("If-Match" = Option<String>, Header, description = "`ETag` of the model's prices, or `etag` in the list of prices, as it was read"),
    ),
    request_body = NewPrices,
    responses(
        (status = 200, description = "What it did", body = PricesSet, headers(("etag" = String))),
        crate::api::answers::Writes,
    ),
)]
pub(crate) async fn put(
    State(api): State<Api>,
    who: SignedIn,
    PathPart(model): PathPart,
    believed: IfMatch,
    Body(new): Body<NewPrices>,
) -> Result<(etag::Header, Json<PricesSet>), Problem> {
    who.may(Permission::ChangePrices)?;
    let failed = |error| Problem::of_engine(&error);
    let model = canonical(&model)?;
    let rules = api.engine.reload_rules().await.map_err(failed)?;
    believed.check_state(&state(&rules.prices, &model))?;
    let today = rules.zone.day(api.engine.now());
    let day = match &new.from {
        None => today,
        Some(text) => body::day("from", text)?,
    };
    let effective_from = rules.zone.first_instant(day.at(0, 0, 0, 0));
    let rows = rows(&model, &new, effective_from)?;
    let reason = if new.reason.trim().is_empty() {
        "set"
    } else {
        new.reason.trim()
    };
    let by = who.caller.actor();
    let bound = believed.binds(rules.version);
    let costed = api.engine.set_prices_as_of(rows, bound, reason, &by).await;
    let costed = costed.map_err(|error| believed.failed(&error))?;
    let rules = api.engine.rules().await.map_err(failed)?;
    let set = PricesSet {
        prices: of_model(&rules.prices, &model, api.engine.now()),
        costed,
    };
    Ok((state(&rules.prices, &model).header(), Json(set)))
}

fn wrong(field: &str, why: &dyn std::fmt::Display) -> Problem {
    Problem::bad_request(format!("the body: {field}: {why}"))
}

/// A price belongs to a canonical id: a profile would say a class that a field says already.
pub(super) fn canonical(text: &str) -> Result<ModelId, Problem> {
    match ModelRef::parse(text).model {
        Some(model) if model.as_str() == text.trim() => Ok(model),
        Some(model) => Err(Problem::bad_request(format!(
            "the path: prices are set for the canonical id: write `{model}`"
        ))),
        None => Err(Problem::bad_request(format!(
            "the path: `{text}` is not a model id such as anthropic.claude-opus-5-5"
        ))),
    }
}

fn rows(
    model: &ModelId,
    new: &NewPrices,
    effective_from: jiff::Timestamp,
) -> Result<Vec<PriceRow>, Problem> {
    let classes = match new.class.as_deref() {
        None => Class::ALL.to_vec(),
        Some(word) => {
            let known = Class::ALL.into_iter().find(|class| class.as_str() == word);
            vec![known.ok_or_else(|| wrong("class", &"global or regional"))?]
        }
    };
    let region = new.region.as_deref().unwrap_or("*");
    let region: RegionMatch = region.parse().map_err(|error| wrong("region", &error))?;
    let given = [
        ("input", TokenClass::Input, &new.input),
        ("output", TokenClass::Output, &new.output),
        ("cache_read", TokenClass::CacheRead, &new.cache_read),
        (
            "cache_write_5m",
            TokenClass::CacheWrite5m,
            &new.cache_write_5m,
        ),
        (
            "cache_write_1h",
            TokenClass::CacheWrite1h,
            &new.cache_write_1h,
        ),
    ];
    let mut rows = Vec::new();
    for (field, token_class, text) in given {
        let Some(text) = text else { continue };
        let usd: Usd = text.parse().map_err(|error| wrong(field, &error))?;
        if usd < Usd::ZERO {
            return Err(wrong(field, &"never negative"));
        }
        rows.extend(classes.iter().map(|class| PriceRow {
            model: model.clone(),
            class: *class,
            region: region.clone(),
            token_class,
            tier: Tier::Standard,
            band_from: 0,
            effective_from,
            effective_until: None,
            price: Some(Price::from_nanos_per_mtok(usd.nanos())),
            source: PriceSource::Administrator,
        }));
    }
    if rows.is_empty() {
        return Err(Problem::bad_request(
            "the body: no price is given: give input and output, and what the model has of the others",
        ));
    }
    Ok(rows)
}
