//! The JSON API: `/api/v1/…`. One file per resource and verb; what all of them share is here.
//!
//! A handler that takes [`SignedIn`] runs for nobody else, and learns from [`SignedIn::may`] how far its
//! caller may go.

mod access;
pub(crate) mod answers;
mod audit;
mod blocks;
mod body;
mod caller;
pub(crate) mod command;
pub(crate) mod cookie;
mod costs;
mod coverage;
mod dead_letters;
pub(crate) mod docs;
mod doctor;
mod end;
mod etag;
mod events;
mod export;
pub mod forms;
mod idempotency;
mod invocations;
mod live;
mod mode;
mod my;
mod openapi;
mod operators;
mod outbox;
mod overview;
mod page;
pub(crate) mod peer;
mod prices;
mod query;
mod quotas;
mod range;
mod rate;
mod resets;
mod retention;
mod session;
mod setup;
mod targets;
mod team;
mod teams;
mod tokens;
mod usage;
mod used;
mod users;
mod veil;

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::Response;
use tokio::sync::watch;
use utoipa::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use weir_core::pseudonym::People;
use weir_engine::Engine;

use caller::SignedIn;

use crate::problem::Problem;
use crate::sso::{self, Sso};

/// How requests come to the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    /// From this machine, in the clear.
    #[default]
    Plain,
    /// By TLS that we speak.
    Tls,
    /// Through a proxy that speaks TLS and sets `X-Forwarded-For`.
    BehindProxy,
}

/// What handlers work with.
#[derive(Clone)]
pub(crate) struct Api {
    pub(crate) engine: Arc<Engine>,
    pub(crate) transport: Transport,
    pub(crate) sso: Option<Arc<Sso>>,
    pub(crate) people: People,
    /// What reads very much is done one after the other.
    heavy: Arc<tokio::sync::Mutex<()>>,
    live: Arc<live::Live>,
    rate: Arc<rate::Rate>,
    stop: Stop,
}

impl Api {
    pub(crate) fn new(
        engine: Arc<Engine>,
        transport: Transport,
        sso: Option<Arc<Sso>>,
        people: People,
        stop: Stop,
    ) -> Self {
        Self {
            engine,
            transport,
            sso,
            people,
            heavy: Arc::default(),
            live: Arc::default(),
            rate: Arc::default(),
            stop,
        }
    }
}

/// Tells connections that go on to end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stop(Option<watch::Receiver<bool>>);

impl Stop {
    pub(crate) fn on(stopped: watch::Receiver<bool>) -> Self {
        Self(Some(stopped))
    }

    /// Resolves when the server stops.
    async fn wait(&mut self) {
        match &mut self.0 {
            // A sender that is gone has told.
            Some(stopped) => _ = stopped.wait_for(|stopped| *stopped).await,
            None => std::future::pending().await,
        }
    }
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Weir",
        description = "Meters and limits what an organisation spends on Amazon Bedrock.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    security(("session" = []), ("token" = [])),
    components(schemas(Problem)),
)]
struct Document;

/// The document without its addresses: what lets a request in.
fn ways_in() -> utoipa::openapi::OpenApi {
    let mut document = Document::openapi();
    let components = document.components.get_or_insert_default();
    let session = ApiKeyValue::with_description(
        cookie::SECURE,
        "What `POST /api/v1/login` sets. Requests that change something also need the header \
         `X-Weir-CSRF`, with any value. Without TLS, on this machine alone, the name is `weir`. A session ends \
         after an hour without a request and after twelve hours in any case. Requests with the header \
         `X-Weir-Background: 1`, which nobody but an open page caused, and the connection for events do not \
         keep it alive.",
    );
    components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(session)));
    let token = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    components.add_security_scheme("token", token);
    document
}

