//! What the fuzz targets share: records that must survive, and what holds for every item.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use weir_core::intake::{Item, Options, read_bytes};
use weir_core::record::Record;
use weir_core::tokens::MAX_TOKENS_PER_CALL;

/// A CloudTrail record with that request id.
pub fn call(id: &str) -> String {
    format!(
        r#"{{"eventVersion":"1.11","userIdentity":{{"type":"IAMUser","userName":"ana"}},"eventTime":"2026-11-20T09:15:02Z","eventSource":"bedrock.amazonaws.com","eventName":"Converse","awsRegion":"eu-west-1","requestID":"{id}","eventType":"AwsApiCall","recipientAccountId":"111122223333"}}"#
    )
}

/// Text as a JSON string.
pub fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// One gzip member.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("a vector takes everything");
    encoder.finish().expect("a vector takes everything")
}

/// Reads as a Lambda payload, and checks what must hold for whatever comes out.
pub fn read(bytes: &[u8]) -> Vec<Item> {
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
pub fn ids(items: &[Item]) -> Vec<&str> {
    let id = |item| match item {
        &Item::Record(ref record) => Some(record.request.as_str()),
        _ => None,
    };
    items.iter().filter_map(id).collect()
}
