//! `GET /api/v1/usage/heatmap`

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use weir_core::calendar::{Window, WindowKind};
use weir_core::counter::{CounterScope, Sums};
use weir_core::ids::UserId;
use weir_core::operator::Permission;

use crate::api::query::{Query, parsed};
use crate::api::range::{self, Days};
use crate::api::used::Used;
use crate::api::{Api, SignedIn, team, users};
use crate::problem::Problem;

/// Which usage.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// The first local day [default: 30 days up to `to`].
    #[serde(default, deserialize_with = "parsed")]
    #[param(value_type = Option<String>, format = Date)]
    from: Option<Date>,
    /// The last local day [default: today]; 100 days at most.
    #[serde(default, deserialize_with = "parsed")]
    #[param(value_type = Option<String>, format = Date)]
    to: Option<Date>,
    /// Only this team.
    team: Option<String>,
    /// Only this user; not with `team`.
    user: Option<String>,
}

/// Usage by day of the week and hour.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Heatmap {
    /// The business zone, whose hours they are.
    zone: String,
    /// The first day.
    from: String,
    /// The last day.
    to: String,
    /// By day of the week, then hour; hours without a call are left out.
    hours: Vec<HourOfWeek>,
}

/// An hour of the week.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HourOfWeek {
    /// 1 is Monday, 7 is Sunday.
    weekday: i8,
    /// 0 to 23, local.
    hour: i8,
    used: Used,
}

/// Report usage by hour of the week
///
/// Of everybody, a team or a user.
#[utoipa::path(
    get,
    path = "/api/v1/usage/heatmap",
    operation_id = "usage_heatmap",
    tag = "usage",
    params(Asked),
    responses(
        (status = 200, description = "Usage", body = Heatmap),
        crate::api::answers::Shows,
    ),
)]
pub(crate) async fn get(
    State(api): State<Api>,
    who: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Json<Heatmap>, Problem> {
    let within = who.may(Permission::ReadUsage)?;
    let rules = api.engine.rules().await;
    let rules = rules.map_err(|error| Problem::of_engine(&error))?;
    let Asked {
        from,
        to,
        team,
        user,
    } = asked;
    if team.is_some() && user.is_some() {
        return Err(Problem::bad_request(
            "the query: team and user: ask for one of them",
        ));
    }
    let scope = match user {
        Some(user) => {
            let user = users::within_reach(&api, &within, &UserId::new(user)).await?;
            CounterScope::User(user.user)
        }
        None => match team::asked(&within, team.as_deref())? {
            Some(team) => CounterScope::Team(team),
            None => CounterScope::Organisation,
        },
    };
    let days = Days { from, to };
    let (from, to) = days.within(range::LONG, rules.zone.day(api.engine.now()))?;
    let first = Window::parse(WindowKind::Hour, &format!("{from}T00"));
    let last = Window::parse(WindowKind::Hour, &format!("{to}T23"));
    let (Some(first), Some(last)) = (first, last) else {
        return Err(Problem::bad_request("the query: days out of reach"));
    };
    let hours = api.engine.store().reports();
    let hours = hours.series(&scope, &first, &last).await;
    let mut week: BTreeMap<(i8, i8), Sums> = BTreeMap::new();
    for (window, sums) in hours.map_err(Problem::of_store)? {
        let at = (
            window.date().weekday().to_monday_one_offset(),
            window.hour(),
        );
        *week.entry(at).or_default() += sums;
    }
    let week = week
        .into_iter()
        .filter(|(_, sums)| *sums != Sums::default());
    Ok(Json(Heatmap {
        zone: rules.zone.name().to_owned(),
        from: from.to_string(),
        to: to.to_string(),
        hours: week
            .map(|((weekday, hour), sums)| HourOfWeek {
                weekday,
                hour,
                used: Used::of(&sums),
            })
            .collect(),
    }))
}
