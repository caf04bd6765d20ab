//! Whose calls they are, by the API: identities linked, the past said anew, many at once, somebody forgotten.

use serde_json::{Value, json};
use weir_core::operator::Role;

use crate::office::{Office, token};
use crate::world::Place;
use crate::writes::{Ask, address, last};

pub(crate) async fn an_identity_is_linked_by_whoever_says_yes(place: Place) {
    let office = Office::at(place).await;
    let admin = token(&office.world, Role::Admin).await;
    // Blocked, as whoever is linked to them is.
    let path = format!("{}/principals", address(&office.users[0]));
    let link = |query: &str, principal: &str| {
        let body = json!({ "principal": principal });
        Ask::new("POST", &format!("{path}{query}")).body(body)
    };
    let eva = "arn:aws:iam::111122223333:user/eva";
    assert_eq!(link("", eva).by(&office, &office.viewer).await.status, 403);
    let foreseen = link("?dry_run=true", eva).by(&office, &admin).await;
    assert_eq!(foreseen.status, 200, "{}", foreseen.text);
    let foreseen = foreseen.json();
    assert_eq!(foreseen["principal"], "111122223333/iam-user/eva");
    assert_eq!(
        (
            &foreseen["before"],
            &foreseen["after"],
            &foreseen["is_blocked"]
        ),
        (&json!("eva"), &json!(office.users[0]), &json!(true))
    );
    let plain = link("", eva).by(&office, &admin).await;
    assert_eq!(plain.status, 422, "{}", plain.text);
    let done = link("?yes=true", eva).by(&office, &admin).await;
    assert_eq!(
        (done.status.as_u16(), &done.json()["dry_run"]),
        (200, &json!(false))
    );
    let entry = last(&office, "user-link").await;
    assert_eq!(entry.actor, "operator:admin");
    assert_eq!(entry.subject, format!("user:{}", office.users[0]));
    for wrong in [
        "eva",
        "arn:aws:iam::1:user/eva",
        "111122223333/source-identity/ci/*",
    ] {
        let answer = link("?yes=true", wrong).by(&office, &admin).await;
        assert_eq!(answer.status, 400, "{}", answer.text);
    }
}

pub(crate) async fn the_past_is_attributed_anew_by_whoever_says_yes(place: Place) {
    let office = Office::at(place).await;
    let admin = token(&office.world, Role::Admin).await;
    let path = format!("{}/reattribute", address(&office.users[0]));
    let say = |query: &str, body: Value| Ask::new("POST", &format!("{path}{query}")).body(body);
    let web = || json!({ "since": "2026-11-01", "team": "web" });
    assert_eq!(say("", web()).by(&office, &office.viewer).await.status, 403);
    let foreseen = say("?dry_run=true", web()).by(&office, &admin).await;
    assert_eq!(foreseen.status, 200, "{}", foreseen.text);
    let foreseen = foreseen.json();
    assert_eq!(
        (&foreseen["invocations"], &foreseen["changed"]),
        (&json!(1), &Value::Null)
    );
    let moved = &foreseen["moves"][0];
    assert_eq!(
        (&moved["to"], &moved["invocations"]),
        (&json!("web"), &json!(1))
    );
    assert_eq!(say("", web()).by(&office, &admin).await.status, 422);
    let done = say("?yes=true", web()).by(&office, &admin).await;
    assert_eq!(done.status, 200, "{}", done.text);
    assert_eq!(done.json()["changed"], 1);
    assert_eq!(
        last(&office, "user-reattribute").await.actor,
        "operator:admin"
    );
    for (body, status) in [
        (json!({ "team": "web" }), 400),
        (json!({ "since": "2026-11-01" }), 400),
        (json!({ "since": "yesterday", "team": "web" }), 400),
        (json!({ "since": "2026-11-01", "email": "ana" }), 400),
        (json!({ "since": "2026-11-21", "team": "web" }), 422),
    ] {
        let answer = say("?yes=true", body).by(&office, &admin).await;
        assert_eq!(answer.status, status, "{}", answer.text);
    }
}

