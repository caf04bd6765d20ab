//! The addresses.

mod events;
mod health;
mod metrics;

use std::future::ready;
use std::sync::Arc;

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state, map_response};
use axum::response::Response;
use axum::routing::{get, post};
use tokio::sync::Semaphore;
use tracing::{Instrument, field};
use weir_core::pseudonym::People;
use weir_engine::Engine;

use crate::api::{self, Api, Stop, Transport};
use crate::auth::Token;
use crate::dashboard;
use crate::metrics::Metrics;
use crate::problem::Problem;
use crate::sso::Sso;

/// How many bodies are held in memory at once.
const BODIES: usize = 4;

/// What handlers work with.
#[derive(Clone)]
pub struct State {
    /// Does the work.
    pub engine: Arc<Engine>,
    /// Who may send events.
    pub token: Token,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// The keys of `requestMetadata` that are kept.
    pub metadata_keys: Arc<[String]>,
    /// How requests come in.
    pub transport: Transport,
    /// The provider of single sign-on, if there is one.
    pub sso: Option<Arc<Sso>>,
    /// How people are shown to operators who only look.
    pub people: People,
}

/// The HTTP part of the server.
pub fn router(state: State) -> Router {
    until(state, Stop::default())
}

/// The same; connections that go on end with `stop`.
pub(crate) fn until(state: State, stop: Stop) -> Router {
    let events = events::Events {
        engine: Arc::clone(&state.engine),
        token: state.token.clone(),
        metrics: Arc::clone(&state.metrics),
        metadata_keys: Arc::clone(&state.metadata_keys),
        bodies: Arc::new(Semaphore::new(BODIES)),
    };
    let metrics = Arc::clone(&state.metrics);
    let transport = state.transport;
    let api = Api::new(
        Arc::clone(&state.engine),
        state.transport,
        state.sso.clone(),
        state.people,
        stop,
    );
    Router::new()
        .merge(api::router(api))
        .route("/api/v1/events", post(events::post).with_state(events))
        .route("/healthz", get(health::alive))
        .route(
            "/readyz",
            get(health::ready).with_state(Arc::clone(&state.engine)),
        )
        .route(
            "/metrics",
            get(metrics::scrape).with_state((state.engine, state.metrics, state.token)),
        )
        .fallback(dashboard::serve)
        .method_not_allowed_fallback(async || {
            Problem::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "this address takes another method",
            )
        })
        .layer(from_fn_with_state(metrics, count))
        .layer(map_response(move |response| {
            ready(by_tls_only(transport, response))
        }))
}

/// Where TLS is spoken by us, browsers keep to it for a year. Where a proxy speaks it, that is the proxy's
/// to say: it knows what else there is under the name.
fn by_tls_only(transport: Transport, mut response: Response) -> Response {
    if transport == Transport::Tls {
        response.headers_mut().insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000"),
        );
    }
    response
}

/// Counts and traces requests by route, never by address: addresses are the caller's.
async fn count(
    axum::extract::State(metrics): axum::extract::State<Arc<Metrics>>,
    request: Request,
    next: Next,
) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("(other)", MatchedPath::as_str);
    let method = request.method().as_str();
    let span = tracing::debug_span!("request", method, route, status = field::Empty);
    let response = next.run(request).instrument(span.clone()).await;
    span.record("status", response.status().as_u16());
    metrics.answered(route, response.status().as_u16());
    response
}
