//! What is inside a CloudWatch Logs payload, and payloads that are none.
#![no_main]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use libfuzzer_sys::fuzz_target;
use weir_fuzz::{gzip, quoted, read};

fuzz_target!(|bytes: &[u8]| {
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
});
