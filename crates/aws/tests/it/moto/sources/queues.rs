//! The consumer of a queue.

use std::io::BufRead;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Value, json};
use weir_engine::ports::{EffectError, Listing, ObjectKey, Objects};
use weir_engine::{Consumed, EngineError, QueueTerms};
use weir_testkit::records::{Draft, call};
use weir_testkit::wire::envelope;

use super::mill::{Mill, seconds_ago, zipped};
use crate::moto::stage::call_as;

const HOLD: Duration = Duration::from_mins(1);

fn draft(request: &str) -> Draft {
    call(request).at_time(seconds_ago(30))
}

fn in_sns(message: &Value) -> Value {
    json!({ "Type": "Notification", "MessageId": "m", "TopicArn": "arn:aws:sns:eu-west-1:1:t",
            "Message": message.to_string() })
}

fn told(bucket: &str, key: &str) -> Value {
    json!({ "Records": [{ "eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "awsRegion": "eu-west-1",
                          "s3": { "bucket": { "name": bucket }, "object": { "key": key } } }] })
}

async fn consume(mill: &Mill, queue: &str, terms: &QueueTerms) -> Result<Consumed, EngineError> {
    consume_with(mill, &*mill.sources.objects, queue, terms).await
}

async fn consume_with(
    mill: &Mill,
    objects: &dyn Objects,
    queue: &str,
    terms: &QueueTerms,
) -> Result<Consumed, EngineError> {
    let messages = mill.receive(queue, terms.hold).await;
    assert!(!messages.is_empty());
    mill.engine
        .consume((&*mill.sources.queues, objects), queue, messages, terms)
        .await
}

#[tokio::test]
async fn every_form_is_counted_and_then_deleted() {
    let mill = Mill::new().await;
    let (queue, bucket) = (mill.queue().await, mill.bucket().await);
    mill.put(
        &bucket,
        "AWSLogs/a b.gz",
        zipped(&[draft("r3").log_entry(), draft("r4").log_entry()]),
    )
    .await;
    mill.put(&bucket, "AWSLogs/c.gz", zipped(&[draft("r5").log_entry()]))
        .await;
    for body in [
        envelope(&draft("r1").api_event(), 1),
        in_sns(&envelope(&draft("r2").api_event(), 1)),
        envelope(&draft("r1").api_event(), 2),
        told(&bucket, "AWSLogs/a+b.gz"),
        told(&bucket, "AWSLogs/x/data/r_input.json.gz"),
        in_sns(&json!({ "s3Bucket": bucket, "s3ObjectKey": ["AWSLogs/c.gz"] })),
        json!({ "Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": bucket }),
        json!({ "hello": "a secret" }),
    ] {
        mill.send(&queue, body).await;
    }
    let consumed = consume(&mill, &queue, &QueueTerms::default())
        .await
        .unwrap();
    assert_eq!((consumed.deleted, consumed.left), (8, 0), "{consumed:?}");
    assert_eq!((consumed.counted.new, consumed.counted.duplicates), (5, 1));
    assert_eq!(mill.messages_in(&queue).await, 0);
    let letters = mill.dead_letters().await;
    assert_eq!(letters.len(), 1, "{letters:?}");
    assert!(
        letters[0].contains(&queue) && letters[0].contains("message "),
        "{letters:?}"
    );
    assert!(!letters[0].contains("secret"));
}

#[tokio::test]
async fn trouble_with_the_database_deletes_nothing() {
    let mill = Mill::broken().await;
    let (queue, bucket) = (mill.queue().await, mill.bucket().await);
    mill.put(&bucket, "AWSLogs/a.gz", zipped(&[draft("r2").log_entry()]))
        .await;
    mill.send(&queue, envelope(&draft("r1").api_event(), 1))
        .await;
    mill.send(&queue, told(&bucket, "AWSLogs/a.gz")).await;
    mill.send(&queue, "nothing that can be read").await;
    let error = consume(&mill, &queue, &QueueTerms::default())
        .await
        .unwrap_err();
    assert!(matches!(error, EngineError::Store(_)), "{error}");
    assert_eq!(mill.messages_in(&queue).await, 3);
}

