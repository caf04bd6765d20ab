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

use self::Becomes::{DeadLetters, Failure, Nothing};
use crate::world::{CONTROLLER, World, batch, seconds_ago};

/// What becomes of an event.
enum Becomes {
    /// Nothing: there is nothing to count, and that is what the caller reads.
    Nothing,
    /// What `weir dead-letters` shows, the newest first; the caller and the log read how many they are.
    DeadLetters(&'static [&'static str]),
    /// What the caller reads as the failure of the invocation.
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
    let unknown = || {
        DeadLetters(&[
            "lambda, line 1: unknown_form: JSON at line 1: is none of the forms that are read here",
        ])
    };
    let no_record = || {
        DeadLetters(&[
            "lambda, line 1: unreadable: input at line 1: begins with neither `{` nor `[`",
        ])
    };
    each(vec![
        ("no JSON", "{".to_owned(), Failure("failed to deserialize the incoming data into the function's payload type: \
                  EOF while parsing an object at line 1 column 1")),
        ("nothing", String::new(), Failure("failed to deserialize the incoming data into the function's payload type: \
                  EOF while parsing a value at line 1 column 0")),
        ("null", "null".to_owned(), no_record()),
        ("a number", "7".to_owned(), no_record()),
        ("an empty object", "{}".to_owned(), unknown()),
        ("an empty list", "[]".to_owned(), Nothing),
        ("a form nobody knows", text(json!({ "hello": "world" })), unknown()),
        (
            "records that are no list",
            text(json!({ "Records": 7 })),
            DeadLetters(&["lambda, line 1: bad_field: file or batch at line 1: `Records` is not a list"]),
        ),
        (
            "a list of nonsense",
            text(json!({ "Records": [7, null] })),
            DeadLetters(&[
                "lambda, line 1, element 2: unreadable: input at line 1, element 2: begins with neither `{` nor `[`",
                "lambda, line 1, element 1: unreadable: input at line 1, element 1: begins with neither `{` nor `[`",
            ]),
        ),
        (
            "an empty topic message",
            text(json!({ "Records": [{ "EventSource": "aws:sns", "Sns": {} }] })),
            DeadLetters(&["sns, line 1, element 1: bad_field: SNS message at line 1, element 1: `Message` is missing"]),
        ),
        (
            "word of no object",
            text(
                json!({ "Records": [{ "eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
                                       "s3": { "bucket": {}, "object": {} } }] }),
            ),
            // The message is the invocation, by the id that the log of the function has.
            DeadLetters(&["event, message 8476a536-e9f4-11e8-9739-000000000001: unreadable: \
                           an S3 notification that names no bucket or key"]),
        ),
    ])
    .await;
}

#[tokio::test]
async fn what_makes_no_sense_in_a_record_has_its_answer_and_the_next_is_counted() {
    let count = |value: Value| event(|detail| detail["additionalEventData"]["inputTokens"] = value);
    let time = |value: Value| event(|detail| detail["eventTime"] = value);
    each(vec![
        (
            "negative tokens",
            count(json!(-5)),
            DeadLetters(&["lambda, line 1: bad_field: EventBridge event at line 1: \
                           `additionalEventData.inputTokens` is negative"]),
        ),
        (
            "tokens beyond any number",
            count(json!(1e300)),
            DeadLetters(&["lambda, line 1: bad_field: EventBridge event at line 1: \
                           `additionalEventData.inputTokens` is not a whole number in range"]),
        ),
        (
            "year 9999",
            time(json!("9999-01-01T00:00:00Z")),
            DeadLetters(&["lambda: future: request r1: the call is dated N days ahead of now"]),
        ),
        (
            "long ago",
            time(json!("2019-01-01T00:00:00Z")),
            DeadLetters(&["lambda: too_old: request r1: the call is N days old"]),
        ),
        (
            "no time",
            time(Value::Null),
            DeadLetters(&["lambda, line 1: bad_field: EventBridge event at line 1: `eventTime` is missing"]),
        ),
        (
            "no request",
            event(|detail| detail["requestID"] = Value::Null),
            DeadLetters(&["lambda, line 1: no_request_id: EventBridge event at line 1: `requestID` is missing"]),
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
            DeadLetters(&["lambda, line 1: unreadable: CloudWatch Logs payload at line 1: \
                           `awslogs.data` is not base64"]),
        ),
        (
            "logs without data",
            without.to_string(),
            DeadLetters(&["lambda, line 1: bad_field: CloudWatch Logs payload at line 1: `awslogs.data` is missing"]),
        ),
        (
            "logs that are not gzip",
            awslogs(b"hello"),
            DeadLetters(&["lambda, line 1: unreadable: input at line 1: begins with neither `{` nor `[`"]),
        ),
        (
            "logs cut off",
            awslogs(&whole[..whole.len() / 2]),
            DeadLetters(&["lambda, line 1: truncated: JSON at line 1: \
                           the gzip stream ends in the middle inside a record"]),
        ),
        (
            "a bomb",
            awslogs(&bomb),
            DeadLetters(&["lambda, line 1: too_large: input at line 1: the gzip stream inflates to more than allowed"]),
        ),
        ("a control message", awslogs(&control), Nothing),
    ])
    .await;
}

