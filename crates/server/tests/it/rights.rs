//! Every role against every address of the API.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Method, Request, header};
use weir_core::ids::UserId;
use weir_core::operator::{OperatorName, Role};
use weir_core::rulebook::Person;
use weir_engine::Actor;

use crate::office::{rights, token_of};
use crate::world::{Place, World};

/// What a token of each role is answered: the roles developer, team, viewer, operator, admin, and
/// nobody.
const TABLE: &[(&str, &str, [u16; 6])] = &[
    ("GET", "/api/v1/me", [200, 200, 200, 200, 200, 401]),
    // A token changes no password.
    (
        "POST",
        "/api/v1/me/password",
        [403, 403, 403, 403, 403, 401],
    ),
    ("GET", "/api/v1/operators", [403, 403, 403, 403, 200, 401]),
    ("POST", "/api/v1/operators", [403, 403, 403, 403, 201, 401]),
    (
        "PATCH",
        "/api/v1/operators/{operator}",
        [403, 403, 403, 403, 404, 401],
    ),
    (
        "POST",
        "/api/v1/operators/{operator}/password",
        [403, 403, 403, 403, 404, 401],
    ),
    ("GET", "/api/v1/tokens", [403, 200, 200, 200, 200, 401]),
    ("POST", "/api/v1/tokens", [403, 201, 201, 201, 201, 401]),
    (
        "DELETE",
        "/api/v1/tokens/{token}",
        [403, 404, 404, 404, 404, 401],
    ),
    ("GET", "/api/v1/events", [200, 200, 200, 200, 200, 401]),
    ("GET", "/api/v1/overview", [403, 200, 200, 200, 200, 401]),
    (
        "GET",
        "/api/v1/usage?by=team",
        [403, 200, 200, 200, 200, 401],
    ),
    (
        "GET",
        "/api/v1/usage/cross?by=day&and=team",
        [403, 200, 200, 200, 200, 401],
    ),
    (
        "GET",
        "/api/v1/usage/matrix",
        [403, 200, 200, 200, 200, 401],
    ),
    (
        "GET",
        "/api/v1/usage/heatmap",
        [403, 200, 200, 200, 200, 401],
    ),
    (
        "GET",
        "/api/v1/usage/agents",
        [403, 200, 200, 200, 200, 401],
    ),
    ("GET", "/api/v1/costs", [403, 200, 200, 200, 200, 401]),
    ("GET", "/api/v1/invocations", [403, 200, 200, 200, 200, 401]),
    (
        "GET",
        "/api/v1/invocations/{request}",
        [403, 404, 404, 404, 404, 401],
    ),
    ("GET", "/api/v1/users", [403, 200, 200, 200, 200, 401]),
    ("PATCH", "/api/v1/users", [403, 403, 403, 403, 200, 401]),
    (
        "POST",
        "/api/v1/users/{user}/principals",
        [403, 403, 403, 403, 400, 401],
    ),
    (
        "POST",
        "/api/v1/users/{user}/reattribute",
        [403, 403, 403, 403, 404, 401],
    ),
    (
        "POST",
        "/api/v1/users/{user}/forget",
        [403, 403, 403, 403, 404, 401],
    ),
    (
        "POST",
        "/api/v1/users/{user}/check",
        [403, 403, 403, 403, 404, 401],
    ),
    (
        "GET",
        "/api/v1/users/{user}",
        [403, 404, 404, 404, 404, 401],
    ),
    (
        "PATCH",
        "/api/v1/users/{user}",
        [403, 403, 403, 403, 404, 401],
    ),
    (
        "GET",
        "/api/v1/users/{user}/status",
        [403, 404, 404, 404, 404, 401],
    ),
    (
        "POST",
        "/api/v1/users/{user}/confirm",
        [403, 403, 403, 403, 404, 401],
    ),
    (
        "POST",
        "/api/v1/users/{user}/unblock",
        [403, 404, 403, 404, 404, 401],
    ),
    (
        "POST",
        "/api/v1/users/{user}/raise",
        [403, 403, 403, 403, 404, 401],
    ),
    (
        "PUT",
        "/api/v1/users/{user}/protection",
        [403, 404, 403, 404, 404, 401],
    ),
    (
        "DELETE",
        "/api/v1/users/{user}/protection",
        [403, 404, 403, 404, 404, 401],
    ),
    (
        "GET",
        "/api/v1/users/{user}/series",
        [403, 404, 404, 404, 404, 401],
    ),
    (
        "GET",
        "/api/v1/users/{user}/mails",
        [403, 404, 404, 404, 404, 401],
    ),
    ("GET", "/api/v1/my/usage", [200, 403, 403, 403, 403, 401]),
    ("GET", "/api/v1/my/days", [200, 403, 403, 403, 403, 401]),
    ("GET", "/api/v1/teams", [403, 200, 200, 200, 200, 401]),
    (
        "GET",
        "/api/v1/teams/{team}",
        [403, 404, 404, 404, 404, 401],
    ),
    (
        "PUT",
        "/api/v1/teams/{team}/owner",
        [403, 403, 403, 403, 200, 401],
    ),
    (
        "DELETE",
        "/api/v1/teams/{team}/owner",
        [403, 403, 403, 403, 200, 401],
    ),
    ("GET", "/api/v1/quotas", [403, 200, 200, 200, 200, 401]),
    ("PATCH", "/api/v1/quotas", [403, 403, 403, 403, 400, 401]),
    (
        "GET",
        "/api/v1/quotas/suggestions",
        [403, 200, 200, 200, 200, 401],
    ),
    (
        "GET",
        "/api/v1/quotas/trial?scope=defaults&metric=requests&window=day&limit=1",
        [403, 403, 200, 200, 200, 401],
    ),
    (
        "PUT",
        "/api/v1/quotas/{scope}/{metric}/{window}",
        [403, 403, 403, 403, 400, 401],
    ),
    (
        "DELETE",
        "/api/v1/quotas/{scope}/{metric}/{window}",
        [403, 403, 403, 403, 400, 401],
    ),
    ("GET", "/api/v1/prices", [403, 200, 200, 200, 200, 401]),
    (
        "GET",
        "/api/v1/prices/{model}?region=eu-west-1",
        [403, 404, 404, 404, 404, 401],
    ),
    (
        "PUT",
        "/api/v1/prices/{model}",
        [403, 403, 403, 403, 400, 401],
    ),
    (
        "DELETE",
        "/api/v1/prices/{model}",
        [403, 403, 403, 403, 400, 401],
    ),
    (
        "POST",
        "/api/v1/prices/{model}/reprice",
        [403, 403, 403, 403, 400, 401],
    ),
    ("GET", "/api/v1/targets", [403, 200, 200, 200, 200, 401]),
    (
        "POST",
        "/api/v1/targets/reconcile",
        [403, 403, 403, 403, 422, 401],
    ),
    ("GET", "/api/v1/blocks", [403, 200, 200, 200, 200, 401]),
    (
        "POST",
        "/api/v1/outbox/retry",
        [403, 403, 403, 403, 200, 401],
    ),
    ("POST", "/api/v1/blocks", [403, 404, 403, 404, 404, 401]),
    (
        "POST",
        "/api/v1/blocks/held",
        [403, 404, 403, 404, 404, 401],
    ),
    (
        "DELETE",
        "/api/v1/blocks/{block}",
        [403, 404, 403, 404, 404, 401],
    ),
    ("GET", "/api/v1/audit", [403, 403, 200, 200, 200, 401]),
    (
        "GET",
        "/api/v1/audit/verify",
        [403, 403, 200, 200, 200, 401],
    ),
    (
        "GET",
        "/api/v1/dead-letters",
        [403, 403, 200, 200, 200, 401],
    ),
    ("GET", "/api/v1/outbox", [403, 403, 200, 200, 200, 401]),
    (
        "GET",
        "/api/v1/outbox/{message}",
        [403, 403, 404, 404, 404, 401],
    ),
    ("GET", "/api/v1/coverage", [403, 403, 200, 200, 200, 401]),
    (
        "POST",
        "/api/v1/coverage/read",
        [403, 403, 403, 403, 422, 401],
    ),
    ("GET", "/api/v1/resets", [403, 403, 200, 200, 200, 401]),
    ("POST", "/api/v1/resets", [403, 403, 403, 403, 200, 401]),
    ("GET", "/api/v1/mode", [403, 403, 200, 200, 200, 401]),
    ("PUT", "/api/v1/mode", [403, 403, 403, 403, 200, 401]),
    ("GET", "/api/v1/retention", [403, 403, 200, 200, 200, 401]),
    (
        "POST",
        "/api/v1/retention/run",
        [403, 403, 403, 403, 200, 401],
    ),
    ("GET", "/api/v1/doctor", [403, 403, 200, 200, 200, 401]),
    (
        "GET",
        "/api/v1/openapi.json",
        [200, 200, 200, 200, 200, 200],
    ),
    // Open to everybody, and wrong without a body; a token has no session to end.
    ("GET", "/api/v1/login", [200, 200, 200, 200, 200, 200]),
    ("POST", "/api/v1/login", [415, 415, 415, 415, 415, 415]),
    ("POST", "/api/v1/setup", [415, 415, 415, 415, 415, 415]),
    ("POST", "/api/v1/logout", [400, 400, 400, 400, 400, 401]),
];

