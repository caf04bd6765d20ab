//! What is asked for, and what is refused.

use serde_json::json;

use super::*;

const NOW: &str = "2026-11-20T09:15:00Z";

fn ask(event: &Value) -> Result<Wish, String> {
    let zone = Zone::named("Europe/Madrid").unwrap();
    let Value::Object(fields) = event else {
        unreachable!()
    };
    wish(fields, &zone, NOW.parse().unwrap())
}

fn block(with: &Value) -> Value {
    let mut event = json!({
        "action": "block", "user_id": "ana", "reason": "too much", "performed_by": "eva",
    });
    for (name, value) in with.as_object().unwrap() {
        event[name] = value.clone();
    }
    event
}

#[test]
fn a_block_ends_when_it_says() {
    let at = |text: &str| Until::At(text.parse().unwrap());
    for (with, want) in [
        (json!({}), at("2026-11-21T09:15:00Z")),
        (json!({"duration": "1day"}), at("2026-11-21T09:15:00Z")),
        (json!({"duration": "30days"}), at("2026-12-20T09:15:00Z")),
        (json!({"duration": "90days"}), at("2027-02-18T09:15:00Z")),
        (json!({"duration": "indefinite"}), Until::Indefinite),
        (
            json!({"duration": "custom", "expires_at": "2026-12-01T00:00:00+01:00"}),
            at("2026-11-30T23:00:00Z"),
        ),
        (
            json!({"expires_at": "2026-12-01T18:00:00"}),
            at("2026-12-01T17:00:00Z"),
        ),
    ] {
        match ask(&block(&with)) {
            Ok(Wish::Block { until, .. }) => assert_eq!(until, want, "{with}"),
            other => panic!("{with}: {other:?}"),
        }
    }
}

#[test]
fn what_makes_no_sense_is_refused_by_the_name_of_its_field() {
    let long = "x".repeat(501);
    for (with, want) in [
        (json!({"action": null}), "action: missing"),
        (json!({"action": 7}), "action: not a text"),
        (
            json!({"action": "delete"}),
            "action: `delete` is none of block",
        ),
        (json!({"user_id": null}), "user_id: missing"),
        (json!({"user_id": " "}), "user_id: 1 to 256 characters"),
        (json!({"user_id": ["ana"]}), "user_id: not a text"),
        (json!({"user_id": long}), "user_id: 1 to 256 characters"),
        (json!({"performed_by": null}), "performed_by: missing"),
        (json!({"reason": null}), "reason: missing"),
        (
            json!({"reason": "no"}),
            "reason: 3 to 500 characters are needed, and there are 2",
        ),
        (
            json!({"reason": long}),
            "reason: 3 to 500 characters are needed, and there are 501",
        ),
        (
            json!({"duration": "1 day"}),
            "duration: `1 day` is none of 1day",
        ),
        (json!({"duration": 1}), "duration: not a text"),
        (json!({"duration": "custom"}), "expires_at: missing"),
        (
            json!({"expires_at": 1_790_000_000}),
            "expires_at: not a text",
        ),
        (
            json!({"expires_at": "tomorrow"}),
            "expires_at: `tomorrow` is not a time",
        ),
        (
            json!({"expires_at": "2026-12-01"}),
            "expires_at: `2026-12-01` is not a time",
        ),
        (
            json!({"expires_at": "2026-02-30T00:00:00Z"}),
            "expires_at: `2026-02-30T00:00:00Z` is not",
        ),
        (
            json!({"expires_at": "2026-11-20T09:15:00Z"}),
            "expires_at: 2026-11-20T09:15:00Z is in the past",
        ),
        (
            json!({"expires_at": "9999-12-01T00:00:00Z"}),
            "more than ten years ahead",
        ),
        (
            json!({"duration": "30days", "expires_at": "2026-12-01T00:00:00Z"}),
            "expires_at: only with the duration custom, and it is 30days",
        ),
        (
            json!({"duratoin": "30days"}),
            "duratoin: there is no such field",
        ),
    ] {
        let error = ask(&block(&with)).unwrap_err();
        assert!(error.contains(want), "{with}: {error}");
    }
}

#[test]
fn each_action_needs_what_it_needs() {
    let user = UserId::new("ana");
    assert_eq!(
        ask(&json!({"action": "check_status", "user_id": " ana "})),
        Ok(Wish::Check(user.clone()))
    );
    assert_eq!(
        ask(&json!({
            "action": "unblock", "user_id": "ana", "reason": "a mistake", "performed_by": "eva",
        })),
        Ok(Wish::Unblock {
            user,
            by: "eva".to_owned(),
            reason: "a mistake".to_owned(),
        })
    );
}
