//! Records and their wire form tell the same.

use serde_json::{Value, json};
use weir_core::intake::{Item, Options, read_bytes};
use weir_core::record::Record;
use weir_core::tokens::Tokens;
use weir_testkit::records::{Draft, call};
use weir_testkit::wire::{envelope, lines};

fn read(value: &Value) -> Record {
    let items = read_bytes(&lines(std::slice::from_ref(value)), &Options::default());
    match items.as_slice() {
        [Item::Record(record)] => (**record).clone(),
        other => panic!("{value} is read as {other:?}"),
    }
}

fn drafts() -> Vec<Draft> {
    let cached = Tokens {
        input: 3,
        cache_read: 17_487,
        cache_write_5m: 1_204,
        cache_write_1h: 40,
        output: 356,
    };
    vec![
        call("r1").by("ana").tokens(812, 164),
        call("r2")
            .by("ana")
            .all_tokens(cached)
            .streamed()
            .key("AKIAEXAMPLE"),
        call("r3")
            .by_session("ci", "build-7")
            .on_behalf_of("dan")
            .tokens(1, 1),
        call("r4")
            .by_person("maria@example.com")
            .model("eu.anthropic.claude-opus-5-5")
            .streamed(),
        call("r5").by_root().denied(),
        call("r6")
            .by("bot")
            .throttled()
            .in_region("us-east-1")
            .in_account("444455556666"),
        call("r7")
            .by("key")
            .bearer()
            .agent("python-requests/2.32.5")
            .metadata("tool", "summariser"),
    ]
}

#[test]
fn what_is_on_the_wire_is_read_as_the_record_that_was_built() {
    for draft in drafts() {
        assert_eq!(read(&draft.api_event()), draft.api());
        assert_eq!(
            read(&draft.data_event()),
            draft.api(),
            "the copy says the same"
        );
        assert_eq!(read(&draft.completion_event()), draft.completion());
        assert_eq!(read(&draft.log_entry()), draft.log());
        for delivery in [0, 1] {
            assert_eq!(read(&envelope(&draft.api_event(), delivery)), draft.api());
            assert_eq!(
                read(&envelope(&draft.completion_event(), delivery)),
                draft.completion()
            );
        }
    }
}

#[test]
fn a_day_of_lines_is_read_in_order() {
    let all: Vec<Value> = drafts()
        .iter()
        .map(Draft::api_event)
        .chain([json!({})])
        .collect();
    let items = read_bytes(&lines(&all), &Options::default());
    assert_eq!(
        items
            .iter()
            .filter(|item| matches!(item, Item::Record(_)))
            .count(),
        7
    );
}