/// What is sent where a body is looked at before anything else is; nothing elsewhere.
fn body(method: &str, path: &str) -> Option<&'static str> {
    Some(match (method, path) {
        ("POST", "/api/v1/operators") => {
            r#"{"name": "eva", "role": "viewer", "password": "correct horse battery"}"#
        }
        ("POST", "/api/v1/operators/{operator}/password") => {
            r#"{"password": "correct horse battery"}"#
        }
        ("POST", "/api/v1/me/password") => {
            r#"{"current": "correct horse battery", "password": "battery horse correct"}"#
        }
        ("POST", "/api/v1/users/{user}/raise") => {
            r#"{"amount": "1", "for": "1d", "reason": "because"}"#
        }
        ("POST", "/api/v1/blocks/held") => r#"{"whose": ["user:nothing"], "decision": "apply"}"#,
        ("POST", "/api/v1/outbox/retry") => r#"{"failed": true}"#,
        ("POST", "/api/v1/tokens") => r#"{"label": "table", "for": "30m"}"#,
        ("POST", "/api/v1/blocks") => r#"{"user": "nothing", "reason": "because"}"#,
        ("PUT", "/api/v1/teams/{team}/owner") => r#"{"owner": "a@example.com"}"#,
        ("PUT", "/api/v1/users/{user}/protection") => r#"{"reason": "because"}"#,
        ("PUT", "/api/v1/quotas/{scope}/{metric}/{window}") => r#"{"limit": "1"}"#,
        ("PATCH", "/api/v1/users") => r#"{"people": [{"user": "zoe"}]}"#,
        ("PATCH", "/api/v1/quotas") => r#"{"quotas": []}"#,
        ("POST", "/api/v1/users/{user}/principals") => r#"{"principal": "zoe"}"#,
        ("POST", "/api/v1/users/{user}/reattribute") => r#"{"since": "2026-11-19", "team": "sap"}"#,
        ("POST", "/api/v1/prices/{model}/reprice") => r#"{"from": "2026-11-01"}"#,
        ("PUT", "/api/v1/mode") => r#"{"mode": "dry-run"}"#,
        ("PATCH", _)
        | (
            "POST",
            "/api/v1/users/{user}/forget"
            | "/api/v1/users/{user}/check"
            | "/api/v1/targets/reconcile"
            | "/api/v1/coverage/read"
            | "/api/v1/resets"
            | "/api/v1/users/{user}/unblock",
        )
        | ("PUT", "/api/v1/prices/{model}") => "{}",
        _ => return None,
    })
}

