//! `GET /api/v1/prices/{model}`; also what `weir pricing show` prints.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use weir_core::ids::{ModelId, Region};
use weir_core::model::{Class, ModelRef};
use weir_core::operator::Permission;
use weir_core::pricing::Tier;
use weir_engine::{Engine, EngineError};

use super::list::{BandPrices, effective_from, sources_of};
use super::state::state;
use crate::api::etag;
use crate::api::query::{PathPart, Query};
use crate::api::{Api, SignedIn};
use crate::problem::Problem;

/// For calls to which Region.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// The Region that is called, as `eu-west-1`.
    region: String,
}

/// What a call of a model to one Region costs.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PriceOfCall {
    /// The canonical model.
    pub model: String,
    /// Whether the global or the regional price holds, by the form in which the model was named.
    pub class: String,
    /// The Region that is called.
    pub region: String,
    /// The bands, the base first; none if there is no price.
    pub bands: Vec<BandPrices>,
    /// Who says so: administrator, price-list, bundled; the best first.
    pub sources: Vec<String>,
    /// From when, RFC 3339; null if for as long as anybody knows.
    pub effective_from: Option<String>,
}

impl PriceOfCall {
    /// The price in force now.
    pub async fn read(
        engine: &Engine,
        model: &ModelId,
        class: Class,
        region: &str,
    ) -> Result<Self, EngineError> {
        let rules = engine.rules().await?;
        let at = Region::new(region);
        let sheets = rules
            .prices
            .sheets(model, class, Some(&at), Tier::Standard, engine.now());
        let sheet = sheets.first();
        let base = sheet.and_then(|sheet| sheet.bands.first());
        let bands = sheet.map(|sheet| sheet.bands.iter().map(BandPrices::of).collect());
        Ok(Self {
            model: model.to_string(),
            class: class.as_str().to_owned(),
            region: region.to_owned(),
            bands: bands.unwrap_or_default(),
            sources: sources_of(base),
            effective_from: effective_from(base),
        })
    }
}

/// Show the price of a call
///
/// Of a model in any form AWS accepts, in one Region, now. The `ETag` stands for what administrators have set for the model.
#[utoipa::path(
    get,
    path = "/api/v1/prices/{model}",
    operation_id = "prices_show",
    tag = "prices",
    params(
        ("model" = String, Path, description = "A model id, profile id or ARN; a slash in it is written %2F"),
        Asked,
    ),
    responses(
        (status = 200, description = "The price", body = PriceOfCall, headers(("etag" = String))),
        crate::api::answers::Shows,
    ),
)]
pub(crate) async fn get(
    State(api): State<Api>,
    who: SignedIn,
    PathPart(model): PathPart,
    Query(asked): Query<Asked>,
) -> Result<(etag::Header, Json<PriceOfCall>), Problem> {
    who.may(Permission::ReadPrices)?;
    let ModelRef {
        model: named,
        class,
        ..
    } = ModelRef::parse(&model);
    let named = named.ok_or_else(|| {
        Problem::not_found(format!("`{model}` does not say which model it calls"))
    })?;
    let failed = |error: EngineError| Problem::of_engine(&error);
    let rules = api.engine.rules().await.map_err(failed)?;
    let price = PriceOfCall::read(&api.engine, &named, class, &asked.region).await;
    let tag = state(&rules.prices, &named).header();
    Ok((tag, Json(price.map_err(failed)?)))
}
