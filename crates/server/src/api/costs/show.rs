//! `GET /api/v1/costs`

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use weir_core::counter::Sums;
use weir_core::operator::Permission;
use weir_engine::{EngineError, Windows};
use weir_store::{CrossRow, GroupBy, UsageFilter};

use super::models::{ModelCost, models};
use crate::api::overview::show::{Forecast, budgets, days_before};
use crate::api::query::{Query, parsed};
use crate::api::range::{self, Days};
use crate::api::teams::show::permille;
use crate::api::used::{Gauge, Used, usd};
use crate::api::{Api, SignedIn, team};
use crate::problem::Problem;

/// A change of more than so many thousandths of the day before is told.
const CHANGED: i64 = 200;
/// A change of less than this is not worth a line: ten cents.
const SMALL: i64 = 100_000_000;

/// What costs are split by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Split {
    /// Teams at the time of the call.
    #[default]
    Team,
    /// Canonical models.
    Model,
    /// Tools.
    Tool,
}

/// Which costs.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// What they are split by [default: team].
    #[serde(default)]
    #[param(inline)]
    by: Split,
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
}

/// What it costs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Costs {
    /// What `parts` are.
    by: Split,
    /// The business zone, whose days they are.
    zone: String,
    /// The first day.
    from: String,
    /// The last day.
    to: String,
    /// All days together.
    total: Used,
    /// Day by day; days without a call are left out.
    days: Vec<DayCost>,
    /// The parts, the dearest first, each with its days.
    parts: Vec<Part>,
    /// Days on which a part cost more than a fifth more or less than on the day before, the latest
    /// first; less than ten cents is not told, nor is today, which is not over.
    changes: Vec<Change>,
    /// Models side by side, the dearest first.
    models: Vec<ModelCost>,
    /// How this month ends, whatever days were asked for; null with less than a week behind us.
    forecast: Option<Forecast>,
    /// Cost quotas of teams and of everybody now, the fullest first.
    budgets: Vec<Gauge>,
}

/// A day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DayCost {
    /// Local.
    day: String,
    used: Used,
    /// Dollars a priced request; null without one.
    cost_per_request_usd: Option<String>,
}

/// A team, model or tool.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Part {
    /// Which.
    key: String,
    used: Used,
    /// Dollars a priced request; null without one.
    cost_per_request_usd: Option<String>,
    /// Of the whole cost, in tenths of a percent; null if nothing cost anything.
    cost_permille: Option<i64>,
    /// Of all tokens that have a price or might, in tenths of a percent.
    tokens_permille: Option<i64>,
    /// Its days; those without a call are left out.
    days: Vec<DayCost>,
}

/// A day that was not like the one before.
#[derive(Debug, Serialize, ToSchema)]
#[expect(
    clippy::struct_field_names,
    reason = "what it is called everywhere else"
)]
pub(crate) struct Change {
    /// Local.
    day: String,
    /// Which part.
    key: String,
    /// What it cost on the day before, dollars.
    before_usd: String,
    /// What it cost, dollars.
    cost_usd: String,
    /// By how much more, or less, in tenths of a percent; null where it cost nothing before.
    change_permille: Option<i64>,
}

/// What a request costs, of those that have a price.
pub(super) fn per_request(sums: &Sums, times: i64) -> Option<String> {
    let priced = sums.requests - sums.unpriced - sums.unmetered;
    if priced <= 0 {
        return None;
    }
    let nanos = i128::from(sums.cost_nanos) * i128::from(times) / i128::from(priced);
    i64::try_from(nanos).ok().map(usd)
}

impl DayCost {
    fn of(day: &str, sums: &Sums) -> Self {
        Self {
            day: day.to_owned(),
            used: Used::of(sums),
            cost_per_request_usd: per_request(sums, 1),
        }
    }
}

type Daily = BTreeMap<String, Sums>;

