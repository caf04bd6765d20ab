//! Streams: order, neighbours, ends in the middle, and how little is needed at a time.

use std::io::{self, BufReader, Read};
use std::ops::ControlFlow;

use super::support::{call, call_with, fixture, gzip, log, outline, outline_of, quoted, told_of};
use crate::intake::{Item, Options, ReadError, read, read_bytes};

fn collect<R: Read>(input: R, piece: usize) -> Vec<Item> {
    let mut items = Vec::new();
    let input = BufReader::with_capacity(piece, input);
    read(input, &Options::default(), &mut |item| {
        items.push(item);
        ControlFlow::Continue(())
    })
    .unwrap();
    items
}

#[test]
fn a_broken_one_does_not_take_its_neighbours_along() {
    let (a, b, c) = (call("a"), call("b"), call("c"));
    let cuts = [1, 2, 13, 20, 25, 40, 60, 90, 150, b.len() - 1];
    for end in cuts {
        let cut = &b[..end];
        for lines in [
            format!("{a}\n{cut}\n{c}\n"),
            format!("{a}\r\n{cut}\r\n{c}"),
            format!("{a}\n{cut}\n\n{c}"),
        ] {
            assert_eq!(outline(&lines), "a truncated! c".to_owned(), "{lines}");
        }
    }
}

