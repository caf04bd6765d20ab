//! `/metrics`, for Prometheus.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::IntoResponse;
use weir_engine::{Engine, EngineError};

use crate::auth::Token;
use crate::figures;
use crate::metrics::{CONTENT_TYPE, Metrics, Readings};
use crate::problem::Problem;

/// Everything that is counted, and what the database says now. Who uses what, and what it costs, is
/// for whoever has the token; a wrong one is refused rather than overlooked.
pub(crate) async fn scrape(
    State((engine, metrics, token)): State<(Arc<Engine>, Arc<Metrics>, Token)>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    let has_token = headers.contains_key(header::AUTHORIZATION);
    if has_token {
        token.check(&headers)?;
    }
    let facts = metrics
        .figures
        .read(&engine)
        .await
        .map_err(|error| Problem::of_engine(&error))?;
    let wrong =
        |error: std::fmt::Error| Problem::of_engine(&EngineError::Inconsistent(error.to_string()));
    let figures = figures::text(&facts, has_token).map_err(wrong)?;
    let readings = read(&engine)
        .await
        .map_err(|error| Problem::of_engine(&error))?;
    let text = metrics.text(&readings, &figures).map_err(wrong)?;
    Ok(([(header::CONTENT_TYPE, CONTENT_TYPE)], text))
}

async fn read(engine: &Engine) -> Result<Readings, EngineError> {
    let store = engine.store();
    let health = store.health().await?;
    let targets = store.targets(&[]).await?;
    Ok(Readings {
        targets: targets.into_iter().map(|row| row.target.state).collect(),
        mail_waiting: health.mail_waiting,
        mail_age_seconds: health.mail_oldest.map_or(0, |oldest| {
            engine.wall().duration_since(oldest).as_secs().max(0)
        }),
        mail_failed: health.mail_failed,
        invocations: health.invocations,
    })
}
