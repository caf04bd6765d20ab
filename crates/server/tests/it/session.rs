//! In and out: sessions, tokens, and the first operator.

use axum::body::Body;
use axum::http::{Method, Request, header};
use jiff::SignedDuration;
use weir_core::operator::{OperatorName, Rights, Role};
use weir_engine::{Actor, NewToken};
use weir_server::Transport;
use weir_store::AuditFilter;

use crate::world::{Answer, Place, World};

const PASSWORD: &str = "correct horse battery";
const OTHER: &str = "battery horse correct";

fn name(text: &str) -> OperatorName {
    OperatorName::new(text).unwrap()
}

fn boss() -> Actor {
    Actor {
        name: "root@host".to_owned(),
        claimed: None,
    }
}

async fn with_ana(place: Place) -> World {
    let world = World::at(place).await;
    world
        .state
        .engine
        .create_operator(&name("ana"), Rights::admin(), PASSWORD, &boss())
        .await
        .unwrap();
    world
}

fn json(path: &str, body: &str) -> Request<Body> {
    Request::post(path)
        .header(header::CONTENT_TYPE, "application/json")
        .header("X-Weir-CSRF", "1")
        .body(Body::from(body.to_owned()))
        .unwrap()
}

fn credentials(name: &str, password: &str) -> Request<Body> {
    let body = serde_json::json!({ "name": name, "password": password });
    json("/api/v1/login", &body.to_string())
}

fn set_up(token: &str, name: &str, password: &str) -> Request<Body> {
    let body = serde_json::json!({ "token": token, "name": name, "password": password });
    json("/api/v1/setup", &body.to_string())
}

/// The cookie of an answer, as a browser sends it back.
fn cookie(answer: &Answer) -> String {
    let set = answer.header("set-cookie");
    set.split(';').next().unwrap().to_owned()
}

fn me(cookie: &str) -> Request<Body> {
    let request = Request::get("/api/v1/me").header(header::COOKIE, cookie);
    request.body(Body::empty()).unwrap()
}

async fn operations(world: &World) -> Vec<String> {
    let entries = world.store.audit(&AuditFilter::default()).await.unwrap();
    let entries = entries.into_iter().map(|one| one.entry);
    entries
        .map(|entry| format!("{} {} by {}", entry.operation, entry.subject, entry.actor))
        .collect()
}

pub(crate) async fn a_session_from_log_in_to_log_out(place: Place) {
    let world = with_ana(place).await;
    let answer = world.send(credentials(" Ana ", PASSWORD)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.json()["name"], "ana");
    assert_eq!(answer.json()["role"], "admin");
    let set = answer.header("set-cookie");
    assert!(set.starts_with("weir="), "{set}");
    assert!(
        set.ends_with("; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict"),
        "{set}"
    );

    let cookie = cookie(&answer);
    let answer = world.send(me(&format!("theme=dark; {cookie}"))).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.json()["token"], serde_json::Value::Null);

    let leave = |csrf: Option<&str>, site: Option<&str>| {
        let mut request = Request::post("/api/v1/logout").header(header::COOKIE, &cookie);
        for (header, value) in [("X-Weir-CSRF", csrf), ("Sec-Fetch-Site", site)] {
            if let Some(value) = value {
                request = request.header(header, value);
            }
        }
        request.body(Body::empty()).unwrap()
    };
    // Another site cannot.
    for (csrf, site) in [
        (None, None),
        (Some("1"), Some("cross-site")),
        (Some("1"), Some("same-site")),
    ] {
        assert_eq!(
            world.send(leave(csrf, site)).await.status,
            403,
            "{csrf:?} {site:?}"
        );
    }
    let answer = world.send(leave(Some("1"), Some("same-origin"))).await;
    assert_eq!(answer.status, 204, "{}", answer.text);
    assert!(
        answer
            .header("set-cookie")
            .starts_with("weir=; Path=/; Max-Age=0")
    );
    assert_eq!(world.send(me(&cookie)).await.status, 401);
    let expected = [
        "operator-create operator:ana by root@host",
        "login operator:ana by operator:ana",
        "logout operator:ana by operator:ana",
    ];
    assert_eq!(operations(&world).await, expected);
}

