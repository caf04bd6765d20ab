//! What nobody should send to the controller, each with its clear answer, and its neighbours unharmed
//! (rules 12).

use std::io::Write;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use weir_testkit::records::call;
use weir_testkit::wire::envelope;

use self::Becomes::{DeadLetter, Failure, Nothing};
use crate::world::{CONTROLLER, World, batch, seconds_ago};

/// What becomes of an event.
enum Becomes {
    /// Nothing: there is nothing to count.
    Nothing,
    /// Dead letters with this in the reason, and no failure.
    DeadLetter(&'static str),
    /// A failure of the invocation with this in its text.
    Failure(&'static str),
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::best());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn awslogs(gzipped: &[u8]) -> String {
    json!({ "awslogs": { "data": BASE64_STANDARD.encode(gzipped) } }).to_string()
}

/// An event with something wrong in it.
fn event(wrong: impl FnOnce(&mut Value)) -> String {
    let mut event = envelope(
        &call("r1").at_time(seconds_ago(60)).tokens(1, 1).api_event(),
        1,
    );
    wrong(&mut event["detail"]);
    event.to_string()
}

/// What it is, the event, and what becomes of it.
type Case = (&'static str, String, Becomes);

#[tokio::test]
async fn what_has_no_form_has_its_answer_and_the_next_is_counted() {
    let text = |value: Value| value.to_string();
    each(vec![
        ("no JSON", "{".to_owned(), Failure("")),
        ("nothing", String::new(), Failure("")),
        ("null", "null".to_owned(), DeadLetter("")),
        ("a number", "7".to_owned(), DeadLetter("")),
        ("an empty object", "{}".to_owned(), DeadLetter("")),
        ("an empty list", "[]".to_owned(), Nothing),
        (
            "a form nobody knows",
            text(json!({ "hello": "world" })),
            DeadLetter(""),
        ),
        (
            "records that are no list",
            text(json!({ "Records": 7 })),
            DeadLetter(""),
        ),
        (
            "a list of nonsense",
            text(json!({ "Records": [7, null] })),
            DeadLetter(""),
        ),
        (
            "an empty topic message",
            text(json!({ "Records": [{ "EventSource": "aws:sns", "Sns": {} }] })),
            DeadLetter(""),
        ),
        (
            "word of no object",
            text(
                json!({ "Records": [{ "eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
                                       "s3": { "bucket": {}, "object": {} } }] }),
            ),
            DeadLetter("names no bucket or key"),
        ),
    ])
    .await;
}

#[tokio::test]
async fn what_makes_no_sense_in_a_record_has_its_answer_and_the_next_is_counted() {
    let count = |value: Value| event(|detail| detail["additionalEventData"]["inputTokens"] = value);
    let time = |value: Value| event(|detail| detail["eventTime"] = value);
    each(vec![
        ("negative tokens", count(json!(-5)), DeadLetter("")),
        (
            "tokens beyond any number",
            count(json!(1e300)),
            DeadLetter(""),
        ),
        (
            "year 9999",
            time(json!("9999-01-01T00:00:00Z")),
            DeadLetter("future"),
        ),
        (
            "long ago",
            time(json!("2019-01-01T00:00:00Z")),
            DeadLetter("old"),
        ),
        ("no time", time(Value::Null), DeadLetter("eventTime")),
        (
            "no request",
            event(|detail| detail["requestID"] = Value::Null),
            DeadLetter("requestID"),
        ),
    ])
    .await;
}

#[tokio::test]
async fn what_is_broken_in_logs_has_its_answer_and_the_next_is_counted() {
    let bomb = gzip(&vec![b' '; 65 * 1024 * 1024]);
    let whole = gzip(br#"{"messageType":"DATA_MESSAGE","logEvents":[]}"#);
    let control = gzip(br#"{"messageType":"CONTROL_MESSAGE","logEvents":[]}"#);
    let not_base64 = json!({ "awslogs": { "data": "%%%" } });
    let without = json!({ "awslogs": {} });
    each(vec![
        (
            "logs that are not base64",
            not_base64.to_string(),
            DeadLetter(""),
        ),
        ("logs without data", without.to_string(), DeadLetter("")),
        ("logs that are not gzip", awslogs(b"hello"), DeadLetter("")),
        (
            "logs cut off",
            awslogs(&whole[..whole.len() / 2]),
            DeadLetter(""),
        ),
        ("a bomb", awslogs(&bomb), DeadLetter("")),
        ("a control message", awslogs(&control), Nothing),
    ])
    .await;
}

async fn each(cases: Vec<Case>) {
    for (what, event, becomes) in cases {
        let world = World::new().await;
        let function = world.start(CONTROLLER).await;
        match becomes {
            Nothing | DeadLetter(_) => {
                function
                    .answer_to(&event)
                    .await
                    .unwrap_or_else(|error| panic!("{what}: {error}"));
            }
            Failure(want) => {
                let (_, text) = function.failure(event).await;
                assert!(text.contains(want), "{what}: {text}");
            }
        }
        let letters = world.dead_letters().await;
        match becomes {
            DeadLetter(want) => assert!(
                letters.iter().any(|letter| letter.contains(want)),
                "{what}: {letters:?}"
            ),
            Nothing | Failure(_) => assert!(letters.is_empty(), "{what}: {letters:?}"),
        }
        let good = envelope(&call("r2").at_time(seconds_ago(60)).api_event(), 1);
        let counted = function.answer(&good).await;
        assert_eq!(counted["new"], 1, "{what}: {counted}");
    }
}

#[tokio::test]
async fn a_bad_message_costs_none_of_its_neighbours() {
    let world = World::new().await;
    let function = world.start(CONTROLLER).await;
    let good = |request: &str| {
        envelope(&call(request).at_time(seconds_ago(60)).api_event(), 1).to_string()
    };
    let mut event = batch(&[
        good("r1"),
        String::new(),
        "{".to_owned(),
        awslogs(&gzip(&vec![b' '; 65 * 1024 * 1024])),
        "x".repeat(1 << 20),
        good("r2"),
    ]);
    let records = event["Records"].as_array_mut().unwrap();
    records.push(json!({ "eventSource": "aws:sqs", "messageId": "m6", "body": 7 }));
    records.push(json!({ "eventSource": "aws:sqs" }));
    records.push(Value::Null);
    let answer = function.answer(&event).await;
    assert_eq!(answer, json!({ "batchItemFailures": [] }));
    assert_eq!(world.invocations().await, 2);
    let letters = world.dead_letters().await;
    assert!(letters.len() >= 5, "{letters:#?}");
}
