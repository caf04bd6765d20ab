//! More for a while, what the breaker holds, and single blocks and owners: what else is done by the API.

use serde_json::{Value, json};
use weir_core::operator::Role;
use weir_core::rulebook::Settings;

use crate::office::{Office, token};
use crate::world::Place;
use crate::writes::{Ask, address, last};

/// Nobody is blocked any more, and nobody is protected.
async fn let_in(office: &Office, admin: &str) {
    for user in &office.users {
        let answer = Ask::new("POST", &format!("{}/unblock", address(user)))
            .body(json!({ "no_protect": true }))
            .by(office, admin)
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
}

/// Everybody's limit is one request a month, which both users have used up.
async fn one_a_month(office: &Office, admin: &str) -> Value {
    let path = "/api/v1/quotas/defaults/requests/month?yes=true";
    let new = json!({ "limit": "1", "action": "block" });
    let done = Ask::new("PUT", path).body(new).by(office, admin).await;
    assert_eq!(done.status, 200, "{}", done.text);
    done.json()
}

pub(crate) async fn a_raise_lets_in_again_and_ends_by_itself(place: Place) {
    let office = Office::at(place).await;
    let admin = token(&office.world, Role::Admin).await;
    let operator = token(&office.world, Role::Operator).await;
    let user = office.users[0].clone();
    let_in(&office, &admin).await;
    let done = one_a_month(&office, &admin).await;
    assert_eq!(done["blocked"].as_array().unwrap().len(), 2, "{done}");

    let more = json!({ "amount": "5", "window": "month", "for": "7d", "reason": "release week" });
    let raise = |query: &str| {
        Ask::new("POST", &format!("{}/raise{query}", address(&user))).body(more.clone())
    };
    assert_eq!(raise("").by(&office, &operator).await.status, 403);
    let foreseen = raise("?dry_run=true").by(&office, &admin).await;
    assert_eq!(foreseen.status, 200, "{}", foreseen.text);
    assert_eq!(foreseen.json()["released"], json!([user]));
    assert_eq!(foreseen.json()["quota"], Value::Null, "nothing is done yet");

    let done = raise("").by(&office, &admin).await;
    assert_eq!(done.status, 200, "{}", done.text);
    assert_eq!(done.json()["released"], json!([user]));
    let quota = &done.json()["quota"];
    assert_eq!(
        (&quota["limit"], &quota["limit_now"]),
        (&json!("1"), &json!("6"))
    );
    assert_eq!(quota["additions"][0]["until"], "2026-11-27T10:00:00Z");
    let entry = last(&office, "quota-set").await;
    assert_eq!(
        (entry.actor.as_str(), entry.reason.as_str()),
        ("operator:admin", "release week")
    );
}

pub(crate) async fn a_raise_that_makes_no_sense_is_told_why(place: Place) {
    let office = Office::at(place).await;
    let admin = token(&office.world, Role::Admin).await;
    let user = address(&office.users[0]);
    for (body, status, says) in [
        (json!({ "amount": "5", "for": "7d" }), 400, "reason"),
        (
            json!({ "amount": "5", "reason": "because" }),
            400,
            "a raise ends",
        ),
        (
            json!({ "amount": "many", "for": "7d", "reason": "because" }),
            400,
            "amount",
        ),
        (
            json!({ "amount": "0", "for": "7d", "reason": "because" }),
            422,
            "more than nothing",
        ),
        (
            json!({ "amount": "5", "for": "7d", "reason": "because", "metric": "colour" }),
            400,
            "metric",
        ),
        (
            json!({ "amount": "5", "until": "2020-01-01T00:00:00Z", "reason": "because" }),
            422,
            "past",
        ),
        (
            json!({ "amount": "5", "for": "7d", "reason": "because", "metric": "cost" }),
            422,
            "no limit of cost",
        ),
    ] {
        let ask = Ask::new("POST", &format!("{user}/raise")).body(body.clone());
        let answer = ask.by(&office, &admin).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.text);
        assert!(answer.text.contains(says), "{body}: {}", answer.text);
    }
}

