//! Bad input (rules 12): a clear reason that names what and where, and no contents.
#![expect(clippy::too_many_lines, reason = "tables of cases are long")]

use super::support::{call, call_with, log, log_with, outline, quoted, told_of};
use crate::intake::{Item, Options, read_bytes};

/// Kind and reason of the only item, which must be a refusal.
fn refusal(text: &str) -> String {
    match read_bytes(text.as_bytes(), &Options::default()).as_slice() {
        [Item::Refused(refusal)] => format!("{}: {}", refusal.kind.label(), refusal.reason),
        items => format!("{items:?}"),
    }
}

#[test]
fn fields_of_events() {
    let id =
        |json: &str| call("r").replacen(r#""requestID":"r""#, &format!(r#""requestID":{json}"#), 1);
    let at = |json: &str| call("r").replacen(r#""2026-11-20T09:15:02Z""#, json, 1);
    let region = |json: &str| call("r").replacen(r#""eu-west-1""#, json, 1);
    let account = |json: &str| {
        call("r").replacen(
            r#""recipientAccountId":"111122223333""#,
            &format!(r#""recipientAccountId":{json}"#),
            1,
        )
    };
    let noted = |json: &str| call_with("r", &format!(r#","additionalEventData":{json}"#));
    let asked = |json: &str| call_with("r", &format!(r#","requestParameters":{json}"#));
    let name = |json: &str| call("r").replacen(r#""Converse""#, json, 1);
    let long_id = quoted(&"x".repeat(129));
    let long_model = format!(r#"{{"modelId":"{}"}}"#, "m".repeat(2049));
    for (text, kind, what) in [
        (id("null"), "no_request_id", "`requestID` is missing"),
        (id(r#""""#), "no_request_id", "`requestID` is empty"),
        (
            id(&long_id),
            "no_request_id",
            "`requestID` is longer than 128 characters",
        ),
        (
            id(r#""a b""#),
            "no_request_id",
            "`requestID` holds characters that no request id has",
        ),
        (
            id(r#""a\u0000""#),
            "no_request_id",
            "`requestID` holds characters that no request id has",
        ),
        (id("7"), "bad_field", "`requestID` is a number, not a text"),
        (at("null"), "bad_field", "`eventTime` is missing"),
        (
            at(r#""yesterday""#),
            "bad_field",
            "`eventTime` is not an RFC 3339 time",
        ),
        (
            at("1795166102"),
            "bad_field",
            "`eventTime` is a number, not a text",
        ),
        (
            at(r#""10000-01-01T00:00:00Z""#),
            "bad_field",
            "`eventTime` is not an RFC 3339 time",
        ),
        (
            at(r#""9999-12-31T23:59:59Z""#),
            "future",
            "`eventTime` is at the end of the year 9999",
        ),
        (region("null"), "bad_field", "`awsRegion` is missing"),
        (region(r#""""#), "bad_field", "`awsRegion` is empty"),
        (
            region(r#""EU West""#),
            "bad_field",
            "`awsRegion` is not the name of a Region",
        ),
        (
            account(r#""12""#),
            "bad_field",
            "`recipientAccountId` is not a twelve-digit account id",
        ),
        (
            account("111122223333"),
            "bad_field",
            "`recipientAccountId` is a number, not a text",
        ),
        (
            noted(r#"{"inputTokens":-1}"#),
            "bad_field",
            "`additionalEventData.inputTokens` is negative",
        ),
        (
            noted(r#"{"inputTokens":"1"}"#),
            "bad_field",
            "`additionalEventData.inputTokens` is a text, not a number",
        ),
        (
            noted(r#"{"outputTokens":1.5}"#),
            "bad_field",
            "`additionalEventData.outputTokens` is not a whole number in range",
        ),
        (
            noted(r#"{"outputTokens":1e400}"#),
            "unreadable",
            "is not JSON: number out of range",
        ),
        (
            noted(r#"{"outputTokens":99999999999999999999}"#),
            "bad_field",
            "`additionalEventData.outputTokens` is not a whole number in range",
        ),
        (
            noted(r#"{"outputTokens":1000000000001}"#),
            "bad_field",
            "`additionalEventData.outputTokens` is more than 1000000000000, which no call can use",
        ),
        (
            noted(r#"{"inferenceRegion":"?"}"#),
            "bad_field",
            "`additionalEventData.inferenceRegion` is not the name of a Region",
        ),
        (
            noted(r#"{"callWithBearerToken":"maybe"}"#),
            "bad_field",
            "`additionalEventData.callWithBearerToken` is a text, not a boolean",
        ),
        (
            noted("[]"),
            "bad_field",
            "`additionalEventData` is a list, not an object",
        ),
        (
            asked(r#""m""#),
            "bad_field",
            "`requestParameters` is a text, not an object",
        ),
        (
            asked(r#"{"modelId":["m"]}"#),
            "bad_field",
            "`requestParameters.modelId` is a list, not a text",
        ),
        (
            asked(&long_model),
            "bad_field",
            "`requestParameters.modelId` is longer than 2048 characters",
        ),
        (name("null"), "bad_field", "`eventName` is missing"),
        (
            name("{}"),
            "bad_field",
            "`eventName` is an object, not a text",
        ),
        (
            call_with("r", r#","userAgent":7"#),
            "bad_field",
            "`userAgent` is a number, not a text",
        ),
        (
            call_with("r", r#","errorCode":{}"#),
            "bad_field",
            "`errorCode` is an object, not a text",
        ),
        (
            call("r").replacen(r#""bedrock.amazonaws.com""#, "7", 1),
            "bad_field",
            "`eventSource` is a number, not a text",
        ),
        (
            call("r").replacen(r#""bedrock.amazonaws.com""#, "null", 1),
            "bad_field",
            "`eventSource` is missing",
        ),
    ] {
        let want = format!("{kind}: CloudTrail record at line 1: {what}");
        let json = want.replacen("CloudTrail record", "JSON", 1);
        let got = refusal(&text);
        assert!(
            got == want || got.starts_with(&json),
            "{text}\n got {got}\nwant {want}"
        );
    }
}

#[test]
fn fields_of_logs() {
    let field = |name: &str, json: &str| {
        let text = log("r");
        let (start, rest) = text.split_once(&format!(r#""{name}":"#)).unwrap();
        let (_, end) = rest.split_at(rest.find([',', '}']).unwrap());
        format!(r#"{start}"{name}":{json}{end}"#)
    };
    for (text, kind, what) in [
        (
            field("requestId", r#""""#),
            "no_request_id",
            "`requestId` is empty",
        ),
        (
            field("timestamp", "17"),
            "bad_field",
            "`timestamp` is a number, not a text",
        ),
        (
            field("timestamp", r#""2026-13-01T00:00:00Z""#),
            "bad_field",
            "`timestamp` is not an RFC 3339 time",
        ),
        (
            field("accountId", "null"),
            "bad_field",
            "`accountId` is missing",
        ),
        (
            field("region", "{}"),
            "bad_field",
            "`region` is an object, not a text",
        ),
        (
            field("operation", "1"),
            "bad_field",
            "`operation` is a number, not a text",
        ),
        (
            field("modelId", "1"),
            "bad_field",
            "`modelId` is a number, not a text",
        ),
        (
            field("inputTokenCount", "-7"),
            "bad_field",
            "`input.inputTokenCount` is negative",
        ),
        (
            field("outputTokenCount", "true"),
            "bad_field",
            "`output.outputTokenCount` is a boolean, not a number",
        ),
        (
            log_with("r", "[]", "{}"),
            "bad_field",
            "`input` is a list, not an object",
        ),
        (
            log_with("r", "{}", r#""x""#),
            "bad_field",
            "`output` is a text, not an object",
        ),
        (
            log("r").replacen(r#"{"arn":"arn:aws:iam::111122223333:user/ana"}"#, "5", 1),
            "bad_field",
            "`identity` is a number, not an object",
        ),
    ] {
        let want = format!("{kind}: invocation log at line 1: {what}");
        assert_eq!(refusal(&text), want, "{text}");
    }
}

#[test]
fn things_that_are_no_records() {
    let nested = format!("{}1{}", "[".repeat(20), "]".repeat(20));
    let deep = format!(
        r#"{{"userIdentity":{}1{}}}"#,
        r#"{"sessionContext":"#.repeat(20_000),
        "}".repeat(20_000)
    );
    let mut twice = call("r");
    twice.insert_str(1, r#""eventName":"InvokeModel","#);
    for (text, want) in [
        (
            "{}",
            "unknown_form: JSON at line 1: is none of the forms that are read here",
        ),
        (
            r#"{"a":1}"#,
            "unknown_form: JSON at line 1: is none of the forms that are read here",
        ),
        (
            "nonsense",
            "unreadable: input at line 1: begins with neither `{` nor `[`",
        ),
        (
            "\u{0}\u{1}",
            "unreadable: input at line 1: begins with neither `{` nor `[`",
        ),
        (
            "[17]",
            "unreadable: input at line 1, element 1: begins with neither `{` nor `[`",
        ),
        (
            "{\"a\":\"b\nc\"}",
            "truncated: JSON at line 1: its line ends inside a text",
        ),
        (
            r#"{"a":[}"#,
            "unreadable: JSON at line 1: its brackets do not match",
        ),
        (
            r#"{"a":}"#,
            "unreadable: JSON at line 1: is not JSON: expected value at byte 6 of its line 1",
        ),
        (
            r#"{"a":1 "b":2}"#,
            "unreadable: JSON at line 1: is not JSON: expected `,` or `}` at byte 8 of its line 1",
        ),
        (
            r#"{"a":"\ud800"}"#,
            "unknown_form: JSON at line 1: is none of the forms that are read here",
        ),
        (
            r#"{"eventName":"\ud800"}"#,
            "unreadable: JSON at line 1: is not JSON: unexpected end of hex escape at byte 21 of its line 1",
        ),
        (
            r#"{"a":1"#,
            "truncated: JSON at line 1: the input ends inside a record",
        ),
        (
            r#"{"Records":5}"#,
            "bad_field: file or batch at line 1: `Records` is not a list",
        ),
        (
            r#"{"messageType":"DATA_MESSAGE"}"#,
            "bad_field: CloudWatch Logs payload at line 1: `logEvents` is missing",
        ),
        (
            r#"{"messageType":"DATA_MESSAGE","logEvents":7}"#,
            "bad_field: CloudWatch Logs payload at line 1: `logEvents` is not a list",
        ),
        (
            r#"{"messageType":"DATA_MESSAGE","logEvents":[{"id":"7","message":7}]}"#,
            "bad_field: log event at line 1, message 7, element 1: `message` is a number, not a text",
        ),
        (
            r#"{"awslogs":7}"#,
            "bad_field: CloudWatch Logs payload at line 1: `awslogs` is a number, not an object",
        ),
        (
            r#"{"awslogs":{}}"#,
            "bad_field: CloudWatch Logs payload at line 1: `awslogs.data` is missing",
        ),
        (
            r#"{"awslogs":{"data":"%"}}"#,
            "unreadable: CloudWatch Logs payload at line 1: `awslogs.data` is not base64",
        ),
        (
            r#"{"awslogs":{"data":"H4sI"}}"#,
            "truncated: input at line 1: the gzip stream ends in the middle",
        ),
        (
            r#"{"Records":[{"messageId":"m","eventSource":"aws:sqs"}]}"#,
            "bad_field: SQS message at line 1, message m, element 1: `body` is missing",
        ),
        (
            r#"{"Records":[{"messageId":"m","eventSource":"aws:sqs","body":"text"}]}"#,
            "unreadable: input at line 1, message m, element 1: begins with neither `{` nor `[`",
        ),
        (
            &nested,
            "too_deep: list at line 1, element 1: is inside 8 others",
        ),
        (
            &deep,
            "unknown_form: JSON at line 1: is none of the forms that are read here",
        ),
        (
            &twice,
            "duplicate_key: JSON at line 1: duplicate field `eventName` at byte 211 of its line 1",
        ),
    ] {
        let got = refusal(text);
        assert_eq!(got, want, "{}", &text[..text.len().min(99)]);
    }
}

#[test]
fn the_same_key_twice() {
    let twice = |text: &str, key: &str, value: &str| {
        text.replacen(
            &format!(r#""{key}":"#),
            &format!(r#""{key}":{value},"{key}":"#),
            1,
        )
    };
    let noted = call_with("r", r#","additionalEventData":{"inputTokens":1}"#);
    let asked = call_with(
        "r",
        r#","requestParameters":{"modelId":"m","requestMetadata":{"tool":"a","tool":"b"}}"#,
    );
    for text in [
        twice(&call("r"), "requestID", r#""x""#),
        twice(&noted, "inputTokens", "2"),
        asked,
        twice(&log("r"), "inputTokenCount", "2"),
        twice(&log("r"), "arn", r#""x""#),
        format!(
            r#"{{"detail-type":"AWS API Call via CloudTrail","detail":{0},"detail":{0}}}"#,
            call("r")
        ),
    ] {
        assert!(
            refusal(&text).starts_with("duplicate_key: "),
            "{}",
            refusal(&text)
        );
    }
    // Where nobody reads it does not matter.
    let unread = call_with("r", r#","x":1,"x":2,"requestParameters":{"a":1,"a":2}"#);
    assert_eq!(outline(unread), "r");
    let lists = format!(
        r#"{{"Records":[{}],"Records":[{}]}}"#,
        call("r-1"),
        call("r-2")
    );
    assert_eq!(outline(lists), "r-1 duplicate_key!");
}

#[test]
fn the_reader_is_not_mean() {
    let pretty = serde_json::to_string_pretty(
        &serde_json::from_str::<serde_json::Value>(&call("r")).unwrap(),
    )
    .unwrap();
    let no_indent = pretty.lines().map(str::trim).collect::<Vec<_>>().join(
        "
",
    );
    let file = format!(
        "{{\n\"a\":\n[\n{{\n}}\n],\n\"Records\" :\r\n[\n{},\n{}\n]\n,\"z\":{{}}}}",
        call("a"),
        call("b")
    );
    let escaped = call("r").replacen("eventName", r"\u0065ventName", 1);
    for (text, want) in [
        ("", "Empty"),
        (",", "Empty"),
        (" \r\n\t\n", "Empty"),
        ("[]", "Empty"),
        (r#"{"Records":[]}"#, "Empty"),
        (r#"{"messageType":"DATA_MESSAGE","logEvents":[]}"#, "Empty"),
        (
            r#"{"Records":[{"eventSource":"aws:sqs","messageId":"m","body":" "}]}"#,
            "Empty",
        ),
        (&format!("\u{feff}{}", call("r")), "r"),
        (
            &format!("\r\n\r\n{}\r\n\r\n{}\r\n", call("a"), call("b")),
            "a b",
        ),
        (
            &format!("{}{} {}", call("a"), call("b"), call("c")),
            "a b c",
        ),
        (&format!("{},\n{}", call("a"), call("b")), "a b"),
        (
            &format!("[{} {},,{},]", call("a"), call("b"), call("c")),
            "a b c",
        ),
        (
            &format!("[[{}],{{\"Records\":[{}]}}]", call("a"), call("b")),
            "a b",
        ),
        (&pretty, "r"),
        (&no_indent, "r"),
        (&file, "a b"),
        (&escaped, "r"),
    ] {
        assert_eq!(outline(text), want, "{text}");
    }
    let year_9999 = call("r").replacen("2026-11-20T09:15:02Z", "9999-12-01T00:00:00Z", 1);
    assert!(told_of(year_9999).contains("9999-12-01T00:00:00Z"));
}
