//! `POST /api/v1/resets`; also what `weir reset run` does.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use weir_core::operator::Permission;
use weir_engine::{Actor, Engine, EngineError, ResetReport};

use crate::api::body::{Body, day};
use crate::api::query::Query;
use crate::api::retention::run::Removed;
use crate::api::{Api, SignedIn};
use crate::problem::Problem;

/// Whether to do it.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Foresee {
    /// Change nothing: tell what would be done.
    #[serde(default)]
    pub(crate) dry_run: bool,
}

/// Which resets are run.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "date": "2026-11-20" }))]
pub struct RunResets {
    /// The local date that began, also if it was done before; days before it that were missed come first
    /// [default: all that are due].
    pub date: Option<String>,
}

/// Resets that were run, or would be.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ResetsRun {
    /// Oldest date first; none if none is due.
    pub resets: Vec<ResetDone>,
}

/// What a reset did, or would do.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ResetDone {
    /// The local date that began.
    pub date: String,
    /// done, incomplete (it met errors, and is run again), already-done, runs-elsewhere or dry-run.
    pub end: String,
    /// Users and teams with a block or protection whose time was over.
    pub expired: u64,
    /// Users who are blocked and were evaluated again.
    pub evaluated: u64,
    /// Users who lost access by the evaluation.
    pub blocked: Vec<String>,
    /// Users who regained access by it.
    pub released: Vec<String>,
    /// Rows that left, by kind.
    pub removed: BTreeMap<String, u64>,
    /// What went wrong without stopping the rest.
    pub errors: Vec<String>,
    /// The day before, as in the list of runs; null if its summary could not be made.
    pub summary: Value,
}

impl ResetsRun {
    /// Runs what is due, or the reset of a date; or only says what it would do.
    pub async fn of(
        engine: &Engine,
        date: Option<Date>,
        dry_run: bool,
        by: &Actor,
    ) -> Result<Self, EngineError> {
        let reports = match (date, dry_run) {
            (Some(date), true) => vec![engine.foresee_reset(date).await?],
            (Some(date), false) => engine.reset(date, by).await?,
            (None, true) => {
                let today = engine.rules().await?.zone.day(engine.now());
                vec![engine.foresee_reset(today).await?]
            }
            (None, false) => engine.reset_due(by).await?,
        };
        if !dry_run {
            engine.drain().await?;
        }
        Ok(Self {
            resets: reports.into_iter().map(ResetDone::of).collect(),
        })
    }
}

impl ResetDone {
    fn of(report: ResetReport) -> Self {
        let ResetReport {
            date,
            end,
            expired,
            evaluated,
            blocked,
            released,
            removed,
            errors,
            summary,
        } = report;
        Self {
            date,
            end: end.as_str().to_owned(),
            expired,
            evaluated,
            blocked,
            released,
            removed: Removed::of(removed).removed,
            errors,
            summary: summary.map_or(Value::Null, |summary| json!(summary)),
        }
    }
}

/// Run the daily reset
///
/// What is due, or the reset of a date. It lifts what is over, evaluates everybody who is blocked, sums up the day
/// before and removes what is older than its term. Run twice it changes nothing more.
#[utoipa::path(
    post,
    path = "/api/v1/resets",
    operation_id = "resets_run",
    tag = "system",
    params(Foresee, crate::api::idempotency::Key),
    request_body = RunResets,
    responses(
        (status = 200, description = "What was done", body = ResetsRun),
        crate::api::answers::Writes,
    ),
)]
pub(crate) async fn post(
    State(api): State<Api>,
    who: SignedIn,
    Query(Foresee { dry_run }): Query<Foresee>,
    Body(asked): Body<RunResets>,
) -> Result<Json<ResetsRun>, Problem> {
    who.may(Permission::ManageSystem)?;
    let date = asked.date.map(|date| day("date", &date)).transpose()?;
    // Nothing was counted before there was anything to count.
    if date.is_some_and(|date| date.year() < 2_000) {
        return Err(Problem::bad_request("the body: date: a day since 2000"));
    }
    let by = who.caller.actor();
    let done = Box::pin(ResetsRun::of(&api.engine, date, dry_run, &by)).await;
    done.map(Json).map_err(|error| Problem::of_engine(&error))
}
