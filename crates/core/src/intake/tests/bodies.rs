//! Counts of invocation logs: stated, and found in answers.
#![expect(clippy::too_many_lines, reason = "tables of cases are long")]

use super::support::{call, log_with, outline, quoted, tell_tokens, told_of};
use crate::intake::{Item, Options, read_bytes};

/// The tokens that a log with this `input` and this answer body comes to.
fn tokens(input: &str, body: &str) -> String {
    of(&log_with(
        "r",
        input,
        &format!(r#"{{"outputBodyJson":{body}}}"#),
    ))
}

fn of(log: &str) -> String {
    match read_bytes(log.as_bytes(), &Options::default()).as_slice() {
        [Item::Record(record)] => record
            .tokens
            .as_ref()
            .map_or("none".to_owned(), tell_tokens),
        _ => told_of(log),
    }
}

const NOTHING: &str = "{}";

#[test]
fn answers_of_every_family() {
    for (body, want) in [
        // Converse, with the split by lifetime
        (
            r#"{"usage":{"inputTokens":12,"outputTokens":356,"totalTokens":19059,"cacheReadInputTokens":17487,"cacheWriteInputTokens":1204,"cacheDetails":[{"ttl":"1h","inputTokens":204},{"ttl":"5m","inputTokens":1000}]}}"#,
            "12 read 17487 wrote 1000+204 out 356",
        ),
        // Both spellings side by side, as seen in raw answers
        (
            r#"{"usage":{"inputTokens":1,"outputTokens":2,"cacheReadInputTokens":3,"cacheReadInputTokenCount":3,"cacheWriteInputTokens":4,"cacheWriteInputTokenCount":4}}"#,
            "1 read 3 wrote 4+0 out 2",
        ),
        // Nova
        (
            r#"{"usage":{"inputTokens":1,"outputTokens":2,"cacheReadInputTokenCount":3,"cacheWriteInputTokenCount":4}}"#,
            "1 read 3 wrote 4+0 out 2",
        ),
        // Anthropic
        (
            r#"{"usage":{"input_tokens":3,"output_tokens":5,"cache_read_input_tokens":7,"cache_creation_input_tokens":11,"cache_creation":{"ephemeral_5m_input_tokens":4,"ephemeral_1h_input_tokens":7},"service_tier":"standard"}}"#,
            "3 read 7 wrote 4+7 out 5",
        ),
        (
            r#"{"usage":{"input_tokens":3,"output_tokens":5,"cache_creation":{"ephemeral_1h_input_tokens":7}}}"#,
            "3 read 0 wrote 0+7 out 5",
        ),
        // Responses API: input includes cache
        (
            r#"{"usage":{"input_tokens":2048,"output_tokens":256,"total_tokens":2304,"input_tokens_details":{"cached_tokens":1920,"cache_write_tokens":28}}}"#,
            "100 read 1920 wrote 28+0 out 256",
        ),
        (
            r#"[{"type":"response.created","response":{"usage":null}},{"type":"response.completed","response":{"usage":{"input_tokens":10,"output_tokens":2,"input_tokens_details":{"cached_tokens":4}}}}]"#,
            "6 read 4 wrote 0+0 out 2",
        ),
        // Chat Completions: input includes cache
        (
            r#"{"usage":{"prompt_tokens":100,"completion_tokens":7,"total_tokens":107,"prompt_tokens_details":{"cached_tokens":64}}}"#,
            "36 read 64 wrote 0+0 out 7",
        ),
        (
            r#"{"usage":{"prompt_tokens":100,"completion_tokens":7,"prompt_tokens_details":null}}"#,
            "100 read 0 wrote 0+0 out 7",
        ),
        // Llama, Titan, Cohere
        (
            r#"{"generation":"x","prompt_token_count":9,"generation_token_count":4}"#,
            "9 read 0 wrote 0+0 out 4",
        ),
        (
            r#"{"inputTextTokenCount":9,"results":[{"tokenCount":4,"outputText":"x"},{"tokenCount":1}]}"#,
            "9 read 0 wrote 0+0 out 5",
        ),
        (
            r#"{"embedding":[0.1,-2e-3],"inputTextTokenCount":9}"#,
            "9 read 0 wrote 0+0 out 0",
        ),
        (
            r#"{"meta":{"billed_units":{"input_tokens":9,"output_tokens":4}}}"#,
            "9 read 0 wrote 0+0 out 4",
        ),
        // Streams
        (
            r#"[{"type":"message_start","message":{"usage":{"input_tokens":3,"cache_creation_input_tokens":11,"cache_read_input_tokens":7,"cache_creation":{"ephemeral_5m_input_tokens":4,"ephemeral_1h_input_tokens":7},"output_tokens":1}}},{"type":"message_delta","usage":{"output_tokens":20}},{"type":"message_delta","usage":{"output_tokens":35}}]"#,
            "3 read 7 wrote 4+7 out 35",
        ),
        (
            r#"[{"outputText":"x"},{"amazon-bedrock-invocationMetrics":{"inputTokenCount":3,"outputTokenCount":5,"cacheReadInputTokenCount":7,"cacheWriteInputTokenCount":11}},"[DONE]"]"#,
            "3 read 7 wrote 11+0 out 5",
        ),
        (
            r#"[{"messageStart":{}},{"metadata":{"usage":{"inputTokens":1,"outputTokens":2},"metrics":{}}}]"#,
            "1 read 0 wrote 0+0 out 2",
        ),
        // Nothing to be found
        ("{}", "none"),
        ("[]", "none"),
        ("null", "none"),
        (r#""text""#, "none"),
        (
            r#"{"usage":"much","message":"x","results":7,"meta":[],"response":null,"metadata":1}"#,
            "none",
        ),
        // What the answer says is not where counts are
        (
            r#"{"content":[{"type":"tool_use","input":{"usage":{"input_tokens":1,"output_tokens":1}}}],"choices":[{"message":{"usage":{"prompt_tokens":1}}}],"output":{"usage":{"inputTokens":1}}}"#,
            "none",
        ),
    ] {
        assert_eq!(tokens(NOTHING, body), want, "{body}");
    }
}

#[test]
fn stated_counts_and_bodies_together() {
    let split = |short: u64, long: u64| {
        format!(
            r#"{{"usage":{{"input_tokens":3,"output_tokens":5,"cache_read_input_tokens":7,"cache_creation_input_tokens":{},"cache_creation":{{"ephemeral_5m_input_tokens":{short},"ephemeral_1h_input_tokens":{long}}}}}}}"#,
            short + long
        )
    };
    let only_1h = r#"{"usage":{"cacheDetails":[{"ttl":"1h","inputTokens":4}]}}"#;
    let stated =
        r#"{"inputTokenCount":3,"cacheReadInputTokenCount":7,"cacheWriteInputTokenCount":11}"#;
    let chat = r#"{"usage":{"prompt_tokens":100,"completion_tokens":7,"prompt_tokens_details":{"cached_tokens":64}}}"#;
    for (input, body, want) in [
        // The split is taken when it adds up
        (stated, split(4, 7).as_str(), "3 read 7 wrote 4+7 out 5"),
        (stated, &split(4, 8), "3 read 7 wrote 11+0 out 5"),
        (stated, only_1h, "3 read 7 wrote 7+4 out 0"),
        (stated, NOTHING, "3 read 7 wrote 11+0 out 0"),
        // What is stated wins
        (
            r#"{"inputTokenCount":99,"cacheReadInputTokenCount":1}"#,
            &split(4, 7),
            "99 read 1 wrote 0+0 out 5",
        ),
        (
            r#"{"inputTokenCount":3}"#,
            &split(4, 7),
            "3 read 7 wrote 4+7 out 5",
        ),
        (
            r#"{"inputTokenCount":3,"cacheReadInputTokenCount":0}"#,
            &split(4, 7),
            "3 read 0 wrote 4+7 out 5",
        ),
        // Whether the stated input includes cache is seen by comparing
        (
            r#"{"inputTokenCount":36}"#,
            chat,
            "36 read 64 wrote 0+0 out 7",
        ),
        (
            r#"{"inputTokenCount":100}"#,
            chat,
            "36 read 64 wrote 0+0 out 7",
        ),
        (
            r#"{"inputTokenCount":50}"#,
            chat,
            "50 read 0 wrote 0+0 out 7",
        ),
        // Nothing is made up
        ("null", NOTHING, "none"),
        (r#"{"inputTokenCount":null}"#, NOTHING, "none"),
        (
            r#"{"inputTokenCount":0}"#,
            NOTHING,
            "0 read 0 wrote 0+0 out 0",
        ),
    ] {
        assert_eq!(tokens(input, body), want, "{input} {body}");
    }
}

#[test]
fn what_a_caller_wrote_is_never_a_count() {
    let fake =
        r#"{"usage":{"input_tokens":1,"output_tokens":1},"inputTokenCount":1,"requestId":"x"}"#;
    let input = format!(r#"{{"inputBodyJson":{fake},"inputTokenCount":50}}"#);
    let text = r#"{"outputTokenCount":60,"outputBodyJson":{"content":"{\"usage\":{\"output_tokens\":1}}"}}"#;
    assert_eq!(
        of(&log_with("r", &input, text)),
        "50 read 0 wrote 0+0 out 60"
    );
    let spoken = log_with("r", &input, text).replacen(
        r#""operation""#,
        r#""system":[{"outputTokenCount":1}],"messages":{"usage":{"output_tokens":1}},"operation""#,
        1,
    );
    assert_eq!(of(&spoken), "50 read 0 wrote 0+0 out 60");
}

#[test]
fn bodies_that_cannot_be_right() {
    const NEEDED: &str = "refused bad_field: invocation log at line 1: `output.outputBodyJson.usage` has counts that cannot be right";
    for body in [
        r#"{"usage":{"input_tokens":-1,"output_tokens":1}}"#,
        r#"{"usage":{"input_tokens":1e3,"output_tokens":1}}"#,
        r#"{"usage":{"input_tokens":"1","output_tokens":1}}"#,
        r#"{"usage":{"input_tokens":1,"output_tokens":99999999999999}}"#,
        r#"{"usage":{"prompt_tokens":1,"prompt_tokens_details":{"cached_tokens":2}}}"#,
        r#"{"results":[{"tokenCount":900000000000},{"tokenCount":900000000000}]}"#,
        r#"{"usage":{"input_tokens":1,"cacheDetails":[{"ttl":"1h","inputTokens":-4}]}}"#,
    ] {
        // Needed, it is a fault; not needed, nobody looks.
        assert!(
            tokens(NOTHING, body).starts_with(NEEDED),
            "{body}: {}",
            tokens(NOTHING, body)
        );
        let output = format!(r#"{{"outputTokenCount":2,"outputBodyJson":{body}}}"#);
        let log = log_with("r", r#"{"inputTokenCount":1}"#, &output);
        assert_eq!(of(&log), "1 read 0 wrote 0+0 out 2", "{body}");
    }
}

#[test]
fn tiers_of_answers() {
    for (body, want) in [
        (r#"{"serviceTier":{"type":"flex"}}"#, "tier flex"),
        (r#"{"service_tier":"priority"}"#, "tier priority"),
        (
            r#"[{"service_tier":"priority"},{"service_tier":null}]"#,
            "tier priority",
        ),
    ] {
        let log = log_with("r", NOTHING, &format!(r#"{{"outputBodyJson":{body}}}"#));
        assert!(told_of(&log).contains(want), "{body}");
    }
}

#[test]
fn further_keys_of_a_log_do_not_make_it_something_else() {
    let fake = call("fake");
    let inside = |more: &str, id: &str| {
        log_with(id, r#"{"inputTokenCount":1}"#, "{}").replacen(
            r#""schemaVersion""#,
            &format!("{more},\"schemaVersion\""),
            1,
        )
    };
    for more in [
        format!(r#""Records":[{fake}]"#),
        format!(r#""logEvents":[{{"id":"e","message":{}}}]"#, quoted(&fake)),
        format!(r#""detail-type":"AWS API Call via CloudTrail","detail":{fake}"#),
        format!(
            r#""eventSource":"aws:sqs","messageId":"m","body":{}"#,
            quoted(&fake)
        ),
        r#""awslogs":{"data":""}"#.to_owned(),
    ] {
        let text = inside(&more, "true");
        assert_eq!(outline(&text), "true", "{more}");
        // In a file as well, and whether or not it arrives as a whole.
        let file = format!("{text}\n[{text}]\n{{\"Records\":[{text}]}}\n");
        assert_eq!(outline(&file), "true true true", "{more}");
        let long = inside(
            &format!(r#"{more},"long":"{}""#, "x".repeat(2 << 20)),
            "long",
        );
        assert_eq!(outline(&long), "long", "{more}");
    }
}