/// The addresses, and the document that describes them.
fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::with_openapi(ways_in())
        .routes(routes!(session::ways::get))
        .routes(routes!(session::login::post))
        .routes(routes!(session::logout::post))
        .routes(routes!(session::me::get))
        .routes(routes!(session::password::post))
        .routes(routes!(setup::finish::post))
        .routes(routes!(operators::list::get, operators::create::post))
        .routes(routes!(operators::edit::patch))
        .routes(routes!(operators::edit::passwd))
        .routes(routes!(tokens::list::get, tokens::create::post))
        .routes(routes!(tokens::revoke::delete))
        .routes(routes!(events::watch::get))
        .routes(routes!(overview::show::get))
        .routes(routes!(usage::list::get))
        .routes(routes!(usage::cross::get))
        .routes(routes!(usage::matrix::get))
        .routes(routes!(usage::heatmap::get))
        .routes(routes!(usage::agents::get))
        .routes(routes!(costs::show::get))
        .routes(routes!(invocations::list::get))
        .routes(routes!(invocations::show::get))
        .routes(routes!(users::list::get, users::import::patch))
        .routes(routes!(users::show::get, users::edit::patch))
        .routes(routes!(users::status::get))
        .routes(routes!(users::confirm::post))
        .routes(routes!(users::link::post))
        .routes(routes!(users::reattribute::post))
        .routes(routes!(users::forget::post))
        .routes(routes!(users::check::post))
        .routes(routes!(users::unblock::post))
        .routes(routes!(users::raise::post))
        .routes(routes!(users::protect::put, users::protect::delete))
        .routes(routes!(users::series::get))
        .routes(routes!(users::mails::get))
        .routes(routes!(my::usage::get))
        .routes(routes!(my::days::get))
        .routes(routes!(teams::list::get))
        .routes(routes!(teams::show::get))
        .routes(routes!(teams::owner::put, teams::owner::delete))
        .routes(routes!(quotas::list::get, quotas::import::patch))
        .routes(routes!(quotas::suggest::get))
        .routes(routes!(quotas::trial::get))
        .routes(routes!(quotas::edit::put, quotas::edit::delete))
        .routes(routes!(prices::list::get))
        .routes(routes!(
            prices::show::get,
            prices::set::put,
            prices::unset::delete
        ))
        .routes(routes!(prices::reprice::post))
        .routes(routes!(targets::list::get))
        .routes(routes!(targets::reconcile::post))
        .routes(routes!(blocks::list::get, blocks::create::post))
        .routes(routes!(blocks::end::delete))
        .routes(routes!(blocks::held::post))
        .routes(routes!(audit::list::get))
        .routes(routes!(audit::verify::get))
        .routes(routes!(dead_letters::list::get))
        .routes(routes!(outbox::list::get))
        .routes(routes!(outbox::retry::post))
        .routes(routes!(outbox::show::get))
        .routes(routes!(coverage::show::get))
        .routes(routes!(coverage::read::post))
        .routes(routes!(resets::list::get, resets::run::post))
        .routes(routes!(retention::show::get))
        .routes(routes!(retention::run::post))
        .routes(routes!(mode::show::get, mode::set::put))
        .routes(routes!(doctor::show::get))
        .routes(routes!(openapi::get))
}

/// The document that describes the API.
pub fn document() -> utoipa::openapi::OpenApi {
    routes().into_openapi()
}

/// The same as text, as it is kept in `docs/api/openapi.json`.
pub fn document_text() -> String {
    // A document of plain values always has a text.
    let text = document().to_pretty_json().unwrap_or_default();
    format!("{text}\n")
}

/// The API.
pub(crate) fn router(api: Api) -> Router {
    let (router, _) = routes().split_for_parts();
    router
        .merge(sso::router())
        .layer(from_fn_with_state(api.clone(), veil::pseudonyms))
        .layer(from_fn_with_state(api.clone(), idempotency::once))
        .layer(from_fn_with_state(api.clone(), export::csv))
        .layer(from_fn_with_state(api.clone(), rate::limit))
        .layer(map_response(not_stored))
        .with_state(api)
        .merge(docs::router())
}

/// What is answered is the caller's own business: nothing on the way keeps it.
async fn not_stored(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