#[test]
fn broken_lines_and_elements() {
    let (a, b, c) = (call("a"), call("b"), call("c"));
    let file =
        |elements: &[&str], between: &str| format!("{{\"Records\":[{}]}}", elements.join(between));
    for (text, want) in [
        // Lines
        (format!("{a}\nnonsense\n{c}"), "a unreadable! c"),
        (format!("{a}\n{{\"x\":tru}}\n{c}"), "a unreadable! c"),
        (format!("{a}\n{{\"x\":\"y\n{c}"), "a truncated! c"),
        (format!("{a}\n{{\"x\":[1}}\n{c}"), "a unreadable! c"),
        (format!("{a}\n{{\"x\":[1,\n{b}\n{c}"), "a truncated! b c"),
        (format!("{a}\n{{\"x\":\n{b}\n{c}"), "a truncated! b c"),
        (
            format!("{a}\n{{\n{{\n{{\n{c}"),
            "a truncated! truncated! truncated! c",
        ),
        (format!("{a}}}\n{c}"), "a unreadable! c"),
        (format!("{a} nonsense\n{c}"), "a unreadable! c"),
        (
            format!("{{\"Records\":[{a},{{\"x\":1\n{{\"Records\":[{b}]}}\n{c}"),
            "a truncated! b c truncated!",
        ),
        // Brackets that match by chance
        (
            format!("{{\"x\":[nothing,\n{a},\n{b}]}}\n{c}"),
            "truncated! a b unreadable! c",
        ),
        (
            format!("[\n{a},\n{{\"x\":[nothing,\n{b},\n{c}]}}\n]"),
            "a truncated! b c unreadable! unreadable!",
        ),
        (
            format!("{{\"Records\":[{a}],nonsense}}\n{c}"),
            "a unreadable! c",
        ),
        (
            format!("{{\"Records\":[{a},7],[7\n{b}\n]}}\n{c}"),
            "a unreadable! truncated! b unreadable! c",
        ),
        // Elements
        (file(&[&a, "17", &c], ","), "a unreadable! c"),
        (file(&[&a, "null", &c], ","), "a unreadable! c"),
        (file(&[&a, r#""x, y]""#, &c], ","), "a unreadable! c"),
        (file(&[&a, "{}", &c], ","), "a unknown_form! c"),
        (file(&[&a, r#"{"x":tru}"#, &c], ","), "a unreadable! c"),
        (file(&[&a, r#"{"x":1,}"#, &c], ",\n"), "a unreadable! c"),
        (file(&[&a, r#"{"x":[1}"#, &c], ",\n"), "a unreadable! c"),
        (file(&[&a, r#"{"x":"y"#, &c], ",\n"), "a truncated! c"),
        (
            format!("[\n  {a},\n  {{\"x\":\"y\n  }},\n  {c}\n]\n{b}"),
            "a truncated! c b",
        ),
        (
            format!("[\n{a},\n{{\"x\":1\n{c}\n]\n{b}"),
            "a truncated! c b",
        ),
    ] {
        assert_eq!(outline(&text), want, "{text}");
    }
}

#[test]
fn pretty_printed_records_among_others() {
    let pretty = String::from_utf8(fixture("ct_invokemodel_iamuser.json")).unwrap();
    let id = "0b7c9d1e-2f3a-4b5c-8d6e-000000000001";
    assert_eq!(
        outline(format!("{pretty}{}\n{pretty}", call("a"))),
        format!("{id} a {id}")
    );
    // A fault deep inside one is one refusal, and the next begins where it began.
    let broken = pretty.replacen("\"readOnly\": true", "\"readOnly\": tru", 1);
    assert_eq!(
        outline(format!("{broken}\n{pretty}")),
        format!("unreadable! {id}")
    );
    let cut = &pretty[..pretty.len() / 2];
    assert_eq!(
        outline(format!("{cut}\n{pretty}")),
        format!("truncated! {id}")
    );
}

#[test]
fn the_end_may_come_early() {
    let (a, b) = (call("a"), call("b"));
    let half = &b[..b.len() / 2];
    let data = |message: &str| {
        format!(
            r#"{{"messageType":"DATA_MESSAGE","logEvents":[{{"id":"e","message":{}}}"#,
            quoted(message)
        )
    };
    for (text, want) in [
        (half.to_owned(), "truncated!"),
        (format!("{a}\n{half}"), "a truncated!"),
        (format!("[{a},{half}"), "a truncated!"),
        (format!("[{a},"), "a truncated!"),
        (format!("[{a}"), "a truncated!"),
        ("[".to_owned(), "truncated!"),
        (format!("{{\"Records\":[{a},{b}"), "a b truncated!"),
        (format!("{{\"Records\":[{a},{half}"), "a truncated!"),
        ("{\"Records\":[".to_owned(), "truncated!"),
        (format!("{{\"Records\":[{a}]"), "a truncated!"),
        (data(&log("a")), "a truncated!"),
        (data(half) + "]}", "truncated!"),
    ] {
        assert_eq!(outline(&text), want, "{text}");
        assert_eq!(outline(gzip(&text)), want, "{text} compressed");
    }
}

#[test]
fn gzip_may_end_early_or_be_damaged() {
    let lines: Vec<String> = (0..2000).map(|n| call(&format!("r-{n}"))).collect();
    let whole = gzip(lines.join("\n"));
    for bytes in [
        whole[..whole.len() / 2].to_vec(),
        whole[..whole.len() - 1].to_vec(),
        {
            let mut damaged = whole.clone();
            damaged.extend_from_slice(b"something else");
            damaged
        },
    ] {
        let items = read_bytes(&bytes, &Options::default());
        let (last, before) = items.split_last().unwrap();
        assert!(before.len() > 500, "{}", before.len());
        for (n, item) in before.iter().enumerate() {
            assert_eq!(outline_of(std::slice::from_ref(item)), format!("r-{n}"));
        }
        let Item::Refused(refusal) = last else {
            panic!("{last:?}")
        };
        assert!(
            refusal.reason.contains("the gzip stream"),
            "{}",
            refusal.reason
        );
    }
}

#[test]
fn control_messages() {
    let control = r#"{"messageType":"CONTROL_MESSAGE","owner":"CloudwatchLogs","logGroup":"","logStream":"","subscriptionFilters":[],"logEvents":[{"id":"","timestamp":1,"message":"CWL CONTROL MESSAGE: Checking health of destination Firehose."}]}"#;
    let late = r#"{"logEvents":[{"id":"","timestamp":1,"message":"CWL CONTROL MESSAGE: Checking health."}],"messageType":"CONTROL_MESSAGE"}"#;
    let bare = r#"{"messageType":"CONTROL_MESSAGE"}"#;
    for text in [control, late, bare] {
        assert_eq!(outline(text), "ControlMessage", "{text}");
        assert_eq!(outline(gzip(text)), "ControlMessage", "{text} compressed");
    }
}

#[test]
fn batches_of_everything() {
    let sqs = |id: &str, body: &str| {
        format!(
            r#"{{"messageId":"{id}","receiptHandle":"h","body":{},"attributes":{{}},"messageAttributes":{{}},"md5OfBody":"x","eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu-west-1:111122223333:q","awsRegion":"eu-west-1"}}"#,
            quoted(body)
        )
    };
    let awslogs = String::from_utf8(fixture("cwl_subscription_lambda_event.json")).unwrap();
    let envelope = String::from_utf8(fixture("ct_throttling.json")).unwrap();
    let other = String::from_utf8(fixture("ct_iam_put_user_policy.json")).unwrap();
    let batch = format!(
        r#"{{"Records":[{}]}}"#,
        [
            sqs("1", &call("a")),
            sqs("2", &envelope),
            sqs("3", &other),
            sqs("4", "{broken"),
            sqs("5", &format!("{}\n{}\n", log("b"), log("c"))),
            sqs(
                "6",
                &format!(r#"{{"Records":[{},{}]}}"#, call("d"), call("e"))
            ),
            sqs("7", &awslogs),
            sqs("8", &sqs("9", &call("f"))),
            sqs("10", ""),
        ]
        .join(",")
    );
    let id = |n: u32| format!("0b7c9d1e-2f3a-4b5c-8d6e-{n:012}");
    let want = format!(
        "a {} OtherEvent truncated! b c d e {} {} {} {} {} f bad_field!",
        id(13),
        id(1),
        id(4),
        id(3),
        id(6),
        id(13)
    );
    assert_eq!(outline(&batch), want);
    assert_eq!(outline(gzip(batch)), want);
}

#[test]
fn messages_of_sns_hold_any_form() {
    let wrapped = |id: &str, message: &str| {
        format!(
            r#"{{"Type":"Notification","MessageId":"{id}","TopicArn":"arn:aws:sns:eu-west-1:111122223333:t","Message":{},"Timestamp":"2026-11-20T09:15:03.000Z","SignatureVersion":"1"}}"#,
            quoted(message)
        )
    };
    let queued = |body: &str| {
        format!(
            r#"{{"messageId":"q","eventSource":"aws:sqs","body":{}}}"#,
            quoted(body)
        )
    };
    let to_lambda = |message: &str| {
        format!(
            r#"{{"EventVersion":"1.0","EventSource":"aws:sns","EventSubscriptionArn":"a","Sns":{}}}"#,
            wrapped("n", message)
        )
    };
    let batch = |records: &[String]| format!(r#"{{"Records":[{}]}}"#, records.join(","));
    let file = batch(&[call("b"), call("c")]);
    for (expected, text) in [
        ("a", wrapped("n", &call("a"))),
        (
            "a l",
            [wrapped("1", &call("a")), wrapped("2", &log("l"))].join("\n"),
        ),
        (
            "a b c",
            batch(&[
                queued(&wrapped("1", &call("a"))),
                queued(&wrapped("2", &file)),
            ]),
        ),
        ("a b c", batch(&[to_lambda(&call("a")), to_lambda(&file)])),
        // Raw delivery wraps nothing; topics that feed topics wrap twice.
        ("a b c", batch(&[queued(&call("a")), queued(&file)])),
        ("a", wrapped("1", &wrapped("2", &call("a")))),
        ("Empty", wrapped("n", " ")),
        (
            "unreadable! b c",
            [wrapped("n", "hello"), file.clone()].join("\n"),
        ),
        (
            "unknown_form! a",
            [wrapped("n", "{}"), wrapped("n", &call("a"))].join("\n"),
        ),
        (
            "bad_field!",
            wrapped("n", "x").replace(r#""Message":"x""#, r#""Message":7"#),
        ),
        // A record is what it is, whatever else it carries.
        (
            "l",
            log("l").replacen(
                '{',
                r#"{"Type":"Notification","TopicArn":"t","Message":"x","#,
                1,
            ),
        ),
    ] {
        assert_eq!(outline(&text), expected, "{text}");
    }
    let asked = wrapped("n", "confirm").replace("Notification", "SubscriptionConfirmation");
    assert_eq!(outline(asked), "unknown_form!");
}

#[test]
fn a_notification_about_an_object_is_not_its_contents() {
    let record = r#"{"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":"eu-west-1","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"trail"},"object":{"key":"AWSLogs/x.json.gz"}}}"#;
    let told = told_of(format!(r#"{{"Records":[{record}]}}"#));
    assert!(
        told.starts_with(
            "refused unknown_form: S3 notification at line 1, element 1: tells of an object and does not hold it"
        ),
        "{told}"
    );
}

#[test]
fn pieces_of_any_size_make_no_difference() {
    let mut text = b"\xEF\xBB\xBF".to_vec();
    for name in [
        "ct_access_denied.json",
        "cwl_subscription_decoded.json",
        "mil_s3_object.jsonl",
    ] {
        text.extend_from_slice(&fixture(name));
    }
    let broken = format!(
        "{}\n{{\"x\":\"\\\"\\\\\n[{},{{\"y\":[1}},\n 7]\n{{\"Records\" : [{}, \n{{\"z\":1\n{}",
        call("a"),
        call("b"),
        call("c"),
        call("d")
    );
    text.extend_from_slice(broken.as_bytes());
    let whole = read_bytes(&text, &Options::default());
    assert!(
        outline_of(&whole).contains("a truncated! b unreadable!"),
        "{}",
        outline_of(&whole)
    );
    for piece in [1, 2, 3, 5, 7, 64, 1000, 8192] {
        assert_eq!(collect(text.as_slice(), piece), whole, "pieces of {piece}");
        assert_eq!(
            collect(gzip(&text).as_slice(), piece),
            whole,
            "compressed pieces of {piece}"
        );
    }
}

/// Text that is never in memory as a whole.
struct Long {
    head: &'static [u8],
    unit: Vec<u8>,
    times: usize,
    tail: &'static [u8],
    at: usize,
}

impl Read for Long {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let body = self.unit.len() * self.times;
        let rest = if self.at < self.head.len() {
            &self.head[self.at..]
        } else if self.at < self.head.len() + body {
            &self.unit[(self.at - self.head.len()) % self.unit.len()..]
        } else {
            &self.tail[(self.at - self.head.len() - body).min(self.tail.len())..]
        };
        let n = rest.len().min(buf.len());
        buf[..n].copy_from_slice(&rest[..n]);
        self.at += n;
        Ok(n)
    }
}

#[test]
fn a_long_file_needs_one_record_at_a_time() {
    // What is not read in pieces here would be refused for its size.
    let options = Options {
        max_record: 2000,
        ..Options::default()
    };
    let unit = call("r");
    for (head, unit, tail) in [
        (
            b"{\"Records\":[".as_slice(),
            format!("{unit},"),
            b"]}".as_slice(),
        ),
        (
            b" { \"Records\" : [",
            format!("\n  {unit},"),
            b"],\"tail\":[]}",
        ),
        (b"[", format!("{unit},\n"), b"]"),
        (b"", format!("{unit}\n"), b""),
    ] {
        let long = Long {
            head,
            unit: unit.into_bytes(),
            times: 20_000,
            tail,
            at: 0,
        };
        let mut count = 0;
        read(BufReader::new(long), &options, &mut |item| {
            assert!(matches!(item, Item::Record(_)), "{item:?}");
            count += 1;
            ControlFlow::Continue(())
        })
        .unwrap();
        assert_eq!(count, 20_000);
    }
}

#[test]
fn the_sink_may_stop_it() {
    let text = format!("[{},{},{}]", call("a"), call("b"), call("c"));
    let mut seen = Vec::new();
    read(text.as_bytes(), &Options::default(), &mut |item| {
        seen.push(item);
        if seen.len() == 2 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })
    .unwrap();
    assert_eq!(outline_of(&seen), "a b");
}

#[test]
fn a_reader_that_fails_is_an_error_after_what_it_gave() {
    struct Failing(Vec<u8>);
    impl Read for Failing {
        fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
            if self.0.is_empty() {
                return Err(io::Error::other("the disk is gone"));
            }
            let n = buf.len().min(self.0.len());
            buf[..n].copy_from_slice(&self.0[..n]);
            self.0.drain(..n);
            Ok(n)
        }
    }
    let text = format!("{}\n{}", call("a"), &call("b")[..50]).into_bytes();
    let mut compressed = gzip(&text);
    compressed.truncate(compressed.len() - 9);
    for bytes in [text, compressed] {
        let mut seen = Vec::new();
        let result = read(
            BufReader::new(Failing(bytes)),
            &Options::default(),
            &mut |item| {
                seen.push(item);
                ControlFlow::Continue(())
            },
        );
        let ReadError(cause) = result.unwrap_err();
        assert_eq!(cause.to_string(), "the disk is gone");
        assert_eq!(outline_of(&seen), "a");
    }
}

#[test]
fn broken_on_purpose_and_large_it_still_ends_soon() {
    for text in [
        "{\"a\":\n".repeat(50_000),
        "{\"a\":[\n".repeat(50_000),
        "[\n".repeat(50_000),
        "{\"a\":[\n{},\n".repeat(20_000),
        "{\"".repeat(50_000),
        "[{\"a\":1,".repeat(20_000),
        "{},\n]\n}\n\"".repeat(20_000),
        "[".repeat(1_000_000),
        format!("{{\"a\":{}", "[{},\n{},\n".repeat(50_000)),
        format!("[{}", "{\"a\n".repeat(50_000)),
        call_with("r", &r#","x":{"#.repeat(50_000)),
    ] {
        assert!(!outline(text).is_empty());
    }
}
