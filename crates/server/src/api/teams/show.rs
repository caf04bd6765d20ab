//! `GET /api/v1/teams/{team}`

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use weir_core::attribution::team_name;
use weir_core::counter::CounterScope;
use weir_core::operator::Permission;
use weir_engine::{EngineError, Windows, newcomers_in};
use weir_store::Whose;

use super::list::Team;
use crate::api::query::{PathPart, Query};
use crate::api::range::Days;
use crate::api::users::list::ListedUser;
use crate::api::users::series::{Series, series};
use crate::api::{Api, SignedIn};
use crate::problem::Problem;

/// A team.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TeamPage {
    team: Team,
    /// Its members now, who cost most this month first.
    members: Vec<Member>,
    /// The team day by day, of calls made for it at their time.
    series: Series,
}

/// A member of a team.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Member {
    #[serde(flatten)]
    user: ListedUser,
    /// What the member cost this month, in tenths of a percent of all members; null if nothing did.
    cost_permille: Option<i64>,
    /// The same of requests.
    requests_permille: Option<i64>,
}

/// Show a team
///
/// Members with their share, quotas, and its days: 30 unless asked for others, 400 at most.
#[utoipa::path(
    get,
    path = "/api/v1/teams/{team}",
    operation_id = "teams_show",
    tag = "teams",
    params(("team" = String, Path, description = "The name"), Days),
    responses(
        (status = 200, description = "The team", body = TeamPage),
        crate::api::answers::Shows,
    ),
)]
pub(crate) async fn get(
    State(api): State<Api>,
    who: SignedIn,
    PathPart(team): PathPart,
    Query(asked): Query<Days>,
) -> Result<Json<TeamPage>, Problem> {
    let within = who.may(Permission::ReadUsage)?;
    let team = team_name(&team);
    let nobody = || Problem::not_found(format!("no team `{team}`"));
    if !within.holds(&team) {
        return Err(nobody());
    }
    let failed = |error: EngineError| Problem::of_engine(&error);
    let rules = api.engine.rules().await.map_err(failed)?;
    let newcomers = newcomers_in(&rules);
    let now = api.engine.now();
    let windows = Windows::at(now, &rules.zone);
    let reports = api.engine.store().reports();
    let lines = reports.team_lines(Some(&team), &windows.day, &windows.month);
    let lines = lines.await.map_err(Problem::of_store)?;
    let line = lines.first().ok_or_else(nobody)?;
    let whose = Whose::Team(team.clone());
    let mut members = api.engine.standings(&whose).await.map_err(failed)?;
    members.sort_by_key(|member| {
        let month = &member.line.month;
        std::cmp::Reverse((month.cost_nanos, month.requests))
    });
    let months = || members.iter().map(|member| &member.line.month);
    let cost: i64 = months().map(|month| month.cost_nanos).sum();
    let requests: i64 = months().map(|month| month.requests).sum();
    Ok(Json(TeamPage {
        team: Team::of(line, &rules, now),
        members: members
            .iter()
            .map(|member| Member {
                user: ListedUser::of(member, &newcomers),
                cost_permille: permille(member.line.month.cost_nanos, cost),
                requests_permille: permille(member.line.month.requests, requests),
            })
            .collect(),
        series: series(&api, &CounterScope::Team(team), &asked).await?,
    }))
}

/// A part in thousandths of a whole, rounded down.
pub(crate) fn permille(part: i64, whole: i64) -> Option<i64> {
    if whole <= 0 {
        return None;
    }
    let permille = i128::from(part) * 1_000 / i128::from(whole);
    i64::try_from(permille).ok()
}
