//! What is changed by the API: who may, once however often it is sent, and by whom the record says.

use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::{Value, json};
use weir_core::operator::Role;
use weir_store::AuditFilter;

use crate::office::{Office, token};
use crate::world::{Answer, Place};

/// A request of a script.
pub(crate) struct Ask<'a> {
    method: Method,
    path: String,
    body: Option<Value>,
    headers: Vec<(&'a str, String)>,
}

impl<'a> Ask<'a> {
    pub(crate) fn new(method: &str, path: &str) -> Self {
        Self {
            method: method.parse().unwrap(),
            path: path.to_owned(),
            body: None,
            headers: Vec::new(),
        }
    }

    pub(crate) fn body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    pub(crate) fn header(mut self, name: &'a str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(crate) async fn by(self, office: &Office, token: &str) -> Answer {
        let mut request = Request::builder().method(self.method).uri(self.path);
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        request = request.header(header::CONTENT_TYPE, "application/json");
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        let body = self
            .body
            .map_or_else(Body::empty, |body| Body::from(body.to_string()));
        office.world.send(request.body(body).unwrap()).await
    }
}

pub(crate) fn address(user: &str) -> String {
    format!("/api/v1/users/{}", user.replace('/', "%2F"))
}

pub(crate) async fn last(office: &Office, operation: &str) -> weir_core::audit::Entry {
    let filter = AuditFilter {
        operation: Some(operation.to_owned()),
        last: Some(1),
        ..AuditFilter::default()
    };
    let mut entries = office.world.store.audit(&filter).await.unwrap();
    entries.pop().unwrap().entry
}

pub(crate) async fn a_block_from_beginning_to_end(place: Place) {
    let office = Office::at(place).await;
    let admin = token(&office.world, Role::Admin).await;
    let user = &office.users[0];
    let unblock = format!("{}/unblock", address(user));
    let answer = Ask::new("POST", &unblock)
        .body(json!({}))
        .by(&office, &admin)
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.json()["state"], "ACTIVE_ADM");
    assert_eq!(last(&office, "unblock").await.actor, "operator:admin");
    let new = json!({ "user": user, "reason": "key found in public", "for": "30d" });
    let answer = Ask::new("POST", "/api/v1/blocks")
        .body(new)
        .by(&office, &admin)
        .await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let now = &answer.json()["users"][0];
    assert_eq!(now["state"], "BLOCKED_ADM");
    assert_eq!(now["blocked_until"], "2026-12-20T10:00:00Z");
    let entry = last(&office, "block").await;
    assert_eq!(
        (entry.actor.as_str(), entry.reason.as_str()),
        ("operator:admin", "key found in public")
    );
    let page = office.ask(&office.viewer, &address(user)).await.json();
    assert_eq!(page["blocks"][0]["author"], "operator:admin");
}

