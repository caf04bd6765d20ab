//! `GET /api/v1/dead-letters`

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use weir_core::operator::Permission;
use weir_store::{DeadLetterRow, LetterPlace};

use crate::api::query::Query;
use crate::api::{Api, SignedIn, page};
use crate::problem::Problem;

/// Which dead letters.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// `next` of the page before.
    cursor: Option<String>,
    /// Rows of a page, 1 to 500 [default: 50].
    limit: Option<u32>,
}

/// Something that could not be read; no prompt text.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct DeadLetter {
    /// Number.
    pub id: u64,
    /// Where it came from.
    pub source: String,
    /// What is wrong.
    pub reason: String,
    /// Keys and types of the payload.
    pub shape: String,
    /// RFC 3339.
    pub first_seen: String,
    /// How often.
    pub count: u64,
}

/// A page of dead letters.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct DeadLetters {
    /// The latest seen first.
    pub dead_letters: Vec<DeadLetter>,
    /// The cursor of the next page; null after the last.
    pub next: Option<String>,
}

impl DeadLetter {
    /// As stored.
    pub fn of(row: DeadLetterRow) -> Self {
        let DeadLetterRow {
            id,
            letter,
            first_seen,
            last_seen: _,
            count,
        } = row;
        let weir_store::DeadLetter {
            source,
            reason,
            shape,
        } = letter;
        Self {
            id,
            source,
            reason,
            shape,
            first_seen: first_seen.to_string(),
            count,
        }
    }
}

/// List dead letters
#[utoipa::path(
    get,
    path = "/api/v1/dead-letters",
    operation_id = "dead_letters_list",
    tag = "system",
    params(Asked),
    responses(
        (status = 200, description = "Dead letters", body = DeadLetters),
        crate::api::answers::Reads,
    ),
)]
pub(crate) async fn get(
    State(api): State<Api>,
    who: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Json<DeadLetters>, Problem> {
    who.may(Permission::ReadSystem)?;
    let limit = page::limit(asked.limit)?;
    let after = asked.cursor.as_deref().map(place).transpose()?;
    let reports = api.engine.store().reports();
    let rows = reports.dead_letters_after(after, limit + 1).await;
    let mut rows = rows.map_err(Problem::of_store)?;
    let next = page::cut(&mut rows, limit, cursor);
    Ok(Json(DeadLetters {
        dead_letters: rows.into_iter().map(DeadLetter::of).collect(),
        next,
    }))
}

fn cursor(row: &DeadLetterRow) -> String {
    page::cursor(&format!("{} {}", row.last_seen.as_microsecond(), row.id))
}

fn place(cursor: &str) -> Result<LetterPlace, Problem> {
    let key = page::key(cursor)?;
    let (seen, id) = key.split_once(' ').ok_or_else(page::no_cursor)?;
    let seen = seen.parse().map_err(|_| page::no_cursor())?;
    Ok(LetterPlace {
        last_seen: Timestamp::from_microsecond(seen).map_err(|_| page::no_cursor())?,
        id: id.parse().map_err(|_| page::no_cursor())?,
    })
}
