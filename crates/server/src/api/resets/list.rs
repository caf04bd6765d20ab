//! `GET /api/v1/resets`

use axum::Json;
use axum::extract::State;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use weir_core::operator::Permission;
use weir_store::ResetRow;

use crate::api::query::Query;
use crate::api::{Api, SignedIn, page};
use crate::problem::Problem;

/// Which runs.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// `next` of the page before.
    cursor: Option<String>,
    /// Rows of a page, 1 to 500 [default: 50].
    limit: Option<u32>,
}

/// The reset of a date.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Reset {
    /// The local date that began.
    pub date: String,
    /// When the latest run began, RFC 3339.
    pub started_at: String,
    /// When a run last came to its end, RFC 3339.
    pub finished_at: Option<String>,
    /// How many runs came to their end.
    pub runs: u32,
    /// What the latest did.
    pub counts: Value,
    /// What went wrong without stopping the rest.
    pub errors: Vec<String>,
    /// The summary of the day before.
    pub summary: Value,
}

/// A page of runs of the daily reset.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Resets {
    /// Newest date first.
    pub resets: Vec<Reset>,
    /// The cursor of the next page; null after the last.
    pub next: Option<String>,
}

impl Reset {
    /// As stored.
    pub fn of(row: ResetRow) -> Self {
        let ResetRow {
            date,
            started_at,
            finished_at,
            runs,
            counts,
            errors,
            summary,
        } = row;
        Self {
            date: date.to_string(),
            started_at: started_at.to_string(),
            finished_at: finished_at.map(|at| at.to_string()),
            runs,
            counts: json(counts),
            errors,
            summary: json(summary),
        }
    }
}

/// What we stored ourselves; null if there is nothing.
fn json(text: Option<String>) -> Value {
    text.and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or(Value::Null)
}

/// List runs of the daily reset
#[utoipa::path(
    get,
    path = "/api/v1/resets",
    operation_id = "resets_list",
    tag = "system",
    params(Asked),
    responses(
        (status = 200, description = "Runs", body = Resets),
        crate::api::answers::Reads,
    ),
)]
pub(crate) async fn get(
    State(api): State<Api>,
    who: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Json<Resets>, Problem> {
    who.may(Permission::ReadSystem)?;
    let limit = page::limit(asked.limit)?;
    let before = asked.cursor.as_deref().map(date).transpose()?;
    let reports = api.engine.store().reports();
    let rows = reports.resets_before(before, limit + 1).await;
    let mut rows = rows.map_err(Problem::of_store)?;
    let next = page::cut(&mut rows, limit, |row| page::cursor(&row.date.to_string()));
    Ok(Json(Resets {
        resets: rows.into_iter().map(Reset::of).collect(),
        next,
    }))
}

fn date(cursor: &str) -> Result<Date, Problem> {
    page::key(cursor)?.parse().map_err(|_| page::no_cursor())
}
