//! `GET /api/v1/coverage`; also what `weir coverage` prints.

use axum::Json;
use axum::extract::State;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use weir_core::calendar::{Window, WindowKind, Zone};
use weir_core::coverage::SPAN;
use weir_core::operator::Permission;
use weir_engine::{CoverageLine, Engine, EngineError};

use crate::api::query::{Query, parsed};
use crate::api::{Api, SignedIn};
use crate::problem::Problem;

/// Which days.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// The first local day [default: the last 24 hours].
    #[serde(default, deserialize_with = "parsed")]
    #[param(value_type = Option<String>, format = Date)]
    from: Option<Date>,
    /// The last local day [default: until now].
    #[serde(default, deserialize_with = "parsed")]
    #[param(value_type = Option<String>, format = Date)]
    to: Option<Date>,
}

/// What was counted beside what AWS itself counted.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Coverage {
    /// Nothing comes, although calls are made.
    pub silence: Option<SilentSince>,
    /// What could not be read of AWS's count last.
    pub problems: Vec<String>,
    /// By account and Region.
    pub places: Vec<PlaceCovered>,
}

/// Since when nothing comes.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct SilentSince {
    /// The last record of any kind, RFC 3339; null if there never was one.
    pub since: Option<String>,
}

/// An account and Region.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PlaceCovered {
    /// The account that called.
    pub account: String,
    /// The source Region.
    pub region: String,
    /// Calls on file.
    pub counted: u64,
    /// Calls that CloudWatch reported.
    pub reported: u64,
    /// `97.5 %`, or a dash.
    pub share: String,
    /// `ok`, `low` or `too-few`.
    pub verdict: String,
}

impl PlaceCovered {
    fn of(line: CoverageLine) -> Self {
        let CoverageLine {
            account,
            region,
            counted,
            reported,
            share,
            verdict,
        } = line;
        Self {
            account,
            region,
            counted,
            reported,
            share,
            verdict,
        }
    }
}

/// The instants that local days begin and end with; the last may still go on. `None` if the first is later
/// than the last, or not yet begun.
pub fn stretch(
    (from, to): (Option<Date>, Option<Date>),
    zone: &Zone,
    now: Timestamp,
) -> Option<(Timestamp, Timestamp)> {
    let window = |day: Date| Window::parse(WindowKind::Day, &day.to_string());
    let begin = match from {
        Some(day) => window(day)?.start(zone),
        None => now.saturating_sub(SPAN).unwrap_or(Timestamp::MIN),
    };
    let soon = now.saturating_add(SignedDuration::from_secs(1));
    let soon = soon.unwrap_or(now);
    let end = match to {
        Some(day) => window(day)?.end(zone).min(soon),
        None => soon,
    };
    (begin < end).then_some((begin, end))
}

impl Coverage {
    /// Of a stretch of time.
    pub async fn read(
        engine: &Engine,
        (from, to): (Timestamp, Timestamp),
    ) -> Result<Self, EngineError> {
        let view = engine.coverage().await?;
        let lines = engine.coverage_between(from, to).await?;
        Ok(Self {
            silence: view.silence.map(|silence| SilentSince {
                since: silence.since.map(|at| at.to_string()),
            }),
            problems: view.problems,
            places: lines.into_iter().map(PlaceCovered::of).collect(),
        })
    }
}

/// Show what arrives
///
/// Calls on file beside those that CloudWatch reports, by account and Region.
#[utoipa::path(
    get,
    path = "/api/v1/coverage",
    operation_id = "coverage",
    tag = "system",
    params(Asked),
    responses(
        (status = 200, description = "What arrives", body = Coverage),
        crate::api::answers::Reads,
    ),
)]
pub(crate) async fn get(
    State(api): State<Api>,
    who: SignedIn,
    Query(Asked { from, to }): Query<Asked>,
) -> Result<Json<Coverage>, Problem> {
    who.may(Permission::ReadSystem)?;
    let failed = |error| Problem::of_engine(&error);
    let rules = api.engine.rules().await.map_err(failed)?;
    let stretch = stretch((from, to), &rules.zone, api.engine.now()).ok_or_else(|| {
        Problem::bad_request("the query: from is later than to, or not yet begun")
    })?;
    let coverage = Coverage::read(&api.engine, stretch).await;
    coverage.map(Json).map_err(failed)
}
