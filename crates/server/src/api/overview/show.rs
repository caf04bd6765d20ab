//! `GET /api/v1/overview`

use axum::Json;
use axum::extract::State;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;
use weir_core::calendar::{Window, WindowKind};
use weir_core::counter::{CounterScope, Sums};
use weir_core::forecast::{self, Spent};
use weir_core::ids::TeamId;
use weir_core::money::Usd;
use weir_core::operator::Permission;
use weir_core::rulebook::Rulebook;
use weir_engine::{EngineError, UserStanding, Windows};
use weir_store::{TeamLine, Whose};

use super::alerts::{self, Alert, Looked};
use crate::api::used::{Gauge, Used};
use crate::api::{Api, SignedIn};
use crate::problem::Problem;

/// Names in a list of the dearest.
const TOP: usize = 10;

/// How it is right now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Overview {
    /// Now, RFC 3339.
    now: String,
    /// The business zone, whose days, hours and months these are.
    zone: String,
    /// `USD`.
    currency: &'static str,
    /// Whether denials are written to AWS: `dry-run`, `iam` or `off`.
    mode: &'static str,
    /// The team that all this is about; null is everybody.
    team: Option<String>,
    /// Today so far.
    today: Period,
    /// This month so far.
    month: Period,
    /// Users with a call today.
    active_users_today: u64,
    /// Users with a call this month.
    active_users_month: u64,
    /// Users who are blocked now.
    blocked_users: u64,
    /// Cost quotas of teams and of everybody, the fullest first.
    budgets: Vec<Gauge>,
    /// How the month ends; null with less than a week behind us.
    forecast: Option<Forecast>,
    /// Today by local hour; hours without a call are left out.
    hours_today: Vec<Slot>,
    /// Yesterday, alike.
    hours_yesterday: Vec<Slot>,
    /// Who cost most today, at most ten.
    top_today: Vec<Spender>,
    /// Who cost most this month, at most ten.
    top_month: Vec<Spender>,
    /// What somebody should look at, the worst first.
    alerts: Vec<Alert>,
}

/// A stretch of time, and the same stretch before.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Period {
    /// The day, or the month.
    key: String,
    used: Used,
    /// The day or month before, up to the same time of day; null if nothing is known of it.
    before: Option<Before>,
}

/// The same stretch of time before.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Before {
    /// The day, or the month.
    key: String,
    /// Up to when it is compared, RFC 3339.
    up_to: String,
    used: Used,
}

/// How the month ends, from the four weeks before today.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Forecast {
    /// What is expected, dollars.
    cost_usd: String,
    /// The month ends above this nine times in ten, dollars.
    low_usd: String,
    /// The month ends below this nine times in ten, dollars.
    high_usd: String,
    /// From how many whole days.
    days: usize,
}

/// An hour, or a day.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Slot {
    /// `2026-11-20T14`, or `2026-11-20`, or `2026-11`, local.
    pub(crate) key: String,
    pub(crate) used: Used,
}

/// Somebody, and what they used.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Spender {
    user_id: String,
    person: Option<String>,
    team: String,
    used: Used,
}

impl Slot {
    pub(crate) fn of((window, sums): &(Window, Sums)) -> Self {
        Self {
            key: window.to_string(),
            used: Used::of(sums),
        }
    }
}

impl Period {
    fn of(period: &weir_engine::Period) -> Self {
        let weir_engine::Period {
            window,
            sums,
            before,
            up_to,
            sums_before,
        } = period;
        Self {
            key: window.to_string(),
            used: Used::of(sums),
            before: sums_before.as_ref().map(|sums| Before {
                key: before.to_string(),
                up_to: up_to.to_string(),
                used: Used::of(sums),
            }),
        }
    }
}

/// Look at everything at once
///
/// Today and this month beside the ones before, budgets, a forecast, the hours, who costs most, and what
/// somebody should look at. The role team sees its own team.
#[utoipa::path(
    get,
    path = "/api/v1/overview",
    operation_id = "overview",
    tag = "usage",
    responses(
        (status = 200, description = "How it is right now", body = Overview),
        crate::api::answers::Reads,
    ),
)]
pub(crate) async fn get(State(api): State<Api>, who: SignedIn) -> Result<Json<Overview>, Problem> {
    let within = who.may(Permission::ReadUsage)?;
    let team = within.team();
    let failed = |error: EngineError| Problem::of_engine(&error);
    let rules = api.engine.rules().await.map_err(failed)?;
    let now = api.engine.now();
    let windows = Windows::at(now, &rules.zone);
    let whose = team.map_or_else(
        || Whose::SeenSince(windows.month.start(&rules.zone)),
        |team| Whose::Team(team.clone()),
    );
    let today = windows.day.date();
    let (periods, users, teams, hours_today, hours_yesterday, days) = tokio::try_join!(
        async { api.engine.periods(team).await.map_err(failed) },
        async { api.engine.standings(&whose).await.map_err(failed) },
        async {
            let reports = api.engine.store().reports();
            let teams = reports.team_lines(team, &windows.day, &windows.month);
            teams.await.map_err(Problem::of_store)
        },
        hours(&api, team, Some(today), &rules),
        hours(&api, team, today.yesterday().ok(), &rules),
        days_before(&api, team, today),
    )?;
    let [today, month] = periods;
    let active = |of: fn(&UserStanding) -> &Sums| {
        let users = users.iter().map(of);
        users.filter(|sums| sums.requests + sums.failed > 0).count() as u64
    };
    let looked = Looked {
        users: &users,
        teams: &teams,
        everybody: team.is_none().then_some((&today.sums, &month.sums)),
        team,
        system: who.may(Permission::ReadSystem).is_ok(),
    };
    let alerts = alerts::of(&api, &rules, &looked).await?;
    let blocked_users = teams.iter().map(|line| line.blocked).sum();
    Ok(Json(Overview {
        now: now.to_string(),
        zone: rules.zone.name().to_owned(),
        currency: "USD",
        mode: rules.mode.mode.as_str(),
        team: team.map(ToString::to_string),
        active_users_today: active(|user| &user.line.day),
        active_users_month: active(|user| &user.line.month),
        blocked_users,
        budgets: budgets(&rules, &teams, team, (&today.sums, &month.sums), now),
        forecast: Forecast::of(windows.day.date(), days, (&today.sums, &month.sums)),
        hours_today,
        hours_yesterday,
        top_today: dearest(&users, |user| &user.line.day),
        top_month: dearest(&users, |user| &user.line.month),
        alerts,
        today: Period::of(&today),
        month: Period::of(&month),
    }))
}