pub(crate) async fn the_manual_block_of_somebody_else_is_an_admins_matter(place: Place) {
    let office = Office::at(place).await;
    let admin = token(&office.world, Role::Admin).await;
    let operator = token(&office.world, Role::Operator).await;
    // Both are blocked by root@host.
    let user = &office.users[0];
    let unblock = format!("{}/unblock", address(user));
    let new = json!({ "user": user, "reason": "mine now" });
    for (method, path, body) in [
        ("POST", unblock.as_str(), json!({})),
        ("POST", "/api/v1/blocks", new),
    ] {
        for (who, status) in [(&operator, 403), (&office.sap, 403), (&office.viewer, 403)] {
            let answer = Ask::new(method, path)
                .body(body.clone())
                .by(&office, who)
                .await;
            assert_eq!(answer.status, status, "{path}: {}", answer.text);
        }
    }
    let answer = Ask::new("POST", &unblock)
        .body(json!({ "no_protect": true }))
        .by(&office, &admin)
        .await;
    assert_eq!(answer.status, 200);
    let own = json!({ "user": user, "reason": "mine now" });
    let answer = Ask::new("POST", "/api/v1/blocks")
        .body(own)
        .by(&office, &operator)
        .await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let answer = Ask::new("POST", &unblock)
        .body(json!({}))
        .by(&office, &operator)
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

pub(crate) async fn a_team_is_blocked_member_by_member(place: Place) {
    let office = Office::at(place).await;
    let admin = token(&office.world, Role::Admin).await;
    for (who, team, status) in [
        (&office.sap, "web", 404),
        (&admin, "none", 404),
        (&admin, "web", 201),
    ] {
        let new = json!({ "team": team, "reason": "budget spent", "indefinite": true });
        let answer = Ask::new("POST", "/api/v1/blocks")
            .body(new)
            .by(&office, who)
            .await;
        assert_eq!(answer.status, status, "{}", answer.text);
        if status == 201 {
            let done = answer.json();
            let users = done["users"].as_array().unwrap().len();
            let refused = done["refused"].as_array().unwrap().len();
            assert_eq!(users + refused, 1, "{done}");
        }
    }
}

pub(crate) async fn bodies_that_are_wrong_are_told_what_is_wrong(place: Place) {
    let office = Office::at(place).await;
    let admin = token(&office.world, Role::Admin).await;
    let user = office.users[0].clone();
    for (body, status, says) in [
        (json!({ "user": user }), 400, "reason"),
        (
            json!({ "reason": "because" }),
            400,
            "one of `user` and `team`",
        ),
        (
            json!({ "user": user, "team": "sap", "reason": "because" }),
            400,
            "one of",
        ),
        (
            json!({ "user": user, "reason": "because", "for": "3w" }),
            400,
            "for",
        ),
        (
            json!({ "user": user, "reason": "because", "for": "3d", "indefinite": true }),
            400,
            "give one of",
        ),
        (
            json!({ "user": user, "reason": "because", "until": "yesterday" }),
            400,
            "until",
        ),
        (
            json!({ "user": user, "reason": "because", "until": "2020-01-01T00:00:00Z" }),
            422,
            "past",
        ),
        (json!({ "user": user, "reason": "x" }), 422, "3 to 500"),
        (
            json!({ "user": user, "reason": "because", "colour": "red" }),
            400,
            "unknown field",
        ),
        (
            json!({ "user": "nobody", "reason": "because" }),
            404,
            "nobody",
        ),
        (json!("ana"), 400, "body"),
    ] {
        let answer = Ask::new("POST", "/api/v1/blocks")
            .body(body.clone())
            .by(&office, &admin)
            .await;
        assert_eq!(answer.status, status, "{body}: {}", answer.text);
        assert_eq!(answer.content_type, "application/problem+json", "{body}");
        assert!(answer.text.contains(says), "{body}: {}", answer.text);
    }
}

#[expect(clippy::too_many_lines, reason = "a diary")]
pub(crate) async fn the_same_request_with_the_same_key_is_done_once(place: Place) {
    let office = Office::at(place).await;
    let admin = token(&office.world, Role::Admin).await;
    let operator = token(&office.world, Role::Operator).await;
    let new = |label: &str| json!({ "label": label, "for": "30m" });
    let ask = |key: &str, body: Value| {
        Ask::new("POST", "/api/v1/tokens")
            .body(body)
            .header("Idempotency-Key", key)
    };
    let first = ask("k1", new("nightly")).by(&office, &admin).await;
    assert_eq!(first.status, 201, "{}", first.text);
    assert_eq!(first.header("idempotency-replayed"), "");
    let secret = first.json()["secret"].as_str().unwrap().to_owned();
    let again = ask("k1", new("nightly")).by(&office, &admin).await;
    assert_eq!(again.status, 201);
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.json()["id"], first.json()["id"]);
    assert_eq!(
        again.json()["secret"],
        Value::Null,
        "a secret is shown once"
    );
    assert!(!again.text.contains(&secret));
    for (case, answer, status) in [
        (
            "another body",
            ask("k1", new("other")).by(&office, &admin).await,
            422,
        ),
        (
            "another caller",
            ask("k1", new("nightly")).by(&office, &operator).await,
            201,
        ),
        (
            "another key",
            ask("k2", new("nightly")).by(&office, &admin).await,
            201,
        ),
        (
            "a refusal",
            ask("k3", json!({ "label": "", "for": "30m" }))
                .by(&office, &admin)
                .await,
            422,
        ),
        (
            "the refusal again",
            ask("k3", json!({ "label": "", "for": "30m" }))
                .by(&office, &admin)
                .await,
            422,
        ),
        (
            "no key",
            ask("", new("nightly")).by(&office, &admin).await,
            400,
        ),
        (
            "a long key",
            ask(&"k".repeat(201), new("nightly"))
                .by(&office, &admin)
                .await,
            400,
        ),
    ] {
        assert_eq!(answer.status, status, "{case}: {}", answer.text);
    }
    let filter = AuditFilter {
        operation: Some("token-create".to_owned()),
        ..AuditFilter::default()
    };
    let made = office.world.store.audit(&filter).await.unwrap();
    let labelled = made
        .iter()
        .filter(|one| one.entry.reason == "nightly")
        .count();
    assert_eq!(labelled, 3, "one by k1, one by the operator, one by k2");
    office
        .world
        .clock
        .advance(jiff::SignedDuration::from_mins(20));
    let kept = ask("k1", new("nightly")).by(&office, &admin).await;
    assert_eq!(kept.header("idempotency-replayed"), "true");
}