/// Report costs
///
/// Day by day, by team, model or tool; what changed; models side by side; budgets; how the month ends.
#[utoipa::path(
    get,
    path = "/api/v1/costs",
    operation_id = "costs",
    tag = "usage",
    params(Asked),
    responses(
        (status = 200, description = "Costs", body = Costs),
        crate::api::answers::Reads,
    ),
)]
pub(crate) async fn get(
    State(api): State<Api>,
    who: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Json<Costs>, Problem> {
    let within = who.may(Permission::ReadUsage)?;
    let failed = |error: EngineError| Problem::of_engine(&error);
    let rules = api.engine.rules().await.map_err(failed)?;
    let Asked { by, from, to, team } = asked;
    let now = api.engine.now();
    let today = rules.zone.day(now);
    let (from, to) = Days { from, to }.within(range::LONG, today)?;
    let team = team::asked(&within, team.as_deref())?;
    let filter = UsageFilter {
        from: Some(from),
        to: Some(to),
        team: team.clone(),
        ..UsageFilter::default()
    };
    let group = match by {
        Split::Team => GroupBy::Team,
        Split::Model => GroupBy::Model,
        Split::Tool => GroupBy::Tool,
    };
    let windows = Windows::at(now, &rules.zone);
    let (store, reports) = (api.engine.store(), api.engine.store().reports());
    let of_store = Problem::of_store;
    let (rows, by_model, [day, month], lines, before) = tokio::try_join!(
        async {
            reports
                .crossed((group, GroupBy::Day), &filter)
                .await
                .map_err(of_store)
        },
        async { store.usage(GroupBy::Model, &filter).await.map_err(of_store) },
        async { api.engine.periods(team.as_ref()).await.map_err(failed) },
        async {
            let lines = reports.team_lines(team.as_ref(), &windows.day, &windows.month);
            lines.await.map_err(of_store)
        },
        days_before(&api, team.as_ref(), today),
    )?;
    let (total, days, parts) = sorted(rows);
    let sums = (&day.sums, &month.sums);
    Ok(Json(Costs {
        by,
        zone: rules.zone.name().to_owned(),
        from: from.to_string(),
        to: to.to_string(),
        days: days
            .iter()
            .map(|(day, sums)| DayCost::of(day, sums))
            .collect(),
        changes: changes(&parts, from, to.min(today.saturating_sub(1.day()))),
        models: models(by_model, &rules.prices, now),
        forecast: Forecast::of(today, before, sums),
        budgets: budgets(&rules, &lines, team.as_ref(), sums, now),
        parts: parts_of(&parts, &total),
        total: Used::of(&total),
    }))
}

fn sorted(rows: Vec<CrossRow>) -> (Sums, Daily, Vec<(String, Sums, Daily)>) {
    let (mut total, mut days) = (Sums::default(), Daily::new());
    let mut parts: BTreeMap<String, (Sums, Daily)> = BTreeMap::new();
    for row in rows {
        let CrossRow {
            first,
            second,
            sums,
        } = row;
        total += sums;
        *days.entry(second.clone()).or_default() += sums;
        let (of_part, daily) = parts.entry(first).or_default();
        *of_part += sums;
        *daily.entry(second).or_default() += sums;
    }
    let parts = parts.into_iter();
    let mut parts: Vec<_> = parts.map(|(key, (sums, days))| (key, sums, days)).collect();
    parts.sort_by_key(|(_, sums, _)| std::cmp::Reverse((sums.cost_nanos, sums.requests)));
    (total, days, parts)
}

fn parts_of(parts: &[(String, Sums, Daily)], total: &Sums) -> Vec<Part> {
    let parts = parts.iter();
    parts
        .map(|(key, sums, days)| Part {
            key: key.clone(),
            used: Used::of(sums),
            cost_per_request_usd: per_request(sums, 1),
            cost_permille: permille(sums.cost_nanos, total.cost_nanos),
            tokens_permille: permille(sums.tokens(), total.tokens()),
            days: days
                .iter()
                .map(|(day, sums)| DayCost::of(day, sums))
                .collect(),
        })
        .collect()
}

/// Of days that are over, the first of which has no day before.
fn changes(parts: &[(String, Sums, Daily)], from: Date, last: Date) -> Vec<Change> {
    let mut changes = Vec::new();
    for (key, _, days) in parts {
        let mut day = from;
        while let Ok(next) = day.tomorrow() {
            let cost = |day: Date| days.get(&day.to_string()).map_or(0, |sums| sums.cost_nanos);
            let (before, after) = (cost(day), cost(next));
            day = next;
            if next > last {
                break;
            }
            let by = after - before;
            let permille = permille(by, before);
            let large = permille.is_none_or(|permille| permille.abs() > CHANGED);
            if by.abs() < SMALL || !large {
                continue;
            }
            changes.push(Change {
                day: next.to_string(),
                key: key.clone(),
                before_usd: usd(before),
                cost_usd: usd(after),
                change_permille: permille,
            });
        }
    }
    changes.sort_by(|a, b| b.day.cmp(&a.day).then_with(|| a.key.cmp(&b.key)));
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(dollars: i64) -> Sums {
        Sums {
            requests: 1,
            cost_nanos: dollars * 1_000_000_000,
            ..Sums::default()
        }
    }

    #[test]
    fn changes_are_told_of_days_that_are_over_and_nothing_is_made_of_days_not_asked_for() {
        let days = [
            ("2026-11-01", 10),
            ("2026-11-02", 11),
            ("2026-11-03", 20),
            ("2026-11-05", 5),
        ];
        let days = days.map(|(day, dollars)| (day.to_owned(), sums(dollars)));
        let parts = [("sap".to_owned(), sums(46), Daily::from(days))];
        let day = |text: &str| text.parse::<Date>().unwrap();
        let found = changes(&parts, day("2026-11-01"), day("2026-11-05"));
        let found: Vec<_> = found
            .iter()
            .map(|change| (change.day.as_str(), change.change_permille))
            .collect();
        let expected = [
            ("2026-11-05", None),
            ("2026-11-04", Some(-1_000)),
            ("2026-11-03", Some(818)),
        ];
        assert_eq!(found, expected, "a tenth more is not told");
        let until = changes(&parts, day("2026-11-01"), day("2026-11-03"));
        assert_eq!(until.len(), 1, "the fourth was not asked for");
    }

    #[test]
    fn a_request_costs_what_the_priced_ones_do() {
        let two = Sums {
            requests: 3,
            unpriced: 1,
            ..sums(4)
        };
        assert_eq!(per_request(&two, 1).as_deref(), Some("2"));
        assert_eq!(per_request(&two, 1_000).as_deref(), Some("2000"));
        assert_eq!(per_request(&Sums::default(), 1), None);
    }
}
