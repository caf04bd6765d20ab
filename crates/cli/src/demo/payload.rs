//! Deliveries packed the way AWS packs them.

use std::io::Write;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use super::history::{Delivery, Route};
use super::organisation::ACCOUNT;

/// Bytes to be read, and where they would have come from.
pub(crate) struct Payload {
    pub(crate) source: &'static str,
    pub(crate) bytes: Vec<u8>,
}

/// The deliveries of one moment, one payload per route.
pub(crate) fn pack(deliveries: &[Delivery]) -> std::io::Result<Vec<Payload>> {
    let mut payloads = Vec::new();
    for (route, source) in [
        (Route::Event, "demo: EventBridge"),
        (Route::TrailFile, "demo: CloudTrail file"),
        (Route::LogFile, "demo: invocation-log file"),
        (Route::Subscription, "demo: CloudWatch subscription"),
    ] {
        let of_route = deliveries.iter().filter(|delivery| delivery.route == route);
        let texts: Vec<&str> = of_route.map(|delivery| delivery.text.as_str()).collect();
        if texts.is_empty() {
            continue;
        }
        let bytes = match route {
            Route::Event => texts.join("\n").into_bytes(),
            Route::TrailFile => gzip(&format!("{{\"Records\":[{}]}}", texts.join(",")))?,
            Route::LogFile => gzip(&texts.join("\n"))?,
            Route::Subscription => subscription(&texts)?,
        };
        payloads.push(Payload { source, bytes });
    }
    Ok(payloads)
}

/// What a CloudWatch Logs subscription hands over.
fn subscription(records: &[&str]) -> std::io::Result<Vec<u8>> {
    let event = |(at, record): (usize, &&str)| json!({ "id": format!("{at:056}"), "timestamp": 0, "message": record });
    let data = json!({
        "messageType": "DATA_MESSAGE",
        "owner": ACCOUNT,
        "logGroup": "/bedrock/model-invocations",
        "logStream": "aws/bedrock/modelinvocations",
        "subscriptionFilters": ["weir"],
        "logEvents": records.iter().enumerate().map(event).collect::<Vec<_>>(),
    });
    let packed = STANDARD.encode(gzip(&data.to_string())?);
    Ok(json!({ "awslogs": { "data": packed } })
        .to_string()
        .into_bytes())
}

fn gzip(text: &str) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes())?;
    encoder.finish()
}
