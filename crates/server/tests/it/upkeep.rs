//! The installation kept in order by the API: mode, resets, retention, comparisons with AWS.

use serde_json::{Value, json};
use weir_core::operator::Role;

use crate::office::{Office, token};
use crate::world::Place;
use crate::writes::{Ask, address, last};

pub(crate) async fn the_mode_is_foreseen_agreed_to_and_changed(place: Place) {
    let office = Office::at(place).await;
    let admin = token(&office.world, Role::Admin).await;
    let now = office.ask(&office.viewer, "/api/v1/mode").await.json();
    assert_eq!(
        now,
        json!({ "in_force": "dry-run", "keeps": false, "configured": null })
    );
    let put =
        |query: &str, body: Value| Ask::new("PUT", &format!("/api/v1/mode{query}")).body(body);
    let iam = || json!({ "mode": "iam", "reason": "the trial is over" });
    assert_eq!(
        put("?yes=true", iam())
            .by(&office, &office.viewer)
            .await
            .status,
        403
    );
    let foreseen = put("?dry_run=true", iam()).by(&office, &admin).await;
    assert_eq!(foreseen.status, 200, "{}", foreseen.text);
    let foreseen = foreseen.json();
    assert_eq!(
        (&foreseen["dry_run"], &foreseen["in_force"]),
        (&json!(true), &json!("dry-run"))
    );
    let denied = foreseen["denied"].as_array().unwrap();
    assert!(denied.contains(&json!(office.users[0])), "{foreseen}");
    let plain = put("", iam()).by(&office, &admin).await;
    assert_eq!(plain.status, 422, "{}", plain.text);
    assert!(plain.text.contains("denied in AWS"), "{}", plain.text);

    let done = put("?yes=true", iam()).by(&office, &admin).await;
    assert_eq!(done.status, 200, "{}", done.text);
    let done = done.json();
    assert_eq!(
        (&done["in_force"], &done["denied"]),
        (&json!("iam"), &foreseen["denied"])
    );
    // Nobody here reaches AWS.
    assert_eq!(done["left"][0]["state"], "requested", "{done}");
    let entry = last(&office, "mode-set").await;
    assert_eq!(
        (entry.actor.as_str(), entry.reason.as_str()),
        ("operator:admin", "the trial is over")
    );
    let off = json!({ "mode": "off" });
    let silent = put("?yes=true", off).by(&office, &admin).await;
    assert_eq!(silent.status, 422, "{}", silent.text);
    let off = json!({ "mode": "off", "leaving": "release" });
    let left = put("?yes=true", off).by(&office, &admin).await;
    assert_eq!(
        (left.status.as_u16(), &left.json()["in_force"]),
        (200, &json!("off"))
    );
    for wrong in [
        json!({}),
        json!({ "mode": "on" }),
        json!({ "mode": "off", "leaving": "perhaps" }),
        json!({ "mode": "iam", "leaving": "keep" }),
        json!({ "mode": "iam", "colour": "red" }),
    ] {
        let answer = put("", wrong).by(&office, &admin).await;
        assert_eq!(answer.status, 400, "{}", answer.text);
    }
}

