//! `GET /api/v1/outbox`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use weir_core::operator::Permission;
use weir_store::{MailFilter, MailRow};

use crate::api::query::Query;
use crate::api::users::mails::Letter;
use crate::api::{Api, SignedIn, page};
use crate::problem::Problem;

/// Which messages.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// Those that are `untold`, `told` or `unsent`, or with a letter that is `waiting`, `sent`, `failed` or
    /// `skipped`.
    state: Option<String>,
    /// Only those about this user.
    user: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// Rows of a page, 1 to 500 [default: 50].
    limit: Option<u32>,
}

/// A message, what it says, and what became of it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Message {
    /// Unique for ever.
    pub id: String,
    /// About whom or what.
    pub subject: String,
    /// What it tells.
    pub event_type: String,
    /// `untold`, `told` or `unsent`.
    pub state: String,
    /// Why it is not sent.
    pub reason: Option<String>,
    /// RFC 3339.
    pub created_at: String,
    /// The facts, as SNS and webhooks get them.
    pub message: Value,
    /// The letters it became.
    pub letters: Vec<Letter>,
}

/// A page of messages.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Messages {
    /// Newest first.
    pub messages: Vec<Message>,
    /// The cursor of the next page; null after the last.
    pub next: Option<String>,
}

impl Message {
    /// As stored.
    pub fn of(row: MailRow) -> Self {
        let MailRow {
            seq: _,
            id,
            subject,
            kind,
            state,
            reason,
            created_at,
            payload,
            deliveries,
        } = row;
        Self {
            id,
            subject,
            event_type: kind,
            state,
            reason,
            created_at: created_at.to_string(),
            message: serde_json::from_str(&payload).unwrap_or_default(),
            letters: deliveries.into_iter().map(Letter::from).collect(),
        }
    }
}

/// List messages
///
/// What people were told, and what became of each letter.
#[utoipa::path(
    get,
    path = "/api/v1/outbox",
    operation_id = "outbox_list",
    tag = "system",
    params(Asked),
    responses(
        (status = 200, description = "Messages", body = Messages),
        crate::api::answers::Reads,
    ),
)]
pub(crate) async fn get(
    State(api): State<Api>,
    who: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Json<Messages>, Problem> {
    who.may(Permission::ReadSystem)?;
    let limit = page::limit(asked.limit)?;
    let seq = |cursor: &str| -> Result<u64, Problem> {
        page::key(cursor)?.parse().map_err(|_| page::no_cursor())
    };
    let filter = MailFilter {
        subject: asked.user.map(|user| format!("user:{user}")),
        state: asked.state,
        id: None,
        before: asked.cursor.as_deref().map(seq).transpose()?,
        limit: limit + 1,
    };
    let rows = api.engine.store().mail(&filter).await;
    let mut rows = rows.map_err(Problem::of_store)?;
    let next = page::cut(&mut rows, limit, |row| page::cursor(&row.seq.to_string()));
    Ok(Json(Messages {
        messages: rows.into_iter().map(Message::of).collect(),
        next,
    }))
}
