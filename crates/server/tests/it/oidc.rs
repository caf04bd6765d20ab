//! Single sign-on from the button to the session, and whoever stays out.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use jiff::SignedDuration;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use weir_core::ids::UserId;
use weir_core::operator::{Admission, Entitled, GroupRights, OperatorName, Rights, Role};
use weir_core::rulebook::Person;
use weir_engine::clock::Clock;
use weir_engine::{Actor, Level, NewToken};
use weir_server::{Sso, SsoSettings, Transport};
use weir_store::AuditFilter;

use crate::browser::{Browser, RETURN, about, control, http, person, sent, settings, world};
use crate::world::World;

async fn recorded(world: &World) -> Vec<String> {
    let entries = world.store.audit(&AuditFilter::default()).await.unwrap();
    let entries = entries.into_iter().map(|one| one.entry);
    let said =
        entries.map(|entry| format!("{} {}: {}", entry.operation, entry.subject, entry.reason));
    said.collect()
}

#[tokio::test]
async fn a_first_sign_in_makes_an_operator_with_a_session() {
    for which in ["full", "lean"] {
        let world = world(which, Entitled::Nobody).await;
        let claims = json!({
            "email": "ana@example.com", "email_verified": true,
            "groups": ["football", "sap-leads"],
        });
        let mut browser = Browser::of(&person("ana", claims).await);
        let ways = browser.ask(&world, "/api/v1/login").await.json();
        assert_eq!(
            ways,
            json!({ "sso": { "label": "Acme", "start": "/sso/start" } })
        );

        let answer = browser.sign_in(&world).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        assert_eq!(answer.header("location"), "/");
        let me = browser.ask(&world, "/api/v1/me").await.json();
        assert_eq!(me["name"], "ana@example.com", "{me}");
        assert_eq!((&me["role"], &me["team"]), (&json!("team"), &json!("sap")));

        assert_eq!(browser.sign_in(&world).await.status, 303);
        let operators = world.store.operators().operators().await.unwrap();
        assert_eq!(operators.len(), 1, "the second time they are known");
        let said = recorded(&world).await;
        let made = "operator-create operator:ana@example.com: made by single sign-on";
        assert!(said.iter().any(|line| line == made), "{said:?}");
        assert!(
            said.iter()
                .any(|line| line.starts_with("login operator:ana@example.com"))
        );
    }
}

#[tokio::test]
async fn what_somebody_may_do_follows_their_groups() {
    let world = world("full", Entitled::Nobody).await;
    let claims = |groups: Value| json!({ "preferred_username": "boss", "groups": groups });
    let sub = person("boss", claims(json!(["weir-admins"]))).await;
    let mut browser = Browser::of(&sub);
    browser.sign_in(&world).await;
    let me = browser.ask(&world, "/api/v1/me").await.json();
    assert_eq!(me["role"], "admin", "{me}");
    let token = token(&world, "boss").await;

    // The last admin, too.
    person("boss", claims(json!(["lookers"]))).await;
    browser.sign_in(&world).await;
    let me = browser.ask(&world, "/api/v1/me").await.json();
    assert_eq!(me["role"], "viewer", "{me}");

    person("boss", claims(json!([]))).await;
    let answer = browser.sign_in(&world).await;
    assert_eq!(answer.status, 403);
    assert!(
        answer.text.contains("none of your groups"),
        "{}",
        answer.text
    );
    assert_eq!(
        browser.ask(&world, "/api/v1/me").await.status,
        401,
        "sessions ended"
    );
    let mine = Request::get("/api/v1/me").header("authorization", format!("Bearer {token}"));
    let mine = world.send(mine.body(Body::empty()).unwrap()).await;
    assert_eq!(mine.status, 401, "and so did tokens");

    person("boss", claims(json!(["lookers"]))).await;
    assert_eq!(
        browser.sign_in(&world).await.status,
        303,
        "and they may come back"
    );
}

async fn token(world: &World, operator: &str) -> String {
    let new = NewToken {
        operator: OperatorName::new(operator).unwrap(),
        label: "nightly".to_owned(),
        role: None,
        term: SignedDuration::from_hours(24),
    };
    let made = world.state.engine.make_token(&new, &Actor::default()).await;
    made.unwrap().secret.expose().to_owned()
}

