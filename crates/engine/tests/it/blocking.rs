//! Diaries of blocks: from the call that reaches a limit to the Deny, and back.

use jiff::SignedDuration;
use weir_core::admin::Verb;
use weir_core::block::Until;
use weir_core::rulebook::Mode;
use weir_engine::{EngineError, HeldOf, Preview};
use weir_testkit::fakes::Op;
use weir_testkit::records::MODEL;

use crate::world::{Like, World, admin, listed, names, quota, time};

fn state(state: &str, enforcement: &str) -> (String, String) {
    (state.to_owned(), enforcement.to_owned())
}

#[tokio::test]
async fn a_block_lasts_to_the_end_of_the_day_and_is_lifted_within_a_tick() {
    let world = World::new().await;
    world.developer("ana", "sap");
    world.quota("user:ana", 3).await;
    assert!(world.calls("ana", 0..2).await.blocked.is_empty());
    let report = world.calls("ana", 2..3).await;
    assert_eq!(listed(&report.blocked), names(&["ana"]));
    assert!(world.is_denied("ana"));
    assert_eq!(world.state("ana").await, state("BLOCKED", "verified"));

    world.clock.advance_to(time("2026-11-20T22:59:59Z"));
    world.engine.tick().await.unwrap();
    assert!(world.is_denied("ana"));
    world.later(SignedDuration::from_secs(1)).await;
    assert!(!world.is_denied("ana"));
    assert_eq!(world.state("ana").await, state("ACTIVE", "none"));
    let operations = world.operations("target:111122223333/iam-user/ana").await;
    assert_eq!(
        operations,
        names(&["enforcement-verified", "enforcement-removed"])
    );
}

#[tokio::test]
async fn a_manual_block_ends_exactly() {
    let world = World::new().await;
    world.developer("ana", "sap");
    world.calls("ana", 0..1).await;
    let done = world.block_for("ana", SignedDuration::from_hours(1)).await;
    assert_eq!(
        (done.status.state, done.dispatch.verified),
        ("BLOCKED_ADM", 1)
    );
    assert_eq!(
        done.status.blocked_until.as_deref(),
        Some("2026-11-20T12:00:00Z")
    );
    world.later(SignedDuration::from_secs(3_599)).await;
    assert!(world.is_denied("ana"));
    world.later(SignedDuration::from_secs(1)).await;
    assert!(!world.is_denied("ana"));
    assert_eq!(world.state("ana").await, state("ACTIVE", "none"));
}

#[tokio::test]
async fn an_unblock_protects_and_names_what_waits() {
    let world = World::new().await;
    world.developer("ana", "sap");
    world.quota("user:ana", 2).await;
    world.calls("ana", 0..2).await;
    let until = Until::At(time("2026-11-20T23:00:00Z"));
    let done = world
        .command(
            "ana",
            Verb::Unblock {
                protect_until: Some(until),
            },
        )
        .await
        .unwrap();
    assert_eq!(done.status.state, "ACTIVE_ADM");
    assert_eq!(done.after_protection, names(&["requests per day: 2 of 2"]));
    assert!(!world.is_denied("ana"));
    assert!(world.calls("ana", 2..4).await.blocked.is_empty());
    let done = world.command("ana", Verb::Unprotect).await.unwrap();
    assert_eq!(done.status.state, "BLOCKED");
    assert!(world.is_denied("ana"));
}

#[tokio::test]
async fn an_unknown_user_is_refused_with_names_like_it() {
    let world = World::new().await;
    world.developer("ana.diaz", "sap");
    world.calls("ana.diaz", 0..1).await;
    let until = Until::Indefinite;
    let error = world
        .command("ana.dias", Verb::Block { until })
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "no user `ana.dias`; did you mean `ana.diaz`?"
    );
    assert!(matches!(error, EngineError::NoUser { .. }));
}

#[tokio::test]
async fn a_workload_is_blocked_by_hand_only_by_force() {
    let world = World::new().await;
    world.aws.user("robot", |_| {});
    world.calls("robot", 0..1).await;
    let block = || Verb::Block {
        until: Until::Indefinite,
    };
    let error = world.command("robot", block()).await.unwrap_err();
    assert!(matches!(error, EngineError::Refused(_)), "{error}");
    let command = crate::world::command("robot", block());
    world.engine.administer(command, true).await.unwrap();
    assert!(world.is_denied("robot"));
}

#[tokio::test]
async fn dry_run_records_and_writes_nothing() {
    let world = World::with(Like {
        mode: Some(Mode::DryRun),
        ..Like::default()
    })
    .await;
    world.developer("ana", "sap");
    world.quota("user:ana", 1).await;
    let report = world.calls("ana", 0..1).await;
    assert_eq!(listed(&report.blocked), names(&["ana"]));
    assert_eq!(world.state("ana").await, state("BLOCKED", "dry_run"));
    world.unblock("ana").await;
    assert_eq!(world.state("ana").await, state("ACTIVE", "none"));
    world.later(SignedDuration::from_mins(1)).await;
    assert_eq!(
        (
            world.aws.calls(Op::Apply, "ana"),
            world.aws.calls(Op::Compare, "ana")
        ),
        (0, 0)
    );
}

