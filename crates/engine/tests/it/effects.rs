//! Diaries of effects: crashes, faults, races, drift.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use weir_core::access::{Desired, TargetKey, TargetKind, TargetState};
use weir_engine::ports::{AccessControl, EffectErrorKind};
use weir_testkit::fakes::contract::denied;
use weir_testkit::fakes::{Fault, Op};
use weir_testkit::records::call;

use crate::world::{Like, World, ingest, names};

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const HOUR: SignedDuration = SignedDuration::from_hours(1);

fn target(world: &World, user: &str) -> TargetKey {
    TargetKey {
        account: world.aws.account(),
        kind: TargetKind::IamUser,
        id: user.to_owned(),
    }
}

async fn blocked(world: &World) {
    world.developer("ana", "sap");
    world.calls("ana", 0..1).await;
    world.block_for("ana", HOUR * 5).await;
}

async fn enforcement(world: &World) -> String {
    world.state("ana").await.1
}

#[tokio::test]
async fn a_crash_between_decision_and_effect_is_swept_by_the_next_tick() {
    let world = World::new().await;
    world.developer("ana", "sap");
    world.calls("ana", 0..1).await;
    world.quota("user:ana", 2).await;
    // Dies after the commit: it never comes to AWS.
    let dying = world.engine(&Like {
        without_aws: true,
        ..Like::default()
    });
    ingest(&dying, &[call("r2").by("ana").api_event()]).await;
    assert_eq!(
        (world.is_denied("ana"), enforcement(&world).await.as_str()),
        (false, "requested")
    );
    world.later(SignedDuration::from_secs(30)).await;
    assert_eq!(
        (world.is_denied("ana"), enforcement(&world).await.as_str()),
        (true, "verified")
    );
}

#[tokio::test]
async fn throttling_is_tried_again_and_accounted_for_once() {
    let world = World::new().await;
    for _ in 0..3 {
        world
            .aws
            .fault(Op::Apply, "ana", Fault::Error(EffectErrorKind::Retry));
    }
    blocked(&world).await;
    assert_eq!(enforcement(&world).await, "requested");
    for _ in 0..3 {
        world.later(SignedDuration::from_secs(10)).await;
    }
    assert_eq!(
        (world.is_denied("ana"), enforcement(&world).await.as_str()),
        (true, "verified")
    );
    let operations = world.operations("target:111122223333/iam-user/ana").await;
    assert_eq!(operations, names(&["enforcement-verified"]));
}

#[tokio::test]
async fn a_missing_right_fails_loudly_once_and_is_tried_hourly() {
    let world = World::new().await;
    for _ in 0..2 {
        world
            .aws
            .fault(Op::Apply, "ana", Fault::Error(EffectErrorKind::Denied));
    }
    blocked(&world).await;
    assert_eq!(enforcement(&world).await, "failed");
    world.later(MINUTE).await;
    assert_eq!(world.aws.calls(Op::Apply, "ana"), 1);
    world.later(HOUR).await;
    world.later(HOUR).await;
    assert_eq!(
        (world.is_denied("ana"), enforcement(&world).await.as_str()),
        (true, "verified")
    );
    let operations = world.operations("target:111122223333/iam-user/ana").await;
    assert_eq!(
        operations,
        names(&["enforcement-failed", "enforcement-verified"])
    );
}

#[tokio::test]
async fn a_stale_read_back_is_repeated() {
    let world = World::new().await;
    world.aws.fault(Op::Apply, "ana", Fault::StaleReads(3));
    blocked(&world).await;
    assert_eq!(enforcement(&world).await, "verified");
    assert!(world.aws.calls(Op::Compare, "ana") >= 2);
}

#[tokio::test]
async fn a_lost_write_is_a_failure_and_written_again() {
    let world = World::new().await;
    world.aws.fault(Op::Apply, "ana", Fault::LostWrite);
    blocked(&world).await;
    assert_eq!(
        (world.is_denied("ana"), enforcement(&world).await.as_str()),
        (false, "failed")
    );
    world.later(MINUTE).await;
    assert_eq!(
        (world.is_denied("ana"), enforcement(&world).await.as_str()),
        (true, "verified")
    );
}

#[tokio::test]
async fn a_write_that_lands_after_the_unblock_is_undone() {
    let world = World::new().await;
    world.aws.fault(Op::Apply, "ana", Fault::LateWrite);
    blocked(&world).await;
    world.unblock("ana").await;
    assert_eq!(
        (world.is_denied("ana"), enforcement(&world).await.as_str()),
        (false, "none")
    );
    world.aws.land_writes();
    assert!(world.is_denied("ana"));
    world.later(MINUTE).await;
    assert!(!world.is_denied("ana"));
    let operations = world.operations("target:111122223333/iam-user/ana").await;
    assert!(
        operations.contains(&"enforcement-drift".to_owned()),
        "{operations:?}"
    );
}

