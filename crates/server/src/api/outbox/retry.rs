//! `POST /api/v1/outbox/retry`; also what `weir outbox retry` does.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_core::operator::Permission;
use weir_engine::{Actor, Engine, EngineError, MailReport};

use crate::api::body::Body;
use crate::api::{Api, SignedIn};
use crate::problem::Problem;

/// Which letters are sent again.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "failed": true }))]
pub struct RetryLetters {
    /// Those of this message, also those that wait for their next attempt.
    pub message: Option<String>,
    /// All that were given up.
    #[serde(default)]
    pub failed: bool,
}

/// What became of letters that are sent again.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct LettersRetried {
    /// How many are sent again.
    pub again: u64,
    /// Messages that became letters on this occasion.
    pub told: u64,
    /// Letters that went out.
    pub sent: u64,
    /// Letters that are tried again later.
    pub retried: u64,
    /// Letters that were given up.
    pub failed: u64,
}

impl LettersRetried {
    /// Sends them; `None` if there is no such message.
    pub async fn of(
        engine: &Engine,
        message: Option<&str>,
        by: &Actor,
    ) -> Result<Option<Self>, EngineError> {
        let done = engine.retry_mail(message, by).await?;
        Ok(done.map(|(again, report)| {
            let MailReport {
                told,
                sent,
                retried,
                failed,
            } = report;
            Self {
                again,
                told,
                sent,
                retried,
                failed,
            }
        }))
    }
}

/// Send letters again
///
/// That were given up: those of a message, or all. What does not go out at once is tried again by itself.
#[utoipa::path(
    post,
    path = "/api/v1/outbox/retry",
    operation_id = "outbox_retry",
    tag = "system",
    request_body = RetryLetters,
    responses(
        (status = 200, description = "What became of them", body = LettersRetried),
        crate::api::answers::Writes,
    ),
)]
pub(crate) async fn post(
    State(api): State<Api>,
    who: SignedIn,
    Body(asked): Body<RetryLetters>,
) -> Result<Json<LettersRetried>, Problem> {
    who.may(Permission::ChangePeople)?;
    let RetryLetters { message, failed } = asked;
    if message.is_some() == failed {
        return Err(Problem::bad_request(
            "the body: either message, or failed: true",
        ));
    }
    let by = who.caller.actor();
    let done = LettersRetried::of(&api.engine, message.as_deref(), &by).await;
    let done = done.map_err(|error| Problem::of_engine(&error))?;
    let unknown = || Problem::not_found(format!("no message `{}`", message.unwrap_or_default()));
    done.map(Json).ok_or_else(unknown)
}