pub(crate) async fn an_edit_knows_what_it_edits(place: Place) {
    let office = Office::at(place).await;
    let admin = token(&office.world, Role::Admin).await;
    let user = address(&office.users[0]);
    let tag = office
        .ask(&office.viewer, &user)
        .await
        .header("etag")
        .to_owned();
    let edit = |team: &str| Ask::new("PATCH", &user).body(json!({ "team": team }));
    let first = edit("web")
        .header("If-Match", &tag)
        .by(&office, &admin)
        .await;
    assert_eq!(
        (first.status.as_u16(), first.json()["team"].as_str()),
        (200, Some("web"))
    );
    for (if_match, status) in [
        (Some(tag.as_str()), 412),
        (Some("\"nothing\""), 412),
        (Some("*"), 200),
        (None, 200),
    ] {
        let ask = edit("web");
        let ask = if_match
            .into_iter()
            .fold(ask, |ask, tag| ask.header("If-Match", tag));
        assert_eq!(ask.by(&office, &admin).await.status, status, "{if_match:?}");
    }
    let listed = first.header("etag");
    assert_eq!(
        office.ask(&office.viewer, &user).await.header("etag"),
        listed
    );
    assert_eq!(last(&office, "user-set").await.actor, "operator:admin");
}

#[expect(clippy::too_many_lines, reason = "a diary")]
pub(crate) async fn a_quota_is_foreseen_set_and_removed(place: Place) {
    let office = Office::at(place).await;
    let admin = token(&office.world, Role::Admin).await;
    let user = &office.users[0];
    let unblock = format!("{}/unblock", address(user));
    Ask::new("POST", &unblock)
        .body(json!({ "no_protect": true }))
        .by(&office, &admin)
        .await;
    let path = format!(
        "/api/v1/quotas/user:{}/requests/month",
        user.replace('/', "%2F")
    );
    let set = |query: &str| {
        Ask::new("PUT", &format!("{path}{query}")).body(json!({ "limit": "1", "action": "block" }))
    };
    let foreseen = set("?dry_run=true").by(&office, &admin).await;
    assert_eq!(foreseen.status, 200, "{}", foreseen.text);
    assert_eq!(foreseen.json()["quota"], Value::Null);
    let blocked = foreseen.json()["blocked"].as_array().unwrap().len();
    let plain = set("").by(&office, &admin).await;
    assert_eq!(
        plain.status,
        if blocked > 0 { 422 } else { 200 },
        "{}",
        plain.text
    );
    let done = set("?yes=true").by(&office, &admin).await;
    assert_eq!(done.status, 200, "{}", done.text);
    let quota = done.json()["quota"].clone();
    assert_eq!(
        (&quota["limit"], &quota["author"]),
        (&json!("1"), &json!("operator:admin"))
    );
    let stale = set("?yes=true")
        .header("If-Match", "\"other\"")
        .by(&office, &admin)
        .await;
    assert_eq!(stale.status, 412);
    let tag = quota["etag"].as_str().unwrap();
    let gone = Ask::new("DELETE", &path)
        .header("If-Match", tag)
        .by(&office, &admin)
        .await;
    assert_eq!(gone.status, 200, "{}", gone.text);
    assert_eq!(gone.json()["quota"], Value::Null);
    let again = Ask::new("DELETE", &path).by(&office, &admin).await;
    assert_eq!(again.status, 404);
    for (path, body) in [
        (
            "/api/v1/quotas/defaults/requests/week",
            json!({ "limit": "1" }),
        ),
        (
            "/api/v1/quotas/defaults/colour/day",
            json!({ "limit": "1" }),
        ),
        (
            "/api/v1/quotas/nobody/requests/day",
            json!({ "limit": "1" }),
        ),
        (
            "/api/v1/quotas/defaults/requests/day",
            json!({ "limit": "-1" }),
        ),
        (
            "/api/v1/quotas/defaults/requests/day",
            json!({ "limit": "many" }),
        ),
        (
            "/api/v1/quotas/defaults/requests/day",
            json!({ "limit": "1", "warn": [0] }),
        ),
    ] {
        let answer = Ask::new("PUT", path).body(body).by(&office, &admin).await;
        assert_eq!(answer.status, 400, "{path}: {}", answer.text);
    }
}

