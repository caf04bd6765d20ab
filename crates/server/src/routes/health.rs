//! `/healthz`: the process answers. `/readyz`: it can do its work.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use weir_engine::Engine;

use crate::problem::Problem;

/// The process answers.
pub(crate) async fn alive() -> &'static str {
    "ok\n"
}

/// The database answers, and its schema is the one this binary needs.
#[derive(Debug, Serialize)]
pub(crate) struct Ready {
    database: String,
    outbox_due: u64,
    mail_waiting: u64,
    mail_failed: u64,
}

/// Whether the server can do its work.
pub(crate) async fn ready(State(engine): State<Arc<Engine>>) -> Result<Json<Ready>, Problem> {
    let unready = |detail: String| Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail);
    let store = engine.store();
    let health = store.health().await.map_err(|error| {
        tracing::error!(%error, "not ready");
        unready("the database does not answer".to_owned())
    })?;
    let migrations = store.migrations().await.map_err(|error| {
        tracing::error!(%error, "not ready");
        unready("the schema of the database cannot be read".to_owned())
    })?;
    if let Some(why) = migrations.refusal() {
        return Err(unready(why));
    }
    if !migrations.pending.is_empty() {
        let pending = migrations.pending.len();
        return Err(unready(format!(
            "{pending} migrations are pending: run `weir db migrate`"
        )));
    }
    Ok(Json(Ready {
        database: health.engine,
        outbox_due: health.outbox_due,
        mail_waiting: health.mail_waiting,
        mail_failed: health.mail_failed,
    }))
}