pub(crate) async fn a_reset_is_foreseen_and_run_once(place: Place) {
    let office = Office::at(place).await;
    let admin = token(&office.world, Role::Admin).await;
    let run =
        |query: &str, body: Value| Ask::new("POST", &format!("/api/v1/resets{query}")).body(body);
    assert_eq!(
        run("", json!({})).by(&office, &office.viewer).await.status,
        403
    );
    let foreseen = run("?dry_run=true", json!({})).by(&office, &admin).await;
    assert_eq!(foreseen.status, 200, "{}", foreseen.text);
    assert_eq!(foreseen.json()["resets"][0]["end"], "dry-run");
    let listed = office.ask(&office.viewer, "/api/v1/resets").await.json();
    assert_eq!(listed["resets"], json!([]));

    let once = || run("", json!({})).header("Idempotency-Key", "today");
    let done = once().by(&office, &admin).await;
    assert_eq!(done.status, 200, "{}", done.text);
    let reset = done.json()["resets"][0].clone();
    assert_eq!(
        (&reset["date"], &reset["end"]),
        (&json!("2026-11-20"), &json!("done"))
    );
    assert_eq!(reset["summary"], foreseen.json()["resets"][0]["summary"]);
    assert_eq!(last(&office, "reset-run").await.actor, "operator:admin");
    let again = once().by(&office, &admin).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.json()["resets"], done.json()["resets"]);
    let nothing = run("", json!({})).by(&office, &admin).await;
    assert_eq!(nothing.json()["resets"], json!([]));
    for (body, status) in [
        (json!({ "date": "2026-11-20" }), 200),
        (json!({ "date": "2026-11-21" }), 422),
        (json!({ "date": "tomorrow" }), 400),
        (json!({ "day": "2026-11-20" }), 400),
    ] {
        let answer = run("", body).by(&office, &admin).await;
        assert_eq!(answer.status, status, "{}", answer.text);
    }
}

pub(crate) async fn what_is_old_is_shown_and_removed(place: Place) {
    let office = Office::at(place).await;
    let admin = token(&office.world, Role::Admin).await;
    let kept = office.ask(&office.viewer, "/api/v1/retention").await.json();
    let terms = kept["terms"].as_array().unwrap();
    let of = |what: &str| terms.iter().find(|term| term["what"] == what).unwrap();
    assert_eq!(of("audit")["kept"], "2557d");
    assert_eq!(of("totals")["older_than"], Value::Null);
    assert!(of("invocations")["older_than"].is_string());
    let run = || Ask::new("POST", "/api/v1/retention/run");
    assert_eq!(run().by(&office, &office.viewer).await.status, 403);
    let done = run().by(&office, &admin).await;
    assert_eq!(done.status, 200, "{}", done.text);
    assert_eq!(done.json()["removed"]["invocations"], 0);
    let entry = last(&office, "retention-run").await;
    assert_eq!(entry.actor, "operator:admin");
    assert!(entry.after.unwrap().contains("\"invocations\":0"));
}

pub(crate) async fn what_needs_aws_says_so_where_there_is_none(place: Place) {
    let office = Office::at(place).await;
    let admin = token(&office.world, Role::Admin).await;
    let user = &office.users[0];
    let compare = |body| Ask::new("POST", "/api/v1/targets/reconcile").body(body);
    let answer = compare(json!({ "all": true })).by(&office, &admin).await;
    assert_eq!(answer.status, 422, "{}", answer.text);
    assert!(answer.text.contains("AWS credentials"), "{}", answer.text);
    let wrong = compare(json!({ "every": true })).by(&office, &admin).await;
    assert_eq!(wrong.status, 400);

    let check =
        |query: &str, body| Ask::new("POST", &format!("{}/check{query}", address(user))).body(body);
    let blocked = check("", json!({})).by(&office, &admin).await;
    assert_eq!(blocked.status, 422);
    assert!(blocked.text.contains("blocked already"), "{}", blocked.text);
    Ask::new("POST", &format!("{}/unblock", address(user)))
        .body(json!({ "no_protect": true }))
        .by(&office, &admin)
        .await;
    let foreseen = check("?dry_run=true", json!({})).by(&office, &admin).await;
    assert_eq!(foreseen.status, 200, "{}", foreseen.text);
    assert_eq!(foreseen.json()["targets"].as_array().unwrap().len(), 1);
    for (query, body, status, says) in [
        ("", json!({}), 422, "yes=true"),
        ("?yes=true", json!({}), 422, "AWS credentials"),
        ("?yes=true", json!({ "hold": 301 }), 400, "at most 300"),
    ] {
        let answer = check(query, body).by(&office, &admin).await;
        assert_eq!(answer.status, status, "{}", answer.text);
        assert!(answer.text.contains(says), "{}", answer.text);
    }
}
