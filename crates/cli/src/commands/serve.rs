//! `weir serve`

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use weir_aws::EmfLines;
use weir_config::{CloudWatchWord, LogFeed, Needs, require};
use weir_core::ids::AccountId;
use weir_core::rulebook::Mode;
use weir_engine::ports::Figures;
use weir_engine::{Engine, QueueTerms};
use weir_server::{Feeds, Metrics, QueueFeed, State, Tls, TlsFiles, Token, Transport, serve};

use super::report::status::local;
use super::{Outcome, enforce, sso};
use crate::app::App;
use crate::args::ServeArgs;
use crate::exit::{CliError, ExitStatus};

pub(crate) async fn run(app: &App, args: &ServeArgs) -> Outcome {
    let token = token(app, args.token_file.as_deref())?;
    if args.migrate {
        for name in app.migrate().await? {
            app.printer.note(&format!("applied {name}"));
        }
    }
    let listen = args.listen.unwrap_or(app.settings.server.listen);
    let tls = tls(app)?;
    let transport = transport(app, args, listen, tls.is_some())?;
    let fetched = feeds(app).await?;
    let figures = figures(app).await?;
    let engine = Arc::new(app.engine(Needs::Serves).await?);
    let listener = TcpListener::bind(listen)
        .await
        .map_err(CliError::io(format!(
            "--listen: cannot listen on {listen}; choose another address or end what listens there"
        )))?;
    let address = listener
        .local_addr()
        .map_err(CliError::io("the listener has no address"))?;
    // Before anybody can know that it listens: whoever then stops it stops it in order.
    let stop = stop()?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let place = format!("{scheme}://{address}");
    announce(app, &place);
    offer_setup(app, &engine, &place).await?;
    enforce::mode::note(app, &engine).await?;
    if engine.mode().await?.in_force.mode == Mode::Iam && !engine.reaches_aws() {
        app.printer
            .warn("nobody is denied in AWS: there are no credentials, or --as-of is given");
    }
    let state = State {
        engine,
        token,
        metrics: Arc::new(Metrics::new(app.settings.metrics.most(), figures)),
        metadata_keys: app.settings.metadata_keys.clone().into(),
        transport,
        sso: sso::provider(app)?.map(Arc::new),
        people: app.settings.people,
    };
    serve(listener, tls, state, fetched, stop)
        .await
        .map_err(|error| CliError::Failed(chain(&error)))?;
    app.printer.note("stopped; nothing was lost");
    Ok(ExitStatus::Ok)
}

/// The queues and log groups of the configuration, which are nothing without credentials.
async fn feeds(app: &App) -> Result<Option<Feeds>, CliError> {
    let settings = &app.settings;
    if settings.queues.is_empty() && settings.log_groups.is_empty() {
        return Ok(None);
    }
    let aws = require(settings).await?;
    let by = async |role: &Option<AccountId>| {
        let sources = aws.sources_by(role.as_ref()).await;
        sources.map_err(|error| CliError::Failed(error.to_string()))
    };
    let mut queues = Vec::new();
    for queue in &settings.queues {
        queues.push(QueueFeed {
            url: queue.url.clone(),
            queues: by(&queue.account).await?.queues,
            objects: by(&queue.objects).await?.objects,
        });
    }
    let mut log_groups = Vec::new();
    for LogFeed { group, account } in &settings.log_groups {
        log_groups.push((group.clone(), by(account).await?.log_groups));
    }
    let asked = settings.queues.iter();
    let asked = asked.flat_map(|queue| [&queue.account, &queue.objects]);
    let asked = asked.chain(settings.log_groups.iter().map(|feed| &feed.account));
    let roles: BTreeSet<_> = asked.flatten().collect();
    for role in roles {
        // What cannot be read now is tried again for as long as it serves.
        if let Err(error) = Box::pin(aws.reaches(role)).await {
            app.printer.warn(&error.to_string());
        }
    }
    Ok(Some(Feeds {
        queues,
        log_groups,
        terms: QueueTerms {
            metadata_keys: settings.metadata_keys.clone(),
            ..QueueTerms::default()
        },
    }))
}

