//! What nobody should send to the e-mail function: each entry has its answer, and its neighbours theirs.

use serde_json::{Value, json};
use weir_core::message::{Kind, Message};

use crate::world::{MAILER, World};

/// A server that is not there: nothing here is sent.
const NOBODY: &str = "[notify]\nfrom = \"Weir <weir@example.com>\"\n[notify.smtp]\nhost = \"127.0.0.1\"\nport = 9\nsecurity = \"none\"\n";

#[tokio::test]
async fn each_bad_entry_is_told_by_its_field() {
    let mut world = World::new().await;
    world.configure(NOBODY);
    let function = world.start(MAILER).await;
    let good =
        || json!({ "message": Message::sample(Kind::Blocked).to_json(), "to": "ana@example.com" });
    let with = |name: &str, value: Value| {
        let mut entry = good();
        entry[name] = value;
        entry
    };
    let cases = [
        (json!(7), "not a JSON object"),
        (json!({}), "message: missing"),
        (
            json!({ "message": "hello", "to": "ana@example.com" }),
            "message: not a JSON object",
        ),
        (
            json!({ "message": {}, "to": "ana@example.com" }),
            "message: not a message of Weir: missing field `id` at line 1 column 2",
        ),
        (json!({ "message": good()["message"] }), "to: missing"),
        (with("to", json!("ana")), "to: `ana` is not an address"),
        (
            with("to", json!("ana@example.com\r\nBcc: all@example.com")),
            "to: `ana@example.com\r\nBcc: all@example.com` is not an address",
        ),
        (with("to", json!(["ana@example.com"])), "to: not a text"),
        (
            with("language", json!("tlh")),
            "language: `tlh` is not a language of messages: es or en",
        ),
        (
            with("audience", json!("everybody")),
            "audience: `everybody` is not an audience: user, team-owner or admins",
        ),
        (
            with("channel", json!("sns")),
            "channel: `sns` sends no mail; there are: smtp",
        ),
        (
            with("cc", json!("eva@example.com")),
            "cc: there is no such field",
        ),
    ];
    let entries: Vec<_> = cases.iter().map(|(entry, _)| entry.clone()).collect();
    let answer = function.answer(&json!({ "messages": entries })).await;
    let results = answer["results"].as_array().unwrap();
    assert_eq!(results.len(), cases.len());
    for ((entry, want), result) in cases.iter().zip(results) {
        let error = result["error"].as_str().unwrap_or_default();
        assert_eq!(error, *want, "{entry}: {result}");
        assert_eq!(
            (&result["status"], &result["retry"]),
            (&json!("failed"), &json!(false)),
            "{entry}"
        );
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_worth_another_try() {
    let mut world = World::new().await;
    world.configure(NOBODY);
    let function = world.start(MAILER).await;
    let answer = function
        .answer(&json!({ "message": Message::sample(Kind::Blocked).to_json(), "to": "ana@example.com" }))
        .await;
    let result = &answer["results"][0];
    assert_eq!(
        (&result["status"], &result["retry"]),
        (&json!("failed"), &json!(true)),
        "{answer}"
    );
}

#[tokio::test]
async fn an_event_of_another_form_fails_as_a_whole() {
    let mut world = World::new().await;
    world.configure(NOBODY);
    let function = world.start(MAILER).await;
    let many: Vec<_> = (0..101).map(|_| json!({})).collect();
    for (event, want) in [
        (
            "[]".to_owned(),
            "the event is not a JSON object: \
             send {\"message\": {…}, \"to\": \"ana@example.com\"} or {\"messages\": [{…}, …]}",
        ),
        (
            "{}".to_owned(),
            "neither `message` nor `messages`: \
             send {\"message\": {…}, \"to\": \"ana@example.com\"} or {\"messages\": [{…}, …]}",
        ),
        ("{\"messages\":7}".to_owned(), "messages: not a list"),
        (
            "{\"messages\":[],\"to\":\"ana@example.com\"}".to_owned(),
            "beside `messages` there is nothing: each entry says for itself",
        ),
        (
            json!({ "messages": many }).to_string(),
            "messages: 101 are too many, at most 100",
        ),
    ] {
        let (kind, text) = function.failure(event.clone()).await;
        assert!(kind == "BadInput" && text == want, "{event}: {kind} {text}");
    }
    let nothing = function.answer(&json!({ "messages": [] })).await;
    assert_eq!(nothing, json!({ "results": [] }));
}