#[tokio::test]
async fn what_fails_again_and_again_for_its_own_reason_is_a_dead_letter() {
    let mill = Mill::new().await;
    let (queue, bucket) = (mill.queue().await, mill.bucket().await);
    let terms = QueueTerms {
        hold: Duration::from_secs(1),
        most_receives: 2,
        ..QueueTerms::default()
    };
    mill.send(&queue, told(&bucket, "AWSLogs/gone.gz")).await;
    mill.send(&queue, envelope(&draft("r1").api_event(), 1))
        .await;
    let first = consume(&mill, &queue, &terms).await.unwrap();
    assert_eq!((first.deleted, first.left, first.counted.new), (1, 1, 1));
    assert!(
        first.errors[0].contains(&format!("s3://{bucket}/AWSLogs/gone.gz")),
        "{first:?}"
    );
    assert_eq!(
        mill.dead_letters().await,
        Vec::<String>::new(),
        "it may come yet"
    );

    let second = consume(&mill, &queue, &terms).await.unwrap();
    assert_eq!((second.deleted, second.left), (1, 0), "{second:?}");
    let letters = mill.dead_letters().await;
    assert!(
        letters[0].contains("NoSuchKey") && letters[0].contains("gone.gz"),
        "{letters:?}"
    );
    assert_eq!(mill.messages_in(&queue).await, 0);
}

/// Takes its time.
struct Slow<'a>(&'a dyn Objects, Duration);

#[async_trait]
impl Objects for Slow<'_> {
    async fn list(
        &self,
        bucket: &str,
        prefix: &str,
        after: Option<&str>,
    ) -> Result<Listing, EffectError> {
        self.0.list(bucket, prefix, after).await
    }

    async fn open(&self, object: &ObjectKey) -> Result<Box<dyn BufRead + Send>, EffectError> {
        tokio::time::sleep(self.1).await;
        self.0.open(object).await
    }
}

#[tokio::test]
async fn a_message_stays_hidden_while_its_object_is_read() {
    let mill = Mill::new().await;
    let (queue, bucket) = (mill.queue().await, mill.bucket().await);
    mill.put(
        &bucket,
        "AWSLogs/long.gz",
        zipped(&[draft("r1").log_entry()]),
    )
    .await;
    mill.send(&queue, told(&bucket, "AWSLogs/long.gz")).await;
    let terms = QueueTerms {
        hold: Duration::from_secs(2),
        ..QueueTerms::default()
    };
    let slow = Slow(&*mill.sources.objects, Duration::from_secs(5));
    let other = async {
        tokio::time::sleep(Duration::from_secs(4)).await;
        let visible = mill.sqs().receive_message().queue_url(&queue).send().await;
        visible.unwrap().messages.unwrap_or_default().len()
    };
    let (consumed, seen_by_another) =
        tokio::join!(consume_with(&mill, &slow, &queue, &terms), other);
    assert_eq!(seen_by_another, 0);
    assert_eq!(consumed.unwrap().deleted, 1);
    assert_eq!(mill.messages_in(&queue).await, 0);
}

#[tokio::test]
async fn what_event_bridge_puts_into_a_queue_is_counted() {
    let mill = Mill::new().await;
    let queue = mill.queue().await;
    let name = format!("weir-{}", mill.account);
    let arn = format!("arn:aws:sqs:eu-west-1:{}:{name}", mill.account);
    let pattern = json!({ "source": ["aws.bedrock"], "account": [mill.account.as_str()] });
    let detail = draft("r1").api_event();
    let put = json!({ "Entries": [{ "Source": "aws.bedrock", "DetailType": "AWS API Call via CloudTrail",
                                    "Detail": detail.to_string() }] });
    for (action, body) in [
        (
            "PutRule",
            json!({ "Name": name, "EventPattern": pattern.to_string() }),
        ),
        (
            "PutTargets",
            json!({ "Rule": name, "Targets": [{ "Id": "1", "Arn": arn }] }),
        ),
        ("PutEvents", put),
    ] {
        call_as(
            &mill.config,
            "events",
            &format!("AWSEvents.{action}"),
            &body,
        )
        .await;
    }
    let consumed = consume(
        &mill,
        &queue,
        &QueueTerms {
            hold: HOLD,
            ..QueueTerms::default()
        },
    )
    .await
    .unwrap();
    assert_eq!(
        (consumed.deleted, consumed.counted.new),
        (1, 1),
        "{consumed:?}"
    );
}
