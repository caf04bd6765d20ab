//! Somebody else under a known name: nothing is inherited until an administrator says so.

use jiff::SignedDuration;
use serde_json::Value;
use weir_core::ids::UserId;
use weir_engine::{Engine, EngineError};
use weir_testkit::records::call;

use crate::world::{Like, World, admin, ingest};

/// Calls under the name `ana` by whoever has that id, a second ago.
fn calls(world: &World, id: &str, requests: std::ops::Range<u32>) -> Vec<Value> {
    let at = world.engine.now() - SignedDuration::from_secs(1);
    let request = |i| call(&format!("{id}-{i}")).by("ana").under_id(id);
    requests
        .map(|i| request(i).at_time(at).api_event())
        .collect()
}

/// Ana has used up her quota and is denied; then the IAM user is deleted and made again.
async fn made_again() -> World {
    let world = World::new().await;
    world.developer("ana", "sap");
    world.quota("user:ana", 2).await;
    world.ingest(&calls(&world, "AIDAOLD", 0..2)).await;
    assert!(world.is_denied("ana"));
    world.later(SignedDuration::from_hours(1)).await;
    world.aws.user("ana", |user| {
        user.weir_attached = false;
        user.tags.insert("Team".to_owned(), "crm".to_owned());
    });
    world
}

async fn team_of(engine: &Engine, user: &str) -> String {
    let row = engine.known(&UserId::new(user)).await.unwrap();
    row.team.to_string()
}

#[tokio::test]
async fn who_comes_under_a_known_name_inherits_nothing() {
    let world = made_again().await;
    let report = world.ingest(&calls(&world, "AIDANEW", 0..5)).await;
    assert_eq!((report.new, report.blocked.len()), (5, 0));
    // The Deny at the shared target follows who bears the name now, and old usage stays old.
    assert!(!world.is_denied("ana"));
    assert_eq!(world.state("ana").await.0, "BLOCKED");
    assert_eq!(
        world.state("ana~AIDANEW").await,
        ("ACTIVE".into(), "none".into())
    );
    assert_eq!(team_of(&world.engine, "ana~AIDANEW").await, "crm");
    assert_eq!(team_of(&world.engine, "ana").await, "sap");
    assert_eq!(
        world.operations("user:ana~AIDANEW").await,
        ["user-succession"]
    );
    let checks = world.engine.doctor().await;
    let names = checks.iter().find(|check| check.name == "names").unwrap();
    let remedy = names.remedy.as_deref().unwrap();
    assert!(
        remedy.contains("weir user confirm 'ana~AIDANEW'"),
        "{remedy}"
    );
    // The same again is no news, and late calls of the old one are its own.
    world.ingest(&calls(&world, "AIDANEW", 0..5)).await;
    world.ingest(&calls(&world, "AIDAOLD", 2..3)).await;
    assert_eq!(world.operations("user:ana~AIDANEW").await.len(), 1);
    assert!(!world.is_denied("ana"));
    assert_eq!(
        world.store.check_totals().await.unwrap(),
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn who_is_confirmed_is_the_one_before_from_now_on() {
    let world = made_again().await;
    world.ingest(&calls(&world, "AIDANEW", 0..1)).await;
    let newcomer = UserId::new("ana~AIDANEW");
    let became = world.engine.confirm(&newcomer, &admin()).await.unwrap();
    assert_eq!(became, [UserId::new("ana")]);
    // What is denied to ana is denied to whoever bears her name again.
    assert!(world.is_denied("ana"));
    world.ingest(&calls(&world, "AIDANEW", 1..2)).await;
    let used = |user: &'static str| {
        let world = &world;
        async move {
            let status = world.engine.status(&UserId::new(user)).await.unwrap();
            serde_json::to_value(&status).unwrap()["quotas"][0]["used"].clone()
        }
    };
    assert_eq!(
        (used("ana").await, used("ana~AIDANEW").await),
        (3.into(), 1.into())
    );
    assert_eq!(
        world.operations("user:ana").await.last().unwrap(),
        "user-link"
    );
    let again = world.engine.confirm(&newcomer, &admin()).await.unwrap();
    assert_eq!(again, became);
    let nobody = world.engine.confirm(&UserId::new("ana"), &admin()).await;
    assert!(matches!(nobody, Err(EngineError::Refused(_))), "{nobody:?}");
    assert_eq!(world.engine.newcomers().await.unwrap(), []);
}

#[tokio::test]
async fn workers_that_see_a_newcomer_at_once_make_one_user() {
    let world = made_again().await;
    let other = world.engine(&Like::default());
    // Both have read the rules before.
    other.rules().await.unwrap();
    let (one, two) = (
        calls(&world, "AIDANEW", 0..3),
        calls(&world, "AIDANEW", 3..6),
    );
    tokio::join!(world.ingest(&one), ingest(&other, &two));
    assert_eq!(
        world.operations("user:ana~AIDANEW").await,
        ["user-succession"]
    );
    let users = world.store.users(None, None, 10).await.unwrap();
    assert_eq!(users.len(), 2);
    assert_eq!(
        world.store.check_totals().await.unwrap(),
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn a_role_that_is_built_anew_stops_nothing() {
    let world = World::new().await;
    world.aws.role("ci", |_| {});
    let minutes = SignedDuration::from_mins(10);
    for (build, id) in ["AROA1", "AROA2", "AROA3"].into_iter().enumerate() {
        let event = call(&format!("r{build}"))
            .by_session("ci", "build")
            .under_id(id)
            .at_time(world.engine.now())
            .api_event();
        assert_eq!(world.ingest(&[event]).await.new, 1);
        world.later(minutes).await;
    }
    let newcomers = world.engine.newcomers().await.unwrap();
    let users: Vec<_> = newcomers.iter().map(|one| one.user.as_str()).collect();
    // Only who bears the name now waits for a word, and becomes the last one somebody vouched for.
    assert_eq!(users, ["role/ci~AROA3"]);
    assert_eq!(newcomers[0].becomes.as_str(), "role/ci");
}

#[tokio::test]
async fn a_look_up_that_fails_gives_a_newcomer_nobody_elses_team() {
    use weir_engine::ports::EffectErrorKind::Retry;
    use weir_testkit::fakes::{Fault, Op};
    let world = made_again().await;
    // Asked as ana, and again once it is clear that this is somebody else.
    for _ in 0..2 {
        world.aws.fault(Op::Caller, "ana", Fault::Error(Retry));
    }
    world.ingest(&calls(&world, "AIDANEW", 0..1)).await;
    assert_eq!(team_of(&world.engine, "ana~AIDANEW").await, "unassigned");
    world.later(SignedDuration::from_mins(10)).await;
    assert_eq!(team_of(&world.engine, "ana~AIDANEW").await, "crm");
}