pub(crate) async fn every_role_at_every_address(place: Place) {
    let world = World::at(place).await;
    let engine = &world.state.engine;
    let by = Actor::default();
    let ana = UserId::new("ana");
    let known = engine.set_person(&ana, Person::default(), &by);
    known.await.unwrap();
    let mut tokens = Vec::new();
    for role in Role::ALL {
        let name = OperatorName::new(role.as_str()).unwrap();
        let rights = rights(role, "ana");
        let made = engine.create_operator(&name, rights, "correct horse battery", &by);
        made.await.unwrap();
        tokens.push(Some(token_of(&world, name).await));
    }
    tokens.push(None);
    for (verb, path, expected) in TABLE.iter().copied() {
        let mut found = Vec::new();
        for token in &tokens {
            let method: Method = verb.parse().unwrap();
            let mut request = Request::builder().method(method).uri(named(path));
            request = request.header("X-Weir-CSRF", "1");
            if let Some(token) = token {
                request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
            }
            let sent = match body(verb, path) {
                Some(text) => {
                    request = request.header(header::CONTENT_TYPE, "application/json");
                    Body::from(text)
                }
                None => Body::empty(),
            };
            let answer = world
                .head_of(
                    request.body(sent).unwrap(),
                    verb == "GET" && path.ends_with("events"),
                )
                .await;
            if answer.status.is_client_error() {
                assert_eq!(answer.content_type, "application/problem+json", "{path}");
            }
            found.push(answer.status.as_u16());
        }
        assert_eq!(found, expected, "{verb} {path}");
    }
}

/// The address of something that is not there.
fn named(path: &str) -> String {
    let parts = path.split('/').map(|part| match part.split_once('}') {
        Some((_, query)) => format!("nothing{query}"),
        None => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("/")
}

#[test]
fn the_table_has_every_address() {
    let document = serde_json::to_value(weir_server::document()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let described: BTreeSet<String> = paths
        .iter()
        .flat_map(|(path, verbs)| {
            let verbs = verbs.as_object().unwrap().keys();
            verbs.map(move |verb| format!("{} {path}", verb.to_uppercase()))
        })
        .collect();
    let tested = TABLE.iter().map(|(method, path, _)| {
        let (path, _) = path.split_once('?').unwrap_or((path, ""));
        format!("{method} {path}")
    });
    assert_eq!(described, tested.collect());
}
