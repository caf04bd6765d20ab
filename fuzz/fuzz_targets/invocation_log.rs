//! Bodies of an invocation log. What a caller may write changes nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use weir_core::intake::Item;
use weir_fuzz::read;

fn log(input: &str, output: &str) -> String {
    format!(
        r#"{{"schemaType":"ModelInvocationLog","timestamp":"2026-11-20T09:15:02Z","accountId":"111122223333","region":"eu-west-1","requestId":"log","operation":"Converse","modelId":"m","input":{{{input}}},"output":{{{output}}}}}"#
    )
}

fuzz_target!(|body: &str| {
    // As an answer, with and without counts beside it.
    read(log("", &format!(r#""outputBodyJson":{body}"#)).as_bytes());
    let is_json = serde_json::from_str::<serde::de::IgnoredAny>(body).is_ok();
    let stated =
        r#""inputTokenCount":5,"cacheReadInputTokenCount":6,"cacheWriteInputTokenCount":7"#;
    let items = read(
        log(
            stated,
            &format!(r#""outputTokenCount":8,"outputBodyJson":{body}"#),
        )
        .as_bytes(),
    );
    if let ([Item::Record(record)], true) = (items.as_slice(), is_json) {
        let tokens = record.tokens.expect("the counts were stated");
        assert_eq!((tokens.input, tokens.cache_read, tokens.output), (5, 6, 8));
        assert_eq!(tokens.cache_write(), 7);
    }
    // As a question.
    let items = read(
        log(
            &format!(r#"{stated},"inputBodyJson":{body}"#),
            r#""outputTokenCount":8"#,
        )
        .as_bytes(),
    );
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
});
