//! One function for each way in, and what holds there; the fuzz targets and the stable tests of
//! `weir_core::intake` share them.

use std::io::{BufReader, Write as _};
use std::ops::ControlFlow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use weir_core::intake::{Item, Options, read_bytes};
use weir_core::record::Record;
use weir_core::tokens::MAX_TOKENS_PER_CALL;

/// Reads bytes that came in one way, and panics if anything that holds there does not.
pub type Way = fn(&[u8]);

/// Each way in, by the name of its fuzz target.
pub const WAYS: [(&str, Way); 8] = [
    ("any_form", any_form),
    ("envelope", envelope),
    ("json_lines", json_lines),
    ("cloudtrail_file", cloudtrail_file),
    ("sqs", sqs),
    ("logs_payload", logs_payload),
    ("invocation_log", invocation_log),
    ("gzip", gzipped),
];

/// Anything at all; in whatever pieces it comes, the items are the same.
pub fn any_form(bytes: &[u8]) {
    let whole = read(bytes);
    let mut pieces = Vec::new();
    let done = weir_core::intake::read(
        BufReader::with_capacity(7, bytes),
        &Options::payload(),
        &mut |item| {
            pieces.push(item);
            ControlFlow::Continue(())
        },
    );
    assert!(done.is_ok(), "memory does not fail");
    assert_eq!(pieces, whole);
}

/// The detail of an EventBridge event: whatever it is, one event is one item, unless it brings more
/// members of its own.
pub fn envelope(bytes: &[u8]) {
    let Ok(detail) = std::str::from_utf8(bytes) else {
        return;
    };
    let is_json = serde_json::from_str::<serde::de::IgnoredAny>(detail).is_ok();
    for kind in [
        "AWS API Call via CloudTrail",
        "AWS Service Event via CloudTrail",
    ] {
        let event = format!(
            r#"{{"version":"0","id":"1","detail-type":"{kind}","source":"aws.bedrock","account":"111122223333","time":"2026-11-20T09:15:02Z","region":"eu-west-1","resources":[],"detail":{detail}}}"#
        );
        let items = read(event.as_bytes());
        if is_json {
            assert_eq!(items.len(), 1, "{items:?}");
        }
    }
}

/// A line between two good ones.
pub fn json_lines(bytes: &[u8]) {
    let (first, last) = (call("first"), call("last"));
    neighbours_survive(&format!("{first}\n"), bytes, &format!("\n{last}\n"));
}

/// Elements of a CloudTrail file: what stands before and on the lines after is not lost.
pub fn cloudtrail_file(bytes: &[u8]) {
    let (first, last) = (call("first"), call("last"));
    let head = format!("{{\"Records\":[\n{first},\n");
    neighbours_survive(&head, bytes, &format!("\n,\n{last}\n]}}"));
}

/// What comes first is read, and what comes last too, unless the bytes between begin lines of their own.
fn neighbours_survive(head: &str, bytes: &[u8], tail: &str) {
    let items = read(&[head.as_bytes(), bytes, tail.as_bytes()].concat());
    assert_eq!(ids(&items).first(), Some(&"first"));
    if !bytes.contains(&b'\n') {
        assert_eq!(ids(&items).last(), Some(&"last"));
    }
}

/// A message body between two good ones.
pub fn sqs(bytes: &[u8]) {
    let message = |id: &str, body: &str| {
        format!(
            r#"{{"messageId":"{id}","body":{},"eventSource":"aws:sqs"}}"#,
            quoted(body)
        )
    };
    let batch = [
        message("1", &call("first")),
        message("2", &String::from_utf8_lossy(bytes)),
        message("3", &call("last")),
    ];
    let items = read(format!("{{\"Records\":[{}]}}", batch.join(",")).as_bytes());
    let ids = ids(&items);
    assert_eq!((ids.first(), ids.last()), (Some(&"first"), Some(&"last")));
}

