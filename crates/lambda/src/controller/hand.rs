//! Messages that Lambda handed over: Lambda deletes what is not reported back.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use weir_engine::ports::{EffectError, QueueMessage, Queues};

/// The messages of one event that are not counted yet, by receipt, with their ids.
pub(crate) struct Hand(Mutex<BTreeMap<String, String>>);

impl Hand {
    pub(crate) fn of(messages: &[QueueMessage]) -> Self {
        let receipts = messages
            .iter()
            .map(|message| (message.receipt.clone(), message.id.clone()));
        Self(Mutex::new(receipts.collect()))
    }

    /// The ids of those that are to come again.
    pub(crate) fn left(&self) -> Vec<String> {
        self.lock().values().cloned().collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Queues for Hand {
    async fn receive(&self, _: &str, _: Duration) -> Result<Vec<QueueMessage>, EffectError> {
        Ok(Vec::new())
    }

    /// They are committed.
    async fn delete(&self, _: &str, receipts: &[String]) -> Result<(), EffectError> {
        let mut left = self.lock();
        for receipt in receipts {
            left.remove(receipt);
        }
        Ok(())
    }

    /// The queue hides them as long as it was told to when it was made.
    async fn extend(&self, _: &str, _: &[String], _: Duration) -> Result<(), EffectError> {
        Ok(())
    }
}
