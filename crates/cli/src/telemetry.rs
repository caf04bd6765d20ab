//! What is said while a command runs: a log on standard error, and for a server, if the environment
//! names a receiver, traces by OTLP.
//!
//! Traces are spans with a name and few fields: requests, intakes, settles, dispatches. No event of
//! the log is in them, so that they carry no word of anybody's.

use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, filter::filter_fn, fmt};
use weir_config::Environment;

use crate::printer::Printer;

/// The name of the service, where `OTEL_SERVICE_NAME` gives no other.
const SERVICE: &str = "weir";

/// What was started, and must be ended so that nothing is lost.
pub(crate) struct Telemetry(Option<SdkTracerProvider>);

/// What is logged: what `WEIR_LOG` says, else the usual.
fn filter(wanted: Option<&str>, usual: &str) -> EnvFilter {
    // The SDK warns of every place where it finds no credentials; we say it once, in our words.
    const SDK: &str = "aws_config";
    let quiet = |words: &str| format!("{words},{SDK}=off");
    let words = match wanted {
        Some(words) if words.contains(SDK) => words.to_owned(),
        Some(words) => quiet(words),
        None => quiet(usual),
    };
    EnvFilter::try_new(words).unwrap_or_else(|_| EnvFilter::new(quiet(usual)))
}

/// Starts it. What the environment says of OTLP (`OTEL_…`) is read by the SDK itself.
pub(crate) fn start(environment: &Environment, serves: bool) -> Telemetry {
    let filter = filter(
        environment.log.as_deref(),
        if serves { "info" } else { "warn" },
    );
    let log = fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(Printer::is_watched())
        .with_target(false)
        .with_filter(filter);
    let traces = (serves && environment.traces).then(provider);
    let (provider, problem) = match traces {
        None => (None, None),
        Some(Ok(provider)) => (Some(provider), None),
        Some(Err(error)) => (None, Some(error)),
    };
    let spans = provider.as_ref().map(|provider| {
        tracing_opentelemetry::layer()
            .with_tracer(provider.tracer(SERVICE))
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_filter(filter_fn(|what| {
                what.is_span() && what.target().starts_with("weir")
            }))
    });
    // A second start of logging has nowhere to be reported; there is none.
    let _ = tracing_subscriber::registry()
        .with(log)
        .with(spans)
        .try_init();
    if let Some(error) = problem {
        tracing::error!(%error, "no traces are sent: see OTEL_EXPORTER_OTLP_ENDPOINT");
    }
    Telemetry(provider)
}

fn provider() -> Result<SdkTracerProvider, opentelemetry_otlp::ExporterBuildError> {
    let exporter = SpanExporter::builder().with_http().build()?;
    let mut resource = Resource::builder();
    let named = Resource::builder().build();
    let name = named.get(&"service.name".into());
    // The SDK calls a service that nobody named `unknown_service`.
    if name.is_none_or(|name| name.as_str().starts_with("unknown_service")) {
        resource = resource.with_service_name(SERVICE);
    }
    Ok(SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(resource.build())
        .build())
}

impl Telemetry {
    /// Sends what is left, for a few seconds at most.
    pub(crate) async fn end(self) {
        let Some(provider) = self.0 else { return };
        let ended = tokio::task::spawn_blocking(move || provider.shutdown()).await;
        match ended {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "some traces were not sent"),
            Err(error) => tracing::warn!(%error, "some traces were not sent"),
        }
    }
}
