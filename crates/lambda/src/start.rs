//! The start of a function: settings, logs, database; then one event after the other.

use std::process::ExitCode;
use std::time::Duration;

use lambda_runtime::{LambdaEvent, service_fn};
use lambda_runtime_api_client::body::Body;
use lambda_runtime_api_client::{PooledClient, build_request};
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::time::Instant;
use tracing_subscriber::EnvFilter;
use weir_config::{
    Asked, Databases, Environment, Installation, Needs, Process, Settings, StartError, Tell,
};
use weir_engine::Engine;

use crate::controller::Controller;
use crate::failure::Failure;
use crate::mailer::Mailer;
use crate::{reset, time};

/// How long Lambda may take to note why a function does not start.
const REPORT: Duration = Duration::from_secs(2);

/// What a function keeps nothing in is no part of its package.
#[cfg(not(feature = "sqlite"))]
const DATABASES: &dyn Databases = &weir_config::ServersOnly;
#[cfg(feature = "sqlite")]
const DATABASES: &dyn Databases = &weir_config::AnyDatabase;

/// Which function this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Counts, decides, enforces.
    Controller,
    /// The daily reset.
    Reset,
    /// E-mail.
    Mailer,
}

/// What every function works with.
pub(crate) struct Weir {
    pub(crate) settings: Settings,
    pub(crate) engine: Engine,
}

/// An event, and how long there is time for it.
pub(crate) struct Event<'a> {
    /// The JSON, as it came.
    pub(crate) text: &'a str,
    /// The invocation.
    pub(crate) context: &'a lambda_runtime::Context,
    /// How long work may take.
    pub(crate) time: Duration,
}

/// Starts the function and serves events until Lambda ends it.
pub async fn main(role: Role) -> ExitCode {
    let Some((environment, asked)) = Environment::of_lambda() else {
        // No log is there yet, and no Lambda that would read it.
        let _ = std::io::Write::write_all(
            &mut std::io::stderr(),
            b"this is the bootstrap of a Lambda function: it is started by Lambda\n",
        );
        return ExitCode::FAILURE;
    };
    log(&environment);
    let function = match Box::pin(Function::start(role, &environment, &asked)).await {
        Ok(function) => function,
        Err(error) => {
            let error = error.to_string();
            tracing::error!(error, "the function cannot start");
            if let Err(error) = report(&error).await {
                tracing::error!(%error, "Lambda was not told why");
            }
            return ExitCode::FAILURE;
        }
    };
    match Box::pin(function.serve()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error, "the function ended");
            ExitCode::FAILURE
        }
    }
}

/// Tells Lambda why the function cannot start: whoever invokes it, and the console, show that.
async fn report(why: &str) -> Result<(), lambda_runtime::Error> {
    const KIND: &str = "Runtime.InitError";
    let told = serde_json::json!({ "errorType": KIND, "errorMessage": why, "stackTrace": [] });
    let request = build_request()
        .method("POST")
        .uri("/2018-06-01/runtime/init/error")
        .header("lambda-runtime-function-error-type", KIND)
        .body(Body::from(told.to_string()))?;
    let client = PooledClient::builder().build();
    let answer = tokio::time::timeout(REPORT, client.call(request)).await??;
    if answer.status().is_success() {
        Ok(())
    } else {
        Err(format!("it answered {}", answer.status()).into())
    }
}

struct Function {
    weir: Weir,
    part: Part,
}

/// What a function has for itself.
enum Part {
    Controller(Controller),
    Reset,
    Mailer(Box<Mailer>),
}

impl Function {
    async fn start(
        role: Role,
        environment: &Environment,
        asked: &Asked,
    ) -> Result<Self, StartError> {
        let settings = Settings::resolve(asked, environment)?;
        if !settings.database.is_named {
            return Err(StartError::Wrong(
                "no database is named: set WEIR_DATABASE_URL to mysql://USER@HOST/NAME, or \
                 WEIR_DATABASE_SECRET to a secret that names one"
                    .to_owned(),
            ));
        }
        let needs = match role {
            Role::Controller | Role::Reset => Needs::Serves,
            Role::Mailer => Needs::Reads,
        };
        let installation = Installation {
            settings: &settings,
            tell: &Log,
            as_of: None,
            effects: false,
            process: Process::Lambda,
            databases: DATABASES,
        };
        let engine = installation.engine(needs).await?;
        let weir = Weir { settings, engine };
        let part = match role {
            Role::Controller => Part::Controller(Controller::default()),
            Role::Reset => Part::Reset,
            Role::Mailer => Part::Mailer(Box::new(Mailer::new(&weir).await?)),
        };
        tracing::info!(?role, version = env!("CARGO_PKG_VERSION"), "started");
        Ok(Self { weir, part })
    }

    async fn serve(&self) -> Result<(), String> {
        let served = lambda_runtime::run(service_fn(|event: LambdaEvent<Box<RawValue>>| {
            self.handle(event)
        }));
        Box::pin(served).await.map_err(|error| error.to_string())
    }

    async fn handle(&self, event: LambdaEvent<Box<RawValue>>) -> Result<Value, Failure> {
        let LambdaEvent { payload, context } = event;
        let weir = &self.weir;
        let event = Event {
            text: payload.get(),
            context: &context,
            time: time::left(&context, weir.engine.wall()),
        };
        let effects = Instant::now() + time::effects(event.time);
        let answer = weir_engine::within(effects, async {
            match &self.part {
                Part::Controller(controller) => controller.take(weir, &event).await,
                Part::Reset => reset::take(weir, &event).await,
                Part::Mailer(mailer) => mailer.take(weir, &event).await,
            }
        });
        let answer = Box::pin(answer).await;
        if let Err(failure) = &answer {
            tracing::error!(%failure, "the invocation failed");
        }
        answer
    }
}

/// One JSON object a line, which CloudWatch Logs can be asked about by field.
fn log(environment: &Environment) {
    // The runtime writes payloads at its lowest levels: no setting may turn those on.
    const QUIET: [&str; 2] = ["lambda_runtime=warn", "aws_config=off"];
    let mut filter = EnvFilter::new(environment.log.as_deref().unwrap_or("info"));
    for directive in QUIET {
        if let Ok(directive) = directive.parse() {
            filter = filter.add_directive(directive);
        }
    }
    // A second start of logging has nowhere to be reported; there is none.
    let _ = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_span_list(false)
        .with_target(false)
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .try_init();
}

/// What somebody should know is logged.
struct Log;

impl Tell for Log {
    fn note(&self, text: &str) {
        tracing::info!("{text}");
    }

    fn warn(&self, text: &str) {
        tracing::warn!("{text}");
    }
}