#[tokio::test]
async fn an_operator_who_is_shut_out_stays_out_and_has_no_password() {
    let world = world("full", Entitled::Nobody).await;
    let sub = person(
        "cy",
        json!({ "preferred_username": "cy", "groups": ["lookers"] }),
    )
    .await;
    let mut browser = Browser::of(&sub);
    browser.sign_in(&world).await;
    let (engine, by) = (&world.state.engine, Actor::default());
    let cy = OperatorName::new("cy").unwrap();
    let set = engine
        .set_operator_password(&cy, "correct horse battery", &by)
        .await;
    assert!(set.unwrap_err().to_string().contains("no password"));
    let set = engine.set_operator_rights(&cy, Rights::admin(), &by).await;
    assert!(
        set.unwrap_err()
            .to_string()
            .contains("follows their groups")
    );

    engine.enable_operator(&cy, false, &by).await.unwrap();
    assert_eq!(browser.ask(&world, "/api/v1/me").await.status, 401);
    let answer = browser.sign_in(&world).await;
    assert_eq!(answer.status, 403);
    assert!(answer.text.contains("switched off"), "{}", answer.text);
    assert!(
        answer
            .all("set-cookie")
            .iter()
            .all(|set| !set.starts_with("weir="))
    );
}

#[tokio::test]
async fn a_developer_is_whoever_has_the_verified_address_of_one_user() {
    let world = world("lean", Entitled::OwnUser).await;
    let (engine, by) = (&world.state.engine, Actor::default());
    for (user, email) in [
        ("ana", "Ana@example.com"),
        ("bo", "two@example.com"),
        ("cy", "two@example.com"),
    ] {
        let said = Person {
            email: Some(email.to_owned()),
            ..Person::default()
        };
        engine
            .set_person(&UserId::new(user), said, &by)
            .await
            .unwrap();
    }
    for (name, email, verified, user) in [
        ("one", "ana@EXAMPLE.com", true, Some("ana")),
        ("unverified", "ana@example.com", false, None),
        ("several", "two@example.com", true, None),
        ("nobody", "else@example.com", true, None),
    ] {
        let claims = json!({ "email": email, "email_verified": verified });
        let mut browser = Browser::of(&person(name, claims).await);
        let answer = browser.sign_in(&world).await;
        if let Some(user) = user {
            assert_eq!(answer.status, 303, "{name}: {}", answer.text);
            let me = browser.ask(&world, "/api/v1/me").await.json();
            assert_eq!(
                (&me["role"], &me["user"]),
                (&json!("developer"), &json!(user))
            );
        } else {
            assert_eq!(answer.status, 403, "{name}");
            assert!(
                answer.text.contains("not that of exactly"),
                "{}",
                answer.text
            );
        }
    }
}

#[tokio::test]
async fn a_sign_in_ends_in_the_browser_that_began_it_and_once() {
    let world = world("full", Entitled::Nobody).await;
    let sub = person("eva", json!({ "groups": ["lookers"] })).await;
    let mut browser = Browser::of(&sub);
    let start = browser.begin(&world).await;
    let back = browser.through(&start).await;

    let mut other = Browser::of(&sub);
    let answer = other.ask(&world, &back).await;
    assert_eq!(answer.status, 400, "another browser");
    assert!(answer.text.contains("was not begun in this browser"));

    let kept = browser.weir.clone();
    let wrong = back.replace("state=", "state=x");
    let answer = browser.ask(&world, &wrong).await;
    assert_eq!(answer.status, 400, "another state");

    browser.weir.clone_from(&kept);
    assert_eq!(browser.ask(&world, &back).await.status, 303);
    assert!(!browser.weir.contains_key("weir-sso"), "{:?}", browser.weir);

    browser.weir = kept;
    let answer = browser.ask(&world, &back).await;
    assert_eq!(answer.status, 403, "the code was good for once");
    let said = recorded(&world).await;
    let unproven = "login-failed operator:(unknown): single sign-on: the answer of the provider proved nothing";
    assert!(said.iter().any(|line| line == unproven), "{said:?}");
}

