//! Starting: what a function needs, and what it says when it is not there.

use crate::world::{CONTROLLER, MAILER, RESET, World};

#[tokio::test]
async fn a_function_without_a_database_says_what_to_set() {
    let mut world = World::new().await;
    world.set("WEIR_DATABASE_URL", "");
    world.set("HOME", "/nowhere");
    let said = world.fails_to_start(CONTROLLER).await;
    assert!(said.contains("set WEIR_DATABASE_URL"), "{said}");
}

#[tokio::test]
async fn no_function_migrates() {
    let mut world = World::new().await;
    let other = format!("sqlite:{}", world.directory.path().join("new.db").display());
    world.set("WEIR_DATABASE_URL", &other);
    for binary in [CONTROLLER, RESET, MAILER] {
        let said = world.fails_to_start(binary).await;
        assert!(
            said.contains("migrations of the database are pending"),
            "{said}"
        );
    }
}

#[tokio::test]
async fn a_wrong_configuration_is_named_by_variable_or_file_and_line() {
    let mut world = World::new().await;
    world.configure("# ours\n[enforcement]\nmode = \"maybe\"\n");
    let said = world.fails_to_start(CONTROLLER).await;
    assert!(said.contains("WEIR_CONFIG_TEXT:3"), "{said}");

    world.configure("");
    let file = world.directory.path().join("layer.toml");
    std::fs::write(&file, "zone = \"Mars/Olympus\"\n").unwrap();
    world.set("WEIR_CONFIG", file.to_str().unwrap());
    let said = world.fails_to_start(CONTROLLER).await;
    assert!(said.contains("layer.toml:1"), "{said}");
}

#[tokio::test]
async fn a_mailer_without_a_channel_says_so() {
    let said = World::new().await.fails_to_start(MAILER).await;
    assert!(said.contains("[notify.smtp] or [notify.ses]"), "{said}");
}

#[tokio::test]
async fn logs_are_json_and_hold_no_payload() {
    let mut world = World::new().await;
    world.set("WEIR_LOG", "trace,sqlx=off");
    let function = world.start(CONTROLLER).await;
    let mut event = crate::world::fixture("ct_invokemodel_iamuser.json");
    event["detail"]["requestParameters"]["prompt"] = "a word of the prompt".into();
    function.answer(&event).await;
    function.failure("{\"a word of the prompt\"").await;
    let said = function.end().await;
    assert!(!said.contains("a word of the prompt"), "{said}");
    let mut lines = 0;
    for line in said.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(
            line["level"].is_string() && line["timestamp"].is_string(),
            "{line}"
        );
        lines += 1;
    }
    assert!(lines > 1, "{said}");
}
