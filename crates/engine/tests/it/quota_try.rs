//! What a quota would have done, beside what it did.

use jiff::SignedDuration;
use weir_core::quota::Quota;
use weir_engine::TriedWhat;
use weir_engine::clock::Clock;
use weir_store::{BlockFilter, RuleChange};
use weir_testkit::records::call;

use crate::world::{World, quota};

const MONTH: SignedDuration = SignedDuration::from_hours(24 * 30);

fn of(change: RuleChange) -> Quota {
    match change {
        RuleChange::SetQuota(quota) => quota,
        other => panic!("{other:?}"),
    }
}

/// Three days of calls: ana works a lot, ben on one day, eva hardly.
async fn three_days(world: &World) {
    world.developer("ana", "sap");
    world.developer("ben", "sap");
    world.developer("eva", "data");
    for day in 0..3 {
        for hour in 0..6 {
            let ben = if day == 1 { 3 } else { 0 };
            for (user, count) in [("ana", 4), ("ben", ben), ("eva", u32::from(hour == 0))] {
                for i in 0..count {
                    let request = format!("{user}-{day}-{hour}-{i}");
                    let event = call(&request).by(user).at_time(world.clock.now());
                    world.ingest(&[event.api_event()]).await;
                    world.later(SignedDuration::from_secs(7)).await;
                }
            }
            world.later(SignedDuration::from_mins(30)).await;
        }
        world.later(SignedDuration::from_hours(18)).await;
    }
}

#[tokio::test]
async fn a_trial_decides_as_the_live_system_did() {
    for (scope, limit) in [("team-defaults:sap", 10), ("user:ana", 7), ("team:sap", 30)] {
        let live = World::new().await;
        live.quota(scope, limit).await;
        three_days(&live).await;
        let filter = BlockFilter {
            history: true,
            ..BlockFilter::default()
        };
        let blocks = live.store.blocks(&filter).await.unwrap();
        let mut happened: Vec<_> = blocks
            .iter()
            .map(|row| (row.block.since, row.block.reason.clone(), row.block.until))
            .collect();
        happened.sort();
        assert!(!happened.is_empty(), "{scope}");

        let later = World::new().await;
        three_days(&later).await;
        let before = later.store.rules().await.unwrap().version;
        let wanted = of(quota(scope, limit));
        let tried = later.engine.try_quota(&wanted, MONTH, &|_, _| {}).await;
        let tried = tried.unwrap();
        let mut foreseen: Vec<_> = tried
            .events
            .iter()
            .filter_map(|event| match &event.what {
                TriedWhat::Blocked { reason, until, .. } => {
                    Some((event.at, reason.clone(), *until))
                }
                TriedWhat::Warned(_) => None,
            })
            .collect();
        foreseen.sort();
        assert_eq!(foreseen, happened, "{scope}");
        assert!(
            tried.events.len() > foreseen.len(),
            "{scope}: some warnings"
        );
        let after = later.store.rules().await.unwrap().version;
        assert_eq!(after, before, "nothing is stored");
        assert!(later.store.blocks(&filter).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn calls_that_would_have_been_denied_are_counted() {
    let world = World::new().await;
    three_days(&world).await;
    let wanted = of(quota("user:ana", 10));
    let tried = world.engine.try_quota(&wanted, MONTH, &|_, _| {}).await;
    let tried = tried.unwrap();
    // 24 calls a day, of which the eleventh and all after it come too late.
    let denied: Vec<_> = tried
        .events
        .iter()
        .filter_map(|event| match event.what {
            TriedWhat::Blocked { calls, .. } => Some(calls),
            TriedWhat::Warned(_) => None,
        })
        .collect();
    assert_eq!(denied, [14, 14, 14]);
    let seen = (tried.invocations, tried.users);
    assert_eq!(seen, (72, 1), "nobody else is looked at");
    let day = SignedDuration::from_hours(24);
    let short = world.engine.try_quota(&wanted, day, &|_, _| {}).await;
    assert!(short.unwrap().invocations < 72);
}

#[tokio::test]
async fn limits_are_proposed_from_days_that_are_over() {
    let world = World::new().await;
    assert!(world.engine.suggest(30).await.unwrap().is_empty());
    three_days(&world).await;
    let all = world.engine.suggest(30).await.unwrap();
    let requests = |team: Option<&str>| {
        let mut of = all.iter().filter(|one| one.metric.as_str() == "requests");
        of.find(|one| one.team.as_ref().map(weir_core::ids::TeamId::as_str) == team)
            .unwrap()
    };
    let sap = requests(Some("sap"));
    // Three days of ana with 24 calls, one of ben with 18.
    let day = sap.day;
    assert_eq!(
        (day.count, sap.whole.count, day.max, day.p50),
        (4, 2, 24, 24)
    );
    assert_eq!((sap.daily, sap.reached), (40, 0));
    let everybody = requests(None);
    assert_eq!((everybody.whole.count, everybody.day.count), (3, 7));
    let data = requests(Some("data"));
    assert_eq!((data.day.max, data.daily), (1, 10), "never absurdly low");
}
