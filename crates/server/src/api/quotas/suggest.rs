//! `GET /api/v1/quotas/suggestions`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use weir_core::ids::TeamId;
use weir_core::operator::Permission;
use weir_core::quota::Metric;
use weir_core::suggest::Spread;
use weir_engine::Suggestion;

use super::edit::{amount as read, metric};
use crate::api::query::Query;
use crate::api::used::amount;
use crate::api::{Api, SignedIn};
use crate::problem::Problem;

/// The most days that are looked at.
const LONGEST: u32 = 400;
/// Days, where nothing else is asked for.
const USUAL: u32 = 30;

/// How far back.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// How many days, today left out, 1 to 400 [default: 30].
    days: Option<u32>,
}

/// Limits that would fit.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Suggestions {
    /// By team and metric, everybody first.
    pub suggestions: Vec<Suggested>,
}

/// What the people of a team used, and what limit would fit. Amounts are digits; dollars of the metric cost.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Suggested {
    /// Which team; null is everybody.
    pub team: Option<String>,
    /// requests, tokens or cost.
    pub metric: String,
    /// Per active user and local day.
    pub day: SpreadOf,
    /// Per active user over all days that were looked at.
    pub whole: SpreadOf,
    /// A daily limit for each member.
    pub daily: String,
    /// A monthly limit for each member.
    pub monthly: String,
    /// User-days on which the daily limit would have been reached.
    pub reached: usize,
}

/// How many observations, and where they lie.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct SpreadOf {
    /// How many.
    pub count: usize,
    /// Half of them are at most this.
    pub p50: String,
    /// Nine of ten.
    pub p90: String,
    /// Nineteen of twenty.
    pub p95: String,
    /// Ninety-nine of a hundred.
    pub p99: String,
    /// All.
    pub max: String,
}

impl SpreadOf {
    fn of(metric: Metric, spread: Spread) -> Self {
        let Spread {
            count,
            p50,
            p90,
            p95,
            p99,
            max,
        } = spread;
        let [p50, p90, p95, p99, max] = [p50, p90, p95, p99, max].map(|of| amount(metric, of));
        Self {
            count,
            p50,
            p90,
            p95,
            p99,
            max,
        }
    }

    fn read(&self, metric: Metric) -> Result<Spread, String> {
        Ok(Spread {
            count: self.count,
            p50: read(metric, &self.p50)?,
            p90: read(metric, &self.p90)?,
            p95: read(metric, &self.p95)?,
            p99: read(metric, &self.p99)?,
            max: read(metric, &self.max)?,
        })
    }
}

impl Suggested {
    /// As the engine found it.
    pub fn of(found: Suggestion) -> Self {
        let Suggestion {
            team,
            metric,
            day,
            whole,
            daily,
            monthly,
            reached,
        } = found;
        Self {
            team: team.map(|team| team.to_string()),
            metric: metric.as_str().to_owned(),
            day: SpreadOf::of(metric, day),
            whole: SpreadOf::of(metric, whole),
            daily: amount(metric, daily),
            monthly: amount(metric, monthly),
            reached,
        }
    }

    /// What it was made of; an error if an amount is none.
    pub fn read(&self) -> Result<Suggestion, String> {
        let metric = metric(&self.metric)?;
        Ok(Suggestion {
            team: self.team.as_deref().map(TeamId::new),
            metric,
            day: self.day.read(metric)?,
            whole: self.whole.read(metric)?,
            daily: read(metric, &self.daily)?,
            monthly: read(metric, &self.monthly)?,
            reached: self.reached,
        })
    }
}

/// How many days are looked at.
pub(super) fn days(asked: Option<u32>) -> Result<u32, Problem> {
    let days = asked.unwrap_or(USUAL);
    if (1..=LONGEST).contains(&days) {
        return Ok(days);
    }
    Err(Problem::bad_request(format!(
        "the query: days: from 1 to {LONGEST}"
    )))
}

/// Suggest quotas
///
/// From what was used on the days before today. The role team sees its own.
#[utoipa::path(
    get,
    path = "/api/v1/quotas/suggestions",
    operation_id = "quotas_suggest",
    tag = "quotas",
    params(Asked),
    responses(
        (status = 200, description = "Limits that would fit", body = Suggestions),
        crate::api::answers::Reads,
    ),
)]
pub(crate) async fn get(
    State(api): State<Api>,
    who: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Json<Suggestions>, Problem> {
    let within = who.may(Permission::ReadUsage)?;
    let days = days(asked.days)?;
    let _one = api.heavy.lock().await;
    let found = api.engine.suggest(days).await;
    let mut found = found.map_err(|error| Problem::of_engine(&error))?;
    found.retain(|one| match (within.team(), &one.team) {
        (None, _) => true,
        (Some(own), of) => of.as_ref() == Some(own),
    });
    Ok(Json(Suggestions {
        suggestions: found.into_iter().map(Suggested::of).collect(),
    }))
}
