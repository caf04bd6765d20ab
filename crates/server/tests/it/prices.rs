//! Prices that administrators take back.

use serde_json::{Value, json};
use weir_core::operator::Role;

use crate::office::{Office, token};
use crate::world::Place;
use crate::writes::{Ask, last};

const PATH: &str = "/api/v1/prices/anthropic.claude-opus-5-5";

async fn set(office: &Office, admin: &str, body: Value) {
    let set = Ask::new("PUT", PATH).body(body).by(office, admin).await;
    assert_eq!(set.status, 200, "{}", set.text);
}

async fn unset(office: &Office, who: &str, query: &str) -> crate::world::Answer {
    let path = format!("{PATH}?{query}");
    Ask::new("DELETE", &path).by(office, who).await
}

/// What was set: the input price, from, until, and whether it holds.
async fn listed(office: &Office) -> Vec<[Value; 4]> {
    let path = "/api/v1/prices?search=claude-opus-5-5";
    let prices = office.ask(&office.viewer, path).await.json();
    let set = prices["set"].as_array().unwrap().clone();
    let one = |row: Value| {
        ["input", "effective_from", "effective_until", "state"].map(|key| row[key].clone())
    };
    set.into_iter().map(one).collect()
}

/// What was set is on file when it holds no more, so that the tag is another.
fn without_tag(row: &mut Value) {
    assert!(row.as_object_mut().unwrap().remove("etag").is_some());
}

/// Who may not, what is over, and what there is not.
async fn refused(office: &Office, admin: &str) {
    let operator = token(&office.world, Role::Operator).await;
    for (who, query, status) in [
        (operator.as_str(), "", 403),
        (admin, "from=2026-11-19", 400),
        (admin, "class=x", 400),
        (admin, "region=Europe", 400),
        (admin, "class=global", 404),
        (admin, "region=eu-west-1", 404),
    ] {
        assert_eq!(unset(office, who, query).await.status, status, "{query}");
    }
}

pub(crate) async fn a_price_that_was_set_is_taken_back(place: Place) {
    let office = Office::at(place).await;
    let admin = token(&office.world, Role::Admin).await;
    let bundled = office.ask(&office.viewer, "/api/v1/prices?search=claude-opus-5-5");
    let mut bundled = bundled.await.json()["prices"].as_array().unwrap().clone();
    bundled.retain(|row| row["model"] == "anthropic.claude-opus-5-5");
    bundled.iter_mut().for_each(without_tag);
    let prices = [
        ("5", "2026-11-01"),
        ("6", "2026-11-15"),
        ("7", "2026-12-01"),
    ];
    for (input, from) in prices {
        let body = json!({ "input": input, "from": from, "class": "regional" });
        set(&office, &admin, body).await;
    }
    let row = |input: &str, from: &str, until: Value, state: &str| {
        [json!(input), json!(from), until, json!(state)]
    };
    let (first, second) = ("2026-10-31T23:00:00Z", "2026-11-14T23:00:00Z");
    let later = "2026-11-30T23:00:00Z";
    assert_eq!(
        listed(&office).await,
        [
            row("7", later, Value::Null, "future"),
            row("6", second, Value::Null, "now"),
            row("5", first, Value::Null, "past"),
        ]
    );
    refused(&office, &admin).await;

    // What was to begin next month never does; what holds goes on.
    let done = unset(&office, &admin, "from=2026-12-01").await.json();
    assert_eq!(done["ended"].as_array().unwrap().len(), 3);
    let ends = json!(later);
    assert_eq!(
        listed(&office).await,
        [
            row("6", second, ends.clone(), "now"),
            row("5", first, ends, "past"),
        ]
    );
    // Then from today on, and what is bundled holds again.
    let done = unset(&office, &admin, "reason=the%20contract%20ended").await;
    assert_eq!(done.status, 200, "{}", done.text);
    let mut prices = done.json()["prices"].as_array().unwrap().clone();
    prices.iter_mut().for_each(without_tag);
    assert_eq!(prices, bundled);
    let today = json!("2026-11-19T23:00:00Z");
    assert_eq!(
        listed(&office).await,
        [
            row("6", second, today.clone(), "past"),
            row("5", first, today, "past"),
        ]
    );
    let entry = last(&office, "price-unset").await;
    assert_eq!(
        (entry.actor.as_str(), entry.reason.as_str()),
        ("operator:admin", "the contract ended")
    );
    assert!(
        entry
            .before
            .is_some_and(|before| before.contains("\"usd_per_mtok\""))
    );
    assert_eq!(
        unset(&office, &admin, "").await.status,
        404,
        "nothing is left"
    );
}
