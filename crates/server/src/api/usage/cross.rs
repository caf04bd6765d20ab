//! `GET /api/v1/usage/cross`

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use weir_core::counter::Sums;
use weir_core::ids::{ToolId, UserId};
use weir_core::operator::Permission;
use weir_store::{CrossRow, UsageFilter};

use super::dearest::{self, Dearest};
use super::list::By;
use super::matrix::Only;
use crate::api::query::{Query, parsed};
use crate::api::range::{self, Days};
use crate::api::used::Used;
use crate::api::users::list::Standing;
use crate::api::{Api, SignedIn, team};
use crate::problem::Problem;

/// Names of the second thing that have rows of their own, where nothing else is asked for.
const USUAL: usize = 50;
/// The most of them.
const MOST: usize = 500;

/// Which usage.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// The first thing.
    #[param(inline)]
    by: By,
    /// The second thing, another one.
    #[param(inline)]
    and: By,
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
    /// Only this user.
    user: Option<String>,
    /// Only this model, in any form.
    model: Option<String>,
    /// Only this tool.
    tool: Option<String>,
    /// Of users: only those with this in id, person, e-mail address or team.
    search: Option<String>,
    /// Of users: only those in this state.
    #[param(inline)]
    state: Option<Standing>,
    /// So many of the second thing, the dearest, have rows of their own, 1 to 500 [default: 50]; the
    /// others are one.
    top: Option<usize>,
}

/// Usage by two things.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Cross {
    /// The first thing.
    by: By,
    /// The second thing.
    and: By,
    /// The business zone, whose days they are.
    zone: String,
    /// The first day.
    from: String,
    /// The last day.
    to: String,
    /// The second things that have rows of their own, the dearest first; days in their order.
    seconds: Vec<Total>,
    /// The others as one; null if there are none.
    others: Option<Used>,
    /// By the first, then the second.
    rows: Vec<Cell>,
}

/// A second thing, and what it comes to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Total {
    /// The user, team, model, tool or day.
    key: String,
    used: Used,
}

/// What two things come to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Cell {
    /// The first.
    key: String,
    /// The second; null is the others.
    and: Option<String>,
    used: Used,
}

/// Report usage by two things
///
/// Two of user, team, model, tool and day: users over days, models of teams, and so on.
#[utoipa::path(
    get,
    path = "/api/v1/usage/cross",
    operation_id = "usage_cross",
    tag = "usage",
    params(Asked),
    responses(
        (status = 200, description = "Usage", body = Cross),
        crate::api::answers::Reads,
    ),
)]
pub(crate) async fn get(
    State(api): State<Api>,
    who: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Json<Cross>, Problem> {
    let within = who.may(Permission::ReadUsage)?;
    let rules = api.engine.rules().await;
    let rules = rules.map_err(|error| Problem::of_engine(&error))?;
    let Asked {
        by,
        and,
        from,
        to,
        team,
        user,
        model,
        tool,
        search,
        state,
        top,
    } = asked;
    if by == and {
        return Err(Problem::bad_request("the query: by and and are the same"));
    }
    let top = top.unwrap_or(USUAL);
    if !(1..=MOST).contains(&top) {
        return Err(Problem::bad_request(format!(
            "the query: top: from 1 to {MOST}"
        )));
    }
    let days = Days { from, to };
    let (from, to) = days.within(range::LONG, rules.zone.day(api.engine.now()))?;
    let team = team::asked(&within, team.as_deref())?;
    if (search.is_some() || state.is_some()) && by != By::User && and != By::User {
        return Err(Problem::bad_request(
            "the query: search and state are of users: by or and is user",
        ));
    }
    let wanted = Wanted {
        search: search.as_deref(),
        state,
        top,
    };
    let filter = UsageFilter {
        from: Some(from),
        to: Some(to),
        team,
        user: user.map(UserId::new),
        model: model.map(super::model),
        tool: tool.map(ToolId::new),
    };
    let found = Found::read(&api, (by, and), &filter, wanted).await?;
    let seconds = found.seconds.into_iter();
    Ok(Json(Cross {
        by,
        and,
        zone: rules.zone.name().to_owned(),
        from: from.to_string(),
        to: to.to_string(),
        others: found.others.as_ref().map(Used::of),
        seconds: seconds
            .map(|(key, sums)| Total {
                key,
                used: Used::of(&sums),
            })
            .collect(),
        rows: found.rows,
    }))
}

/// Whose days: everybody's, or those of the users who are looked for.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    search: Option<&'a str>,
    state: Option<Standing>,
    /// So many have rows of their own.
    top: usize,
}