async fn each(cases: Vec<Case>) {
    for (what, event, becomes) in cases {
        let world = World::new().await;
        let function = world.start(CONTROLLER).await;
        let letters: &[&str] = match becomes {
            DeadLetters(letters) => letters,
            Nothing | Failure(_) => &[],
        };
        if let Failure(want) = becomes {
            let (_, text) = function.failure(event).await;
            assert_eq!(text.trim_end(), want, "{what}");
        } else {
            let answer = function.answer_to(&event).await;
            let answer = answer.unwrap_or_else(|error| panic!("{what}: {error}"));
            let answer: Value = serde_json::from_str(&answer).unwrap();
            let counts = (&answer["dead_letters"], &answer["new"], &answer["ignored"]);
            let ignored = usize::from(letters.is_empty());
            let wanted = (&json!(letters.len()), &json!(0), &json!(ignored));
            assert_eq!(counts, wanted, "{what}: {answer}");
        }
        let found = world.dead_letters().await;
        let found: Vec<_> = found.iter().map(|letter| without_days(letter)).collect();
        assert_eq!(found, letters, "{what}");
        let good = envelope(&call("r2").at_time(seconds_ago(60)).api_event(), 1);
        let counted = function.answer(&good).await;
        assert_eq!(counted["new"], 1, "{what}: {counted}");
        let log = function.end().await;
        let told = format!("\"dead_letters\":{}", letters.len());
        assert!(log.contains(&told), "{what}: {log}");
    }
}

/// How many days ago it was goes by the day on which the test runs.
fn without_days(letter: &str) -> String {
    let is_days = |word: &str| word.len() > 3 && word.bytes().all(|byte| byte.is_ascii_digit());
    let words = letter.split(' ');
    let words: Vec<_> = words
        .map(|word| if is_days(word) { "N" } else { word })
        .collect();
    words.join(" ")
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
    let queue = "arn:aws:sqs:eu-west-1:111122223333:weir, line 1, ";
    let letters: Vec<_> = letters
        .iter()
        .map(|letter| letter.strip_prefix(queue).unwrap())
        .collect();
    let wanted = [
        "message m6, element 7: bad_field: SQS message at line 1, message m6, element 7: \
         `body` is a number, not a text",
        "message m4, element 5: unreadable: input at line 1, message m4, element 5: begins with neither `{` nor `[`",
        "message m3, element 4: too_large: input at line 1, message m3, element 4: \
         the gzip stream inflates to more than allowed",
        "message m2, element 3: truncated: JSON at line 1, message m2, element 3: the input ends inside a record",
        "message m1, element 2: bad_field: SQS message at line 1, message m1, element 2: `body` is empty",
        "element 9: unreadable: input at line 1, element 9: begins with neither `{` nor `[`",
        "element 8: bad_field: SQS message at line 1, element 8: `body` is missing",
    ];
    assert_eq!(letters, wanted);
    assert!(function.end().await.contains("\"dead_letters\":7"));
}
