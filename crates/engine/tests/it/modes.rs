//! Diaries of modes: what is in force, what a configuration asks for, and who is denied meanwhile.

use jiff::SignedDuration;
use weir_core::access::{Desired, TargetKey, TargetKind, TargetState};
use weir_core::admin::Verb;
use weir_core::block::Until;
use weir_core::rulebook::Mode;
use weir_engine::ports::EffectErrorKind;
use weir_engine::{Engine, EngineError, Leaving, Level, ModeDone};
use weir_testkit::fakes::{Fault, Op};
use weir_testkit::records::call;

use crate::world::{Like, World, admin, command, listed, names};

const HOUR: SignedDuration = SignedDuration::from_hours(1);

fn like(mode: Mode) -> Like {
    Like {
        mode: Some(mode),
        ..Like::default()
    }
}

/// Ana is blocked for five hours.
async fn blocked(world: &World) {
    world.developer("ana", "sap");
    world.calls("ana", 0..1).await;
    world.block_for("ana", HOUR * 5).await;
}

async fn enforcement(world: &World) -> String {
    world.state("ana").await.1
}

async fn in_force(engine: &Engine) -> Mode {
    engine.mode().await.unwrap().in_force.mode
}

async fn put(engine: &Engine, mode: Mode, leaving: Option<Leaving>) -> ModeDone {
    let next = engine.next_mode(mode, leaving).await.unwrap();
    engine.change_mode(next, "a test", &admin()).await.unwrap()
}

#[tokio::test]
async fn a_new_database_takes_the_configured_mode_and_says_so() {
    let world = World::new().await;
    assert_eq!(in_force(&world.engine).await, Mode::Iam);
    assert_eq!(world.operations("enforcement").await, ["mode-set"]);
    let again = world.engine(&Like::default());
    assert_eq!(in_force(&again).await, Mode::Iam);
    assert_eq!(world.operations("enforcement").await.len(), 1);
}

#[tokio::test]
async fn iam_waits_for_a_word_where_somebody_would_be_denied() {
    let world = World::with(like(Mode::DryRun)).await;
    blocked(&world).await;
    let after_restart = world.engine(&like(Mode::Iam));
    after_restart.tick().await.unwrap();
    assert_eq!(in_force(&after_restart).await, Mode::DryRun);
    assert_eq!(
        (world.is_denied("ana"), enforcement(&world).await.as_str()),
        (false, "dry_run")
    );
    let checks = after_restart.doctor().await;
    let check = checks.iter().find(|check| check.name == "enforcement mode");
    let check = check.unwrap();
    assert_eq!(check.level, Level::Fail);
    assert!(
        check
            .remedy
            .as_ref()
            .unwrap()
            .contains("weir enforce mode iam"),
        "{check:?}"
    );

    let done = put(&after_restart, Mode::Iam, None).await;
    assert_eq!(listed(&done.effect.denied), names(&["ana"]));
    assert!(done.left.is_empty());
    assert_eq!(
        (world.is_denied("ana"), enforcement(&world).await.as_str()),
        (true, "verified")
    );
}

#[tokio::test]
async fn the_mode_in_force_decides_whatever_a_process_is_configured_with() {
    let world = World::new().await;
    blocked(&world).await;
    for mode in [Mode::DryRun, Mode::Off] {
        let other = world.engine(&like(mode));
        other.tick().await.unwrap();
        assert_eq!(in_force(&other).await, Mode::Iam, "{mode}");
        let view = other.mode().await.unwrap();
        assert!(view.remedy().unwrap().contains("--release"), "{mode}");
        // It denies like all the others.
        world.developer("bob", "sap");
        crate::world::ingest(&other, &[call("b1").by("bob").api_event()]).await;
        let until = Until::At(other.now() + HOUR);
        let block = command("bob", Verb::Block { until });
        other.administer(block, false).await.unwrap();
        assert!(world.is_denied("ana") && world.is_denied("bob"), "{mode}");
    }
    assert_eq!(world.operations("enforcement").await.len(), 1);
}

#[tokio::test]
async fn what_an_administrator_said_is_not_taken_back_by_a_restart() {
    let world = World::new().await;
    put(&world.engine, Mode::Off, None).await;
    let restarted = world.engine(&like(Mode::Iam));
    restarted.tick().await.unwrap();
    assert_eq!(in_force(&restarted).await, Mode::Off);
}

#[tokio::test]
async fn leaving_iam_needs_a_word_on_those_who_are_denied() {
    let world = World::new().await;
    blocked(&world).await;
    let refused = world.engine.next_mode(Mode::DryRun, None).await;
    assert!(
        matches!(refused, Err(EngineError::Refused(_))),
        "{refused:?}"
    );
    world.unblock("ana").await;
    assert!(world.engine.next_mode(Mode::DryRun, None).await.is_ok());
}

