//! `weir enforce check`: a denial is tried on one person, and nothing is left behind.

use std::time::Duration;

use jiff::SignedDuration;
use tokio::sync::Notify;
use weir_core::ids::UserId;
use weir_core::rulebook::Mode;
use weir_engine::ports::EffectErrorKind;
use weir_engine::{CanaryLine, EngineError};
use weir_testkit::fakes::{Fault, Op};

use crate::world::{Like, World, admin};

const HOLD: Duration = Duration::from_hours(1);

/// Ana, who has called, in a world that only records who would be denied.
async fn world() -> World {
    let world = World::with(Like {
        mode: Some(Mode::DryRun),
        ..Like::default()
    })
    .await;
    with_ana(&world).await;
    world
}

async fn with_ana(world: &World) {
    world.developer("ana", "sap");
    world.calls("ana", 0..1).await;
}

async fn check(world: &World, user: &str) -> Result<Vec<CanaryLine>, EngineError> {
    let stop = Notify::new();
    let user = UserId::new(user);
    world
        .engine
        .canary(&user, (Duration::ZERO, &stop), &admin())
        .await
}

/// Runs a trial that holds, until the Deny is there.
async fn until_denied(world: &World, trial: impl Future) {
    let denied = async {
        while !world.is_denied("ana") {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        biased;
        _ = trial => panic!("the trial ended before it was stopped"),
        () = denied => {}
    }
}

#[tokio::test]
async fn a_trial_denies_and_allows_again_in_any_mode() {
    let world = world().await;
    let lines = check(&world, "ana").await.unwrap();
    let [line] = lines.as_slice() else {
        panic!("{lines:?}");
    };
    assert!(line.is_ok() && line.verified && line.removed, "{line:?}");
    assert_eq!(line.mechanism, Some("attached-policy"));
    assert!(!world.is_denied("ana"));
    assert_eq!(world.state("ana").await.0, "ACTIVE");
    let recorded = world.operations("user:ana").await;
    assert_eq!(recorded.last().unwrap(), "enforcement-check");
    assert!(world.mailbox.all().is_empty(), "nobody is told");
}

#[tokio::test]
async fn whoever_must_not_be_denied_for_a_moment_is_refused() {
    let world = World::new().await;
    with_ana(&world).await;
    world.developer("exempt", "sap");
    world.aws.user("exempt", |user| {
        user.tags.insert("WeirExempt".to_owned(), "true".to_owned());
    });
    world.aws.user("robot", |_| {});
    for user in ["exempt", "robot"] {
        world.calls(user, 0..1).await;
    }
    world.block_for("ana", SignedDuration::from_hours(1)).await;
    for (user, why) in [
        ("ana", "is blocked already"),
        ("exempt", "WeirExempt"),
        ("robot", "is no person"),
        ("nobody", "no user"),
    ] {
        let refused = check(&world, user).await.unwrap_err().to_string();
        assert!(refused.contains(why), "{user}: {refused}");
    }
    assert!(world.is_denied("ana"), "the block stays");
}

#[tokio::test]
async fn a_trial_that_died_is_undone_by_the_next_tick() {
    let world = world().await;
    let (stop, ana) = (Notify::new(), UserId::new("ana"));
    let by = admin();
    until_denied(&world, world.engine.canary(&ana, (HOLD, &stop), &by)).await;
    assert!(world.is_denied("ana"));
    world.later(SignedDuration::from_mins(1)).await;
    assert!(world.is_denied("ana"), "it may still go on");
    world.later(SignedDuration::from_mins(10)).await;
    assert!(!world.is_denied("ana"));
}

#[tokio::test]
async fn a_trial_that_died_is_undone_by_the_same_command() {
    let world = world().await;
    let (stop, ana) = (Notify::new(), UserId::new("ana"));
    let by = admin();
    until_denied(&world, world.engine.canary(&ana, (HOLD, &stop), &by)).await;
    world.developer("ben", "sap");
    world.calls("ben", 0..1).await;
    let other = check(&world, "ben").await.unwrap_err().to_string();
    assert!(other.contains("another trial"), "{other}");
    assert!(check(&world, "ana").await.unwrap()[0].is_ok());
    assert!(!world.is_denied("ana"));
    assert!(check(&world, "ben").await.unwrap()[0].is_ok());
}

#[tokio::test]
async fn whoever_is_blocked_during_a_trial_stays_denied() {
    let world = World::new().await;
    with_ana(&world).await;
    let (stop, ana) = (Notify::new(), UserId::new("ana"));
    let by = admin();
    let trial = world.engine.canary(&ana, (HOLD, &stop), &by);
    let block = async {
        while !world.is_denied("ana") {
            tokio::task::yield_now().await;
        }
        world.block_for("ana", SignedDuration::from_hours(1)).await;
        stop.notify_one();
    };
    let (lines, ()) = tokio::join!(trial, block);
    assert!(lines.unwrap()[0].removed);
    assert!(world.is_denied("ana"));
    assert_eq!(
        world.state("ana").await,
        ("BLOCKED_ADM".into(), "verified".into())
    );
}

#[tokio::test]
async fn what_cannot_be_removed_is_said_and_removed_by_the_next_trial() {
    let world = world().await;
    let (stop, ana) = (Notify::new(), UserId::new("ana"));
    let by = admin();
    let trial = world.engine.canary(&ana, (HOLD, &stop), &by);
    let fault = async {
        while !world.is_denied("ana") {
            tokio::task::yield_now().await;
        }
        let denied = Fault::Error(EffectErrorKind::Denied);
        world.aws.fault(Op::Apply, "ana", denied);
        stop.notify_one();
    };
    let (lines, ()) = tokio::join!(trial, fault);
    let lines = lines.unwrap();
    assert!(!lines[0].is_ok() && !lines[0].removed && lines[0].error.is_some());
    assert!(world.is_denied("ana"));
    assert!(check(&world, "ana").await.unwrap()[0].is_ok());
    assert!(!world.is_denied("ana"));
}
