//! `/healthz`, `/readyz`, `/metrics`, and addresses that are not there.

use axum::body::Body;
use axum::http::{Request, StatusCode};

use crate::world::{TOKEN, World, events, fixture};

#[tokio::test]
async fn the_process_is_alive_and_ready_only_with_its_schema() {
    let world = World::new().await;
    assert_eq!(world.get("/healthz").await.status, StatusCode::OK);
    let ready = world.get("/readyz").await;
    assert_eq!(ready.status, StatusCode::OK);
    assert!(
        ready.json()["database"]
            .as_str()
            .unwrap()
            .starts_with("sqlite")
    );

    let unready = World::unmigrated().await;
    assert_eq!(unready.get("/healthz").await.status, StatusCode::OK);
    assert_eq!(
        unready.get("/readyz").await.status,
        StatusCode::SERVICE_UNAVAILABLE
    );
}

#[tokio::test]
async fn metrics_count_what_happened_and_name_nobody() {
    let world = World::new().await;
    let router = world.router();
    for name in [
        "ct_invokemodel_iamuser.json",
        "ct_invokemodel_iamuser.json",
        "ct_access_denied.json",
    ] {
        let request = events(fixture(name));
        let answer = tower::ServiceExt::oneshot(router.clone(), request)
            .await
            .unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
    }
    let answer = world.get("/metrics").await;
    assert!(
        answer
            .content_type
            .starts_with("application/openmetrics-text")
    );
    for line in [
        "weir_records_total 3",
        "weir_invocations_new_total 2",
        "weir_records_duplicate_total 1",
        "weir_calls_failed_total 1",
        "weir_dead_letters_total 0",
        "weir_invocations 2",
        "weir_blocks_active 0.0",
        "weir_http_requests_total{route=\"/api/v1/events\",status=\"200\"} 3",
    ] {
        assert!(
            answer.text.lines().any(|found| found == line),
            "{line} in\n{}",
            answer.text
        );
    }
    assert!(answer.text.ends_with("# EOF\n"));
    assert!(!answer.text.contains("ana.lopez") && !answer.text.contains("_usd"));
}

#[tokio::test]
async fn who_uses_what_is_for_whoever_has_the_token() {
    let world = World::new().await;
    world
        .send(events(fixture("ct_invokemodel_iamuser.json")))
        .await;
    let scrape = async |token: &str| {
        let request = Request::get("/metrics").header("authorization", format!("Bearer {token}"));
        world.send(request.body(Body::empty()).unwrap()).await
    };
    let answer = scrape(TOKEN).await;
    for line in [
        "weir_user_requests_today{user=\"ana.lopez\"} 1.0",
        "weir_requests_today 1.0",
        "weir_leaks_today 0.0",
        "# TYPE weir_user_cost_today_usd gauge",
    ] {
        assert!(
            answer.text.lines().any(|found| found == line),
            "{line} in\n{}",
            answer.text
        );
    }
    let refused = scrape("0123456789abcdef0123456789abcdee").await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn what_is_scraped_is_in_the_documents() {
    let world = World::new().await;
    world
        .send(events(fixture("ct_invokemodel_iamuser.json")))
        .await;
    world.state.engine.tick().await.unwrap();
    let request = Request::get("/metrics").header("authorization", format!("Bearer {TOKEN}"));
    let answer = world.send(request.body(Body::empty()).unwrap()).await;
    let documents = include_str!("../../../../docs/metrics.md");
    let mut names = 0;
    for line in answer.text.lines() {
        let Some(rest) = line.strip_prefix("# TYPE ") else {
            continue;
        };
        let name = rest.split(' ').next().unwrap();
        assert!(
            documents.contains(&format!("| `{name}` |")),
            "{name} is not in docs/metrics.md"
        );
        names += 1;
    }
    assert!(names > 30, "{names}");
}

#[tokio::test]
async fn other_addresses_and_methods_are_problems() {
    let world = World::new().await;
    let answer = world.get("/api/v1/nothing").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(answer.content_type, "application/problem+json");
    let request = Request::put("/api/v1/events").body(Body::empty()).unwrap();
    let answer = world.send(request).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(answer.content_type, "application/problem+json");
    let request = Request::post("/healthz").body(Body::empty()).unwrap();
    assert_eq!(
        world.send(request).await.status,
        StatusCode::METHOD_NOT_ALLOWED
    );
}
