//! Quotas that are not set yet: proposed, tried, set many at once.

use serde_json::{Value, json};
use weir_core::operator::{OperatorName, Role};

use crate::office::{Office, token, token_of};
use crate::world::Place;
use crate::writes::{Ask, address, last};

pub(crate) async fn limits_are_proposed_from_the_days_before(place: Place) {
    let office = Office::at(place).await;
    let path = "/api/v1/quotas/suggestions?days=10";
    let today = office.ask(&office.viewer, path).await.json();
    assert_eq!(today["suggestions"], json!([]), "today is not over");
    office
        .world
        .clock
        .advance(jiff::SignedDuration::from_hours(24));
    let [viewer, team] = ["viewer", "team"].map(|name| OperatorName::new(name).unwrap());
    let (viewer, team) = (
        token_of(&office.world, viewer).await,
        token_of(&office.world, team).await,
    );
    let all = office.ask(&viewer, path).await.json();
    let requests = &all["suggestions"][0];
    assert_eq!(
        (
            &requests["team"],
            &requests["metric"],
            &requests["whole"]["count"]
        ),
        (&Value::Null, &json!("requests"), &json!(2))
    );
    assert_eq!(
        (&requests["day"]["max"], &requests["daily"]),
        (&json!("1"), &json!("10"))
    );
    let own = office.ask(&team, path).await.json();
    // The calls were made before anybody was in a team, and everybody's are not a team's to see.
    assert_eq!(own["suggestions"], json!([]));
    for days in ["0", "401", "many"] {
        let path = format!("/api/v1/quotas/suggestions?days={days}");
        assert_eq!(office.ask(&viewer, &path).await.status, 400);
    }
}

pub(crate) async fn a_quota_is_tried_and_nothing_changes(place: Place) {
    let office = Office::at(place).await;
    let user = &office.users[0];
    let trial = |query: &str| format!("/api/v1/quotas/trial?{query}");
    let of_user = trial(&format!(
        "scope=user:{user}&metric=requests&window=month&limit=0&warn=50"
    ));
    let before = office.ask(&office.viewer, "/api/v1/quotas").await.json();
    let tried = office.ask(&office.viewer, &of_user).await;
    assert_eq!(tried.status, 200, "{}", tried.text);
    let tried = tried.json();
    assert_eq!(tried["blocked"], json!([format!("user:{user}")]), "{tried}");
    assert_eq!(
        (&tried["invocations"], &tried["users"]),
        (&json!(1), &json!(1))
    );
    let mut events = tried["events"].as_array().unwrap().iter();
    let block = events.find(|event| event["what"] == "blocked").unwrap();
    assert!(
        block["reason"].is_string() && block["until"].is_string(),
        "{block}"
    );
    let after = office.ask(&office.viewer, "/api/v1/quotas").await.json();
    assert_eq!(before, after);
    assert_eq!(office.ask(&office.sap, &of_user).await.status, 403);
    for wrong in [
        "scope=defaults&metric=requests&window=day",
        "scope=nobody&metric=requests&window=day&limit=1",
        "scope=defaults&metric=colour&window=day&limit=1",
        "scope=defaults&metric=requests&window=week&limit=1",
        "scope=defaults&metric=requests&window=day&limit=many",
        "scope=defaults&metric=requests&window=day&limit=1&warn=a,b",
        "scope=defaults&metric=requests&window=day&limit=1&days=0",
        "scope=defaults&metric=requests&window=day&limit=1&colour=red",
    ] {
        let answer = office.ask(&office.viewer, &trial(wrong)).await;
        assert_eq!(answer.status, 400, "{wrong}: {}", answer.text);
    }
}

pub(crate) async fn quotas_are_set_many_at_once_or_none(place: Place) {
    let office = Office::at(place).await;
    let admin = token(&office.world, Role::Admin).await;
    let user = &office.users[0];
    Ask::new("POST", &format!("{}/unblock", address(user)))
        .body(json!({ "no_protect": true }))
        .by(&office, &admin)
        .await;
    let set = |query: &str, quotas: Value| {
        let path = format!("/api/v1/quotas{query}");
        Ask::new("PATCH", &path).body(json!({ "quotas": quotas }))
    };
    let one = |scope: &str, limit: &str| json!({ "scope": scope, "metric": "requests", "window": "month", "limit": limit });
    let both = || {
        json!([
            one(&format!("user:{user}"), "1"),
            one("team-defaults:web", "unlimited")
        ])
    };
    assert_eq!(
        set("", both()).by(&office, &office.viewer).await.status,
        403
    );
    let foreseen = set("?dry_run=true", both()).by(&office, &admin).await;
    assert_eq!(foreseen.status, 200, "{}", foreseen.text);
    assert_eq!(foreseen.json()["blocked"], json!([user]));
    let plain = set("", both()).by(&office, &admin).await;
    assert_eq!(plain.status, 422, "{}", plain.text);
    let done = set("?yes=true", both()).by(&office, &admin).await;
    assert_eq!(done.status, 200, "{}", done.text);
    assert_eq!(done.json()["blocked"], json!([user]));
    let entry = last(&office, "quota-set").await;
    assert_eq!(
        (entry.actor.as_str(), entry.reason.as_str()),
        ("operator:admin", "import")
    );
    let listed = office
        .ask(&office.viewer, "/api/v1/quotas?scope=team-defaults:web")
        .await;
    assert_eq!(listed.json()["quotas"][0]["author"], "operator:admin");
    for (quotas, says) in [
        (json!([]), "there is none"),
        (
            json!([one("defaults", "9"), one("defaults", "8")]),
            "quotas[1]: it comes twice",
        ),
        (
            json!([one("defaults", "9"), one("nobody", "8")]),
            "quotas[1]",
        ),
        (json!([one("defaults", "-1")]), "quotas[0]: limit"),
    ] {
        let answer = set("?yes=true", quotas).by(&office, &admin).await;
        assert_eq!(answer.status, 400, "{}", answer.text);
        assert!(answer.text.contains(says), "{}", answer.text);
    }
    // More than a body about one thing may have.
    let many: Vec<_> = (0..1_500)
        .map(|n| one(&format!("user:user-{n:04}"), "1000000"))
        .collect();
    let done = set("?dry_run=true", json!(many)).by(&office, &admin).await;
    assert_eq!(done.status, 200, "{}", done.text);
    let too_many: Vec<_> = (0..20_000)
        .map(|n| one(&format!("user:user-{n:05}"), "1000000"))
        .collect();
    let refused = set("?dry_run=true", json!(too_many))
        .by(&office, &admin)
        .await;
    assert_eq!(refused.status, 413);
}
