//! Diaries of the daily reset.

use jiff::SignedDuration;
use jiff::civil::Date;
use weir_core::admin::Verb;
use weir_core::block::Until;
use weir_core::calendar::WindowKind;
use weir_core::quota::{Action, Limit, Metric, Quota};
use weir_engine::{EngineError, ResetEnd, ResetReport};
use weir_store::RuleChange;
use weir_testkit::file_db::FileDb;

use crate::world::{Like, World, admin, names, time};

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

async fn resets(world: &World) -> Vec<ResetReport> {
    world.engine.reset_due(&admin()).await.unwrap()
}

async fn monthly(world: &World, user: &str, limit: i64) {
    let quota = Quota {
        scope: format!("user:{user}").parse().unwrap(),
        metric: Metric::Requests,
        window: WindowKind::Month,
        limit: Limit::Of(limit),
        action: Action::Block,
        warn: Vec::new(),
        author: "maria".to_owned(),
        additions: Vec::new(),
    };
    let change = vec![RuleChange::SetQuota(quota)];
    world
        .engine
        .change_quotas(change, "a test", &admin())
        .await
        .unwrap();
}

#[tokio::test]
async fn at_midnight_the_day_is_over_and_the_month_is_not() {
    let world = World::new().await;
    for user in ["ana", "eva", "leo"] {
        world.developer(user, "sap");
        world.calls(user, 0..1).await;
    }
    world.quota("user:ana", 3).await;
    monthly(&world, "eva", 2).await;
    world.calls("ana", 1..3).await;
    world.calls("eva", 1..2).await;
    world
        .command(
            "leo",
            Verb::Block {
                until: Until::Indefinite,
            },
        )
        .await
        .unwrap();
    assert_eq!(resets(&world).await[0].date, "2026-11-20");

    world.clock.advance_to(time("2026-11-20T23:00:00Z"));
    let done = resets(&world).await;
    assert_eq!(done.len(), 1);
    let ResetReport {
        date,
        end,
        expired,
        evaluated,
        errors,
        summary,
        ..
    } = &done[0];
    assert_eq!((date.as_str(), *end), ("2026-11-21", ResetEnd::Done));
    assert_eq!((*expired, *evaluated), (1, 2), "{done:?}");
    assert_eq!(*errors, Vec::<String>::new());
    world.engine.drain().await.unwrap();
    assert!(!world.is_denied("ana"), "the day is over");
    assert!(world.is_denied("eva"), "the month is not");
    assert!(
        world.is_denied("leo"),
        "an indefinite block ends by an administrator alone"
    );

    let summary = summary.as_ref().unwrap();
    assert_eq!(summary.day, "2026-11-20");
    assert_eq!(summary.total.requests, 6);
    let of_eva = summary.users.iter().find(|line| line.key == "eva").unwrap();
    assert_eq!(of_eva.requests, 2);
    assert_eq!(summary.blocks.len(), 3);
    let eva = world.operations("user:eva").await;
    assert_eq!(
        eva,
        names(&["block"]),
        "no second block, and so no second message"
    );
}

#[tokio::test]
async fn twice_late_and_catching_up_give_the_same_state() {
    let world = World::new().await;
    world.developer("ana", "sap");
    world.quota("user:ana", 1).await;
    world.calls("ana", 0..1).await;
    world.developer("leo", "sap");
    world.calls("leo", 0..1).await;
    let until = Until::Indefinite;
    world.command("leo", Verb::Block { until }).await.unwrap();
    resets(&world).await;
    world.clock.advance_to(time("2026-11-23T09:00:00Z"));
    let done = resets(&world).await;
    let dates: Vec<_> = done.iter().map(|report| report.date.as_str()).collect();
    assert_eq!(dates, ["2026-11-21", "2026-11-22", "2026-11-23"]);
    let days: Vec<_> = done
        .iter()
        .map(|report| report.summary.as_ref().unwrap())
        .map(|summary| (summary.day.as_str(), summary.total.requests))
        .collect();
    assert_eq!(
        days,
        [("2026-11-20", 2), ("2026-11-21", 0), ("2026-11-22", 0)]
    );
    let evaluated: Vec<_> = done.iter().map(|report| report.evaluated).collect();
    assert_eq!(evaluated, [0, 0, 1], "once for all days");
    assert_eq!(resets(&world).await, Vec::new(), "nothing is due twice");
    let state = world.state("ana").await;

    let again = world.engine.reset(day("2026-11-23"), &admin()).await;
    let [again] = &again.unwrap()[..] else {
        panic!("one date is run again");
    };
    assert_eq!(
        (again.end, again.expired, again.evaluated),
        (ResetEnd::Done, 0, 1)
    );
    assert_eq!(world.state("ana").await, state);
    let rows = world.engine.resets(10).await.unwrap();
    let runs: Vec<_> = rows
        .iter()
        .map(|row| (row.date.to_string(), row.runs))
        .collect();
    assert_eq!(
        runs,
        [
            ("2026-11-23", 2),
            ("2026-11-22", 1),
            ("2026-11-21", 1),
            ("2026-11-20", 1)
        ]
        .map(|(date, runs)| (date.to_owned(), runs))
    );
}

