//! The controller counts what AWS sends, whatever way it comes.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use std::io::Write;
use std::time::Duration;
use weir_testkit::records::call;
use weir_testkit::runtime_api::{Answer, Invocation};
use weir_testkit::wire::envelope;

use crate::world::{CONTROLLER, World, batch, fixture, seconds_ago};

fn event(request: &str) -> Value {
    envelope(&call(request).at_time(seconds_ago(60)).api_event(), 1)
}

fn awslogs(decoded: &[u8]) -> Value {
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    out.write_all(decoded).unwrap();
    let data = BASE64_STANDARD.encode(out.finish().unwrap());
    json!({ "awslogs": { "data": data } })
}

#[tokio::test]
async fn each_form_is_counted_once_however_often_it_comes() {
    let world = World::new().await;
    let function = world.start(CONTROLLER).await;
    let sns = |text: &str| {
        json!({ "Records": [{ "EventSource": "aws:sns", "EventVersion": "1.0", "Sns": {
            "Type": "Notification", "MessageId": "n1", "Message": text,
            "TopicArn": "arn:aws:sns:eu-west-1:111122223333:weir" } }] })
    };
    for (form, event, new) in [
        ("EventBridge", fixture("ct_invokemodel_iamuser.json"), 1),
        (
            "CloudWatch Logs",
            fixture("cwl_subscription_lambda_event.json"),
            1,
        ),
        ("a queue", batch(&[event("q1").to_string()]), 1),
        ("a topic", sns(&event("t1").to_string()), 1),
        (
            "a control message",
            awslogs(br#"{"messageType":"CONTROL_MESSAGE","logEvents":[]}"#),
            0,
        ),
        (
            "S3's test",
            json!({ "Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b" }),
            0,
        ),
        (
            "word of an object that was removed",
            json!({ "Records": [{ "eventSource": "aws:s3",
            "eventName": "ObjectRemoved:Delete", "s3": { "bucket": { "name": "b" }, "object": { "key": "k" } } }] }),
            0,
        ),
        (
            "word of an object with prompts",
            json!({ "Records": [{ "eventSource": "aws:s3",
            "eventName": "ObjectCreated:Put", "s3": { "bucket": { "name": "b" },
            "object": { "key": "AWSLogs/1/BedrockModelInvocationLogs/eu-west-1/2026/11/20/09/data/r_input.json.gz" } } }] }),
            0,
        ),
        ("an empty batch", json!({ "Records": [] }), 0),
    ] {
        let before = world.invocations().await;
        for _ in 0..2 {
            function.answer(&event).await;
        }
        let counted = world.invocations().await - before;
        // The logs of the fixture tell of more than the event does.
        assert!(
            counted >= new && (new > 0 || counted == 0),
            "{form}: {counted}"
        );
        assert_eq!(world.dead_letters().await, Vec::<String>::new(), "{form}");
    }
    assert!(world.knows("ana.lopez").await);
}

#[tokio::test]
async fn only_what_was_not_counted_comes_back_to_the_queue() {
    let world = World::new().await;
    let function = world.start(CONTROLLER).await;
    let unreachable = json!({ "Records": [{ "eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
        "awsRegion": "eu-west-1", "s3": { "bucket": { "name": "weir-nowhere" }, "object": { "key": "x.json.gz" } } }] });
    let answer = function
        .answer(&batch(&[
            event("r1").to_string(),
            "not JSON at all".to_owned(),
            unreachable.to_string(),
            event("r2").to_string(),
        ]))
        .await;
    // Without credentials the object is for later; what can never be read is a dead letter.
    assert_eq!(
        answer,
        json!({ "batchItemFailures": [{ "itemIdentifier": "m2" }] })
    );
    assert_eq!(world.invocations().await, 2);
    let letters = world.dead_letters().await;
    assert_eq!(letters.len(), 1, "{letters:?}");
    assert!(
        letters[0].starts_with("arn:aws:sqs:eu-west-1:111122223333:weir"),
        "{letters:?}"
    );
}

#[tokio::test]
async fn without_the_database_the_whole_batch_comes_back() {
    let world = World::new().await;
    let function = world.start(CONTROLLER).await;
    function.answer(&batch(&[event("r1").to_string()])).await;
    // Somebody breaks what a settle needs.
    break_counters(&world).await;
    let answer = function
        .answer(&batch(&[event("r2").to_string(), event("r3").to_string()]))
        .await;
    assert_eq!(
        answer,
        json!({ "batchItemFailures": [{ "itemIdentifier": "m0" }, { "itemIdentifier": "m1" }] })
    );
    let (kind, text) = function.failure(event("r4").to_string()).await;
    assert_eq!(kind, "Unavailable", "{text}");
}

async fn break_counters(world: &World) {
    use sqlx::Connection;
    let mut conn = sqlx::SqliteConnection::connect(&world.url).await.unwrap();
    sqlx::raw_sql("ALTER TABLE usage_counters RENAME TO gone")
        .execute(&mut conn)
        .await
        .unwrap();
}

#[tokio::test]
async fn an_invocation_without_time_takes_nothing_and_says_so() {
    let world = World::new().await;
    let function = world.start(CONTROLLER).await;
    let late = Invocation {
        time: Duration::ZERO,
        ..Invocation::of(batch(&[event("r1").to_string()]).to_string())
    };
    let Answer::Response(text) = function.take(late).await else {
        panic!("a batch never fails as a whole")
    };
    assert_eq!(text, r#"{"batchItemFailures":[{"itemIdentifier":"m0"}]}"#);
    // The same again, with time.
    let answer = function.answer(&batch(&[event("r1").to_string()])).await;
    assert_eq!(answer, json!({ "batchItemFailures": [] }));
    assert_eq!(world.invocations().await, 1);
}

#[tokio::test]
async fn a_tick_does_what_is_due() {
    let world = World::new().await;
    let function = world.start(CONTROLLER).await;
    let ticked = function.answer(&json!({ "action": "tick" })).await;
    assert_eq!(ticked["errors"], json!([]));
    // The reset of today is due in a new database.
    assert_eq!(ticked["resets"].as_array().unwrap().len(), 1, "{ticked}");
    let ticked = function.answer(&json!({ "action": "tick" })).await;
    assert_eq!(ticked["resets"], json!([]));
    // The log of the function is where CloudWatch reads the figures: once, because a minute is not over.
    let said = function.end().await;
    assert_eq!(said.matches("CostMetrics/DailyCost").count(), 1, "{said}");
}
