//! Diaries of servers that do not answer: what is decided stays, and nobody waits for long.

use std::time::Duration;

use jiff::SignedDuration;
use tokio::time::{Instant, timeout};
use weir_core::admin::Verb;
use weir_core::block::Until;
use weir_testkit::fakes::{Fault, Op};

use crate::world::{Like, World, names};

const ANA: &str = "ana@example.com";
const MINUTE: SignedDuration = SignedDuration::from_mins(1);
/// How long nobody may wait; what hangs would hang for ever.
const PATIENCE: Duration = Duration::from_secs(20);

fn soon() -> Instant {
    Instant::now() + Duration::from_millis(300)
}

async fn ana(like: Like) -> World {
    let world = World::with(like).await;
    world.developer("ana", "sap");
    world.calls("ana", 0..1).await;
    world
}

/// Until ana got so many letters.
async fn gets(world: &World, count: usize) {
    let got = async {
        while world.mailbox.kinds_to(ANA).len() < count {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, got).await.unwrap();
}

#[tokio::test]
async fn a_command_says_what_was_decided_though_aws_does_not_answer_in_time() {
    let world = ana(Like::default()).await;
    world.aws.fault(Op::Apply, "ana", Fault::Pause);
    let until = Until::Indefinite;
    let work = weir_engine::within(soon(), world.command("ana", Verb::Block { until }));
    let done = timeout(PATIENCE, work).await.unwrap().unwrap();
    let state = (done.status.state, done.status.enforcement.as_str());
    assert_eq!(state, ("BLOCKED_ADM", "requested"));
    assert_eq!((done.dispatch.retried, done.dispatch.verified), (1, 0));
    assert!(!world.is_denied("ana"));
    // The target is free for others at once, not when a lease runs out.
    world.later(MINUTE).await;
    assert!(world.is_denied("ana"));
    assert_eq!(world.operations("user:ana").await, names(&["block"]));
}

#[tokio::test]
async fn when_the_time_is_over_no_effect_and_no_letter_is_begun() {
    let world = ana(Like::default()).await;
    let until = Until::Indefinite;
    let work = weir_engine::within(Instant::now(), world.command("ana", Verb::Block { until }));
    let done = work.await.unwrap();
    assert_eq!(
        done.status.state, "BLOCKED_ADM",
        "it is decided all the same"
    );
    assert_eq!(world.aws.calls(Op::Apply, "ana"), 0);
    assert_eq!(world.mailbox.kinds_to(ANA), names(&[]));
    world.later(SignedDuration::ZERO).await;
    assert!(world.is_denied("ana"));
    assert_eq!(
        world.mailbox.kinds_to(ANA),
        names(&["blocked-by-administrator"])
    );
}

#[tokio::test]
async fn a_tick_in_which_aws_does_not_answer_still_tells_people() {
    let world = ana(Like::default()).await;
    world.developer("eva", "sap");
    world.calls("eva", 0..1).await;
    let before = world.engine(&Like {
        tells_nobody: true,
        ..Like::default()
    });
    let until = Until::Indefinite;
    let block = crate::world::command("ana", Verb::Block { until });
    before.administer(block, false).await.unwrap();
    world.aws.fault(Op::Apply, "eva", Fault::Pause);
    let block = crate::world::command("eva", Verb::Block { until });
    weir_engine::within(Instant::now(), before.administer(block, false))
        .await
        .unwrap();
    // A quarter of it is for letters: enough on a machine that does much else.
    let end = Instant::now() + Duration::from_secs(8);
    let ticked = timeout(
        PATIENCE,
        weir_engine::within(end, Box::pin(world.engine.tick())),
    )
    .await;
    assert_eq!(ticked.unwrap().unwrap().dispatch.retried, 1);
    assert_eq!(
        world.mailbox.kinds_to(ANA),
        names(&["blocked-by-administrator"])
    );
}

#[tokio::test]
async fn events_do_not_wait_for_a_server_that_takes_no_mail_and_each_letter_goes_out_once() {
    let world = ana(Like {
        telling: Some(Duration::from_millis(200)),
        ..Like::default()
    })
    .await;
    world.quota("user:ana", 2).await;
    world.mailbox.hang(true);
    let counted = timeout(PATIENCE, world.calls("ana", 1..2)).await.unwrap();
    assert_eq!(counted.new, 1);
    assert!(world.is_denied("ana"), "the Deny waits for no mail");
    // While those are under way, nobody waits at all, and nobody sends them a second time.
    let begun = Instant::now();
    for request in 2..6 {
        let counted = timeout(PATIENCE, world.calls("ana", request..request + 1)).await;
        assert_eq!(counted.unwrap().new, 1);
    }
    assert!(begun.elapsed() < PATIENCE);
    timeout(PATIENCE, world.later(MINUTE)).await.unwrap();
    assert_eq!(world.mailbox.kinds_to(ANA), names(&[]));

    world.mailbox.hang(false);
    gets(&world, 1).await;
    world.later(MINUTE).await;
    world.later(MINUTE * 10).await;
    assert_eq!(world.mailbox.kinds_to(ANA), names(&["blocked"]));
}