/// Who gets figures once a minute, as the configuration says.
async fn figures(app: &App) -> Result<Option<Arc<dyn Figures>>, CliError> {
    let metrics = &app.settings.metrics;
    Ok(match metrics.of_server() {
        CloudWatchWord::Off => None,
        CloudWatchWord::Put => Some(require(&app.settings).await?.figures),
        CloudWatchWord::Emf => Some(Arc::new(match &metrics.emf_file {
            Some(path) => EmfLines::File(path.clone()),
            None => EmfLines::Stdout,
        })),
    })
}

fn announce(app: &App, place: &str) {
    let printer = app.printer;
    printer.note(&format!("listening on {place}"));
    printer.note(&format!(
        "send events to {place}/api/v1/events with the token; health at /healthz and \
         /readyz, metrics at /metrics"
    ));
    for queue in &app.settings.queues {
        printer.note(&format!("reads the queue {queue}"));
    }
    for group in &app.settings.log_groups {
        printer.note(&format!("follows the log group {group}"));
    }
}

/// The certificate of the configuration, if there is one.
fn tls(app: &App) -> Result<Option<Tls>, CliError> {
    let files = tls_files(app);
    let tls = files.map(Tls::load).transpose();
    tls.map_err(|error| CliError::Failed(error.to_string()))
}

/// Where certificate and key are, if Weir itself speaks TLS.
pub(super) fn tls_files(app: &App) -> Option<TlsFiles> {
    let tls = app.settings.server.tls.clone()?;
    Some(TlsFiles {
        certificate: tls.certificate_file,
        key: tls.key_file,
    })
}

/// Beyond this machine passwords and tokens go over TLS, which Weir or a proxy speaks.
fn transport(
    app: &App,
    args: &ServeArgs,
    listen: SocketAddr,
    tls: bool,
) -> Result<Transport, CliError> {
    if args.behind_proxy || app.settings.server.behind_proxy {
        return Ok(Transport::BehindProxy);
    }
    if tls {
        return Ok(Transport::Tls);
    }
    if listen.ip().is_loopback() {
        return Ok(Transport::Plain);
    }
    Err(CliError::Usage(format!(
        "--listen {listen} is open to the network, and Weir speaks HTTP without TLS: name a certificate in \
         [server.tls], or put a proxy that speaks TLS in front and give --behind-proxy, or listen on \
         127.0.0.1"
    )))
}

/// While there is no operator, whoever reads this may make the first.
async fn offer_setup(app: &App, engine: &Engine, place: &str) -> Result<(), CliError> {
    let Some((link, until)) = engine.offer_setup().await? else {
        return Ok(());
    };
    let printer = app.printer;
    let until = local(&until.to_string(), &engine.rules().await?.zone);
    printer.note(&format!(
        "there is no operator yet: make the first by `weir operator create NAME --role admin`, or until \
         {until}, once, by opening"
    ));
    // Behind `#`, which no browser sends and no log of a proxy keeps.
    printer.note(&format!("  {place}/setup#{}", link.expose()));
    Ok(())
}

/// The token, from the variable or a file; never from the command line, where others could read it.
fn token(app: &App, file: Option<&Path>) -> Result<Token, CliError> {
    let server = &app.settings.server;
    let (text, place) = match (file, &server.token, &server.token_file) {
        (Some(path), _, _) => (read(path)?, format!("--token-file {}", path.display())),
        (None, Some(token), _) => (token.clone(), "WEIR_SERVER_TOKEN".to_owned()),
        (None, None, Some(path)) => (read(path)?, format!("server.token_file {}", path.display())),
        (None, None, None) => {
            return Err(CliError::Usage(
                "senders of events need a token and there is none: put one into a file and give \
                 --token-file, or into the variable WEIR_SERVER_TOKEN (openssl rand -hex 32 makes one)"
                    .to_owned(),
            ));
        }
    };
    Token::new(&text).map_err(|error| CliError::Usage(format!("{place}: {error}")))
}

fn read(path: &Path) -> Result<String, CliError> {
    std::fs::read_to_string(path).map_err(CliError::io(format!(
        "cannot read the token from {}",
        path.display()
    )))
}

/// Resolves at the first SIGTERM or Ctrl-C.
fn stop() -> Result<impl Future<Output = ()> + Send + 'static, CliError> {
    let failed = "cannot watch for signals";
    let mut term = signal(SignalKind::terminate()).map_err(CliError::io(failed))?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(CliError::io(failed))?;
    Ok(async move {
        tokio::select! {
            _ = term.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

pub(super) fn chain(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}