#[tokio::test]
async fn what_is_not_of_this_sign_in_or_not_of_now_proves_nothing() {
    let world = world("full", Entitled::Nobody).await;
    let mut browser = Browser::of(&person("dan", json!({ "groups": ["weir-admins"] })).await);
    let start = browser.begin(&world).await;
    let back = browser.through(&start.replace("nonce=", "nonce=x")).await;
    let answer = browser.ask(&world, &back).await;
    assert_eq!(answer.status, 403, "another nonce");
    assert!(
        answer.text.contains("could not be verified"),
        "{}",
        answer.text
    );

    let start = browser.begin(&world).await;
    let back = browser.through(&start).await;
    world.clock.advance(SignedDuration::from_hours(2));
    let answer = browser.ask(&world, &back).await;
    assert_eq!(answer.status, 403, "an ID token that is over");
    assert!(
        world
            .store
            .operators()
            .operators()
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn new_keys_of_the_provider_are_fetched() {
    let world = world("full", Entitled::Nobody).await;
    let mut browser = Browser::of(&person("fay", json!({ "groups": ["lookers"] })).await);
    assert_eq!(browser.sign_in(&world).await.status, 303);
    let rotated = http().post(format!("{}/rotate", control())).send().await;
    assert_eq!(rotated.unwrap().status(), 204);
    let answer = browser.sign_in(&world).await;
    assert_eq!(answer.status, 403, "its keys were asked for a moment ago");
    world.clock.advance(SignedDuration::from_secs(15));
    assert_eq!(browser.sign_in(&world).await.status, 303);
}

/// A provider that is none, and how often it was asked.
#[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
async fn nonsense() -> (String, Arc<AtomicU32>) {
    let asked = Arc::new(AtomicU32::new(0));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let count = Arc::clone(&asked);
    let app = axum::Router::new().fallback(async move || {
        count.fetch_add(1, Ordering::Relaxed);
        StatusCode::BAD_GATEWAY
    });
    tokio::task::spawn(async move { axum::serve(listener, app).await });
    (url, asked)
}

#[tokio::test]
async fn a_provider_that_fails_is_not_asked_again_at_once() {
    let (issuer, asked) = nonsense().await;
    let mut world = World::of_today().await;
    world.state.sso = Some(Arc::new(Sso::new(settings(issuer)).unwrap()));
    for (after, times) in [(0, 1), (1, 1), (13, 1), (1, 2), (1, 2)] {
        world.clock.advance(SignedDuration::from_secs(after));
        let answer = Browser::default().ask(&world, "/sso/start").await;
        assert_eq!(answer.status, 503);
        assert_eq!(asked.load(Ordering::Relaxed), times);
    }
    let check = world
        .state
        .sso
        .as_ref()
        .unwrap()
        .check(world.clock.now())
        .await;
    assert_eq!(check.level, Level::Fail);
    let remedy = check.remedy.unwrap();
    assert!(remedy.contains("server.oidc.issuer"), "{remedy}");
}

#[tokio::test]
async fn the_doctor_asks_the_provider() {
    let world = world("full", Entitled::Nobody).await;
    let sso = world.state.sso.as_ref().unwrap();
    let check = sso.check(world.clock.now()).await;
    assert_eq!(check.level, Level::Ok, "{}", check.found);
    assert!(check.found.contains(RETURN), "{}", check.found);

    let scopes = vec!["weather".to_owned()];
    let odd = SsoSettings {
        scopes,
        ..about("full").await
    };
    let check = Sso::new(odd).unwrap().check(world.clock.now()).await;
    assert_eq!(check.level, Level::Warn, "{}", check.found);
    assert!(check.found.contains("no scope weather"), "{}", check.found);
}

#[tokio::test]
async fn sign_ins_that_fail_are_slowed_down_by_address() {
    let mut world = world("full", Entitled::Nobody).await;
    world.state.transport = Transport::BehindProxy;
    let forged = "/sso/callback?code=guessed&state=guessed";
    for attempt in 1..=20 {
        let answer = Browser::default().ask(&world, forged).await;
        assert_eq!(answer.status, 400, "{attempt}");
    }
    let answer = Browser::default().ask(&world, forged).await;
    assert_eq!(answer.status, 429);
    assert!(
        answer.text.contains("Wait these seconds"),
        "{}",
        answer.text
    );
    let failed = recorded(&world).await;
    assert_eq!(
        failed.len(),
        20,
        "and what is not looked at is not recorded"
    );
}

#[tokio::test]
async fn whoever_signs_out_is_out() {
    let world = world("full", Entitled::Nobody).await;
    let mut browser = Browser::of(&person("gil", json!({ "groups": ["lookers"] })).await);
    browser.sign_in(&world).await;
    let before = sent(&browser.weir);
    let out = Request::post("/api/v1/logout")
        .header(header::COOKIE, before.clone())
        .header("X-Weir-CSRF", "1");
    let out = world.send(out.body(Body::empty()).unwrap()).await;
    assert!(out.status.is_success(), "{}", out.text);
    let me = Request::get("/api/v1/me").header(header::COOKIE, before);
    assert_eq!(
        world.send(me.body(Body::empty()).unwrap()).await.status,
        401
    );
}

#[tokio::test]
async fn an_account_of_the_same_name_stays_whose_it_is() {
    let world = world("full", Entitled::Nobody).await;
    let engine = &world.state.engine;
    let mine = OperatorName::new("hal@example.com").unwrap();
    let by = Actor::default();
    let made = engine.create_operator(&mine, Rights::admin(), "correct horse battery", &by);
    made.await.unwrap();
    let claims =
        json!({ "email": "hal@example.com", "email_verified": true, "groups": ["lookers"] });
    let mut browser = Browser::of(&person("hal", claims).await);
    browser.sign_in(&world).await;
    let me = browser.ask(&world, "/api/v1/me").await.json();
    let name = me["name"].as_str().unwrap();
    assert!(name.starts_with("hal@example.com-"), "{name}");
    assert_eq!(me["role"], "viewer");
}

#[tokio::test]
async fn a_developer_is_the_user_whom_the_claim_names() {
    let mut world = World::of_today().await;
    let settings = SsoSettings {
        user_claim: Some("preferred_username".to_owned()),
        admission: Admission {
            groups: vec![GroupRights::new("developers".to_owned(), Role::Developer, None).unwrap()],
            others: Entitled::Nobody,
        },
        ..about("full").await
    };
    world.state.sso = Some(Arc::new(Sso::new(settings).unwrap()));
    let claims = json!({ "preferred_username": "ana.lopez", "groups": ["developers"] });
    let mut browser = Browser::of(&person("ida", claims).await);
    browser.sign_in(&world).await;
    let me = browser.ask(&world, "/api/v1/me").await.json();
    assert_eq!(
        (&me["role"], &me["user"]),
        (&json!("developer"), &json!("ana.lopez"))
    );

    // No address stands in for a claim that is missing.
    let claims =
        json!({ "email": "jo@example.com", "email_verified": true, "groups": ["developers"] });
    let mut browser = Browser::of(&person("jo", claims).await);
    assert_eq!(browser.sign_in(&world).await.status, 403);
}

#[tokio::test]
async fn what_the_provider_says_no_with_is_shown_escaped() {
    let world = world("full", Entitled::Nobody).await;
    let mut nobody = Browser::default();
    let answer = nobody.sign_in(&world).await;
    assert_eq!(answer.status, 403);
    assert!(
        answer
            .text
            .contains("no &lt;b&gt;person&lt;/b&gt; is there"),
        "{}",
        answer.text
    );
    assert!(
        answer
            .header("content-security-policy")
            .starts_with("default-src 'none'")
    );
}

#[tokio::test]
async fn without_the_provider_local_accounts_go_on() {
    let mut world = World::of_today().await;
    // Nobody listens there.
    let settings = settings("http://127.0.0.1:9".to_owned());
    world.state.sso = Some(Arc::new(Sso::new(settings).unwrap()));
    let answer = Browser::default().ask(&world, "/sso/start").await;
    assert_eq!(answer.status, 503);
    assert!(answer.text.contains("does not answer"), "{}", answer.text);

    let engine = &world.state.engine;
    let ana = OperatorName::new("ana").unwrap();
    let by = Actor::default();
    let made = engine.create_operator(&ana, Rights::admin(), "correct horse battery", &by);
    made.await.unwrap();
    let body = json!({ "name": "ana", "password": "correct horse battery" });
    let login = Request::post("/api/v1/login")
        .header(header::CONTENT_TYPE, "application/json")
        .header("X-Weir-CSRF", "1")
        .body(Body::from(body.to_string()));
    assert_eq!(world.send(login.unwrap()).await.status, 200);
}

#[tokio::test]
async fn by_tls_the_cookies_are_secure() {
    let mut world = world("full", Entitled::Nobody).await;
    world.state.transport = Transport::Tls;
    let answer = Browser::default().ask(&world, "/sso/start").await;
    let set = answer.header("set-cookie");
    assert!(set.starts_with("__Host-weir-sso="), "{set}");
    assert!(
        set.ends_with("; Path=/; Max-Age=600; HttpOnly; SameSite=Lax; Secure"),
        "{set}"
    );
    assert!(
        answer
            .header("strict-transport-security")
            .contains("max-age=")
    );
}
