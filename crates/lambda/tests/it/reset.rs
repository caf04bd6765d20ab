//! The daily reset as a function (rules 9).

use jiff::ToSpan;
use serde_json::{Value, json};
use weir_core::calendar::Zone;
use weir_engine::clock::{Clock, WallClock};

use crate::world::{RESET, World};

fn today() -> jiff::civil::Date {
    Zone::named("Europe/Madrid").unwrap().day(WallClock.now())
}

#[tokio::test]
async fn what_is_due_is_run_once_by_whatever_calls() {
    let world = World::new().await;
    let function = world.start(RESET).await;
    let scheduled = json!({ "version": "0", "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
        "detail-type": "Scheduled Event", "source": "aws.scheduler", "account": "111122223333",
        "time": "2026-11-20T23:00:00Z", "region": "eu-west-1", "resources": [], "detail": "{}" });
    let first = function.answer(&scheduled).await;
    let ends: Vec<_> = ends(&first);
    assert_eq!(ends, [(today().to_string(), "done".to_owned())], "{first}");
    for event in [scheduled, json!({})] {
        let again = function.answer(&event).await;
        assert_eq!(again["resets"], json!([]), "{again}");
    }
}

fn ends(answer: &Value) -> Vec<(String, String)> {
    let resets = answer["resets"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    resets
        .map(|reset| (text(&reset["date"]), text(&reset["end"])))
        .collect()
}

#[tokio::test]
async fn a_date_is_run_again_and_a_dry_run_writes_nothing() {
    let world = World::new().await;
    let function = world.start(RESET).await;
    let day = today() - 2.days();
    let foreseen = function
        .answer(&json!({ "date": day.to_string(), "dry_run": true }))
        .await;
    assert_eq!(ends(&foreseen), [(day.to_string(), "dry-run".to_owned())]);
    assert_eq!(foreseen["effects"], Value::Null);
    assert_eq!(world.store.last_reset().await.unwrap(), None);
    for _ in 0..2 {
        let done = function.answer(&json!({ "date": day.to_string() })).await;
        assert_eq!(
            ends(&done),
            [(day.to_string(), "done".to_owned())],
            "{done}"
        );
    }
    assert_eq!(world.store.last_reset().await.unwrap(), Some(day));
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let world = World::new().await;
    let function = world.start(RESET).await;
    let tomorrow = today() + 1.days();
    let not_begun = |date: &str| format!("{date} has not begun: today is {}", today());
    for (event, want) in [
        (
            "[]".to_owned(),
            "the event is not a JSON object: send {}, {\"date\": \"2026-11-20\"} or \
             {\"dry_run\": true}"
                .to_owned(),
        ),
        (
            "{\"date\":\"yesterday\"}".to_owned(),
            "date: `yesterday` is not a date such as 2026-11-20".to_owned(),
        ),
        (
            "{\"force\":true}".to_owned(),
            "`force` is not a field: there are date and dry_run".to_owned(),
        ),
        (
            format!("{{\"date\":\"{tomorrow}\"}}"),
            not_begun(&tomorrow.to_string()),
        ),
        (
            format!("{{\"date\":\"{tomorrow}\",\"dry_run\":true}}"),
            not_begun(&tomorrow.to_string()),
        ),
        (
            "{\"date\":\"9999-12-31\"}".to_owned(),
            not_begun("9999-12-31"),
        ),
    ] {
        let (kind, text) = function.failure(event.clone()).await;
        assert!(kind == "BadInput" && text == want, "{event}: {kind} {text}");
    }
    assert_eq!(world.store.last_reset().await.unwrap(), None);
}