pub(crate) async fn what_the_breaker_holds_is_applied_or_discarded(place: Place) {
    let mut settings = Settings::default();
    settings.enforcement.max_new_blocks = Some(0);
    let office = Office::under(place, settings).await;
    let admin = token(&office.world, Role::Admin).await;
    let [mine, other] = office.users.clone();
    let_in(&office, &admin).await;
    let done = one_a_month(&office, &admin).await;
    assert_eq!(done["held"].as_array().unwrap().len(), 2, "{done}");

    let decide = |user: &str, decision: &str, query: &str| {
        let whose = [format!("user:{user}")];
        Ask::new("POST", &format!("/api/v1/blocks/held{query}"))
            .body(json!({ "whose": whose, "decision": decision, "reason": "looked at" }))
    };
    // The team sap has the first of them alone, and looking is not doing.
    let answer = decide(&other, "apply", "").by(&office, &office.sap).await;
    assert_eq!(answer.status, 404, "{}", answer.text);
    let answer = decide(&mine, "apply", "").by(&office, &office.viewer).await;
    assert_eq!(answer.status, 403, "{}", answer.text);
    let foreseen = decide(&mine, "apply", "?dry_run=true").by(&office, &office.sap);
    assert_eq!(foreseen.await.json()["blocked"], json!([mine]));
    let plain = decide(&mine, "apply", "").by(&office, &admin).await;
    assert_eq!(plain.status, 422, "it blocks somebody: {}", plain.text);

    let done = decide(&mine, "apply", "?yes=true")
        .by(&office, &admin)
        .await;
    assert_eq!(done.status, 200, "{}", done.text);
    assert_eq!(done.json()["blocked"], json!([mine]));
    let now = office.ask(&office.viewer, &address(&mine)).await.json();
    assert_eq!(now["state"], "BLOCKED");
    let done = decide(&other, "discard", "").by(&office, &admin).await;
    assert_eq!(done.status, 200, "{}", done.text);
    let now = office.ask(&office.viewer, &address(&other)).await.json();
    assert_eq!(
        now["state"], "ACTIVE_ADM",
        "protected for the rest of the day"
    );
    let again = decide(&other, "discard", "").by(&office, &admin).await;
    assert_eq!(again.status, 404, "nothing is held any more");
    let held = office.ask(&office.viewer, "/api/v1/blocks?held=true").await;
    assert_eq!(held.json()["blocks"], json!([]));
}