pub(crate) async fn whoever_is_refused_learns_nothing(place: Place) {
    let world = with_ana(place).await;
    let engine = &world.state.engine;
    let viewer = Rights::new(Role::Viewer, None, None).unwrap();
    engine
        .create_operator(&name("bo"), viewer, PASSWORD, &boss())
        .await
        .unwrap();
    engine
        .enable_operator(&name("bo"), false, &boss())
        .await
        .unwrap();
    let mut answers = Vec::new();
    for (name, password) in [
        ("ana", "wrong horse battery"),
        ("nobody", PASSWORD),
        ("bo", PASSWORD),
        ("not a name", PASSWORD),
    ] {
        let answer = world.send(credentials(name, password)).await;
        assert_eq!(answer.status, 401, "{name}");
        answers.push(answer.text);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    let failed = operations(&world).await.split_off(3);
    let expected = [
        "login-failed operator:ana by weir",
        "login-failed operator:(unknown) by weir",
        "login-failed operator:bo by weir",
        "login-failed operator:(unknown) by weir",
    ];
    assert_eq!(failed, expected, "what may be a password is on no record");
}

pub(crate) async fn failures_are_slowed_down_and_time_lets_in_again(place: Place) {
    let world = with_ana(place).await;
    for _ in 0..5 {
        assert_eq!(
            world
                .send(credentials("ana", "wrong horse battery"))
                .await
                .status,
            401
        );
    }
    let answer = world.send(credentials("ana", PASSWORD)).await;
    assert_eq!(answer.status, 429, "{}", answer.text);
    assert_eq!(answer.header("retry-after"), "2");
    assert_eq!(answer.content_type, "application/problem+json");
    // A name that nobody has waits as long.
    for _ in 0..5 {
        assert_eq!(
            world.send(credentials("nobody", PASSWORD)).await.status,
            401
        );
    }
    assert_eq!(
        world.send(credentials("nobody", PASSWORD)).await.status,
        429
    );

    world.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(world.send(credentials("ana", PASSWORD)).await.status, 200);
    // And what failed is forgotten.
    assert_eq!(
        world
            .send(credentials("ana", "wrong horse battery"))
            .await
            .status,
        401
    );
    assert_eq!(world.send(credentials("ana", PASSWORD)).await.status, 200);
}

pub(crate) async fn a_session_ends_idle_and_ends_at_the_latest(place: Place) {
    let world = with_ana(place).await;
    let idle = cookie(&world.send(credentials("ana", PASSWORD)).await);
    world.clock.advance(SignedDuration::from_mins(59));
    assert_eq!(world.send(me(&idle)).await.status, 200);
    world.clock.advance(SignedDuration::from_mins(60));
    assert_eq!(world.send(me(&idle)).await.status, 401);

    let busy = cookie(&world.send(credentials("ana", PASSWORD)).await);
    for _ in 0..23 {
        world.clock.advance(SignedDuration::from_mins(30));
        assert_eq!(world.send(me(&busy)).await.status, 200);
    }
    world.clock.advance(SignedDuration::from_mins(30));
    assert_eq!(
        world.send(me(&busy)).await.status,
        401,
        "after twelve hours"
    );
}

pub(crate) async fn what_an_open_page_asks_by_itself_keeps_no_session_alive(place: Place) {
    let world = with_ana(place).await;
    let of_page = |cookie: &str, value: &str| {
        let request = Request::get("/api/v1/me").header(header::COOKIE, cookie);
        let request = request.header("X-Weir-Background", value);
        request.body(Body::empty()).unwrap()
    };
    let events = |cookie: &str| {
        let request = Request::get("/api/v1/events").header(header::COOKIE, cookie);
        request.body(Body::empty()).unwrap()
    };
    let left = cookie(&world.send(credentials("ana", PASSWORD)).await);
    for _ in 0..2 {
        world.clock.advance(SignedDuration::from_mins(29));
        assert_eq!(world.send(of_page(&left, "1")).await.status, 200);
        assert_eq!(world.head_of(events(&left), true).await.status, 200);
    }
    world.clock.advance(SignedDuration::from_mins(2));
    assert_eq!(world.send(of_page(&left, "1")).await.status, 401);
    assert_eq!(world.head_of(events(&left), true).await.status, 401);

    // One request of a person in between, and it goes on.
    let used = cookie(&world.send(credentials("ana", PASSWORD)).await);
    world.clock.advance(SignedDuration::from_mins(29));
    assert_eq!(world.send(of_page(&used, "0")).await.status, 200);
    world.clock.advance(SignedDuration::from_mins(58));
    assert_eq!(world.send(of_page(&used, "1")).await.status, 200);
}

pub(crate) async fn another_password_or_being_shut_out_ends_sessions(place: Place) {
    let world = with_ana(place).await;
    let engine = &world.state.engine;
    engine
        .create_operator(&name("bo"), Rights::admin(), PASSWORD, &boss())
        .await
        .unwrap();
    for shut_out in [false, true] {
        let cookie = cookie(&world.send(credentials("ana", PASSWORD)).await);
        assert_eq!(world.send(me(&cookie)).await.status, 200);
        if shut_out {
            engine
                .enable_operator(&name("ana"), false, &boss())
                .await
                .unwrap();
        } else {
            engine
                .set_operator_password(&name("ana"), PASSWORD, &boss())
                .await
                .unwrap();
        }
        assert_eq!(world.send(me(&cookie)).await.status, 401, "{shut_out}");
    }
}

pub(crate) async fn whoever_knows_the_old_password_sets_another_and_stays_in(place: Place) {
    let world = with_ana(place).await;
    let here = cookie(&world.send(credentials("ana", PASSWORD)).await);
    let elsewhere = cookie(&world.send(credentials("ana", PASSWORD)).await);
    let change = |session: &str, current: &str, password: &str| {
        let body = serde_json::json!({ "current": current, "password": password });
        let mut request = json("/api/v1/me/password", &body.to_string());
        let session = session.parse().unwrap();
        request.headers_mut().insert(header::COOKIE, session);
        request
    };
    for (current, password, status) in [
        ("wrong horse battery", OTHER, 422),
        (PASSWORD, "short", 422),
        (PASSWORD, OTHER, 204),
    ] {
        let answer = world.send(change(&here, current, password)).await;
        assert_eq!(answer.status, status, "{password}: {}", answer.text);
        if status == 204 {
            let renewed = cookie(&answer);
            assert_eq!(
                world.send(me(&renewed)).await.status,
                200,
                "this one goes on"
            );
        }
    }
    for over in [&here, &elsewhere] {
        assert_eq!(world.send(me(over)).await.status, 401);
    }
    assert_eq!(world.send(credentials("ana", PASSWORD)).await.status, 401);
    assert_eq!(world.send(credentials("ana", OTHER)).await.status, 200);
    let done = operations(&world).await;
    assert!(
        done.contains(&"operator-passwd operator:ana by operator:ana".to_owned()),
        "{done:?}"
    );
}

pub(crate) async fn whoever_finds_a_session_guesses_no_password_by_it(place: Place) {
    let world = with_ana(place).await;
    let session = cookie(&world.send(credentials("ana", PASSWORD)).await);
    let guess = || {
        let body = r#"{"current": "wrong horse battery", "password": "battery horse correct"}"#;
        let mut request = json("/api/v1/me/password", body);
        let session = session.parse().unwrap();
        request.headers_mut().insert(header::COOKIE, session);
        request
    };
    for _ in 0..5 {
        assert_eq!(world.send(guess()).await.status, 422);
    }
    let answer = world.send(guess()).await;
    assert_eq!(answer.status, 429, "{}", answer.text);
    let failed = operations(&world).await;
    let failed = failed.iter().filter(|one| one.starts_with("login-failed"));
    assert_eq!(failed.count(), 5);
}

pub(crate) async fn behind_a_proxy_the_cookie_is_for_tls_and_the_address_is_the_clients(
    place: Place,
) {
    let mut world = with_ana(place).await;
    world.state.transport = Transport::BehindProxy;
    let mut request = credentials("ana", PASSWORD);
    // What stands before the last is the client's own word.
    let forwarded = "203.0.113.9, 198.51.100.7".parse().unwrap();
    request.headers_mut().insert("X-Forwarded-For", forwarded);
    let answer = world.send(request).await;
    let set = answer.header("set-cookie");
    assert!(
        set.starts_with("__Host-weir=") && set.ends_with("; Secure"),
        "{set}"
    );
    let entries = world.store.audit(&AuditFilter::default()).await.unwrap();
    let evidence = entries.last().unwrap().entry.evidence.clone().unwrap();
    assert_eq!(evidence, r#"{"from":"198.51.100.7"}"#);
    let cookie = cookie(&answer);
    assert_eq!(world.send(me(&cookie)).await.status, 200);
    let plain = cookie.replace("__Host-", "");
    assert_eq!(world.send(me(&plain)).await.status, 401);
}

pub(crate) async fn by_our_own_tls_the_cookie_is_for_tls_and_no_forwarded_address_is_believed(
    place: Place,
) {
    let mut world = with_ana(place).await;
    world.state.transport = Transport::Tls;
    let mut request = credentials("ana", PASSWORD);
    let forwarded = "198.51.100.7".parse().unwrap();
    request.headers_mut().insert("X-Forwarded-For", forwarded);
    let answer = world.send(request).await;
    let set = answer.header("set-cookie");
    assert!(
        set.starts_with("__Host-weir=") && set.ends_with("; Secure"),
        "{set}"
    );
    let entries = world.store.audit(&AuditFilter::default()).await.unwrap();
    let evidence = entries.last().unwrap().entry.evidence.clone();
    assert!(!evidence.unwrap_or_default().contains("198.51.100.7"));
}

pub(crate) async fn a_token_acts_for_its_operator_and_for_no_more_than_its_role(place: Place) {
    let world = with_ana(place).await;
    let engine = &world.state.engine;
    let new = NewToken {
        operator: name("ana"),
        label: "nightly".to_owned(),
        role: Some(Role::Viewer),
        term: SignedDuration::from_hours(24),
    };
    let made = engine.make_token(&new, &boss()).await.unwrap();
    let secret = made.secret.expose();
    let ask = |token: &str| {
        let request = Request::get("/api/v1/me");
        let request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        request.body(Body::empty()).unwrap()
    };
    let answer = world.send(ask(secret)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let said = answer.json();
    assert_eq!(
        (&said["name"], &said["role"]),
        (&"ana".into(), &"viewer".into())
    );
    assert_eq!(said["token"], made.token.id);
    let expected = [
        "read-usage",
        "read-prices",
        "read-audit",
        "read-system",
        "make-tokens",
    ];
    assert_eq!(said["permissions"], serde_json::json!(expected));

    // Neither the token of the senders of events nor one letter less.
    for wrong in [crate::world::TOKEN, &secret[..secret.len() - 1], ""] {
        let answer = world.send(ask(wrong)).await;
        assert_eq!(answer.status, 401, "{wrong}");
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
    // A token has no session to end.
    let mut leave = ask(secret);
    *leave.method_mut() = Method::POST;
    *leave.uri_mut() = "/api/v1/logout".parse().unwrap();
    assert_eq!(world.send(leave).await.status, 400);

    world.clock.advance(SignedDuration::from_hours(24));
    assert_eq!(world.send(ask(secret)).await.status, 401, "expired");
    let made = engine.make_token(&new, &boss()).await.unwrap();
    let secret = made.secret.expose();
    assert_eq!(world.send(ask(secret)).await.status, 200);
    assert!(engine.revoke_token(&made.token.id, &boss()).await.unwrap());
    assert_eq!(world.send(ask(secret)).await.status, 401, "revoked");
    assert!(!engine.revoke_token(&made.token.id, &boss()).await.unwrap());
    let operations = operations(&world).await;
    let tokens: Vec<_> = operations
        .iter()
        .filter(|one| one.starts_with("token-"))
        .collect();
    let (create, revoke) = (
        "token-create operator:ana by root@host",
        "token-revoke operator:ana by root@host",
    );
    assert_eq!(tokens, [create, create, revoke]);
}

pub(crate) async fn the_first_operator_is_made_once(place: Place) {
    let world = World::at(place).await;
    let engine = &world.state.engine;
    let (link, _) = engine.offer_setup().await.unwrap().unwrap();
    for (token, who, password, status) in [
        ("guessed", "ana", PASSWORD, 403),
        (link.expose(), "Ana Díaz", PASSWORD, 400),
        (link.expose(), "ana", "short", 422),
        (link.expose(), "ana", PASSWORD, 204),
        (link.expose(), "eve", PASSWORD, 403),
    ] {
        let answer = world.send(set_up(token, who, password)).await;
        assert_eq!(answer.status, status, "{who}: {}", answer.text);
    }
    assert_eq!(
        world.send(credentials("ana", PASSWORD)).await.json()["role"],
        "admin"
    );
    assert_eq!(engine.offer_setup().await.unwrap(), None);
}

pub(crate) async fn a_set_up_link_ends_in_time(place: Place) {
    let world = World::at(place).await;
    let (link, until) = world.state.engine.offer_setup().await.unwrap().unwrap();
    world.clock.advance_to(until);
    let late = set_up(link.expose(), "ana", PASSWORD);
    assert_eq!(world.send(late).await.status, 403);
}

pub(crate) async fn credentials_that_are_no_form_are_told_what_is_wrong(place: Place) {
    let world = with_ana(place).await;
    for (body, says) in [
        ("{", "EOF"),
        (r#"{"name":"ana"}"#, "missing field `password`"),
        (
            r#"{"name":"ana","password":"x","pin":1}"#,
            "unknown field `pin`",
        ),
        (r#"{"name":1,"password":"x"}"#, "invalid type"),
    ] {
        let answer = world.send(json("/api/v1/login", body)).await;
        assert_eq!(answer.status, 400, "{body}");
        assert_eq!(answer.content_type, "application/problem+json");
        assert!(answer.text.contains(says), "{body}: {}", answer.text);
    }
    let mut form = credentials("ana", PASSWORD);
    let kind = "application/x-www-form-urlencoded".parse().unwrap();
    form.headers_mut().insert(header::CONTENT_TYPE, kind);
    assert_eq!(
        world.send(form).await.status,
        415,
        "no form of another site"
    );
    let large = format!(r#"{{"name":"{}"}}"#, "a".repeat(70_000));
    assert_eq!(world.send(json("/api/v1/login", &large)).await.status, 413);
}
