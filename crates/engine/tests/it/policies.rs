//! The text of the managed policy that is attached to denied users: whether it is still ours.

use jiff::SignedDuration;
use weir_core::access::TargetState;
use weir_engine::Level;
use weir_engine::ports::AccessControl;

use crate::world::{World, names};

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const SUBJECT: &str = "policy:arn:aws:iam::111122223333:policy/weir/WeirBlock";

async fn blocked() -> World {
    let world = World::new().await;
    world.developer("ana", "sap");
    world.calls("ana", 0..1).await;
    world.block_for("ana", HOUR * 48).await;
    assert_eq!(world.state("ana").await.1, "verified");
    world
}

/// The level of the check of enforcement, and what to do about it.
async fn doctor(world: &World) -> (Level, Option<String>) {
    let mut checks = world.engine.doctor().await.into_iter();
    let check = checks.find(|check| check.name == "enforcement").unwrap();
    (check.level, check.remedy)
}

async fn open_incidents(world: &World) -> Vec<String> {
    let open = world.engine.store().incidents().await.unwrap();
    open.into_iter().map(|incident| incident.key).collect()
}

#[tokio::test]
async fn an_altered_policy_is_found_within_the_hour_and_put_right() {
    let world = blocked().await;
    world.aws.alter_managed_policy();
    assert_eq!(doctor(&world).await.0, Level::Fail);

    let told = world.engine.reconcile(true, true).await.unwrap();
    assert_eq!(
        (told.drift.len(), told.policies.len()),
        (1, 1),
        "what it is attached to denies nothing"
    );
    assert_eq!(world.operations(SUBJECT).await, names(&[]), "only told");

    world.later(HOUR).await;
    assert_eq!(
        world.operations(SUBJECT).await,
        names(&["enforcement-drift"])
    );
    assert_eq!(doctor(&world).await, (Level::Ok, None));
    assert_eq!(world.state("ana").await.1, "verified");
    assert!(world.aws.show_user("ana").unwrap().weir_attached);
    assert_eq!(open_incidents(&world).await, names(&[]));
}

#[tokio::test]
async fn where_weir_may_not_correct_its_policy_it_denies_otherwise_and_tells_once() {
    let world = blocked().await;
    world.aws.alter_managed_policy();
    world.aws.forbid_set_up();
    for _ in 0..2 {
        world.clock.advance(HOUR);
        world.engine.tick().await.unwrap();
        let ana = world.aws.show_user("ana").unwrap();
        assert!(ana.inline.contains_key("WeirBlock") && !ana.weir_attached);
        assert_eq!(world.state("ana").await.1, TargetState::Verified.as_str());
        assert_eq!(
            open_incidents(&world).await,
            names(&["policy arn:aws:iam::111122223333:policy/weir/WeirBlock"])
        );
        assert_eq!(
            world.operations(SUBJECT).await,
            names(&["enforcement-failed"])
        );
    }
    let (level, remedy) = doctor(&world).await;
    assert_eq!(level, Level::Fail);
    assert!(remedy.unwrap().contains("weir enforce setup"));

    world.aws.set_up().await.unwrap();
    world.later(HOUR).await;
    assert_eq!(open_incidents(&world).await, names(&[]));
    assert_eq!(doctor(&world).await, (Level::Ok, None));
}
