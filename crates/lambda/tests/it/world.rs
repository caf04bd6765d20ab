//! A function with a database, a configuration and a Lambda service of its own.
#![expect(
    clippy::disallowed_methods,
    reason = "the addresses of the servers come from the environment"
)]

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::path::Path;
use std::process::{Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection};
use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio::time::timeout;
use weir_core::ids::UserId;
use weir_engine::clock::{Clock, WallClock};
use weir_store::Store;
use weir_testkit::runtime_api::{Answer, Invocation, RuntimeApi};

pub(crate) const CONTROLLER: &str = env!("CARGO_BIN_EXE_bedrock-realtime-usage-controller");
pub(crate) const RESET: &str = env!("CARGO_BIN_EXE_bedrock-daily-reset");
pub(crate) const MAILER: &str = env!("CARGO_BIN_EXE_bedrock-email-service");

/// Longer than anything here takes: what takes it does not end at all.
const PATIENCE: Duration = Duration::from_mins(1);

/// A migrated database, and the directory of the function.
pub(crate) struct World {
    pub(crate) directory: TempDir,
    pub(crate) url: String,
    pub(crate) store: Arc<dyn Store>,
    variables: Vec<(String, String)>,
}

/// A function that runs.
pub(crate) struct Function {
    pub(crate) api: RuntimeApi,
    child: Child,
}

impl World {
    /// Over a file.
    pub(crate) async fn new() -> Self {
        let directory = TempDir::new().unwrap();
        let url = format!("sqlite:{}", directory.path().join("weir.db").display());
        Self::over(directory, url).await
    }

    /// Over a new database of the server that the variable names.
    pub(crate) async fn on(variable: &str) -> Self {
        let server = self::variable(variable);
        let name = fresh("lambda").replace('-', "_");
        let mut conn = sqlx::MySqlConnection::connect(&server).await.unwrap();
        let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
        sqlx::raw_sql(create).execute(&mut conn).await.unwrap();
        let url = format!("{}/{name}", server.trim_end_matches('/'));
        Self::over(TempDir::new().unwrap(), url).await
    }

    async fn over(directory: TempDir, url: String) -> Self {
        let store = weir_store::open(&url).await.unwrap();
        store.migrate().await.unwrap();
        store.set_zone("Europe/Madrid").await.unwrap();
        let mut world = Self {
            directory,
            url,
            store,
            variables: Vec::new(),
        };
        world.set("WEIR_DATABASE_URL", &world.url.clone());
        // Nobody is looked up: there is no AWS here, unless a test says otherwise.
        world.configure("[enforcement]\nmode = \"off\"\n");
        world
    }

    /// Another configuration.
    pub(crate) fn configure(&mut self, text: &str) {
        self.set("WEIR_CONFIG_TEXT", text);
    }

    /// A variable of the function; empty to take it away.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.retain(|(known, _)| known != name);
        if !value.is_empty() {
            self.variables.push((name.to_owned(), value.to_owned()));
        }
    }

    fn command(&self, binary: &str) -> Command {
        let mut command = Command::new(binary);
        command
            .env_clear()
            .current_dir(self.directory.path())
            .env("AWS_LAMBDA_FUNCTION_NAME", "weir-under-test")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("RUST_BACKTRACE", "0")
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    /// Starts a function, and waits until it asks for its first event.
    pub(crate) async fn start(&self, binary: &str) -> Function {
        let api = RuntimeApi::start().await.unwrap();
        let child = self
            .command(binary)
            .env("AWS_LAMBDA_RUNTIME_API", &api.address)
            .spawn()
            .unwrap();
        let mut function = Function { api, child };
        let ended = tokio::select! {
            () = function.api.ready() => None,
            ended = function.child.wait() => Some(ended.unwrap()),
            () = tokio::time::sleep(PATIENCE) => panic!("{binary} does not start"),
        };
        if ended.is_some() {
            let output = function.child.wait_with_output().await.unwrap();
            panic!("{binary} did not start: {}", said(&output));
        }
        function
    }

    /// Starts a function that ends before its first event, and gives what it told Lambda, which it also
    /// logged.
    pub(crate) async fn fails_to_start(&self, binary: &str) -> String {
        let api = RuntimeApi::start().await.unwrap();
        let mut command = self.command(binary);
        command.env("AWS_LAMBDA_RUNTIME_API", &api.address);
        let output = timeout(PATIENCE, command.output()).await.unwrap().unwrap();
        let said = said(&output);
        assert!(!output.status.success(), "{said}");
        let Some(told) = api.init_error() else {
            panic!("Lambda was not told: {said}");
        };
        let told: Value = serde_json::from_str(&told).unwrap();
        assert_eq!(told["errorType"], "Runtime.InitError");
        let told = told["errorMessage"].as_str().unwrap().to_owned();
        assert!(said.contains(&json!(told).to_string()), "{told}: {said}");
        told
    }

    pub(crate) async fn invocations(&self) -> u64 {
        self.store.health().await.unwrap().invocations
    }

    pub(crate) async fn dead_letters(&self) -> Vec<String> {
        let letters = self.store.dead_letters(100).await.unwrap();
        letters
            .into_iter()
            .map(|row| format!("{}: {}", row.letter.source, row.letter.reason))
            .collect()
    }

    pub(crate) async fn knows(&self, user: &str) -> bool {
        self.store.user(&UserId::new(user)).await.unwrap().is_some()
    }
}