#[tokio::test]
async fn several_servers_run_it_once() {
    let world = World::new().await;
    let other = world.engine(&Like::default());
    let (one, two) = tokio::join!(world.engine.tick(), other.tick());
    let ran = one.unwrap().resets.len() + two.unwrap().resets.len();
    assert_eq!(ran, 1);
    assert_eq!(
        world.operations("reset:2026-11-20").await,
        names(&["reset-run"])
    );
    world.later(SignedDuration::from_mins(5)).await;
    assert_eq!(
        world.operations("reset:2026-11-20").await,
        names(&["reset-run"])
    );
}

#[tokio::test]
async fn a_run_that_died_is_taken_up_when_its_lease_is_over() {
    let world = World::new().await;
    let lease = weir_store::Lease {
        owner: "dead".to_owned(),
        until: world.engine.wall() + SignedDuration::from_mins(30),
    };
    let (date, now) = (day("2026-11-20"), world.engine.wall());
    world
        .store
        .begin_reset(date, now, &lease, false)
        .await
        .unwrap();
    let held = resets(&world).await;
    assert_eq!(held[0].end, ResetEnd::RunsElsewhere);
    world.clock.advance(SignedDuration::from_mins(30));
    assert_eq!(resets(&world).await[0].end, ResetEnd::Done);
}

#[tokio::test]
async fn a_missed_day_whose_run_died_is_not_passed_over() {
    let world = World::new().await;
    resets(&world).await;
    world.clock.advance_to(time("2026-11-22T09:00:00Z"));
    let lease = weir_store::Lease {
        owner: "dead".to_owned(),
        until: world.engine.wall() + SignedDuration::from_mins(30),
    };
    let (missed, now) = (day("2026-11-21"), world.engine.wall());
    let begun = world.store.begin_reset(missed, now, &lease, false);
    begun.await.unwrap();
    let ends = |done: &[ResetReport]| -> Vec<_> {
        let ends = done.iter().map(|report| (report.date.clone(), report.end));
        ends.collect()
    };
    let (missed, today) = ("2026-11-21".to_owned(), "2026-11-22".to_owned());
    assert_eq!(
        ends(&resets(&world).await),
        [(missed.clone(), ResetEnd::RunsElsewhere)]
    );
    world.clock.advance(SignedDuration::from_mins(30));
    assert_eq!(
        ends(&resets(&world).await),
        [(missed, ResetEnd::Done), (today, ResetEnd::Done)]
    );
}

#[tokio::test]
async fn one_users_failure_does_not_stop_the_others() {
    let db = FileDb::new().unwrap();
    let world = World::over(&db.url, Like::default()).await;
    for user in ["ana", "eva", "leo"] {
        world.developer(user, "sap");
        world.calls(user, 0..1).await;
        world.block_for(user, SignedDuration::from_hours(48)).await;
    }
    db.run("UPDATE blocks SET evidence = 'torn' WHERE user_id = 'eva'")
        .await
        .unwrap();
    let done = world.engine.reset(day("2026-11-20"), &admin()).await;
    let done = &done.unwrap()[0];
    assert_eq!((done.end, done.evaluated), (ResetEnd::Incomplete, 2));
    assert_eq!(done.errors.len(), 1, "{:?}", done.errors);
    assert!(
        done.errors[0].starts_with("user eva: "),
        "{:?}",
        done.errors
    );
    let row = &world.engine.resets(1).await.unwrap()[0];
    assert_eq!(row.errors, done.errors, "it is on record");
}