pub(crate) async fn prices_are_set_for_a_model(place: Place) {
    let office = Office::at(place).await;
    let admin = token(&office.world, Role::Admin).await;
    let path = "/api/v1/prices/anthropic.claude-opus-5-5";
    let new = json!({ "input": "5.5", "output": "27.5" });
    let set = Ask::new("PUT", path).body(new).by(&office, &admin).await;
    assert_eq!(set.status, 200, "{}", set.text);
    let prices = set.json()["prices"].clone();
    assert_eq!(prices[0]["bands"][0]["input"], "5.5");
    assert_eq!(prices[0]["sources"][0], "administrator");
    assert_eq!(last(&office, "price-set").await.actor, "operator:admin");
    for body in [
        json!({}),
        json!({ "input": "-1" }),
        json!({ "input": "free" }),
        json!({ "input": "1", "class": "x" }),
    ] {
        let answer = Ask::new("PUT", path).body(body).by(&office, &admin).await;
        assert_eq!(answer.status, 400, "{}", answer.text);
    }
}

#[expect(clippy::too_many_lines, reason = "a diary")]
pub(crate) async fn operators_and_tokens_are_made_and_ended(place: Place) {
    let office = Office::at(place).await;
    let admin = token(&office.world, Role::Admin).await;
    let new = json!({ "name": "eva", "role": "operator", "password": "correct horse battery" });
    let made = Ask::new("POST", "/api/v1/operators")
        .body(new.clone())
        .by(&office, &admin)
        .await;
    assert_eq!(made.status, 201, "{}", made.text);
    let twice = Ask::new("POST", "/api/v1/operators")
        .body(new)
        .by(&office, &admin)
        .await;
    assert_eq!(twice.status, 422);
    let weak = json!({ "password": "eva" });
    let path = "/api/v1/operators/eva/password";
    assert_eq!(
        Ask::new("POST", path)
            .body(weak)
            .by(&office, &admin)
            .await
            .status,
        422
    );
    let good = json!({ "password": "battery horse correct" });
    assert_eq!(
        Ask::new("POST", path)
            .body(good)
            .by(&office, &admin)
            .await
            .status,
        204
    );
    let wanted = json!({ "label": "script", "for": "30m", "role": "viewer", "operator": "eva" });
    let token = Ask::new("POST", "/api/v1/tokens")
        .body(wanted)
        .by(&office, &admin)
        .await;
    assert_eq!(token.status, 201, "{}", token.text);
    let secret = token.json()["secret"].as_str().unwrap().to_owned();
    assert_eq!(
        office.ask(&secret, "/api/v1/me").await.json()["name"],
        "eva"
    );
    // A token may no more than it may, and lives no longer than it lives.
    for wanted in [
        json!({ "label": "more", "for": "10m", "role": "operator" }),
        json!({ "label": "longer", "for": "31m" }),
        json!({ "label": "of somebody else", "for": "10m", "operator": "admin" }),
    ] {
        let answer = Ask::new("POST", "/api/v1/tokens")
            .body(wanted)
            .by(&office, &secret)
            .await;
        assert_eq!(answer.status, 403, "{}", answer.text);
    }
    let shut = json!({ "disabled": true });
    let edited = Ask::new("PATCH", "/api/v1/operators/eva")
        .body(shut)
        .by(&office, &admin)
        .await;
    assert_eq!(edited.status, 200, "{}", edited.text);
    assert_eq!(office.ask(&secret, "/api/v1/me").await.status, 401);
    let id = token.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/tokens/{id}");
    assert_eq!(
        Ask::new("DELETE", &path)
            .by(&office, &office.viewer)
            .await
            .status,
        404
    );
    assert_eq!(
        Ask::new("DELETE", &path).by(&office, &admin).await.status,
        204
    );
    assert_eq!(
        Ask::new("DELETE", &path).by(&office, &admin).await.status,
        404
    );
}

pub(crate) async fn protection_is_given_and_ended(place: Place) {
    let office = Office::at(place).await;
    let operator = token(&office.world, Role::Operator).await;
    let path = format!("{}/protection", address(&office.users[1]));
    let new = json!({ "reason": "release week", "for": "7d", "up_to_percent": 150 });
    let put = Ask::new("PUT", &path)
        .body(new)
        .by(&office, &operator)
        .await;
    assert_eq!(put.status, 200, "{}", put.text);
    assert_eq!(put.json()["protection"]["up_to_percent"], 150);
    let low = json!({ "reason": "release week", "up_to_percent": 90 });
    assert_eq!(
        Ask::new("PUT", &path)
            .body(low)
            .by(&office, &operator)
            .await
            .status,
        400
    );
    let ended = Ask::new("DELETE", &path).by(&office, &operator).await;
    assert_eq!(ended.status, 200, "{}", ended.text);
    assert_eq!(ended.json()["protection"], Value::Null);
    assert_eq!(
        Ask::new("PUT", &path)
            .body(json!({ "reason": "ours" }))
            .by(&office, &office.sap)
            .await
            .status,
        404
    );
}
