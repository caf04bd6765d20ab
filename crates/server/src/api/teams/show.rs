//! `GET /api/v1/teams/{team}`

use axum::Json;
use axum::extract::State;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;
use weir_core::attribution::team_name;
use weir_core::counter::{CounterScope, Sums};
use weir_core::ids::TeamId;
use weir_core::operator::Permission;
use weir_engine::{EngineError, Windows, newcomers_in};
use weir_store::{GroupBy, UsageFilter, UsageRow, Whose};

use super::list::Team;
use super::owner;
use crate::api::query::{PathPart, Query};
use crate::api::range::Days;
use crate::api::used::usd;
use crate::api::users::list::ListedUser;
use crate::api::users::series::{Series, series};
use crate::api::{Api, SignedIn, etag};
use crate::problem::Problem;

/// A team.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TeamPage {
    team: Team,
    /// Its members now, who cost most this month first.
    members: Vec<Member>,
    /// Those who called for it this month and are no members now, by cost.
    others: Vec<Other>,
    /// The team day by day, of calls made for it at their time.
    series: Series,
}

/// A member of a team.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Member {
    #[serde(flatten)]
    user: ListedUser,
    #[serde(flatten)]
    share: Share,
}

/// Somebody who called for a team.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Other {
    /// Who.
    user_id: String,
    #[serde(flatten)]
    share: Share,
}

/// What one user's calls for a team this month are of the team's: those made for it at their time.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Share {
    /// What they cost, exact decimal dollars.
    for_team_usd: String,
    /// The same in thousandths of what the team cost; null if that is nothing.
    cost_permille: Option<i64>,
    /// How many of the team's requests, in thousandths.
    requests_permille: Option<i64>,
}

/// Show a team
///
/// Members, what each used for the team this month and its share of the team's use, quotas, and the team's days: 30 unless asked for others, 400 at most. The `ETag` stands for the owner.
#[utoipa::path(
    get,
    path = "/api/v1/teams/{team}",
    operation_id = "teams_show",
    tag = "teams",
    params(("team" = String, Path, description = "The name"), Days),
    responses(
        (status = 200, description = "The team", body = TeamPage, headers(("etag" = String))),
        crate::api::answers::Shows,
    ),
)]
pub(crate) async fn get(
    State(api): State<Api>,
    who: SignedIn,
    PathPart(team): PathPart,
    Query(asked): Query<Days>,
) -> Result<(etag::Header, Json<TeamPage>), Problem> {
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
    let month = (windows.month.date(), rules.zone.day(now));
    let mut used = used_for(&api, &team, month).await?;
    let members = members.iter().map(|member| {
        let at = used
            .iter()
            .position(|row| row.key == member.line.user.user.as_str());
        let sums = at.map(|at| used.remove(at).sums).unwrap_or_default();
        Member {
            user: ListedUser::of(member, &newcomers),
            share: Share::of(&sums, &line.month),
        }
    });
    let members = members.collect();
    let others = used.into_iter().map(|UsageRow { key, sums }| Other {
        user_id: key,
        share: Share::of(&sums, &line.month),
    });
    let page = TeamPage {
        team: Team::of(line, &rules, now),
        members,
        others: others.collect(),
        series: series(&api, &CounterScope::Team(team), &asked).await?,
    };
    Ok((owner::state(line.owner.as_deref()).header(), Json(page)))
}

/// What everybody used for a team from one day to another, those who cost most first.
async fn used_for(
    api: &Api,
    team: &TeamId,
    (from, to): (Date, Date),
) -> Result<Vec<UsageRow>, Problem> {
    let filter = UsageFilter {
        from: Some(from),
        to: Some(to),
        team: Some(team.clone()),
        ..UsageFilter::default()
    };
    let used = api.engine.store().usage(GroupBy::User, &filter).await;
    used.map_err(Problem::of_store)
}

impl Share {
    fn of(used: &Sums, team: &Sums) -> Self {
        Self {
            for_team_usd: usd(used.cost_nanos),
            cost_permille: permille(used.cost_nanos, team.cost_nanos),
            requests_permille: permille(used.requests, team.requests),
        }
    }
}

/// A part in thousandths of a whole, rounded down.
pub(crate) fn permille(part: i64, whole: i64) -> Option<i64> {
    if whole <= 0 {
        return None;
    }
    let permille = i128::from(part) * 1_000 / i128::from(whole);
    i64::try_from(permille).ok()
}