#[tokio::test]
async fn a_reset_that_met_errors_is_run_again_until_it_meets_none() {
    let db = FileDb::new().unwrap();
    let world = World::over(&db.url, Like::default()).await;
    world.developer("eva", "sap");
    world.calls("eva", 0..1).await;
    world.block_for("eva", SignedDuration::from_hours(12)).await;
    let tear = "UPDATE blocks SET evidence = 'torn' WHERE user_id = 'eva'";
    let mend = "UPDATE blocks SET evidence = '[]' WHERE user_id = 'eva'";
    db.run(tear).await.unwrap();
    let ends = |done: Vec<ResetReport>| -> Vec<_> {
        let ends = done.into_iter().map(|report| (report.date, report.end));
        ends.collect()
    };
    let (first, second) = ("2026-11-20".to_owned(), "2026-11-21".to_owned());
    let failed = ends(resets(&world).await);
    assert_eq!(failed, [(first.clone(), ResetEnd::Incomplete)]);
    world.clock.advance(SignedDuration::from_mins(4));
    assert_eq!(ends(resets(&world).await), [], "not at every tick");
    world.clock.advance(SignedDuration::from_mins(1));
    let failed = ends(resets(&world).await);
    assert_eq!(failed, [(first.clone(), ResetEnd::Incomplete)]);
    let row = &world.engine.resets(1).await.unwrap()[0];
    assert_eq!((row.runs, row.errors.len()), (2, 1), "{row:?}");
    let is_told = |incident: &weir_core::incident::Incident| {
        incident.kind == weir_core::message::Kind::ResetFailed
    };
    world.engine.send_due().await.unwrap();
    let open = world.store.incidents().await.unwrap();
    assert!(open.iter().any(is_told), "{open:?}");

    // Nobody mends it that day: the next reset does what the first could not, and only once.
    world.clock.advance_to(time("2026-11-20T23:30:00Z"));
    db.run(mend).await.unwrap();
    let done = ends(resets(&world).await);
    assert_eq!(
        done,
        [(first, ResetEnd::Done), (second, ResetEnd::Done)],
        "today's and the one that met errors"
    );
    world.clock.advance(SignedDuration::from_hours(1));
    assert_eq!(ends(resets(&world).await), [], "nothing is due");
    world.engine.drain().await.unwrap();
    assert!(!world.is_denied("eva"));
    let runs = world.operations("reset:2026-11-20").await;
    assert_eq!(runs, names(&["reset-run"; 3]), "each run is on record");
    world.later(SignedDuration::from_mins(1)).await;
    let left = world.store.incidents().await.unwrap();
    assert!(!left.iter().any(is_told), "{left:?}");
}

#[tokio::test]
async fn a_dry_run_tells_and_writes_nothing() {
    let world = World::new().await;
    world.developer("ana", "sap");
    world.quota("user:ana", 1).await;
    world.calls("ana", 0..1).await;
    world.clock.advance_to(time("2026-11-20T23:00:00Z"));
    let report = world.engine.foresee_reset(day("2026-11-21")).await.unwrap();
    assert_eq!(report.end, ResetEnd::DryRun);
    assert_eq!(report.released, names(&["ana"]));
    assert!(world.is_denied("ana"));
    assert_eq!(world.engine.resets(10).await.unwrap(), Vec::new());
}

/// Once today's reset is done, earlier days are due no more: whoever runs it by hand must not lose
/// the summaries of the days that were missed.
#[tokio::test]
async fn run_by_hand_for_today_it_sums_up_the_missed_days_too() {
    let world = World::new().await;
    world.developer("ana", "sap");
    resets(&world).await;
    world.calls("ana", 0..1).await;
    world.clock.advance_to(time("2026-11-23T09:00:00Z"));
    let done = world.engine.reset(day("2026-11-23"), &admin()).await;
    let days: Vec<_> = done
        .unwrap()
        .iter()
        .map(|report| report.summary.as_ref().unwrap())
        .map(|summary| (summary.day.clone(), summary.total.requests))
        .collect();
    let expected = [("2026-11-20", 1), ("2026-11-21", 0), ("2026-11-22", 0)];
    assert_eq!(days, expected.map(|(day, count)| (day.to_owned(), count)));
    assert_eq!(resets(&world).await, Vec::new(), "nothing is left due");
}

/// What was missed before it is done with it; what came after it stays due.
#[tokio::test]
async fn run_by_hand_for_a_missed_day_it_leaves_the_later_ones_due() {
    let world = World::new().await;
    resets(&world).await;
    world.clock.advance_to(time("2026-11-23T09:00:00Z"));
    let done = world.engine.reset(day("2026-11-22"), &admin()).await;
    let dates = |done: &[ResetReport]| -> Vec<String> {
        done.iter().map(|report| report.date.clone()).collect()
    };
    assert_eq!(dates(&done.unwrap()), ["2026-11-21", "2026-11-22"]);
    assert_eq!(dates(&resets(&world).await), ["2026-11-23"]);
}

