//! No caller takes the server for itself.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use tokio::time::Instant;
use tower::ServiceExt;

use crate::world::World;

/// At once.
const BURST: u64 = 200;
/// A second.
const STEADY: u64 = 50;

/// Asks as somebody, until that is too often: after how many times, and what was answered.
async fn until_refused(router: &Router, token: &str) -> (u64, StatusCode, Option<String>) {
    let mut asked = 0;
    loop {
        let request = Request::get("/api/v1/login");
        let request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        let request = request.body(Body::empty()).unwrap();
        let answer = router.clone().oneshot(request).await.unwrap();
        if !answer.status().is_success() || asked > 100 * BURST {
            let wait = answer.headers().get(header::RETRY_AFTER);
            let wait = wait.map(|wait| wait.to_str().unwrap().to_owned());
            return (asked, answer.status(), wait);
        }
        asked += 1;
    }
}

#[tokio::test]
async fn whoever_asks_too_often_is_told_to_wait() {
    let world = World::new().await;
    let router = world.router();
    let began = Instant::now();
    let (asked, status, wait) = until_refused(&router, "one").await;
    let more = (began.elapsed().as_secs() + 1) * STEADY;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(wait.as_deref(), Some("1"), "Retry-After");
    assert!((BURST..=BURST + more).contains(&asked), "{asked}");

    // Others are not told so; but all of an address together have five times as much.
    let mut all = asked;
    for other in 0..20 {
        let (asked, ..) = until_refused(&router, &format!("other{other}")).await;
        assert!(asked >= BURST || all >= 4 * BURST, "{other}: {asked}");
        all += asked;
    }
    let more = (began.elapsed().as_secs() + 1) * 5 * STEADY;
    assert!((5 * BURST..=5 * BURST + more).contains(&all), "{all}");
}
