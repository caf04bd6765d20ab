//! Transactions that repeat themselves after a deadlock, bounded and with a growing pause.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

/// How often a transaction is repeated before the caller hears of it.
pub(crate) const REPEATS: u32 = 10;

/// Waits before the next attempt: a few milliseconds, doubling up to half a second, spread by name so that two that met
/// do not meet again.
pub(crate) async fn pause(name: &str, attempt: u32) {
    let mut hasher = DefaultHasher::new();
    (
        name,
        attempt,
        std::process::id(),
        format!("{:?}", std::thread::current().id()),
    )
        .hash(&mut hasher);
    let base = 2_u64 << attempt.min(8);
    tokio::time::sleep(Duration::from_millis(base + hasher.finish() % base)).await;
}

/// Runs a transaction: `transact!(db, "name", salt, tx => { body that gives a Result })`. Gives the value
/// and how often it was repeated. The body may run more than once.
macro_rules! transact {
    ($db:expr, $name:expr, $salt:expr, $tx:ident => $body:expr) => {{
        let mut attempts: u32 = 0;
        loop {
            let outcome = match $db.begin().await {
                Err(error) => Err(error),
                Ok(mut $tx) => match $body {
                    Ok(value) => match $crate::dialect::Tx::commit($tx).await {
                        Ok(()) => Ok(value),
                        Err(error) => Err(error),
                    },
                    Err(error) => {
                        // The first error is the one to tell.
                        let _ = $crate::dialect::Tx::rollback($tx).await;
                        Err(error)
                    }
                },
            };
            match outcome {
                Err($crate::error::StoreError::Database(error)) if D::is_busy(&error) => {
                    attempts += 1;
                    tracing::debug!(transaction = $name, attempts, %error, "repeats a transaction");
                    if attempts > $crate::work::transact::REPEATS {
                        break Err($crate::error::StoreError::Busy { transaction: $name, attempts });
                    }
                    $crate::work::transact::pause($salt, attempts).await;
                }
                Err(error) => break Err(error),
                Ok(value) => break Ok((value, attempts)),
            }
        }
    }};
}
pub(crate) use transact;