#[tokio::test]
async fn as_of_changes_nothing_in_aws_unless_effects_are_asked_for() {
    let world = World::new().await;
    world.developer("ana", "sap");
    world.quota("user:ana", 1).await;
    let like = |effects| Like {
        as_of: Some("2026-11-20T11:00:30Z"),
        effects,
        ..Like::default()
    };
    let replay = world.engine(&like(false));
    let event = weir_testkit::records::call("r1").by("ana").api_event();
    let report = crate::world::ingest(&replay, &[event]).await;
    assert_eq!(listed(&report.blocked), names(&["ana"]));
    replay.tick().await.unwrap();
    assert_eq!(world.aws.calls(Op::Apply, "ana"), 0);
    assert!(!world.is_denied("ana"));
    world.engine(&like(true)).tick().await.unwrap();
    assert!(world.is_denied("ana"));
}

#[tokio::test]
async fn a_team_block_reaches_every_human_member_and_leaves_with_the_quota() {
    let world = World::new().await;
    for name in ["ana", "bob"] {
        world.developer(name, "sap");
    }
    world.developer("eva", "ml");
    world.aws.user("robot", |user| {
        _ = user.tags.insert("Team".to_owned(), "sap".to_owned());
    });
    for name in ["ana", "bob", "eva", "robot"] {
        world.calls(name, 0..2).await;
    }
    let preview = world.engine.preview(&[quota("team:sap", 6)]).await.unwrap();
    assert_eq!(listed(&preview.blocked), names(&["ana", "bob"]));
    let done = world.quota("team:sap", 6).await;
    assert_eq!(listed(&done.blocked), names(&["ana", "bob"]));
    assert_eq!(
        ["ana", "bob", "eva", "robot"].map(|name| world.is_denied(name)),
        [true, true, false, false]
    );
    assert_eq!(world.state("bob").await, state("BLOCKED", "verified"));

    let raised = quota("team:sap", 100);
    let preview = world
        .engine
        .preview(std::slice::from_ref(&raised))
        .await
        .unwrap();
    assert_eq!(listed(&preview.released), names(&["ana", "bob"]));
    let done = world
        .engine
        .change_quotas(vec![raised], "more", &admin())
        .await
        .unwrap();
    assert_eq!(listed(&done.released), names(&["ana", "bob"]));
    assert!(!world.is_denied("ana") && !world.is_denied("bob"));
}

#[tokio::test]
async fn a_preview_is_what_then_happens() {
    let world = World::new().await;
    for (i, name) in ["ana", "bob", "eva", "ines", "juan"].iter().enumerate() {
        world.developer(name, if i < 3 { "sap" } else { "ml" });
        world.calls(name, 0..u32::try_from(i).unwrap() + 1).await;
    }
    for (scope, limit) in [
        ("defaults", 4),
        ("user:ana", 1),
        ("defaults", 2),
        ("team-defaults:sap", 10),
        ("user:juan", 6),
        ("defaults", 100),
    ] {
        let change = quota(scope, limit);
        let preview = world
            .engine
            .preview(std::slice::from_ref(&change))
            .await
            .unwrap();
        let done = world
            .engine
            .change_quotas(vec![change], "a step", &admin())
            .await
            .unwrap();
        assert_eq!(preview, done, "{scope} {limit}");
    }
}

#[tokio::test]
async fn who_loses_a_tool_or_a_model_is_foreseen_and_told() {
    let world = World::new().await;
    for (name, calls) in [("ana", 2), ("bob", 1)] {
        world.developer(name, "sap");
        world.calls(name, 0..calls).await;
    }
    let model = format!("model:{MODEL}");
    let with_model = |name: &str| format!("{name} with {MODEL}");
    let boto3 = || "ana with boto3".to_owned();
    for (scope, limit, blocked, released) in [
        ("tool:boto3", 2, vec![boto3()], vec![]),
        (
            &model,
            1,
            vec![with_model("ana"), with_model("bob")],
            vec![],
        ),
        ("tool:boto3", 100, vec![], vec![boto3()]),
        ("tool:boto3", 2, vec![boto3()], vec![]),
        // Whoever loses everything is named by name alone, and regains no part meanwhile.
        ("user:ana", 1, vec![], vec![]),
        ("tool:boto3", 100, vec![], vec![]),
        (&model, 2, vec![], vec![with_model("bob")]),
    ] {
        let change = quota(scope, limit);
        let preview = world.engine.preview(std::slice::from_ref(&change)).await;
        let preview = preview.unwrap();
        let done = world.quota(scope, limit).await;
        assert_eq!(preview, done, "{scope} {limit}");
        let parts = (done.blocked_in_part, done.released_in_part);
        let expected = (
            blocked.into_iter().collect(),
            released.into_iter().collect(),
        );
        assert_eq!(parts, expected, "{scope} {limit}");
        let whole = listed(&done.blocked);
        assert_eq!(whole == ["ana"], scope == "user:ana", "{scope} {limit}");
    }
    // An intake names whoever has a new block, whatever it denies.
    world.quota(&model, 3).await;
    world.quota("tool:boto3", 2).await;
    assert_eq!(
        listed(&world.calls("bob", 1..2).await.blocked),
        names(&["bob"])
    );
}

