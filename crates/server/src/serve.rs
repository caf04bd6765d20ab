//! Everything together, from start to stop.

use std::future::{Future, IntoFuture};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;
use weir_engine::EngineError;

use crate::api::Stop;
use crate::feeds::{self, Feeds};
use crate::loops;
use crate::routes::{State, until};

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

/// Serves until `stop` resolves. Then nothing new is accepted, requests in flight are answered, the
/// tick finishes what it began, and effects that are due are carried out. `fetched` is what the server
/// reads by itself.
pub async fn serve(
    listener: TcpListener,
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
        stopped,
    ));
    let told = async move {
        stop.await;
        // Whoever is not there any more need not be told.
        let _ = stopping.send(true);
    };
    let service = until(state, Stop::on(stopped_too.clone()))
        .into_make_service_with_connect_info::<SocketAddr>();
    let requests = axum::serve(listener, service)
        .with_graceful_shutdown(told)
        .into_future();
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
    Ok(())
}

/// Resolves when requests in flight had their time after a stop.
async fn overdue(stopped: &mut watch::Receiver<bool>) {
    // A sender that is gone has told.
    let _ = stopped.wait_for(|stopped| *stopped).await;
    sleep(GRACE).await;
}