#[tokio::test]
async fn a_stale_executor_goes_round_again() {
    let world = World::new().await;
    world.developer("ana", "sap");
    world.calls("ana", 0..1).await;
    world.aws.fault(Op::Apply, "ana", Fault::Pause);
    let other = world.engine(&Like::default());
    let unblocked_meanwhile = async {
        while world.aws.calls(Op::Apply, "ana") == 0 {
            tokio::task::yield_now().await;
        }
        let verb = weir_core::admin::Verb::Unblock {
            protect_until: None,
        };
        other
            .administer(crate::world::command("ana", verb), false)
            .await
            .unwrap();
        world.aws.resume();
    };
    tokio::join!(world.block_for("ana", HOUR), unblocked_meanwhile);
    assert_eq!(
        (world.is_denied("ana"), enforcement(&world).await.as_str()),
        (false, "none")
    );
}

#[tokio::test]
async fn two_executors_at_once_write_once() {
    let world = World::new().await;
    world.developer("ana", "sap");
    world.calls("ana", 0..1).await;
    world.quota("user:ana", 2).await;
    let dying = world.engine(&Like {
        without_aws: true,
        ..Like::default()
    });
    ingest(&dying, &[call("r2").by("ana").api_event()]).await;
    let other = world.engine(&Like::default());
    let (one, two) = tokio::join!(world.engine.tick(), other.tick());
    assert_eq!(
        one.unwrap().dispatch.verified + two.unwrap().dispatch.verified,
        1
    );
    assert_eq!(world.aws.calls(Op::Apply, "ana"), 1);
    assert!(world.is_denied("ana"));
}

#[tokio::test]
async fn drift_is_repaired_both_ways_within_the_hour() {
    let world = World::new().await;
    blocked(&world).await;
    world.later(HOUR).await;
    world.aws.user("ana", |user| user.weir_attached = false);
    world.later(HOUR).await;
    assert!(world.is_denied("ana"));

    world.unblock("ana").await;
    world.later(HOUR).await;
    world.aws.user("ana", |user| user.weir_attached = true);
    world.later(HOUR).await;
    assert!(!world.is_denied("ana"));
}

#[tokio::test]
async fn reconcile_tells_in_dry_run_and_repairs_otherwise() {
    let world = World::new().await;
    blocked(&world).await;
    world.aws.user("ana", |user| user.weir_attached = false);
    world.aws.user("zoe", |user| user.weir_attached = true);
    let told = world.engine.reconcile(true, true).await.unwrap();
    assert_eq!(told.drift.len(), 2);
    assert!(told.drift.iter().all(|drift| !drift.repaired));
    assert!(!world.is_denied("ana") && world.is_denied("zoe"));
    let done = world.engine.reconcile(true, false).await.unwrap();
    assert!(done.drift.iter().all(|drift| drift.repaired), "{done:?}");
    assert!(world.is_denied("ana") && !world.is_denied("zoe"));
    assert_eq!(world.engine.reconcile(true, false).await.unwrap().drift, []);
}

#[tokio::test]
async fn a_user_who_vanishes_keeps_the_block_and_ends_as_gone() {
    let world = World::new().await;
    world.developer("ana", "sap");
    world.calls("ana", 0..1).await;
    world.aws.delete_user("ana");
    world.block_for("ana", HOUR).await;
    assert_eq!(
        world.state("ana").await,
        ("BLOCKED_ADM".to_owned(), "gone".to_owned())
    );
}

#[tokio::test]
async fn where_no_policy_can_be_attached_the_deny_is_inline_and_without_room_it_fails() {
    let world = World::new().await;
    world.developer("ana", "sap");
    world.aws.user("ana", |user| {
        user.attached = (0..10).map(|i| format!("P{i}")).collect();
    });
    world.calls("ana", 0..1).await;
    world.block_for("ana", HOUR).await;
    assert!(
        world
            .aws
            .show_user("ana")
            .unwrap()
            .inline
            .contains_key("WeirBlock")
    );
    world.unblock("ana").await;
    let theirs = BTreeMap::from([("Theirs".to_owned(), "x".repeat(2_000))]);
    world.aws.user("ana", |user| user.inline = theirs.clone());
    world.block_for("ana", HOUR).await;
    assert_eq!(enforcement(&world).await, "failed");
    assert_eq!(world.aws.show_user("ana").unwrap().inline, theirs);
}

#[tokio::test]
async fn release_all_needs_no_database() {
    let aws = weir_testkit::fakes::FakeAws::new();
    aws.user("ana", |_| {});
    aws.role("gateway", |_| {});
    for (kind, id) in [(TargetKind::IamUser, "ana"), (TargetKind::Role, "gateway")] {
        let target = TargetKey {
            account: aws.account(),
            kind,
            id: id.to_owned(),
        };
        aws.apply(&target, &denied()).await.unwrap();
    }
    let ours = aws.find_ours().await.unwrap().targets;
    let released = weir_engine::release(&*aws, ours).await;
    assert_eq!(released.iter().filter(|one| one.released).count(), 2);
    assert_eq!(aws.find_ours().await.unwrap().targets, []);
}

#[tokio::test]
async fn a_target_records_the_generation_that_was_read() {
    let world = World::new().await;
    blocked(&world).await;
    let row = world
        .store
        .target(&target(&world, "ana"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(row.target.state, TargetState::Verified);
    assert_eq!(row.target.verified_generation, Some(row.target.generation));
    assert!(!Desired::of(row.members).is_allowed());
}