impl Function {
    /// What the function answers to an event.
    pub(crate) async fn answer(&self, event: &Value) -> Value {
        match self.take(Invocation::of(event.to_string())).await {
            Answer::Response(text) => serde_json::from_str(&text).unwrap(),
            Answer::Error(text) => panic!("{event} failed: {text}"),
        }
    }

    /// The answer to a text, or why it failed.
    pub(crate) async fn answer_to(&self, text: &str) -> Result<String, String> {
        match self.take(Invocation::of(text)).await {
            Answer::Response(text) => Ok(text),
            Answer::Error(text) => Err(text),
        }
    }

    /// What the function fails with, as Lambda shows it.
    pub(crate) async fn failure(&self, event: impl Into<Vec<u8>>) -> (String, String) {
        match self.take(Invocation::of(event)).await {
            Answer::Response(text) => panic!("it did not fail: {text}"),
            Answer::Error(text) => {
                let error: Value = serde_json::from_str(&text).unwrap();
                let part = |name: &str| error[name].as_str().unwrap().to_owned();
                (part("errorType"), part("errorMessage"))
            }
        }
    }

    pub(crate) async fn take(&self, invocation: Invocation) -> Answer {
        timeout(PATIENCE, self.api.invoke(invocation))
            .await
            .unwrap()
            .unwrap()
    }

    /// Ends the function, and gives what it logged.
    pub(crate) async fn end(mut self) -> String {
        self.child.start_kill().unwrap();
        said(&self.child.wait_with_output().await.unwrap())
    }
}

fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

pub(crate) fn fixture(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures")
        .join(name);
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// A batch of a queue: messages with ids `m0`, `m1`, ….
pub(crate) fn batch(bodies: &[String]) -> Value {
    let records = bodies.iter().enumerate().map(|(at, body)| {
        json!({
            "messageId": format!("m{at}"), "receiptHandle": format!("handle {at}"), "body": body,
            "attributes": { "ApproximateReceiveCount": "1" },
            "eventSource": "aws:sqs", "awsRegion": "eu-west-1",
            "eventSourceARN": "arn:aws:sqs:eu-west-1:111122223333:weir",
        })
    });
    json!({ "Records": records.collect::<Vec<_>>() })
}

pub(crate) fn seconds_ago(seconds: i64) -> Timestamp {
    let at = WallClock.now() - SignedDuration::from_secs(seconds);
    Timestamp::from_second(at.as_second()).unwrap()
}

/// The address of a server. Missing, the test says how to start one.
pub(crate) fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!("{name} is not set: run the tests by `scripts/with-services.sh cargo nextest run --profile ci`")
    })
}

/// Whether `scripts/services.sh` said, loudly, that a server cannot be had here.
pub(crate) fn skipped(name: &str) -> bool {
    std::env::var(name).is_ok_and(|skipped| skipped == "1")
}

/// A name nobody else has.
pub(crate) fn fresh(what: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let drawn = RandomState::new().build_hasher().finish() % 1_000_000_000;
    format!("{what}-{}-{count}-{drawn}", std::process::id())
}
