//! `POST /api/v1/events`: takes what AWS sends, in any form, and answers as `weir ingest --json`.

use std::io::Cursor;
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use tokio::sync::Semaphore;
use weir_core::intake::Options;
use weir_engine::{Engine, IngestReport, Input};

use crate::auth::Token;
use crate::body;
use crate::metrics::Metrics;
use crate::problem::Problem;

/// What this route works with.
#[derive(Clone)]
pub(crate) struct Events {
    pub(crate) engine: Arc<Engine>,
    pub(crate) token: Token,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) metadata_keys: Arc<[String]>,
    pub(crate) bodies: Arc<Semaphore>,
}

/// Counts a body. Records that cannot be read are dead letters and no reason to send again, so the
/// answer is 200 all the same and says how many there were.
pub(crate) async fn post(
    State(events): State<Events>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<IngestReport>, Problem> {
    events.token.check(&headers)?;
    let _held = events
        .bodies
        .acquire()
        .await
        .map_err(|_| Problem::new(StatusCode::SERVICE_UNAVAILABLE, "the server is stopping"))?;
    let bytes = body::read(&headers, body, body::MOST).await?;
    let input = Input {
        source: "http".to_owned(),
        reader: Box::new(Cursor::new(bytes)),
        options: Options {
            metadata_keys: events.metadata_keys.to_vec(),
            ..Options::payload()
        },
    };
    match events.engine.ingest(vec![input], &|_| {}).await {
        Ok(report) => {
            events.metrics.ingested(&report);
            Ok(Json(report))
        }
        Err(error) => Err(Problem::of_engine(&error)),
    }
}
