//! Diaries of summaries: what owners of teams and administrators get of days, weeks and months.

use weir_core::ids::TeamId;

use crate::world::{Like, World, admin, names, time};

const OWNER: &str = "lead@example.com";
const OPS: &str = "ops@example.com";

/// Ana of the team `sap` calls; its owner has an address.
async fn sap() -> World {
    let world = World::with(Like::default()).await;
    world.developer("ana", "sap");
    world.calls("ana", 0..3).await;
    let owner = Some(OWNER.to_owned());
    let team = TeamId::new("sap");
    world
        .engine
        .set_team_owner(&team, owner, &admin())
        .await
        .unwrap();
    world.later(jiff::SignedDuration::ZERO).await;
    world
}

async fn at(world: &World, when: &str) {
    world.clock.advance_to(time(when));
    world.later(jiff::SignedDuration::ZERO).await;
}

fn summaries(world: &World, to: &str) -> Vec<String> {
    let mut kinds = world.mailbox.kinds_to(to);
    kinds.retain(|kind| kind.ends_with("-summary"));
    kinds
}

#[tokio::test]
async fn the_owner_of_a_team_gets_its_week_on_monday_and_its_month_on_the_first() {
    let world = sap().await;
    // 2026-11-20 is a Friday.
    at(&world, "2026-11-20T23:01:00Z").await;
    at(&world, "2026-11-21T23:01:00Z").await;
    assert_eq!(summaries(&world, OWNER), names(&[]));
    at(&world, "2026-11-22T23:01:00Z").await;
    assert_eq!(summaries(&world, OWNER), names(&["weekly-summary"]));
    let all = world.mailbox.all();
    let weekly = all.iter().find(|one| one.to.as_deref() == Some(OWNER));
    let text = &weekly.unwrap().letter.text;
    assert!(text.contains("ana") && text.contains("sap"), "{text}");
    at(&world, "2026-11-29T23:01:00Z").await;
    assert_eq!(summaries(&world, OWNER).len(), 1, "a week without calls");
    at(&world, "2026-11-30T23:01:00Z").await;
    assert_eq!(
        summaries(&world, OWNER),
        names(&["weekly-summary", "monthly-summary"])
    );
    // Run again, it tells nobody again.
    let first = "2026-12-01".parse().unwrap();
    world.engine.reset(first, &admin()).await.unwrap();
    at(&world, "2026-11-30T23:30:00Z").await;
    assert_eq!(summaries(&world, OWNER).len(), 2);
}

#[tokio::test]
async fn a_summary_is_told_some_days_late_and_not_once_the_next_one_is_over() {
    let late = sap().await;
    at(&late, "2026-11-26T09:00:00Z").await;
    assert_eq!(summaries(&late, OWNER), names(&["weekly-summary"]));

    let later = sap().await;
    at(&later, "2027-01-15T09:00:00Z").await;
    assert_eq!(summaries(&later, OWNER), names(&[]), "no heap of old news");
    let resets = later.engine.resets(100).await.unwrap();
    assert_eq!(resets.len(), 57, "all of them are on record");
}

#[tokio::test]
async fn a_day_without_calls_is_told_if_anything_came_on_the_record() {
    let world = sap().await;
    at(&world, "2026-11-20T23:01:00Z").await;
    assert_eq!(summaries(&world, OPS), names(&["daily-summary"]));
    at(&world, "2026-11-21T23:01:00Z").await;
    assert_eq!(summaries(&world, OPS).len(), 1, "nothing but a reset");
    world.quota("user:ana", 100).await;
    at(&world, "2026-11-22T23:01:00Z").await;
    let told = world.mailbox.all().into_iter();
    let told = told.filter(|one| one.kind() == "daily-summary" && one.to.is_some());
    let told: Vec<_> = told.collect();
    assert_eq!(told.len(), 2, "the record went on: its end is anchored");
    let anchor = told[1].letter.text.lines();
    let anchor = anchor.flat_map(str::split_whitespace).find_map(|word| {
        let (seq, hash) = word.split_once(':')?;
        let hash = hash.trim_end_matches('.');
        (hash.len() == 64 && seq.parse::<u64>().is_ok()).then(|| format!("{seq}:{hash}"))
    });
    let anchor = weir_engine::parse_anchor(&anchor.unwrap()).unwrap();
    let verified = world.engine.verify_audit(Some(anchor)).await.unwrap();
    assert_eq!(verified.problem, None);
}
