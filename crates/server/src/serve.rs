//! Everything together, from start to stop.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;
use weir_engine::EngineError;

use crate::api::Stop;
use crate::feeds::{self, Feeds};
use crate::loops;
use crate::routes::{State, until};
use crate::tls::{Tls, TlsListener};

/// How often what is due is done: often enough that a block ends within a minute.
const TICK: Duration = Duration::from_secs(10);

/// How long requests in flight may take to end: a sender that sleeps does not keep us.
const GRACE: Duration = Duration::from_secs(30);

/// Why serving ended before it was told to.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The listener failed.
    #[error("the listener failed")]
    Listener(#[from] io::Error),
    /// The last effects could not be carried out.
    #[error("what is left was not carried out; the next start goes on with it")]
    Rest(#[source] EngineError),
}

/// Serves until `stop` resolves, by TLS if it is given. Then nothing new is accepted, requests in flight
/// are answered, the tick finishes what it began, effects that are due are carried out, and letters
/// under way are sent. `fetched` is what the server reads by itself.
pub async fn serve(
    listener: TcpListener,
    tls: Option<Tls>,
    state: State,
    fetched: Option<Feeds>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    let (engine, metrics) = (Arc::clone(&state.engine), Arc::clone(&state.metrics));
    let (stopping, stopped) = watch::channel(false);
    let mut running = JoinSet::new();
    let mut stopped_too = stopped.clone();
    if let Some(fetched) = fetched {
        feeds::spawn(&mut running, fetched, &engine, &metrics, &stopped);
    }
    running.spawn(loops::figures(
        Arc::clone(&engine),
        Arc::clone(&metrics),
        stopped.clone(),
    ));
    running.spawn(loops::tick(
        Arc::clone(&engine),
        Arc::clone(&metrics),
        TICK,
        stopped.clone(),
    ));
    let listener = match tls {
        None => Way::Plain(listener),
        Some(tls) => {
            let listener = tls.over(listener);
            running.spawn(tls.keep(stopped));
            Way::Tls(listener)
        }
    };
    let told = async move {
        stop.await;
        // Whoever is not there any more need not be told.
        let _ = stopping.send(true);
    };
    let router = until(state, Stop::on(stopped_too.clone()));
    let requests = listener.answer(router, told);
    let served = tokio::select! {
        served = requests => served,
        () = overdue(&mut stopped_too) => {
            tracing::warn!("requests that did not end in time were cut off");
            Ok(())
        }
    };
    while let Some(ended) = running.join_next().await {
        if let Err(error) = ended {
            tracing::error!(%error, "a loop ended in a panic");
        }
    }
    served?;
    let rest = engine.drain().await.map_err(ServeError::Rest)?;
    metrics.dispatched(&rest);
    engine.letters_done().await;
    Ok(())
}

/// How connections come.
enum Way {
    Plain(TcpListener),
    Tls(TlsListener),
}

impl Way {
    /// Takes connections until told to stop, and ends when those there are have ended.
    async fn answer(
        self,
        router: Router,
        told: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<()> {
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        match self {
            Self::Plain(listener) => {
                let serving = axum::serve(listener, service);
                serving.with_graceful_shutdown(told).await
            }
            Self::Tls(listener) => {
                // Axum hands on the address of a peer from listeners of its own alone: this makes one of ours.
                let listener = listener.tap_io(|_| {});
                let serving = axum::serve(listener, service);
                serving.with_graceful_shutdown(told).await
            }
        }
    }
}

/// Resolves when requests in flight had their time after a stop.
async fn overdue(stopped: &mut watch::Receiver<bool>) {
    // A sender that is gone has told.
    let _ = stopped.wait_for(|stopped| *stopped).await;
    sleep(GRACE).await;
}