fn dearest(users: &[UserStanding], of: fn(&UserStanding) -> &Sums) -> Vec<Spender> {
    let mut users: Vec<_> = users.iter().filter(|user| of(user).requests > 0).collect();
    users.sort_by_key(|user| {
        let sums = of(user);
        (
            std::cmp::Reverse((sums.cost_nanos, sums.requests)),
            user.line.user.user.clone(),
        )
    });
    let users = users.into_iter().take(TOP);
    users
        .map(|user| Spender {
            user_id: user.line.user.user.to_string(),
            person: user.line.user.person.clone(),
            team: user.line.user.team.to_string(),
            used: Used::of(of(user)),
        })
        .collect()
}

fn scope(team: Option<&TeamId>) -> CounterScope {
    team.map_or(CounterScope::Organisation, |team| {
        CounterScope::Team(team.clone())
    })
}

async fn hours(
    api: &Api,
    team: Option<&TeamId>,
    day: Option<Date>,
    rules: &Rulebook,
) -> Result<Vec<Slot>, Problem> {
    let Some(day) = day else {
        return Ok(Vec::new());
    };
    let first = rules.zone.first_instant(day.at(0, 0, 0, 0));
    let last = rules.zone.first_instant(day.at(23, 0, 0, 0));
    let [first, last] =
        [first, last].map(|at| Window::containing(WindowKind::Hour, at, &rules.zone));
    let reports = api.engine.store().reports();
    let series = reports.series(&scope(team), &first, &last).await;
    let series = series.map_err(Problem::of_store)?;
    Ok(series.iter().map(Slot::of).collect())
}

/// What a forecast goes by: the four weeks before a day.
pub(crate) async fn days_before(
    api: &Api,
    team: Option<&TeamId>,
    day: Date,
) -> Result<Vec<(Window, Sums)>, Problem> {
    let back = day.saturating_sub(forecast::LOOK_BACK.days());
    let key = |day: Date| Window::parse(WindowKind::Day, &day.to_string());
    let (Some(first), Ok(Some(last))) = (key(back), day.yesterday().map(key)) else {
        return Ok(Vec::new());
    };
    let reports = api.engine.store().reports();
    let days = reports.series(&scope(team), &first, &last).await;
    days.map_err(Problem::of_store)
}

impl Forecast {
    /// How the month ends, by the days before `day`.
    pub(crate) fn of(
        day: Date,
        before: Vec<(Window, Sums)>,
        (today, month): (&Sums, &Sums),
    ) -> Option<Self> {
        let before = before.into_iter();
        let spent = Spent {
            today: day,
            so_far: Usd::from_nanos(month.cost_nanos),
            of_today: Usd::from_nanos(today.cost_nanos),
            days: before
                .map(|(window, sums)| (window.date(), Usd::from_nanos(sums.cost_nanos)))
                .collect(),
        };
        let forecast::Forecast {
            expected,
            low,
            high,
            days,
        } = forecast::forecast(&spent)?;
        Some(Self {
            cost_usd: expected.to_decimal(),
            low_usd: low.to_decimal(),
            high_usd: high.to_decimal(),
            days,
        })
    }
}

/// Cost quotas on totals, the fullest first.
pub(crate) fn budgets(
    rules: &Rulebook,
    teams: &[TeamLine],
    team: Option<&TeamId>,
    everybody: (&Sums, &Sums),
    now: jiff::Timestamp,
) -> Vec<Gauge> {
    use weir_core::quota::Metric;
    let mut readings = alerts::of_teams(rules, teams, now);
    if team.is_none() {
        readings.extend(alerts::of_everybody(rules, everybody, now));
    }
    readings.retain(|(_, reading)| reading.quota.metric == Metric::Cost);
    readings.sort_by_key(|(_, reading)| std::cmp::Reverse(reading.percent));
    readings
        .iter()
        .map(|(_, reading)| Gauge::of(reading))
        .collect()
}
