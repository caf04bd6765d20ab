//! How long there is for what is done after a decision. A function of Lambda ends at a known instant:
//! effects and letters that are still under way then would be cut off by it, their leases left to run out.
//!
//! Decisions are not hurried by it: they are one transaction each, and what they decided stays.

use std::future::Future;
use std::time::Duration;

use tokio::time::error::Elapsed;
use tokio::time::{Instant, timeout_at};

tokio::task_local! {
    static END: Instant;
}

/// Work of which no effect and no letter is begun after `end`. What is under way then is cut short and
/// recorded as to be tried again, by the next tick of any process.
pub async fn within<F: Future>(end: Instant, work: F) -> F::Output {
    let end = self::end().map_or(end, |known| known.min(end));
    END.scope(end, work).await
}

/// Until when there is time, if there is an end.
pub(crate) fn end() -> Option<Instant> {
    END.try_with(|end| *end).ok()
}

/// Whether nothing more is to be begun.
pub(crate) fn is_over() -> bool {
    end().is_some_and(|end| Instant::now() >= end)
}

/// What is left, but no more than `most`.
pub(crate) fn left(most: Duration) -> Duration {
    let left = end().map(|end| end.saturating_duration_since(Instant::now()));
    left.map_or(most, |left| left.min(most))
}

/// Work that is given up at the end. Tasks that are spawned do not know of the end of whoever spawns them,
/// so it is handed to them.
pub(crate) async fn until<F: Future>(end: Option<Instant>, work: F) -> Result<F::Output, Elapsed> {
    match end {
        Some(end) => timeout_at(end, work).await,
        None => Ok(work.await),
    }
}

/// The instant at which a part of what is left is over.
pub(crate) fn part(numerator: u32, denominator: u32) -> Option<Instant> {
    let now = Instant::now();
    let left = end()?.saturating_duration_since(now);
    Some(now + left * numerator / denominator)
}