pub(crate) async fn many_are_said_at_once(place: Place) {
    let office = Office::at(place).await;
    let admin = token(&office.world, Role::Admin).await;
    let ana = &office.users[0];
    let say =
        |query: &str, body: Value| Ask::new("PATCH", &format!("/api/v1/users{query}")).body(body);
    let people = || {
        json!([
            { "user": ana, "team": "sap", "person": "Ana" },
            { "user": "zoe", "team": "web", "class": "human" },
        ])
    };
    let body = || json!({ "people": people() });
    assert_eq!(
        say("", body()).by(&office, &office.viewer).await.status,
        403
    );
    let foreseen = say("?dry_run=true", body()).by(&office, &admin).await;
    assert_eq!(foreseen.status, 200, "{}", foreseen.text);
    let changes = foreseen.json()["changes"].clone();
    assert_eq!(
        changes[0],
        json!({ "user": ana, "field": "person", "before": null, "after": "Ana" })
    );
    assert_eq!(changes.as_array().unwrap().len(), 3, "{changes}");
    let none = office.ask(&office.viewer, &address("zoe")).await;
    assert_eq!(none.status, 404, "nothing is done yet");
    let done = say("", body()).by(&office, &admin).await;
    assert_eq!(
        (done.status.as_u16(), &done.json()["users"]),
        (200, &json!(2))
    );
    assert_eq!(last(&office, "user-set").await.actor, "operator:admin");
    let zoe = office.ask(&office.viewer, &address("zoe")).await.json();
    assert_eq!(zoe["user"]["team"], "web");
    let again = say("", body()).by(&office, &admin).await.json();
    assert_eq!(
        (&again["users"], &again["changes"]),
        (&json!(0), &json!([]))
    );

    let since = || json!({ "people": [{ "user": ana, "team": "web" }], "since": "2026-11-01" });
    let plain = say("", since()).by(&office, &admin).await;
    assert_eq!(plain.status, 422, "{}", plain.text);
    let done = say("?yes=true", since()).by(&office, &admin).await;
    assert_eq!(done.status, 200, "{}", done.text);
    assert_eq!(done.json()["past"][0]["moves"][0]["to"], "web");
    for (people, says) in [
        (json!([{ "user": " " }]), "people[0]: user"),
        (
            json!([{ "user": "a" }, { "user": "a" }]),
            "people[1]: a comes twice",
        ),
        (
            json!([{ "user": "a", "language": "fr" }]),
            "people[0]: language",
        ),
        (json!([{ "user": "a", "colour": "red" }]), "unknown field"),
    ] {
        let answer = say("?yes=true", json!({ "people": people }))
            .by(&office, &admin)
            .await;
        assert_eq!(answer.status, 400, "{}", answer.text);
        assert!(answer.text.contains(says), "{}", answer.text);
    }
}

pub(crate) async fn somebody_is_forgotten_and_no_answer_remembers_them(place: Place) {
    let office = Office::at(place).await;
    let admin = token(&office.world, Role::Admin).await;
    let user = &office.users[0];
    let path = format!("{}/forget", address(user));
    let forget = |query: &str| {
        Ask::new("POST", &format!("{path}{query}")).body(json!({ "reason": "request 117" }))
    };
    assert_eq!(
        forget("?yes=true").by(&office, &office.viewer).await.status,
        403
    );
    let blocked = forget("?yes=true").by(&office, &admin).await;
    assert_eq!(blocked.status, 422, "{}", blocked.text);
    let unblock = format!("{}/unblock", address(user));
    let unblock = Ask::new("POST", &unblock).body(json!({ "no_protect": true }));
    assert_eq!(unblock.by(&office, &admin).await.status, 200);
    let plan = forget("?dry_run=true").by(&office, &admin).await;
    assert_eq!(plan.status, 200, "{}", plan.text);
    let plan = plan.json();
    assert_eq!(
        (&plan["done"], &plan["obstacle"]),
        (&Value::Null, &Value::Null)
    );
    assert!(
        plan["names"].as_array().unwrap().contains(&json!(user)),
        "{plan}"
    );
    assert_eq!(forget("").by(&office, &admin).await.status, 422);
    let once = || forget("?yes=true").header("Idempotency-Key", "k1");
    let done = once().by(&office, &admin).await;
    assert_eq!(done.status, 200, "{}", done.text);
    let pseudonym = done.json()["done"]["pseudonym"].clone();
    assert_eq!(done.json()["user_id"], json!(user));
    let again = once().by(&office, &admin).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.json()["user_id"], pseudonym);
    assert!(!again.text.contains(user.as_str()), "{}", again.text);
    assert_eq!(last(&office, "user-forget").await.actor, "operator:admin");
    assert_eq!(office.ask(&office.viewer, &address(user)).await.status, 404);
    assert_eq!(forget("?yes=true").by(&office, &admin).await.status, 404);
}
