//! `GET /api/v1/dead-letters`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use weir_core::operator::Permission;
use weir_store::DeadLetterRow;

use crate::api::query::Query;
use crate::api::{Api, SignedIn, page};
use crate::problem::Problem;

/// Which dead letters.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// At most so many, 1 to 500 [default: 50].
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

/// Dead letters.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct DeadLetters {
    /// Newest first.
    pub dead_letters: Vec<DeadLetter>,
}

impl DeadLetter {
    /// As stored.
    pub fn of(row: DeadLetterRow) -> Self {
        let DeadLetterRow {
            id,
            letter,
            first_seen,
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
    let rows = api.engine.store().dead_letters(page::limit(asked.limit)?);
    let rows = rows.await.map_err(Problem::of_store)?;
    Ok(Json(DeadLetters {
        dead_letters: rows.into_iter().map(DeadLetter::of).collect(),
    }))
}