/// What was found.
struct Found {
    seconds: Vec<(String, Sums)>,
    others: Option<Sums>,
    rows: Vec<Cell>,
}

impl Found {
    async fn read(
        api: &Api,
        by: (By, By),
        filter: &UsageFilter,
        wanted: Wanted<'_>,
    ) -> Result<Self, Problem> {
        let Wanted { search, state, top } = wanted;
        let only = Only::read(api, filter.team.as_ref(), search, state).await?;
        let reports = api.engine.store().reports();
        let days_of_everybody = of_everybody(filter).filter(|_| by == (By::Day, By::User));
        let rows = match (days_of_everybody, only.few()) {
            (Some(days), Some(few)) => reports.days_of_users(&few, days).await,
            (Some(days), None) => {
                return Ok(Self::of(dearest::days(api, days, &only, top).await?));
            }
            (None, _) => reports.crossed((by.0.group(), by.1.group()), filter).await,
        };
        let mut rows = rows.map_err(Problem::of_store)?;
        if !only.is_everybody() {
            rows.retain(|row| only.has(user_of(by.0, row)));
        }
        let (seconds, others) = totals(&rows, by.1, top);
        Ok(Self {
            rows: cells(rows, &seconds),
            seconds,
            others,
        })
    }

    fn of(dearest: Dearest) -> Self {
        let Dearest {
            users,
            others,
            rows,
        } = dearest;
        let rows = rows.into_iter().map(|(key, and, sums)| Cell {
            key,
            and,
            used: Used::of(&sums),
        });
        Self {
            seconds: users,
            others,
            rows: rows.collect(),
        }
    }
}

/// The days, where nothing else is asked for.
fn of_everybody(filter: &UsageFilter) -> Option<(Date, Date)> {
    let UsageFilter {
        from,
        to,
        team,
        user,
        model,
        tool,
    } = filter;
    let narrowed = team.is_some() || user.is_some() || model.is_some() || tool.is_some();
    from.zip(*to).filter(|_| !narrowed)
}

/// The user of a row, where one of the two things is users.
fn user_of(by: By, row: &CrossRow) -> &str {
    if by == By::User {
        &row.first
    } else {
        &row.second
    }
}

/// The second things that have rows of their own, and the rest.
fn totals(rows: &[CrossRow], and: By, top: usize) -> (Vec<(String, Sums)>, Option<Sums>) {
    let mut totals: BTreeMap<&str, Sums> = BTreeMap::new();
    for row in rows {
        *totals.entry(row.second.as_str()).or_default() += row.sums;
    }
    let mut totals: Vec<_> = totals.into_iter().collect();
    if and != By::Day {
        totals.sort_by_key(|(_, sums)| std::cmp::Reverse((sums.cost_nanos, sums.requests)));
    }
    let rest = totals.split_off(top.min(totals.len()));
    let mut others = Sums::default();
    for (_, sums) in &rest {
        others += *sums;
    }
    let totals = totals.into_iter();
    let totals = totals.map(|(key, sums)| (key.to_owned(), sums));
    (totals.collect(), (!rest.is_empty()).then_some(others))
}

fn cells(rows: Vec<CrossRow>, seconds: &[(String, Sums)]) -> Vec<Cell> {
    let known: BTreeMap<&str, usize> = seconds
        .iter()
        .enumerate()
        .map(|(at, (key, _))| (key.as_str(), at))
        .collect();
    let mut cells: BTreeMap<(String, usize), Sums> = BTreeMap::new();
    for row in rows {
        let at = known.get(row.second.as_str()).copied();
        let at = at.unwrap_or(seconds.len());
        *cells.entry((row.first, at)).or_default() += row.sums;
    }
    let cells = cells.into_iter();
    cells
        .map(|((key, at), sums)| Cell {
            key,
            and: seconds.get(at).map(|(key, _)| key.clone()),
            used: Used::of(&sums),
        })
        .collect()
}
