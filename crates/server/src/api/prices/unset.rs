//! `DELETE /api/v1/prices/{model}`

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use weir_core::calendar::Zone;
use weir_core::operator::Permission;
use weir_core::pricing::PriceEnd;
use weir_engine::{Actor, Engine, EngineError};

use super::list::{ModelPrices, SetPrices, of_model};
use super::set::canonical;
use super::state::state;
use crate::api::etag::{self, IfMatch};
use crate::api::query::{PathPart, Query, parsed};
use crate::api::{Api, SignedIn};
use crate::problem::Problem;

/// Which prices of the model are taken back, and from when.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// global or regional [default: both].
    class: Option<String>,
    /// Only those that were set for exactly this: `eu-west-1`, `eu-*` or `*` [default: any].
    region: Option<String>,
    /// The first local day without them, today or later [default: today].
    #[serde(default, deserialize_with = "parsed")]
    #[param(value_type = Option<String>, format = Date)]
    from: Option<Date>,
    /// Why, for the record.
    reason: Option<String>,
}

/// What taking prices back did.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PricesUnset {
    /// What ends, as it was set.
    pub ended: Vec<SetPrices>,
    /// From when, RFC 3339.
    pub from: String,
    /// The prices of the model in force now.
    pub prices: Vec<ModelPrices>,
}

impl PricesUnset {
    /// Takes them back; `None` if nobody set any that hold then or later. As [`Engine::end_prices`], bound to a
    /// version of the rules, if one is given.
    pub async fn of(
        engine: &Engine,
        end: &PriceEnd,
        version: Option<u64>,
        reason: &str,
        by: &Actor,
    ) -> Result<Option<Self>, EngineError> {
        let ended = engine.end_prices(end, version, reason, by).await?;
        if ended.is_empty() {
            return Ok(None);
        }
        let rules = engine.rules().await?;
        Ok(Some(Self {
            ended: SetPrices::of(ended, engine.now()),
            from: end.from.to_string(),
            prices: of_model(&rules.prices, &end.model, engine.now()),
        }))
    }
}

/// Take prices of a model back
///
/// Those that administrators set: what holds then ends, and what was to begin later never does; what is
/// bundled holds again. Costs of the past stay, and so do the prices that they were costed by.
#[utoipa::path(
    delete,
    path = "/api/v1/prices/{model}",
    operation_id = "prices_unset",
    tag = "prices",
    params(
        ("model" = String, Path, description = "The canonical model"),
        ("If-Match" = Option<String>, Header, description = "`ETag` of the model's prices, or `etag` in the list of prices, as it was read"),
        Asked,
    ),
    responses(
        (status = 200, description = "What it did", body = PricesUnset, headers(("etag" = String))),
        crate::api::answers::Writes,
    ),
)]
pub(crate) async fn delete(
    State(api): State<Api>,
    who: SignedIn,
    PathPart(model): PathPart,
    Query(asked): Query<Asked>,
    believed: IfMatch,
) -> Result<(etag::Header, Json<PricesUnset>), Problem> {
    who.may(Permission::ChangePrices)?;
    let failed = |error| Problem::of_engine(&error);
    let wrong = |field: &str, why: &dyn std::fmt::Display| {
        Problem::bad_request(format!("the query: {field}: {why}"))
    };
    let Asked {
        class,
        region,
        from,
        reason,
    } = asked;
    let rules = api.engine.reload_rules().await.map_err(failed)?;
    let class = class.map(|word| word.parse().map_err(|why: String| wrong("class", &why)));
    let region = region.map(|text| text.parse().map_err(|why: String| wrong("region", &why)));
    let end = PriceEnd {
        model: canonical(&model)?,
        class: class.transpose()?,
        region: region.transpose()?,
        from: begins(from, &rules.zone, api.engine.now()).map_err(|why| wrong("from", &why))?,
    };
    believed.check_state(&state(&rules.prices, &end.model))?;
    let reason = reason
        .as_deref()
        .map(str::trim)
        .filter(|why| !why.is_empty());
    let by = who.caller.actor();
    let (bound, reason) = (believed.binds(rules.version), reason.unwrap_or("removed"));
    let done = PricesUnset::of(&api.engine, &end, bound, reason, &by).await;
    let done = done.map_err(|error| believed.failed(&error))?;
    let done = done.ok_or_else(|| {
        Problem::not_found(format!(
            "no administrator's price of `{}` holds then or later",
            end.model
        ))
    })?;
    let rules = api.engine.rules().await.map_err(failed)?;
    Ok((state(&rules.prices, &end.model).header(), Json(done)))
}

/// The first instant of the day from which prices are gone: history is not changed.
pub fn begins(from: Option<Date>, zone: &Zone, now: Timestamp) -> Result<Timestamp, String> {
    let today = zone.day(now);
    let day = from.unwrap_or(today);
    if day < today {
        return Err(format!(
            "{day} is over: prices are taken back from today, {today}, on or later"
        ));
    }
    Ok(zone.first_instant(day.at(0, 0, 0, 0)))
}