pub(crate) async fn users_over_days_are_those_that_are_looked_for(place: Place) {
    let office = Office::at(place).await;
    let cross = async |query: &str| {
        let path = format!("/api/v1/usage/cross?by=day&and=user&{query}");
        office.ask(&office.viewer, &path).await
    };
    let names = |answer: &crate::world::Answer| {
        let seconds = answer.json()["seconds"].as_array().unwrap().clone();
        let names = seconds
            .iter()
            .map(|one| one["key"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    // The two calls were made on days of their own.
    let days = "from=2026-08-20&to=2026-11-20";
    let all = names(&cross(days).await);
    assert_eq!(all.len(), 2, "{all:?}");
    let found = names(&cross(&format!("{days}&search=SAP")).await);
    assert_eq!(found, [office.users[0].clone()], "by the team's name");
    let blocked = names(&cross(&format!("{days}&state=BLOCKED_ADM")).await);
    assert_eq!(blocked.len(), 2);
    assert_eq!(
        cross(&format!("{days}&state=ACTIVE")).await.json()["rows"],
        json!([])
    );
    let path = "/api/v1/usage/cross?by=day&and=team&search=x";
    assert_eq!(office.ask(&office.viewer, path).await.status, 400);
}

pub(crate) async fn a_block_is_ended_by_its_id(place: Place) {
    let office = Office::at(place).await;
    let admin = token(&office.world, Role::Admin).await;
    let operator = token(&office.world, Role::Operator).await;
    let [mine, theirs] = &office.users;
    let id = async |user: &str| {
        let blocks = office.ask(&office.viewer, "/api/v1/blocks").await.json();
        let blocks = blocks["blocks"].as_array().unwrap().clone();
        let block = blocks.iter().find(|block| block["user_id"] == user);
        block.unwrap()["id"].as_str().unwrap().replace('/', "%2F")
    };
    let end = async |id: &str, who: &str| {
        let path = format!("/api/v1/blocks/{id}?reason=talked%20to%20them");
        Ask::new("DELETE", &path).by(&office, who).await
    };
    // Both are of root@host; the team sees its own alone.
    let (of_mine, of_theirs) = (id(mine).await, id(theirs).await);
    for (block, who, status) in [
        (&of_theirs, &office.sap, 404),
        (&of_mine, &office.sap, 403),
        (&of_mine, &office.viewer, 403),
        (&of_mine, &operator, 403),
        (&of_mine, &admin, 200),
        (&of_mine, &admin, 404),
    ] {
        let answer = end(block, who).await;
        assert_eq!(answer.status, status, "{block}: {}", answer.text);
    }
    let entry = last(&office, "unblock").await;
    assert_eq!(
        (entry.actor.as_str(), entry.reason.as_str()),
        ("operator:admin", "talked to them")
    );
    let own = json!({ "user": mine, "reason": "mine now" });
    let made = Ask::new("POST", "/api/v1/blocks").body(own);
    assert_eq!(made.by(&office, &operator).await.status, 201);
    let ended = end(&id(mine).await, &operator).await;
    let now = ended.json();
    assert_eq!(ended.status, 200, "{}", ended.text);
    assert_eq!(
        (&now["state"], &now["protection"], &now["blocks_lifted"]),
        (&json!("ACTIVE"), &Value::Null, &json!(1))
    );
    // What quotas block goes on, whoever says what.
    let zero = format!(
        "/api/v1/quotas/user:{}/requests/day?yes=true",
        mine.replace('/', "%2F")
    );
    let set = Ask::new("PUT", &zero).body(json!({ "limit": "0" }));
    assert_eq!(set.by(&office, &admin).await.status, 200);
    let answer = end(&id(mine).await, &admin).await;
    assert_eq!(answer.status, 422, "{}", answer.text);
    assert!(answer.text.contains("automatic"), "{}", answer.text);
}

pub(crate) async fn quotas_are_listed_of_a_user_or_a_scope(place: Place) {
    let office = Office::at(place).await;
    let of_user = format!(
        "/api/v1/quotas?user={}",
        office.users[0].replace('/', "%2F")
    );
    let scopes = async |path: &str| {
        let listed = office.ask(&office.viewer, path).await.json();
        let quotas = listed["quotas"].as_array().unwrap().clone();
        let scopes = quotas
            .iter()
            .map(|quota| quota["scope"].as_str().unwrap().to_owned());
        scopes.collect::<std::collections::BTreeSet<_>>()
    };
    let hold = scopes(&of_user).await;
    assert!(hold.contains("defaults"), "{hold:?}");
    let defaults = scopes("/api/v1/quotas?scope=defaults").await;
    assert_eq!(defaults, ["defaults".to_owned()].into());
    let both = format!("{of_user}&scope=defaults");
    assert_eq!(office.ask(&office.viewer, &both).await.status, 400);
}

pub(crate) async fn an_owner_of_a_team_is_set_and_taken_away(place: Place) {
    let office = Office::at(place).await;
    let admin = token(&office.world, Role::Admin).await;
    let owner = "/api/v1/teams/team_SAP_group/owner";
    let set = |text: &str| Ask::new("PUT", owner).body(json!({ "owner": text }));
    assert_eq!(set("nobody").by(&office, &admin).await.status, 400);
    let done = set("lead@example.com").by(&office, &admin).await;
    assert_eq!(
        done.json(),
        json!({ "team": "sap", "owner": "lead@example.com" })
    );
    assert_eq!(last(&office, "team-set").await.actor, "operator:admin");
    let team = office.ask(&office.viewer, "/api/v1/teams/sap").await.json();
    assert_eq!(team["team"]["owner"], "lead@example.com");
    let gone = Ask::new("DELETE", owner).by(&office, &admin).await;
    assert_eq!(gone.json(), json!({ "team": "sap", "owner": null }));
}
