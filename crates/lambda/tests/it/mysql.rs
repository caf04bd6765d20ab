//! The functions over MariaDB and a real `MySQL`.

use serde_json::json;
use weir_testkit::records::call;
use weir_testkit::wire::envelope;

use crate::world::{CONTROLLER, RESET, World, batch, seconds_ago, skipped};

/// What counts here counts over a file too; the servers have locks and procedures of their own.
async fn counts_and_resets(world: World) {
    let function = world.start(CONTROLLER).await;
    let event = |request: &str| {
        envelope(&call(request).at_time(seconds_ago(60)).api_event(), 1).to_string()
    };
    let messages: Vec<_> = (0..10).map(|n| event(&format!("r{}", n / 2))).collect();
    for _ in 0..2 {
        let answer = function.answer(&batch(&messages)).await;
        assert_eq!(answer, json!({ "batchItemFailures": [] }));
    }
    assert_eq!(world.invocations().await, 5);
    let reset = world.start(RESET).await;
    let done = reset.answer(&json!({})).await;
    assert_eq!(done["resets"][0]["errors"], json!([]), "{done}");
    let ticked = function.answer(&json!({ "action": "tick" })).await;
    assert_eq!(ticked["errors"], json!([]), "{ticked}");
    assert_eq!(ticked["resets"], json!([]), "the other function ran it");
}

#[tokio::test]
async fn mariadb_counts_and_resets() {
    counts_and_resets(World::on("WEIR_TEST_MARIADB_URL").await).await;
}

#[tokio::test]
async fn real_mysql_counts_and_resets() {
    if !skipped("WEIR_TEST_MYSQL_SKIPPED") {
        counts_and_resets(World::on("WEIR_TEST_MYSQL_URL").await).await;
    }
}

#[tokio::test]
async fn functions_that_run_at_once_count_once() {
    let world = World::on("WEIR_TEST_MARIADB_URL").await;
    let functions = [world.start(CONTROLLER).await, world.start(CONTROLLER).await];
    let event = |n: u32| {
        envelope(
            &call(&format!("r{n}")).at_time(seconds_ago(60)).api_event(),
            1,
        )
        .to_string()
    };
    let messages: Vec<_> = (0..20).map(event).collect();
    let event = batch(&messages);
    let (first, second) = tokio::join!(functions[0].answer(&event), functions[1].answer(&event));
    assert_eq!(first, json!({ "batchItemFailures": [] }));
    assert_eq!(second, first);
    assert_eq!(world.invocations().await, 20);
}
