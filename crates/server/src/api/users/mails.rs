//! `GET /api/v1/users/{user}/mails`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_core::ids::UserId;
use weir_core::operator::Permission;
use weir_store::{DeliveryRow, MailFilter, MailRow};

use crate::api::query::PathPart;
use crate::api::{Api, SignedIn, page};
use crate::problem::Problem;

/// Messages that are shown.
const LATEST: u32 = 100;

/// Messages about a user.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Mails {
    /// The latest 100, the newest first.
    pub mails: Vec<Mail>,
    /// There are older ones: `GET /api/v1/outbox?user=…` has all.
    pub more: bool,
}

/// A message, and what became of it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Mail {
    /// Its id.
    pub id: String,
    /// What it tells.
    pub event_type: String,
    /// `untold`, `told` or `unsent`.
    pub state: String,
    /// Why it is not sent.
    pub reason: Option<String>,
    /// RFC 3339.
    pub created_at: String,
    /// The letters it became.
    pub letters: Vec<Letter>,
}

/// A letter: a message by one channel to one reader.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Letter {
    /// By which channel.
    pub channel: String,
    /// To whom; null where there is no address.
    pub recipient: Option<String>,
    /// As what it is read.
    pub audience: String,
    /// In which language.
    pub language: String,
    /// `waiting`, `sent`, `failed` or `skipped`.
    pub state: String,
    /// How often it was tried.
    pub attempts: u32,
    /// What went wrong last; why it is skipped.
    pub error: Option<String>,
    /// When it is tried next, RFC 3339.
    pub next_attempt_at: Option<String>,
    /// When it was sent or given up, RFC 3339.
    pub ended_at: Option<String>,
}

impl Mail {
    fn of(row: MailRow) -> Self {
        let MailRow {
            seq: _,
            id,
            subject: _,
            kind,
            state,
            reason,
            created_at,
            payload: _,
            deliveries,
        } = row;
        Self {
            id,
            event_type: kind,
            state,
            reason,
            created_at: created_at.to_string(),
            letters: deliveries.into_iter().map(Letter::from).collect(),
        }
    }
}

impl From<DeliveryRow> for Letter {
    fn from(row: DeliveryRow) -> Self {
        let DeliveryRow {
            channel,
            recipient,
            audience,
            language,
            state,
            attempts,
            error,
            not_before,
            ended_at,
        } = row;
        let waits = state == "waiting";
        Self {
            channel,
            recipient: (!recipient.is_empty()).then_some(recipient),
            audience,
            language,
            state,
            attempts,
            error,
            next_attempt_at: waits.then(|| not_before.to_string()),
            ended_at: ended_at.map(|at| at.to_string()),
        }
    }
}

/// List messages about a user
#[utoipa::path(
    get,
    path = "/api/v1/users/{user}/mails",
    operation_id = "users_mails",
    tag = "users",
    params(("user" = String, Path, description = "The id; a slash in it is written %2F")),
    responses(
        (status = 200, description = "Messages", body = Mails),
        crate::api::answers::Shows,
    ),
)]
pub(crate) async fn get(
    State(api): State<Api>,
    who: SignedIn,
    PathPart(user): PathPart,
) -> Result<Json<Mails>, Problem> {
    let within = who.may(Permission::ReadUsage)?;
    let user = super::within_reach(&api, &within, &UserId::new(user)).await?;
    let filter = MailFilter {
        subject: Some(format!("user:{}", user.user)),
        limit: LATEST + 1,
        ..MailFilter::default()
    };
    let rows = api.engine.store().mail(&filter).await;
    let mut rows = rows.map_err(Problem::of_store)?;
    let more = page::cut(&mut rows, LATEST, |_| ()).is_some();
    Ok(Json(Mails {
        more,
        mails: rows.into_iter().map(Mail::of).collect(),
    }))
}
