//! A message body between two good ones.
#![no_main]

use libfuzzer_sys::fuzz_target;
use weir_fuzz::{call, ids, quoted, read};

fuzz_target!(|body: &str| {
    let message = |id: &str, body: &str| {
        format!(
            r#"{{"messageId":"{id}","body":{},"eventSource":"aws:sqs"}}"#,
            quoted(body)
        )
    };
    let batch = [
        message("1", &call("first")),
        message("2", body),
        message("3", &call("last")),
    ];
    let items = read(format!("{{\"Records\":[{}]}}", batch.join(",")).as_bytes());
    let ids = ids(&items);
    assert_eq!((ids.first(), ids.last()), (Some(&"first"), Some(&"last")));
});
