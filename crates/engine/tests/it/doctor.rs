//! `weir doctor`: what it finds, and what it says to do about it.

use jiff::SignedDuration;
use weir_engine::{Check, Level};
use weir_testkit::records::call;

use crate::world::{Like, World};

async fn check(world: &World, name: &str) -> Check {
    let checks = world.engine.doctor().await;
    checks.into_iter().find(|check| check.name == name).unwrap()
}

#[tokio::test]
async fn a_region_without_invocation_log_is_named() {
    for (at_once, level) in [(false, Level::Warn), (true, Level::Ok)] {
        let world = World::with(Like {
            settle_at_once: at_once,
            ..Like::default()
        })
        .await;
        let two_hours_ago = |id: &str, region: &str| {
            call(id)
                .by("ana")
                .in_region(region)
                .tokens(100, 50)
                .at("2026-11-20T09:00:00Z")
        };
        let logged = two_hours_ago("r1", "us-east-1");
        let unlogged = two_hours_ago("r2", "eu-west-1");
        world
            .ingest(&[
                logged.api_event(),
                logged.log_entry(),
                unlogged.api_event(),
                // Its log may still be on its way.
                call("r3").in_region("eu-south-2").tokens(1, 1).api_event(),
            ])
            .await;
        let check = check(&world, "invocation logs").await;
        assert_eq!(check.level, level, "{check:?}");
        assert!(check.found.starts_with("none in eu-west-1"), "{check:?}");
        assert!(!check.found.contains("us-east-1"), "{check:?}");
        assert!(!check.found.contains("eu-south-2"), "{check:?}");
        let remedy = check.remedy.unwrap_or_default();
        assert_eq!(remedy.contains("model invocation logging"), !at_once);
    }
}

#[tokio::test]
async fn calls_without_counts_are_told_after_a_day() {
    let world = World::new().await;
    let stream = |id: &str, at: &str| call(id).by("ana").at(at).streamed().api_event();
    world
        .ingest(&[
            stream("r1", "2026-11-19T09:00:00Z"),
            stream("r2", "2026-11-18T09:00:00Z"),
            stream("r3", "2026-11-20T09:00:00Z"),
            call("r4")
                .by("ana")
                .at("2026-11-18T09:00:00Z")
                .denied()
                .api_event(),
        ])
        .await;
    let found = check(&world, "counts").await;
    assert_eq!(found.level, Level::Warn);
    assert!(
        found.found.contains("without any: 2 (2 of ") && found.found.contains(" in eu-west-1)"),
        "{found:?}"
    );
    // What is told is told as of now: a month later nobody asks any more.
    world.clock.advance(SignedDuration::from_hours(40 * 24));
    assert_eq!(check(&world, "counts").await.level, Level::Ok);
}

const OPEN: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Sid":"People","Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"*"}}]}"#;
const FIXED: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Sid":"People","Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"*"},
     "Condition":{"StringEquals":{"sts:RoleSessionName":"${aws:username}"}}}]}"#;

#[tokio::test]
async fn a_role_whose_callers_choose_their_session_names_is_not_trusted_in_silence() {
    let world = World::with(Like {
        session_roles: vec!["dev"],
        ..Like::default()
    })
    .await;
    world
        .aws
        .role("dev", |role| OPEN.clone_into(&mut role.trust));
    let sessions: Vec<_> = (0..51)
        .map(|i| {
            let draft = call(&format!("r{i}")).by_session("dev", &format!("made-up-{i}"));
            draft.api_event()
        })
        .collect();
    world.ingest(&sessions[..50]).await;
    let found = check(&world, "session names").await;
    assert_eq!(found.level, Level::Warn);
    assert!(
        found
            .found
            .contains("statement `People` of its trust policy does not fix")
            && !found.found.contains("new names"),
        "{found:?}"
    );
    assert!(found.remedy.unwrap_or_default().contains("${aws:username}"));
    world
        .aws
        .role("dev", |role| FIXED.clone_into(&mut role.trust));
    assert_eq!(check(&world, "session names").await.level, Level::Ok);
    world.ingest(&sessions).await;
    let found = check(&world, "session names").await;
    assert!(
        found
            .found
            .contains("`dev` in 111122223333 showed 51 new names"),
        "{found:?}"
    );
    world.clock.advance(SignedDuration::from_hours(25));
    assert_eq!(check(&world, "session names").await.level, Level::Ok);
}

#[tokio::test]
async fn trusted_roles_that_are_not_there_and_missing_credentials_are_said() {
    let like = || Like {
        session_roles: vec!["dev"],
        ..Like::default()
    };
    let world = World::with(like()).await;
    world.calls("ana", 0..1).await; // makes the home account known
    let found = check(&world, "session names").await;
    assert!(found.found.contains("`dev` is no role in"), "{found:?}");
    let blind = World::with(Like {
        without_aws: true,
        ..like()
    })
    .await;
    let found = check(&blind, "session names").await;
    assert!(found.found.contains("without AWS credentials"), "{found:?}");
    let found = check(&World::new().await, "session names").await;
    assert_eq!(found.level, Level::Ok);
}