#[tokio::test]
async fn what_the_breaker_would_hold_of_a_tool_is_foreseen() {
    let world = World::with(Like {
        max_new_blocks: Some(1),
        ..Like::default()
    })
    .await;
    for name in ["ana", "bob"] {
        world.developer(name, "sap");
        world.calls(name, 0..2).await;
    }
    let change = quota("tool:boto3", 2);
    let preview = world.engine.preview(&[change]).await.unwrap();
    let one = |name: &str| [name.to_owned()].into();
    assert_eq!(preview.blocked_in_part, one("ana with boto3"));
    assert_eq!(preview.held_in_part, one("bob with boto3"));
    assert_eq!(preview, world.quota("tool:boto3", 2).await);
    let held = world.engine.held_of().await.unwrap();
    let foreseen = world.engine.preview_held(&held, true).await.unwrap();
    assert_eq!(foreseen.blocked_in_part, one("bob with boto3"));
    let reason = "they are right";
    let done = world
        .engine
        .decide_held(&held, true, reason, &admin())
        .await;
    assert_eq!(foreseen, done.unwrap().effect);
}

#[tokio::test]
async fn the_breaker_holds_what_would_block_too_many() {
    let world = World::with(Like {
        max_new_blocks: Some(2),
        ..Like::default()
    })
    .await;
    for name in ["ana", "bob", "eva", "ines"] {
        world.developer(name, "sap");
        world.calls(name, 0..3).await;
    }
    let preview = world.engine.preview(&[quota("defaults", 3)]).await.unwrap();
    assert_eq!((preview.blocked.len(), preview.held.len()), (2, 2));
    let done = world.quota("defaults", 3).await;
    assert_eq!(preview, done);
    assert_eq!(world.engine.held().await.unwrap().len(), 2);
    let held = world.engine.held_of().await.unwrap();
    let foreseen = world.engine.preview_held(&held, true).await.unwrap();
    let done = world
        .engine
        .decide_held(&held, true, "they are right", &admin())
        .await
        .unwrap();
    assert_eq!((done.users.len(), done.teams.len()), (2, 0));
    assert_eq!(foreseen, done.effect);
    for name in ["ana", "bob", "eva", "ines"] {
        assert!(world.is_denied(name), "{name}");
    }
}

/// Three people of one team, whose total of 6 calls reached its limit while the breaker admits two.
async fn team_held() -> (World, std::collections::BTreeSet<HeldOf>) {
    let world = World::with(Like {
        max_new_blocks: Some(2),
        ..Like::default()
    })
    .await;
    for name in ["ana", "bob", "eva"] {
        world.developer(name, "sap");
        world.calls(name, 0..2).await;
    }
    let done = world.quota("team:sap", 6).await;
    assert_eq!(done, Preview::default(), "held: nobody loses access");
    let held = world.engine.held_of().await.unwrap();
    assert_eq!(held, [HeldOf::Team("sap".into())].into());
    (world, held)
}

#[tokio::test]
async fn a_held_block_of_a_team_is_applied_to_every_member() {
    let (world, held) = team_held().await;
    let foreseen = world.engine.preview_held(&held, true).await.unwrap();
    assert_eq!(listed(&foreseen.blocked), names(&["ana", "bob", "eva"]));
    let done = world
        .engine
        .decide_held(&held, true, "the budget is the budget", &admin())
        .await
        .unwrap();
    assert_eq!(foreseen, done.effect);
    for name in ["ana", "bob", "eva"] {
        assert!(world.is_denied(name), "{name}");
    }
    assert_eq!(
        world.operations("team:sap").await,
        ["block-held", "block"],
        "who applied it is on record"
    );
    assert!(world.engine.held().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_discarded_block_of_a_team_stays_away_for_the_rest_of_the_day() {
    let (world, held) = team_held().await;
    let done = world
        .engine
        .decide_held(&held, false, "the customer pays", &admin())
        .await
        .unwrap();
    assert_eq!(done.teams, ["sap".into()]);
    world.calls("ana", 2..9).await;
    world.later(SignedDuration::from_hours(11)).await;
    assert!(world.engine.held().await.unwrap().is_empty(), "not again");
    assert!(!world.is_denied("ana"));
    assert_eq!(
        world.operations("team:sap").await,
        ["block-held", "block-discarded"]
    );
    // The next day the discarded block is over, and another total is judged anew.
    world.later(SignedDuration::from_hours(2)).await;
    let filter = weir_store::BlockFilter::default();
    assert_eq!(world.store.blocks(&filter).await.unwrap(), []);
    world.calls("ana", 9..15).await;
    assert_eq!(world.engine.held_of().await.unwrap(), held);
}
