//! A server over a `SQLite` file of its own.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, Response, StatusCode, header};
use sqlx::Connection;
use tempfile::TempDir;
use tower::ServiceExt;
use weir_core::Timestamp;
use weir_core::ids::AccountId;
use weir_core::rulebook::Settings;
use weir_engine::clock::{Clock, FakeClock, WallClock};
use weir_engine::{Engine, Options, Parts};
use weir_server::{Metrics, State, Token, Transport, router};
use weir_store::Store;

pub(crate) const TOKEN: &str = "0123456789abcdef0123456789abcdef";
const NOW: &str = "2026-11-20T10:00:00Z";

/// Where the database is.
pub(crate) enum Place {
    /// A file of its own.
    Sqlite,
    /// A database of its own on a server.
    Server(String),
}

impl Place {
    /// A new database on the server that the variable names. Missing, the test says how to start one.
    #[expect(
        clippy::disallowed_methods,
        reason = "the addresses of the servers come from the environment"
    )]
    pub(crate) async fn on(variable: &str) -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        // `scripts/services.sh` says so, loudly, where real MySQL cannot be had.
        if variable == MYSQL && std::env::var("WEIR_TEST_MYSQL_SKIPPED").is_ok_and(|one| one == "1")
        {
            return None;
        }
        let url = std::env::var(variable).unwrap_or_else(|_| {
            panic!("{variable} is not set: run the tests by `scripts/with-services.sh cargo nextest run --profile ci`")
        });
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("api_{}_{count}", std::process::id());
        let mut conn = sqlx::MySqlConnection::connect(&url).await.unwrap();
        let create = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
        sqlx::raw_sql(create).execute(&mut conn).await.unwrap();
        Some(Self::Server(format!(
            "{}/{name}",
            url.trim_end_matches('/')
        )))
    }
}

pub(crate) const MARIADB: &str = "WEIR_TEST_MARIADB_URL";
pub(crate) const MYSQL: &str = "WEIR_TEST_MYSQL_URL";

pub(crate) struct World {
    pub(crate) state: State,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<FakeClock>,
    _directory: TempDir,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::at(Place::Sqlite).await
    }

    /// By the clock of today, which whoever is not of this world goes by, too.
    pub(crate) async fn of_today() -> Self {
        Self::from(Place::Sqlite, Settings::default(), WallClock.now()).await
    }

    pub(crate) async fn at(place: Place) -> Self {
        Self::under(place, Settings::default()).await
    }

    /// As [`World::at`], under other settings.
    pub(crate) async fn under(place: Place, settings: Settings) -> Self {
        Self::from(place, settings, NOW.parse().unwrap()).await
    }

    async fn from(place: Place, settings: Settings, now: Timestamp) -> Self {
        let world = Self::unmigrated_at(place, settings, now).await;
        world.store.migrate().await.unwrap();
        if world.store.rules().await.unwrap().zone.is_empty() {
            world.store.set_zone("Europe/Madrid").await.unwrap();
        }
        world
    }

    pub(crate) async fn unmigrated() -> Self {
        Self::unmigrated_at(Place::Sqlite, Settings::default(), NOW.parse().unwrap()).await
    }

    async fn unmigrated_at(place: Place, mut settings: Settings, now: Timestamp) -> Self {
        let directory = TempDir::new().unwrap();
        let url = match place {
            Place::Sqlite => format!("sqlite:{}", directory.path().join("weir.db").display()),
            Place::Server(url) => url,
        };
        let store = weir_store::open(&url).await.unwrap();
        settings.attribution.home_account = Some(AccountId::new("111122223333"));
        let clock = Arc::new(FakeClock::at(now));
        let engine = Engine::new(Parts {
            store: Arc::clone(&store),
            settings: Arc::new(settings),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            access: None,
            directory: None,
            post: None,
            options: Options {
                origin: "serve".to_owned(),
                patience: Duration::ZERO,
                ..Options::default()
            },
        });
        let state = State {
            engine: Arc::new(engine),
            token: Token::new(TOKEN).unwrap(),
            metrics: Arc::new(Metrics::default()),
            metadata_keys: Arc::from(vec!["tool".to_owned()]),
            transport: Transport::Plain,
            sso: None,
            people: weir_core::pseudonym::People::Named,
        };
        Self {
            state,
            store,
            clock,
            _directory: directory,
        }
    }

    pub(crate) fn router(&self) -> Router {
        router(self.state.clone())
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        Answer::of(self.router().oneshot(request).await.unwrap()).await
    }

    /// As [`World::send`]; of an answer that goes on, only its beginning.
    pub(crate) async fn head_of(&self, request: Request<Body>, goes_on: bool) -> Answer {
        let response = self.router().oneshot(request).await.unwrap();
        if goes_on && response.status().is_success() {
            let (parts, _) = response.into_parts();
            return Answer::of(Response::from_parts(parts, Body::empty())).await;
        }
        Answer::of(response).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap())
            .await
    }
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) content_type: String,
    pub(crate) text: String,
    headers: HeaderMap,
}

impl Answer {
    async fn of(response: Response<Body>) -> Self {
        let status = response.status();
        let headers = response.headers().clone();
        let content_type = headers.get(header::CONTENT_TYPE);
        let content_type = content_type.map(|value| value.to_str().unwrap().to_owned());
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Self {
            status,
            content_type: content_type.unwrap_or_default(),
            text,
            headers,
        }
    }

    /// A header's text; empty if it is missing.
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    /// All headers of a name.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        let values = self.headers.get_all(name).iter();
        values.map(|value| value.to_str().unwrap()).collect()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap()
    }
}

/// A request with events and the right token.
pub(crate) fn events(body: impl Into<Body>) -> Request<Body> {
    Request::post("/api/v1/events")
        .header(header::AUTHORIZATION, format!("Bearer {TOKEN}"))
        .body(body.into())
        .unwrap()
}

pub(crate) fn fixture(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures")
        .join(name);
    std::fs::read(path).unwrap()
}
