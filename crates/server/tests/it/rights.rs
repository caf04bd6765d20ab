//! Every role against every address of the API.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Method, Request, header};
use jiff::SignedDuration;
use weir_core::ids::TeamId;
use weir_core::operator::{OperatorName, Rights, Role};
use weir_engine::{Actor, NewToken};

use crate::world::World;

/// What a token of each role is answered: the roles team, viewer, operator, admin, and nobody.
const TABLE: &[(&str, &str, [u16; 5])] = &[
    ("GET", "/api/v1/me", [200, 200, 200, 200, 401]),
    ("GET", "/api/v1/operators", [403, 403, 403, 200, 401]),
    ("POST", "/api/v1/operators", [403, 403, 403, 201, 401]),
    (
        "PATCH",
        "/api/v1/operators/{operator}",
        [403, 403, 403, 404, 401],
    ),
    (
        "POST",
        "/api/v1/operators/{operator}/password",
        [403, 403, 403, 404, 401],
    ),
    ("GET", "/api/v1/tokens", [200, 200, 200, 200, 401]),
    ("POST", "/api/v1/tokens", [201, 201, 201, 201, 401]),
    (
        "DELETE",
        "/api/v1/tokens/{token}",
        [404, 404, 404, 404, 401],
    ),
    ("GET", "/api/v1/events", [200, 200, 200, 200, 401]),
    ("GET", "/api/v1/overview", [200, 200, 200, 200, 401]),
    ("GET", "/api/v1/usage?by=team", [200, 200, 200, 200, 401]),
    (
        "GET",
        "/api/v1/usage/cross?by=day&and=team",
        [200, 200, 200, 200, 401],
    ),
    ("GET", "/api/v1/usage/heatmap", [200, 200, 200, 200, 401]),
    ("GET", "/api/v1/usage/agents", [200, 200, 200, 200, 401]),
    ("GET", "/api/v1/costs", [200, 200, 200, 200, 401]),
    ("GET", "/api/v1/invocations", [200, 200, 200, 200, 401]),
    (
        "GET",
        "/api/v1/invocations/{request}",
        [404, 404, 404, 404, 401],
    ),
    ("GET", "/api/v1/users", [200, 200, 200, 200, 401]),
    ("GET", "/api/v1/users/{user}", [404, 404, 404, 404, 401]),
    ("PATCH", "/api/v1/users/{user}", [403, 403, 403, 404, 401]),
    (
        "GET",
        "/api/v1/users/{user}/status",
        [404, 404, 404, 404, 401],
    ),
    (
        "POST",
        "/api/v1/users/{user}/confirm",
        [403, 403, 403, 404, 401],
    ),
    (
        "POST",
        "/api/v1/users/{user}/raises",
        [403, 403, 403, 404, 401],
    ),
    (
        "POST",
        "/api/v1/users/{user}/unblock",
        [404, 403, 404, 404, 401],
    ),
    (
        "PUT",
        "/api/v1/users/{user}/protection",
        [404, 403, 404, 404, 401],
    ),
    (
        "DELETE",
        "/api/v1/users/{user}/protection",
        [404, 403, 404, 404, 401],
    ),
    (
        "GET",
        "/api/v1/users/{user}/series",
        [404, 404, 404, 404, 401],
    ),
    (
        "GET",
        "/api/v1/users/{user}/mails",
        [404, 404, 404, 404, 401],
    ),
    ("GET", "/api/v1/teams", [200, 200, 200, 200, 401]),
    ("GET", "/api/v1/teams/{team}", [404, 404, 404, 404, 401]),
    (
        "PUT",
        "/api/v1/teams/{team}/owner",
        [403, 403, 403, 200, 401],
    ),
    (
        "DELETE",
        "/api/v1/teams/{team}/owner",
        [403, 403, 403, 200, 401],
    ),
    ("GET", "/api/v1/quotas", [200, 200, 200, 200, 401]),
    (
        "PUT",
        "/api/v1/quotas/{scope}/{metric}/{window}",
        [403, 403, 403, 400, 401],
    ),
    (
        "DELETE",
        "/api/v1/quotas/{scope}/{metric}/{window}",
        [403, 403, 403, 400, 401],
    ),
    ("GET", "/api/v1/prices", [200, 200, 200, 200, 401]),
    (
        "GET",
        "/api/v1/prices/{model}?region=eu-west-1",
        [404, 404, 404, 404, 401],
    ),
    ("PUT", "/api/v1/prices/{model}", [403, 403, 403, 400, 401]),
    ("GET", "/api/v1/targets", [200, 200, 200, 200, 401]),
    ("GET", "/api/v1/blocks", [200, 200, 200, 200, 401]),
    ("POST", "/api/v1/blocks", [404, 403, 404, 404, 401]),
    (
        "DELETE",
        "/api/v1/blocks/{block}",
        [404, 403, 404, 404, 401],
    ),
    ("GET", "/api/v1/audit", [403, 200, 200, 200, 401]),
    ("GET", "/api/v1/audit/verify", [403, 200, 200, 200, 401]),
    ("GET", "/api/v1/dead-letters", [403, 200, 200, 200, 401]),
    ("GET", "/api/v1/outbox", [403, 200, 200, 200, 401]),
    ("GET", "/api/v1/outbox/{message}", [403, 404, 404, 404, 401]),
    ("GET", "/api/v1/coverage", [403, 200, 200, 200, 401]),
    ("GET", "/api/v1/resets", [403, 200, 200, 200, 401]),
    ("GET", "/api/v1/doctor", [403, 200, 200, 200, 401]),
    ("GET", "/api/v1/openapi.json", [200, 200, 200, 200, 200]),
    // Open to everybody, and wrong without a body; a token has no session to end.
    ("POST", "/api/v1/login", [415, 415, 415, 415, 415]),
    ("POST", "/api/v1/setup", [415, 415, 415, 415, 415]),
    ("POST", "/api/v1/logout", [400, 400, 400, 400, 401]),
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
        ("POST", "/api/v1/tokens") => r#"{"label": "table", "for": "30m"}"#,
        ("POST", "/api/v1/blocks") => r#"{"user": "nothing", "reason": "because"}"#,
        ("POST", "/api/v1/users/{user}/raises") => {
            r#"{"metric": "requests", "window": "day", "amount": "1", "for": "1h", "reason": "because"}"#
        }
        ("PUT", "/api/v1/teams/{team}/owner") => r#"{"owner": "a@example.com"}"#,
        ("PUT", "/api/v1/users/{user}/protection") => r#"{"reason": "because"}"#,
        ("PUT", "/api/v1/quotas/{scope}/{metric}/{window}") => r#"{"limit": "1"}"#,
        ("PATCH", _)
        | ("PUT", "/api/v1/prices/{model}")
        | ("POST", "/api/v1/users/{user}/unblock") => "{}",
        _ => return None,
    })
}

#[tokio::test]
async fn every_role_at_every_address() {
    let world = World::new().await;
    let engine = &world.state.engine;
    let by = Actor::default();
    let mut tokens = Vec::new();
    for role in Role::ALL {
        let name = OperatorName::new(role.as_str()).unwrap();
        let team = (role == Role::Team).then(|| TeamId::new("sap"));
        let rights = Rights::new(role, team).unwrap();
        let made = engine.create_operator(&name, rights, "correct horse battery", &by);
        made.await.unwrap();
        let new = NewToken {
            operator: name,
            label: "table".to_owned(),
            role: None,
            term: SignedDuration::from_hours(1),
        };
        let made = engine.make_token(&new, &by).await.unwrap();
        tokens.push(Some(made.secret.expose().to_owned()));
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
    let (path, query) = path
        .split_once('?')
        .map_or((path, None), |(path, query)| (path, Some(query)));
    let parts = path.split('/').map(|part| match part {
        part if part.starts_with('{') => "nothing",
        part => part,
    });
    let named = parts.collect::<Vec<_>>().join("/");
    query.map_or(named.clone(), |query| format!("{named}?{query}"))
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
