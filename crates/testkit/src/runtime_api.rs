//! The Runtime API of Lambda, as a function's bootstrap sees it: a real HTTP server that hands over one
//! event after the other and takes the answers.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex as Locked, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc, oneshot, watch};
use tokio::task::JoinSet;
use weir_engine::clock::{Clock, WallClock};

const ARN: &str = "arn:aws:lambda:eu-west-1:111122223333:function:weir-under-test";

/// A Lambda service for one function.
pub struct RuntimeApi {
    /// What `AWS_LAMBDA_RUNTIME_API` is to say.
    pub address: String,
    service: Arc<Service>,
    _server: JoinSet<io::Result<()>>,
}

/// What a function is given.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// The event.
    pub payload: Vec<u8>,
    /// How long it may take.
    pub time: Duration,
    /// The header of a caller who came through Cognito.
    pub identity: Option<String>,
}

/// What a function makes of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It answered.
    Response(String),
    /// It failed: the JSON with `errorType` and `errorMessage`.
    Error(String),
}

type Waiting = (String, Invocation);

struct Service {
    give: mpsc::UnboundedSender<Waiting>,
    next: Mutex<mpsc::UnboundedReceiver<Waiting>>,
    open: Locked<HashMap<String, oneshot::Sender<Answer>>>,
    asked: watch::Sender<u64>,
    unable: Locked<Option<String>>,
    serial: AtomicU64,
}

impl Invocation {
    /// An event with a minute of time.
    pub fn of(payload: impl Into<Vec<u8>>) -> Self {
        Self {
            payload: payload.into(),
            time: Duration::from_mins(1),
            identity: None,
        }
    }
}

impl RuntimeApi {
    /// Starts to listen.
    pub async fn start() -> io::Result<Self> {
        let (give, next) = mpsc::unbounded_channel();
        let service = Arc::new(Service {
            give,
            next: Mutex::new(next),
            open: Locked::default(),
            asked: watch::Sender::new(0),
            unable: Locked::default(),
            serial: AtomicU64::new(1),
        });
        let routes = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next_event))
            .route("/2018-06-01/runtime/init/error", post(init_error))
            .route(
                "/2018-06-01/runtime/invocation/{id}/response",
                post(response),
            )
            .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
            .with_state(Arc::clone(&service));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, routes).await });
        Ok(Self {
            address,
            service,
            _server: server,
        })
    }

    /// Waits until the function has asked for an event: its start is over.
    pub async fn ready(&self) {
        let mut asked = self.service.asked.subscribe();
        // The sender lives as long as we do.
        let _ = asked.wait_for(|times| *times > 0).await;
    }

    /// Why the function said that it cannot start: the JSON with `errorType` and `errorMessage`.
    pub fn init_error(&self) -> Option<String> {
        let unable = &self.service.unable;
        unable
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Hands over an event, and waits for what the function makes of it; `None` if it never answers,
    /// because it ended.
    pub async fn invoke(&self, invocation: Invocation) -> Option<Answer> {
        let serial = self.service.serial.fetch_add(1, Ordering::Relaxed);
        let id = format!("8476a536-e9f4-11e8-9739-{serial:012}");
        let (sender, answer) = oneshot::channel();
        self.service.open().insert(id.clone(), sender);
        self.service.give.send((id, invocation)).ok()?;
        answer.await.ok()
    }
}

impl Service {
    fn open(&self) -> std::sync::MutexGuard<'_, HashMap<String, oneshot::Sender<Answer>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn close(&self, id: &str, answer: Answer) -> StatusCode {
        match self.open().remove(id) {
            Some(waiting) => {
                let _ = waiting.send(answer);
                StatusCode::ACCEPTED
            }
            None => StatusCode::BAD_REQUEST,
        }
    }
}

async fn next_event(State(service): State<Arc<Service>>) -> Response {
    service.asked.send_modify(|times| *times += 1);
    let Some((id, invocation)) = service.next.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    let deadline = WallClock.now().saturating_add(invocation.time);
    let deadline = deadline.map_or(0, jiff::Timestamp::as_millisecond);
    let mut response = Response::builder()
        .header("content-type", "application/json")
        .header("lambda-runtime-aws-request-id", &id)
        .header("lambda-runtime-deadline-ms", deadline.to_string())
        .header("lambda-runtime-invoked-function-arn", ARN)
        .header(
            "lambda-runtime-trace-id",
            "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700",
        );
    if let Some(identity) = &invocation.identity {
        response = response.header("lambda-runtime-cognito-identity", identity);
    }
    response.body(Body::from(invocation.payload)).map_or_else(
        |_| StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        IntoResponse::into_response,
    )
}

async fn init_error(State(service): State<Arc<Service>>, body: String) -> StatusCode {
    let mut unable = service
        .unable
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    *unable = Some(body);
    StatusCode::ACCEPTED
}

async fn response(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
    body: String,
) -> StatusCode {
    service.close(&id, Answer::Response(body))
}

async fn error(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
    body: String,
) -> StatusCode {
    service.close(&id, Answer::Error(body))
}
