//! `GET /api/v1/users/{user}/series`

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use weir_core::counter::CounterScope;
use weir_core::ids::UserId;
use weir_core::operator::Permission;

use crate::api::overview::show::Slot;
use crate::api::query::{PathPart, Query};
use crate::api::range::{self, Days};
use crate::api::{Api, SignedIn};
use crate::problem::Problem;

/// Use over days.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Series {
    /// The business zone, whose days they are.
    zone: String,
    /// The first day.
    from: String,
    /// The last day.
    to: String,
    /// Day by day; days without a call are left out.
    days: Vec<Slot>,
}

/// Show a user's days
///
/// From the totals; 30 days up to today unless asked for others, 400 at most.
#[utoipa::path(
    get,
    path = "/api/v1/users/{user}/series",
    operation_id = "users_series",
    tag = "users",
    params(("user" = String, Path, description = "The id; a slash in it is written %2F"), Days),
    responses(
        (status = 200, description = "Day by day", body = Series),
        crate::api::answers::Shows,
    ),
)]
pub(crate) async fn get(
    State(api): State<Api>,
    who: SignedIn,
    PathPart(user): PathPart,
    Query(asked): Query<Days>,
) -> Result<Json<Series>, Problem> {
    let within = who.may(Permission::ReadUsage)?;
    let user = super::within_reach(&api, &within, &UserId::new(user)).await?;
    series(&api, &CounterScope::User(user.user), &asked)
        .await
        .map(Json)
}

/// The days of one scope.
pub(crate) async fn series(
    api: &Api,
    scope: &CounterScope,
    asked: &Days,
) -> Result<Series, Problem> {
    let rules = api.engine.rules().await;
    let rules = rules.map_err(|error| Problem::of_engine(&error))?;
    let (first, last) = asked.within(range::LONGEST, rules.zone.day(api.engine.now()))?;
    let windows = (range::day(first)?, range::day(last)?);
    let days = api.engine.store().reports();
    let days = days.series(scope, &windows.0, &windows.1).await;
    let days = days.map_err(Problem::of_store)?;
    Ok(Series {
        zone: rules.zone.name().to_owned(),
        from: first.to_string(),
        to: last.to_string(),
        days: days.iter().map(Slot::of).collect(),
    })
}
