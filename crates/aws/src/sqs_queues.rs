//! [`Queues`] over SQS.

use std::time::Duration;

use async_trait::async_trait;
use aws_config::{Region, SdkConfig};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::BuildError;
use aws_sdk_sqs::types::{
    BatchResultErrorEntry, ChangeMessageVisibilityBatchRequestEntry,
    DeleteMessageBatchRequestEntry, Message as SqsMessage, MessageSystemAttributeName,
};
use weir_engine::ports::{EffectError, EffectErrorKind, QueueMessage, Queues};

use crate::error::classify;

/// How long a receive waits for the first message: the longest SQS allows.
const WAIT: i32 = 20;
/// The most messages of one call.
const MOST: i32 = 10;

/// Queues of any Region, by URL.
pub(crate) struct SqsQueues {
    config: SdkConfig,
}

impl SqsQueues {
    pub(crate) fn new(config: SdkConfig) -> Self {
        Self { config }
    }

    fn client(&self, queue: &str) -> Client {
        let mut builder = aws_sdk_sqs::config::Builder::from(&self.config);
        if let Some(region) = region_in(queue) {
            builder = builder.region(Region::new(region.to_owned()));
        }
        Client::from_conf(builder.build())
    }
}

/// The Region in the URL of a queue: `https://sqs.eu-west-1.amazonaws.com/…`.
pub(crate) fn region_in(queue: &str) -> Option<&str> {
    let host = queue.strip_prefix("https://")?.split('/').next()?;
    let (region, rest) = host.strip_prefix("sqs.")?.split_once('.')?;
    rest.starts_with("amazonaws.").then_some(region)
}

#[async_trait]
impl Queues for SqsQueues {
    async fn receive(&self, queue: &str, hold: Duration) -> Result<Vec<QueueMessage>, EffectError> {
        let answer = self
            .client(queue)
            .receive_message()
            .queue_url(queue)
            .max_number_of_messages(MOST)
            .wait_time_seconds(WAIT)
            .visibility_timeout(seconds(hold))
            .message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount)
            .send()
            .await
            .map_err(|error| classify(format!("ReceiveMessage {queue}"), &error))?;
        let messages = answer.messages.unwrap_or_default();
        Ok(messages.into_iter().filter_map(message).collect())
    }

    async fn delete(&self, queue: &str, receipts: &[String]) -> Result<(), EffectError> {
        let what = || format!("DeleteMessageBatch {queue}");
        let entries = receipts.iter().enumerate().map(|(at, receipt)| {
            DeleteMessageBatchRequestEntry::builder()
                .id(at.to_string())
                .receipt_handle(receipt)
                .build()
        });
        let answer = self
            .client(queue)
            .delete_message_batch()
            .queue_url(queue)
            .set_entries(Some(built(what(), entries)?))
            .send()
            .await
            .map_err(|error| classify(what(), &error))?;
        all_done(what(), answer.failed())
    }

    async fn extend(
        &self,
        queue: &str,
        receipts: &[String],
        hold: Duration,
    ) -> Result<(), EffectError> {
        let what = || format!("ChangeMessageVisibilityBatch {queue}");
        let entries = receipts.iter().enumerate().map(|(at, receipt)| {
            ChangeMessageVisibilityBatchRequestEntry::builder()
                .id(at.to_string())
                .receipt_handle(receipt)
                .visibility_timeout(seconds(hold))
                .build()
        });
        let answer = self
            .client(queue)
            .change_message_visibility_batch()
            .queue_url(queue)
            .set_entries(Some(built(what(), entries)?))
            .send()
            .await
            .map_err(|error| classify(what(), &error))?;
        all_done(what(), answer.failed())
    }
}

fn message(found: SqsMessage) -> Option<QueueMessage> {
    let receives = found
        .attributes
        .as_ref()
        .and_then(|all| all.get(&MessageSystemAttributeName::ApproximateReceiveCount))
        .and_then(|count| count.parse().ok());
    Some(QueueMessage {
        id: found.message_id.unwrap_or_default(),
        receipt: found.receipt_handle?,
        body: found.body.unwrap_or_default(),
        receives: receives.unwrap_or(1),
    })
}

fn seconds(span: Duration) -> i32 {
    i32::try_from(span.as_secs().max(1)).unwrap_or(i32::MAX)
}

fn built<T>(
    what: String,
    entries: impl Iterator<Item = Result<T, BuildError>>,
) -> Result<Vec<T>, EffectError> {
    entries
        .collect::<Result<_, _>>()
        .map_err(|error| EffectError::new(EffectErrorKind::Refused, what, error.to_string()))
}

/// A batch call succeeds as a whole even if it failed for some.
fn all_done(what: String, failed: &[BatchResultErrorEntry]) -> Result<(), EffectError> {
    match failed.first() {
        None => Ok(()),
        Some(first) => Err(EffectError::new(
            EffectErrorKind::Retry,
            what,
            format!("{} messages, the first: {}", failed.len(), first.code()),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::region_in;

    #[test]
    fn the_url_of_a_queue_says_its_region() {
        for (url, want) in [
            (
                "https://sqs.eu-south-2.amazonaws.com/111122223333/q",
                Some("eu-south-2"),
            ),
            (
                "https://sqs.cn-north-1.amazonaws.com.cn/1/q",
                Some("cn-north-1"),
            ),
            ("http://127.0.0.1:5000/111122223333/q", None),
            ("https://queue.example.com/1/q", None),
        ] {
            assert_eq!(region_in(url), want, "{url}");
        }
    }
}