#[tokio::test]
async fn a_day_that_has_not_begun_is_refused() {
    let world = World::new().await;
    let refused = world.engine.reset(day("2026-11-21"), &admin()).await;
    let Err(EngineError::Refused(why)) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(why, "2026-11-21 has not begun: today is 2026-11-20");
}

#[tokio::test]
async fn the_spring_day_of_23_hours_is_reset_at_its_midnight() {
    let world = World::new().await;
    world.developer("ana", "sap");
    world.quota("user:ana", 1).await;
    world.clock.advance_to(time("2027-03-28T21:30:00Z"));
    resets(&world).await;
    world.calls("ana", 0..1).await;
    assert!(world.is_denied("ana"));
    // 23:30 summer time: the clocks went forward that morning.
    world.later(SignedDuration::from_mins(29)).await;
    assert!(world.is_denied("ana"));
    world.later(SignedDuration::from_mins(1)).await;
    assert!(!world.is_denied("ana"));
    assert_eq!(
        world.store.last_reset().await.unwrap(),
        Some(day("2027-03-29"))
    );
}

/// What the record proves now; `Err` names what does not hold.
async fn proof(world: &World, anchor: Option<&str>) -> Result<weir_engine::Verified, String> {
    let anchor = anchor.map(|anchor| weir_engine::parse_anchor(anchor).unwrap());
    let verified = world.engine.verify_audit(anchor).await.unwrap();
    match verified.problem.clone() {
        None => Ok(verified),
        Some(problem) => Err(problem),
    }
}

#[tokio::test]
async fn the_record_is_kept_for_seven_years_and_then_says_what_left() {
    let world = World::new().await;
    world.developer("ana", "sap");
    world.quota("user:ana", 2).await;
    let first = proof(&world, None).await.unwrap();
    assert_eq!(first.trimmed, None);

    // Six years on it is all there, and whoever decides something decides it again.
    world.clock.advance_to(time("2032-11-20T11:00:00Z"));
    world.quota("user:ana", 3).await;
    let removed = world.engine.apply_retention().await.unwrap();
    assert_eq!(removed["audit"], 0);
    let whole = proof(&world, Some(&first.head)).await.unwrap();

    // After seven years its old end leaves.
    world.clock.advance_to(time("2033-11-22T11:00:00Z"));
    let removed = world.engine.apply_retention().await.unwrap();
    assert_eq!(removed["audit"], first.entries);
    let rest = proof(&world, Some(&whole.head)).await.unwrap();
    assert_eq!(
        rest.entries,
        whole.entries - first.entries + 1,
        "and one says so"
    );
    let trimmed = rest.trimmed.clone().unwrap();
    assert_eq!(trimmed.entries, first.entries);
    assert_eq!(trimmed.at, "2033-11-22T11:00:00Z");
    assert_eq!(trimmed.older_than, "2026-11-22T11:00:00Z");
    // The last that left is still an anchor; one before it is no more.
    assert!(proof(&world, Some(&first.head)).await.is_ok());
    let older = format!("1:{}", "0".repeat(64));
    let problem = proof(&world, Some(&older)).await.unwrap_err();
    assert!(problem.contains("left after its term"), "{problem}");
    // Nothing is left to do.
    assert_eq!(world.engine.apply_retention().await.unwrap()["audit"], 0);
    assert_eq!(proof(&world, None).await.unwrap().head, rest.head);
}

#[tokio::test]
async fn whoever_cuts_the_record_short_by_hand_is_found() {
    let db = FileDb::new().unwrap();
    let world = World::over(&db.url, Like::default()).await;
    world.developer("ana", "sap");
    for limit in 2..6 {
        world.quota("user:ana", limit).await;
    }
    // Removed, and the record told to begin later.
    db.run(
        "UPDATE audit_start SET seq = 2, hash = (SELECT hash FROM blocking_operations WHERE seq = 2);
         DELETE FROM blocking_operations WHERE seq <= 2",
    )
    .await
    .unwrap();
    let problem = proof(&world, None).await.unwrap_err();
    assert!(problem.contains("begins with entry 3"), "{problem}");
    assert!(problem.contains("by hand"), "{problem}");
    // What does not fit is evidence: none of it leaves, however old.
    db.run("DROP TRIGGER blocking_operations_no_update")
        .await
        .unwrap();
    db.run("UPDATE blocking_operations SET reason = 'nothing' WHERE seq = 3")
        .await
        .unwrap();
    world.clock.advance_to(time("2040-01-01T11:00:00Z"));
    let refused = world.engine.apply_retention().await.unwrap_err();
    assert!(
        refused.to_string().contains("entry 3 was altered"),
        "{refused}"
    );
}
