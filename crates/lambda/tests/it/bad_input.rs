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

#[tokio::test]
async fn each_bad_event_has_its_answer_and_the_next_is_counted() {
    use Becomes::{DeadLetter, Failure, Nothing};
    let bomb = gzip(&vec![b' '; 65 * 1024 * 1024]);
    let whole = gzip(br#"{"messageType":"DATA_MESSAGE","logEvents":[]}"#);
    let cases = [
        ("no JSON", "{".to_owned(), Failure("")),
        ("nothing", String::new(), Failure("")),
        ("null", "null".to_owned(), DeadLetter("")),
        ("a number", "7".to_owned(), DeadLetter("")),
        ("an empty object", "{}".to_owned(), DeadLetter("")),
        ("an empty list", "[]".to_owned(), Nothing),
        (
            "a form nobody knows",
            json!({ "hello": "world" }).to_string(),
            DeadLetter(""),
        ),
        (
            "records that are no list",
            json!({ "Records": 7 }).to_string(),
            DeadLetter(""),
        ),
        (
            "a list of nonsense",
            json!({ "Records": [7, null] }).to_string(),
            DeadLetter(""),
        ),
        (
            "negative tokens",
            event(|detail| detail["additionalEventData"]["inputTokens"] = json!(-5)),
            DeadLetter(""),
        ),
        (
            "tokens beyond any number",
            event(|detail| {
                detail["additionalEventData"]["inputTokens"] = json!(1e300);
            }),
            DeadLetter(""),
        ),
        (
            "year 9999",
            event(|detail| detail["eventTime"] = json!("9999-01-01T00:00:00Z")),
            DeadLetter("future"),
        ),
        (
            "long ago",
            event(|detail| detail["eventTime"] = json!("2019-01-01T00:00:00Z")),
            DeadLetter("old"),
        ),
        (
            "no time",
            event(|detail| detail["eventTime"] = Value::Null),
            DeadLetter("eventTime"),
        ),
        (
            "no request",
            event(|detail| detail["requestID"] = Value::Null),
            DeadLetter("requestID"),
        ),
        (
            "logs that are not base64",
            json!({ "awslogs": { "data": "%%%" } }).to_string(),
            DeadLetter(""),
        ),
        ("logs that are not gzip", awslogs(b"hello"), DeadLetter("")),
        (
            "logs cut off",
            awslogs(&whole[..whole.len() / 2]),
            DeadLetter(""),
        ),
        ("a bomb", awslogs(&bomb), DeadLetter("")),
        (
            "logs without data",
            json!({ "awslogs": {} }).to_string(),
            DeadLetter(""),
        ),
        (
            "a control message",
            awslogs(&gzip(
                br#"{"messageType":"CONTROL_MESSAGE","logEvents":[]}"#,
            )),
            Nothing,
        ),
        (
            "word of no object",
            json!({ "Records": [{ "eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
            "s3": { "bucket": {}, "object": {} } }] })
            .to_string(),
            DeadLetter("names no bucket or key"),
        ),
        (
            "an empty topic message",
            json!({ "Records": [{ "EventSource": "aws:sns", "Sns": {} }] }).to_string(),
            DeadLetter(""),
        ),
    ];
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