#[tokio::test]
async fn releasing_removes_every_deny_and_leaves_the_blocks() {
    let world = World::new().await;
    blocked(&world).await;
    let done = put(&world.engine, Mode::DryRun, Some(Leaving::Release)).await;
    assert_eq!(listed(&done.effect.released), names(&["ana"]));
    assert!(done.left.is_empty());
    assert!(!world.is_denied("ana"));
    assert_eq!(
        world.state("ana").await,
        ("BLOCKED_ADM".to_owned(), "dry_run".to_owned())
    );
    // A write of before that was delayed on its way lands, and is undone.
    world.aws.user("ana", |user| user.weir_attached = true);
    world.later(SignedDuration::from_mins(2)).await;
    assert!(!world.is_denied("ana"));
    // Nobody is denied any more.
    world.developer("bob", "sap");
    world.calls("bob", 0..1).await;
    world.block_for("bob", HOUR).await;
    assert!(!world.is_denied("bob"));
    let operations = world.operations("target:111122223333/iam-user/ana").await;
    assert!(
        operations.contains(&"enforcement-removed".to_owned()),
        "{operations:?}"
    );
}

#[tokio::test]
async fn a_release_that_fails_is_told_and_goes_on_by_itself() {
    let world = World::new().await;
    blocked(&world).await;
    let throttled = Fault::Error(EffectErrorKind::Retry);
    world.aws.fault(Op::Apply, "ana", throttled);
    let done = put(&world.engine, Mode::Off, Some(Leaving::Release)).await;
    assert_eq!(done.left.len(), 1);
    assert!(world.is_denied("ana"));
    let another = world.engine(&like(Mode::Off));
    world.clock.advance(SignedDuration::from_mins(10));
    another.tick().await.unwrap();
    assert!(!world.is_denied("ana"));
    assert_eq!(enforcement(&world).await, "off");
}

#[tokio::test]
async fn keeping_adds_no_deny_and_each_goes_with_its_block() {
    let world = World::new().await;
    blocked(&world).await;
    world.developer("eva", "sap");
    world.calls("eva", 0..1).await;
    world.block_for("eva", HOUR).await;
    put(&world.engine, Mode::DryRun, Some(Leaving::Keep)).await;
    assert!(world.is_denied("ana") && world.is_denied("eva"));
    assert_eq!(enforcement(&world).await, "verified");

    world.developer("bob", "sap");
    world.calls("bob", 0..1).await;
    world.block_for("bob", HOUR).await;
    assert!(!world.is_denied("bob"), "none is added");
    world.later(HOUR).await;
    assert!(!world.is_denied("eva"), "an end is an end");
    assert!(world.is_denied("ana"));

    let done = put(&world.engine, Mode::DryRun, Some(Leaving::Release)).await;
    assert_eq!(listed(&done.effect.released), names(&["ana"]));
    assert!(!world.is_denied("ana"), "what was kept is released later");
}

#[tokio::test]
async fn as_of_puts_no_mode_in_force() {
    let world = World::with(like(Mode::DryRun)).await;
    let replay = world.engine(&Like {
        as_of: Some("2026-11-20T11:00:30Z"),
        effects: true,
        ..like(Mode::Iam)
    });
    replay.tick().await.unwrap();
    assert_eq!(in_force(&replay).await, Mode::DryRun);
}

#[tokio::test]
async fn the_scope_holds_for_each_member_of_a_shared_role() {
    let world = World::with(Like {
        scope: &["ana"],
        session_roles: vec!["dev"],
        ..Like::default()
    })
    .await;
    world.aws.role("dev", |_| {});
    for user in ["ana", "bob"] {
        let event = call(&format!("{user}-1"))
            .by_session("dev", user)
            .api_event();
        world.ingest(&[event]).await;
        let until = Until::At(world.engine.now() + HOUR);
        let block = command(user, Verb::Block { until });
        world.engine.administer(block, true).await.unwrap();
    }
    let key = TargetKey {
        account: world.aws.account(),
        kind: TargetKind::Role,
        id: "dev".to_owned(),
    };
    let row = world.store.target(&key).await.unwrap().unwrap();
    assert_eq!(row.target.state, TargetState::Verified);
    assert_eq!(Desired::of(row.members).denied.len(), 1);
    let role = world.aws.show_role("dev").unwrap();
    let text = &role.inline["WeirBlock"];
    assert!(text.contains(":ana") && !text.contains(":bob"), "{text}");
    assert_eq!(world.state("ana").await.1, "verified");
    assert_eq!(world.state("bob").await.1, "dry_run");

    // Ana goes; Bob, of whom nothing is there, leaves no trace.
    world
        .engine
        .administer(
            command(
                "ana",
                Verb::Unblock {
                    protect_until: None,
                },
            ),
            true,
        )
        .await
        .unwrap();
    assert!(world.aws.show_role("dev").unwrap().inline.is_empty());
    assert_eq!(world.state("bob").await.1, "dry_run");

    // A wider scope takes Bob in.
    let wider = world.engine(&Like {
        scope: &["ana", "bob"],
        session_roles: vec!["dev"],
        ..Like::default()
    });
    wider.tick().await.unwrap();
    let role = world.aws.show_role("dev").unwrap();
    assert!(role.inline["WeirBlock"].contains(":bob"));
}