/// What is inside a CloudWatch Logs payload, and payloads that are none.
pub fn logs_payload(bytes: &[u8]) {
    let lambda =
        |data: &str| read(format!(r#"{{"awslogs":{{"data":{}}}}}"#, quoted(data)).as_bytes());
    let inside = lambda(&STANDARD.encode(gzip(bytes)));
    assert_eq!(inside.len(), read(bytes).len());
    lambda(&STANDARD.encode(bytes));
    let text = String::from_utf8_lossy(bytes);
    lambda(&text);
    let event = format!(
        r#"{{"messageType":"DATA_MESSAGE","logEvents":[{{"id":"1","message":{0}}},{{"id":"2","message":{0}}}]}}"#,
        quoted(&text)
    );
    assert_eq!(read(event.as_bytes()).len() % 2, 0);
}

/// Bodies of an invocation log. What a caller may write changes nothing.
pub fn invocation_log(bytes: &[u8]) {
    let Ok(body) = std::str::from_utf8(bytes) else {
        return;
    };
    // As an answer, with and without counts beside it.
    read(log("", &format!(r#""outputBodyJson":{body}"#)).as_bytes());
    let is_json = serde_json::from_str::<serde::de::IgnoredAny>(body).is_ok();
    let stated =
        r#""inputTokenCount":5,"cacheReadInputTokenCount":6,"cacheWriteInputTokenCount":7"#;
    let answer = format!(r#""outputTokenCount":8,"outputBodyJson":{body}"#);
    let items = read(log(stated, &answer).as_bytes());
    if let ([Item::Record(record)], true) = (items.as_slice(), is_json) {
        let tokens = record.tokens.expect("the counts were stated");
        assert_eq!((tokens.input, tokens.cache_read, tokens.output), (5, 6, 8));
        assert_eq!(tokens.cache_write(), 7);
    }
    // As a question.
    let question = format!(r#"{stated},"inputBodyJson":{body}"#);
    let items = read(log(&question, r#""outputTokenCount":8"#).as_bytes());
    if is_json {
        let [Item::Record(record)] = items.as_slice() else {
            panic!("{items:?}")
        };
        let tokens = record.tokens.expect("the counts were stated");
        assert_eq!(
            (tokens.input, tokens.cache_write_5m, tokens.output),
            (5, 7, 8)
        );
    }
}

/// Compressed, the same comes out; cut or damaged, nothing breaks.
pub fn gzipped(bytes: &[u8]) {
    let whole = gzip(bytes);
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        assert_eq!(read(&whole), read(bytes));
    }
    read(&whole[..whole.len() / 2]);
    let middle = bytes.len() / 2;
    let members = [gzip(&bytes[..middle]), gzip(&bytes[middle..])].concat();
    assert_eq!(read(&members), read(&whole));
    let header = [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff], bytes].concat();
    read(&header);
}

fn log(input: &str, output: &str) -> String {
    format!(
        r#"{{"schemaType":"ModelInvocationLog","timestamp":"2026-11-20T09:15:02Z","accountId":"111122223333","region":"eu-west-1","requestId":"log","operation":"Converse","modelId":"m","input":{{{input}}},"output":{{{output}}}}}"#
    )
}

/// A CloudTrail record with that request id.
fn call(id: &str) -> String {
    format!(
        r#"{{"eventVersion":"1.11","userIdentity":{{"type":"IAMUser","userName":"ana"}},"eventTime":"2026-11-20T09:15:02Z","eventSource":"bedrock.amazonaws.com","eventName":"Converse","awsRegion":"eu-west-1","requestID":"{id}","eventType":"AwsApiCall","recipientAccountId":"111122223333"}}"#
    )
}

/// Text as a JSON string.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// One gzip member.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("a vector takes everything");
    encoder.finish().expect("a vector takes everything")
}

/// Reads as a Lambda payload, and checks what must hold for whatever comes out.
fn read(bytes: &[u8]) -> Vec<Item> {
    let items = read_bytes(bytes, &Options::payload());
    assert!(!items.is_empty(), "not even a word that there is nothing");
    for item in &items {
        match item {
            Item::Record(record) => check(record),
            Item::Ignored(_) => {}
            Item::Refused(refusal) => {
                assert!(refusal.shape.len() <= 1024);
                assert!(refusal.reason.len() <= 1024, "{}", refusal.reason);
            }
        }
    }
    items
}

fn check(record: &Record) {
    assert!((1..=128).contains(&record.request.as_str().len()));
    assert_eq!(record.account.as_str().len(), 12);
    assert!((1..=32).contains(&record.region.as_str().len()));
    if let Some(tokens) = &record.tokens {
        let classes = [
            tokens.input,
            tokens.cache_read,
            tokens.cache_write_5m,
            tokens.cache_write_1h,
            tokens.output,
        ];
        assert!(classes.iter().all(|count| *count <= MAX_TOKENS_PER_CALL));
    }
    let client = &record.client;
    let failure = record.failure.as_ref();
    for (text, most) in [
        (Some(&record.operation), 128),
        (record.model_sent.as_ref(), 2048),
        (record.model_resource.as_ref(), 2048),
        (record.tier.as_ref(), 128),
        (client.user_agent.as_ref(), 512),
        (client.source_ip.as_ref(), 128),
        (failure.map(|failure| &failure.code), 128),
        (failure.and_then(|failure| failure.message.as_ref()), 1024),
    ] {
        let text = text.map_or("", String::as_str);
        assert!(text.chars().count() <= most);
        assert!(!text.chars().any(char::is_control));
    }
}

/// The request ids of the records among the items.
fn ids<'a>(items: &'a [Item]) -> Vec<&'a str> {
    let id = |item: &'a Item| match item {
        Item::Record(record) => Some(record.request.as_str()),
        _ => None,
    };
    items.iter().filter_map(id).collect()
}
