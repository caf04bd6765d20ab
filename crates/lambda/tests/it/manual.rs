//! Manual operations (rules 11).

use serde_json::{Value, json};
use weir_store::AuditFilter;
use weir_testkit::records::call;
use weir_testkit::runtime_api::{Answer, Invocation};
use weir_testkit::wire::envelope;

use crate::world::{CONTROLLER, Function, World, seconds_ago};

async fn with_ana(manual: &str) -> (World, Function) {
    let mut world = World::new().await;
    world.configure(&format!("[enforcement]\nmode = \"off\"\n{manual}"));
    let function = world.start(CONTROLLER).await;
    for (request, draft) in [
        ("r1", call("r1").by_person("ana")),
        ("r2", call("r2").by_session("batch", "nightly")),
    ] {
        let event = draft.at_time(seconds_ago(60)).api_event();
        let counted = function.answer(&envelope(&event, 1)).await;
        assert_eq!(counted["new"], 1, "{request}: {counted}");
    }
    (world, function)
}

/// The status code and the body, which is JSON in a text.
async fn ask(function: &Function, event: Value) -> (u64, Value) {
    read(&function.answer(&event).await)
}

fn read(answer: &Value) -> (u64, Value) {
    let body = answer["body"].as_str().unwrap();
    (
        answer["statusCode"].as_u64().unwrap(),
        serde_json::from_str(body).unwrap(),
    )
}

#[tokio::test]
async fn somebody_is_blocked_looked_at_and_unblocked() {
    let (world, function) = with_ana("[lambda]\nmanual = true\n").await;
    let (status, body) = ask(
        &function,
        json!({ "action": "block", "user_id": "ana", "reason": "too much", "performed_by": "eva",
                "duration": "indefinite" }),
    )
    .await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(body["state"], "BLOCKED_ADM");
    assert_eq!(
        (&body["enforcement"], &body["verified"]),
        (&json!("off"), &json!(false))
    );

    let (status, body) = ask(
        &function,
        json!({ "action": "check_status", "user_id": "ana" }),
    )
    .await;
    assert_eq!(
        (status, &body["state"]),
        (200, &json!("BLOCKED_ADM")),
        "{body}"
    );
    assert!(body["quotas"].is_array());

    let unblock = json!({ "action": "unblock", "user_id": "ana", "reason": "a mistake", "performed_by": "eva" });
    for _ in 0..2 {
        let (status, body) = ask(&function, unblock.clone()).await;
        assert_eq!(
            (status, &body["state"]),
            (200, &json!("ACTIVE_ADM")),
            "{body}"
        );
    }

    let entries = world.store.audit(&AuditFilter::default()).await.unwrap();
    let block = entries
        .iter()
        .find(|entry| entry.entry.operation == "block")
        .unwrap();
    assert_eq!(block.entry.actor, "lambda/weir-under-test");
    assert_eq!(block.entry.claimed_by.as_deref(), Some("eva"));
    assert_eq!(block.entry.origin, "lambda");
}

#[tokio::test]
async fn who_came_through_cognito_is_on_record() {
    let (world, function) = with_ana("[lambda]\nmanual = true\n").await;
    let event =
        json!({ "action": "block", "user_id": "ana", "reason": "too much", "performed_by": "eva" });
    let invocation = Invocation {
        identity: Some(
            r#"{"cognitoIdentityId":"eu-west-1:42","cognitoIdentityPoolId":"pool"}"#.to_owned(),
        ),
        ..Invocation::of(event.to_string())
    };
    let Answer::Response(text) = function.take(invocation).await else {
        panic!("a manual operation is always answered")
    };
    assert_eq!(read(&serde_json::from_str(&text).unwrap()).0, 200, "{text}");
    let entries = world.store.audit(&AuditFilter::default()).await.unwrap();
    let block = entries
        .iter()
        .find(|entry| entry.entry.operation == "block")
        .unwrap();
    assert_eq!(block.entry.actor, "cognito/eu-west-1:42");
}

#[tokio::test]
async fn each_refusal_has_its_status() {
    let (_world, function) = with_ana("[lambda]\nmanual = true\n").await;
    let block = |user: &str| json!({ "action": "block", "user_id": user, "reason": "too much", "performed_by": "eva" });
    for (event, status, why) in [
        (
            json!({ "action": "explode" }),
            400,
            "action: `explode` is none of block, unblock, check_status",
        ),
        (json!({ "action": ["tick"] }), 400, "action: not a text"),
        (
            json!({ "action": "tick", "user_id": "ana" }),
            400,
            "action: `tick` is none of block, unblock, check_status",
        ),
        (json!({ "action": "check_status" }), 400, "user_id: missing"),
        (
            json!({ "action": "check_status", "user_id": "an" }),
            404,
            "no user `an`; did you mean `ana`?",
        ),
        (block("nobody-at-all"), 404, "no user `nobody-at-all`"),
        (
            block("role/batch"),
            409,
            "`role/batch` is a workload, not a person: `weir block --force` blocks it all the same",
        ),
        (
            json!({ "action": "unblock", "user_id": "nobody-at-all", "reason": "a mistake", "performed_by": "eva" }),
            404,
            "no user `nobody-at-all`",
        ),
    ] {
        let (found, body) = ask(&function, event.clone()).await;
        let error = body["error"].as_str().unwrap_or_default();
        assert!(found == status && error == why, "{event}: {found} {body}");
    }
}

#[tokio::test]
async fn they_are_off_unless_somebody_turns_them_on() {
    let (_world, function) = with_ana("").await;
    let (status, body) = ask(
        &function,
        json!({ "action": "check_status", "user_id": "ana" }),
    )
    .await;
    assert_eq!(status, 400);
    assert!(
        body["error"]
            .as_str()
            .unwrap()
            .contains("lambda.manual = true"),
        "{body}"
    );
    // The tick is no manual operation.
    function.answer(&json!({ "action": "tick" })).await;
}

#[tokio::test]
async fn without_the_database_the_answer_is_that_it_is_not_there() {
    let (world, function) = with_ana("[lambda]\nmanual = true\n").await;
    {
        use sqlx::Connection;
        let mut conn = sqlx::SqliteConnection::connect(&world.url).await.unwrap();
        sqlx::raw_sql("ALTER TABLE users RENAME TO gone")
            .execute(&mut conn)
            .await
            .unwrap();
    }
    let (status, body) = ask(
        &function,
        json!({ "action": "check_status", "user_id": "ana" }),
    )
    .await;
    assert_eq!(status, 503, "{body}");
}
