//! What happens without being asked: the tick, which also compares AWS with the ledger when that is
//! due.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};
use weir_engine::Engine;

use crate::metrics::Metrics;

/// How often it is asked whether figures are due: several servers take turns by the minute.
const FIGURES: Duration = Duration::from_secs(20);

/// Puts figures where they are wanted, until told to stop.
pub(crate) async fn figures(
    engine: Arc<Engine>,
    metrics: Arc<Metrics>,
    mut stop: watch::Receiver<bool>,
) {
    let Some(into) = metrics.figures.into.clone() else {
        return;
    };
    let mut clock = interval(FIGURES);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return,
            _ = clock.tick() => {}
        }
        if let Err(error) = engine.put_figures(&*into, metrics.figures.most).await {
            tracing::error!(%error, "figures were not put; it is tried again");
            metrics.failed("figures", 1);
        }
    }
}

/// Does what is due, again and again, until told to stop; what was begun is finished.
pub(crate) async fn tick(
    engine: Arc<Engine>,
    metrics: Arc<Metrics>,
    every: Duration,
    mut stop: watch::Receiver<bool>,
) {
    let mut clock = interval(every);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return,
            _ = clock.tick() => {}
        }
        match engine.tick().await {
            Ok(report) => {
                for error in &report.errors {
                    tracing::warn!(error, "the tick went on without this");
                }
                metrics.ticked(&report);
            }
            Err(error) => {
                tracing::error!(%error, "the tick failed; it is tried again");
                metrics.failed("tick", 1);
            }
        }
    }
}
