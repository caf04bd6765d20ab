//! What never gets out of a refusal, where it points, and how much is read.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::support::{call, call_with, fixture, gzip, log, outline_of, quoted, told};
use crate::intake::{Item, Options, Place, RefusalKind, read_bytes};

#[test]
fn nothing_of_the_contents_gets_out() {
    const SECRET: &str = "SeCrEt";
    let values = [
        quoted(SECRET),
        format!("[{}]", quoted(SECRET)),
        format!(r#"{{"text":"{SECRET}"}}"#),
        format!(r#""{SECRET}\u000a""#),
        format!(r#""{SECRET}"#),
    ];
    let call = call_with(
        "r",
        r#","requestParameters":{"modelId":"m","x":1},"additionalEventData":{"inputTokens":1}"#,
    );
    let texts = [
        call,
        log("r"),
        String::from_utf8(fixture("mil_invokemodel.json")).unwrap(),
    ];
    let mut refused = 0;
    for text in &texts {
        // Each value in turn becomes something that should not be there.
        for (at, _) in text.match_indices(':') {
            let end = at + 1 + text[at + 1..].find([',', '}', '\n']).unwrap_or(0);
            for value in &values {
                let broken = format!("{}:{value}{}", &text[..at], &text[end..]);
                for item in read_bytes(broken.as_bytes(), &Options::default()) {
                    if let Item::Refused(refusal) = item {
                        refused += 1;
                        let told = format!("{refusal:?}");
                        assert!(!told.contains(SECRET), "{broken}\n{told}");
                        assert!(refusal.shape.len() <= 1024);
                    }
                }
            }
        }
    }
    assert!(refused > 300, "only {refused} refused");
}

#[test]
fn places_are_told() {
    let bad = call("");
    let sqs = |id: &str, body: &str| {
        format!(
            r#"{{"messageId":"{id}","eventSource":"aws:sqs","body":{}}}"#,
            quoted(body)
        )
    };
    let file = format!("{{\"Records\":[{},\n{bad}]}}", call("r"));
    let batch = format!(
        r#"{{"Records":[{},{}]}}"#,
        sqs("m-1", &call("r")),
        sqs("m-2", &file)
    );
    let places = |text: &str| -> Vec<Place> {
        let items = read_bytes(text.as_bytes(), &Options::default());
        items
            .into_iter()
            .filter_map(|item| match item {
                Item::Refused(refusal) => Some(refusal.place),
                _ => None,
            })
            .collect()
    };
    let place = |line, element, message: Option<&str>| Place {
        line,
        element,
        message: message.map(str::to_owned),
    };
    assert_eq!(
        places(&format!("\n{}\n\n{bad}", call("r"))),
        [place(4, None, None)]
    );
    assert_eq!(places(&file), [place(2, Some(2), None)]);
    assert_eq!(places(&batch), [place(1, Some(2), Some("m-2"))]);
    assert_eq!(
        place(3, Some(2), Some("m")).to_string(),
        "line 3, message m, element 2"
    );
}

#[test]
fn payloads_are_capped() {
    let bomb = gzip(vec![b' '; 65 * 1024 * 1024]);
    let options = Options::payload();
    let want = "refused too_large: input at line 1: the gzip stream inflates to more than allowed ";
    assert_eq!(told(&bomb, &options), want);
    assert_eq!(told(&bomb, &Options::default()), "ignored Empty");

    // All streams of one payload together.
    let small = Options {
        max_inflated: Some(3000),
        ..Options::default()
    };
    let logs = |id: &str| {
        let payload = format!(
            r#"{{"messageType":"DATA_MESSAGE","logEvents":[{{"id":"e","message":{}}}]}}"#,
            quoted(&log(id))
        );
        let data = STANDARD.encode(gzip(payload));
        format!(r#"{{"awslogs":{{"data":"{data}"}}}}"#)
    };
    let items: Vec<Item> = read_bytes(format!("{}\n{}", logs("a"), logs("b")).as_bytes(), &small);
    assert_eq!(outline_of(&items), "a b");
    let many: String = (0..9).map(|n| logs(&n.to_string()) + "\n").collect();
    let items = read_bytes(many.as_bytes(), &small);
    let records = items
        .iter()
        .filter(|item| matches!(item, Item::Record(_)))
        .count();
    assert!((2..9).contains(&records), "{records} of 9");
    assert!(items.iter().any(|item| {
        matches!(item, Item::Refused(refusal) if refusal.kind == RefusalKind::TooLarge)
    }));

    // One record.
    let tight = Options {
        max_record: 1000,
        ..Options::default()
    };
    let large = call_with("large", &format!(r#","x":"{}""#, "x".repeat(2000)));
    for text in [
        format!("{}\n{large}\n{}", call("a"), call("b")),
        format!("[{},{large},{}]", call("a"), call("b")),
        format!("{{\"Records\":[{},{large},{}]}}", call("a"), call("b")),
    ] {
        let items = read_bytes(text.as_bytes(), &tight);
        assert_eq!(outline_of(&items), "a too_large! b", "{text}");
    }
}
