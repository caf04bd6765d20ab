//! `/metrics`, for Prometheus.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use weir_engine::{Engine, EngineError};
use weir_store::BlockFilter;

use crate::metrics::{CONTENT_TYPE, Metrics, Readings};
use crate::problem::Problem;

/// Everything that is counted, and what the database says now.
pub(crate) async fn scrape(
    State((engine, metrics)): State<(Arc<Engine>, Arc<Metrics>)>,
) -> Result<impl IntoResponse, Problem> {
    let readings = read(&engine)
        .await
        .map_err(|error| Problem::of_engine(&error))?;
    let text = metrics
        .text(&readings)
        .map_err(|error| Problem::of_engine(&EngineError::Inconsistent(error.to_string())))?;
    Ok(([(header::CONTENT_TYPE, CONTENT_TYPE)], text))
}

async fn read(engine: &Engine) -> Result<Readings, EngineError> {
    let store = engine.store();
    let health = store.health().await?;
    let targets = store.targets(&[]).await?;
    let blocks = store.blocks(&BlockFilter::default()).await?;
    Ok(Readings {
        targets: targets.into_iter().map(|row| row.target.state).collect(),
        blocks_active: blocks.len(),
        outbox_due: health.outbox_due,
        invocations: health.invocations,
    })
}
