//! Whether everything arrives: a diary of a morning.

use std::sync::Arc;

use jiff::SignedDuration;
use weir_core::coverage::{Because, Verdict};
use weir_engine::clock::Clock;
use weir_engine::{Check, Engine, Level};
use weir_testkit::fakes::FakeMetering;
use weir_testkit::records::call;

use crate::world::{Like, World, time};

/// A world whose engine reads what AWS counted.
async fn world(metering: &Arc<FakeMetering>) -> (World, Engine) {
    let world = World::new().await;
    let engine = watching(&world, metering);
    (world, engine)
}

fn watching(world: &World, metering: &Arc<FakeMetering>) -> Engine {
    let metering = Arc::clone(metering) as Arc<_>;
    world.engine(&Like::default()).with_metering(Some(metering))
}

/// So many calls of ana's in the hour that begins then.
async fn calls(world: &World, hour: &str, count: usize) {
    let events: Vec<_> = (0..count)
        .map(|n| {
            let draft = call(&format!("{hour}-{n}")).by("ana");
            draft.at(&format!("2026-11-20T{hour}:30:00Z")).api_event()
        })
        .collect();
    world.ingest(&events).await;
}

fn hour(hour: &str) -> jiff::Timestamp {
    time(&format!("2026-11-20T{hour}:00:00Z"))
}

async fn check(engine: &Engine) -> Check {
    let checks = engine.doctor().await;
    let mut checks = checks.into_iter();
    checks.find(|check| check.name == "coverage").unwrap()
}

/// What the administrators are told of.
async fn incidents(engine: &Engine) -> Vec<&'static str> {
    let open = engine.store().incidents().await.unwrap();
    open.iter().map(|one| one.kind.as_str()).collect()
}

async fn tick(engine: &Engine) {
    let report = engine.tick().await.unwrap();
    assert_eq!(report.errors, Vec::<String>::new());
}

#[tokio::test]
async fn what_aws_counted_is_read_once_an_hour_by_one_process() {
    let metering = Arc::new(FakeMetering::default());
    let (world, engine) = world(&metering).await;
    // It is 11:00 UTC; what was called from nine to ten has settled, what came after has not.
    calls(&world, "09", 90).await;
    calls(&world, "10", 5).await;
    metering.say("eu-west-1", hour("09"), 100);
    metering.say("eu-west-1", hour("10"), 50);
    tick(&engine).await;
    let view = engine.coverage().await.unwrap();
    assert_eq!(view.places.len(), 1);
    assert_eq!((view.places[0].counted, view.places[0].reported), (90, 100));
    assert_eq!(view.places[0].verdict(), Verdict::Low);
    let trouble = view.trouble().unwrap();
    assert_eq!((trouble.silence, trouble.low.len()), (None, 1));
    assert_eq!(incidents(&engine).await, ["calls-missing"]);
    let found = check(&engine).await;
    assert_eq!(found.level, Level::Warn, "{found:?}");
    assert!(
        found.found.contains("90.0 % (90 of 100 calls)"),
        "{found:?}"
    );

    // Nobody reads again within the hour, also not another process.
    let (asked, other) = (metering.asked(), watching(&world, &metering));
    world.clock.advance(SignedDuration::from_mins(30));
    tick(&engine).await;
    tick(&other).await;
    assert_eq!(metering.asked(), asked);

    // What was late is there an hour later, and both hours are whole.
    let late: Vec<_> = (90..100).map(|n| n.to_string()).collect();
    let late = late.iter().map(|n| call(&format!("late-{n}")).by("ana"));
    let late: Vec<_> = late
        .map(|draft| draft.at("2026-11-20T09:59:00Z").api_event())
        .collect();
    world.ingest(&late).await;
    let rest: Vec<_> = (0..45)
        .map(|n| call(&format!("rest-{n}")).by("ana"))
        .collect();
    let rest = rest
        .into_iter()
        .map(|draft| draft.at("2026-11-20T10:10:00Z").api_event());
    world.ingest(&rest.collect::<Vec<_>>()).await;
    world.clock.advance(SignedDuration::from_mins(30));
    tick(&other).await;
    assert!(metering.asked() > asked);
    let view = engine.coverage().await.unwrap();
    assert_eq!(
        (view.places[0].counted, view.places[0].reported),
        (150, 150)
    );
    assert_eq!(view.trouble(), None);
    assert_eq!(incidents(&engine).await, [""; 0]);
    assert_eq!(check(&engine).await.level, Level::Ok);
    let summary = engine.summary("2026-11-20".parse().unwrap()).await.unwrap();
    assert_eq!(summary.coverage[0].share, "100.0 %");
}

#[tokio::test]
async fn nothing_coming_is_noticed_where_aws_counts_calls() {
    let metering = Arc::new(FakeMetering::default());
    let (world, engine) = world(&metering).await;
    calls(&world, "10", 40).await;
    metering.say("eu-west-1", hour("10"), 40);
    tick(&engine).await;
    assert_eq!(engine.coverage().await.unwrap().silence, None);

    // From now on nothing comes. It is noticed an hour later, not only when an hour has settled.
    let last = world.clock.now();
    metering.say("eu-west-1", hour("11"), 30);
    world.clock.advance(SignedDuration::from_mins(59));
    tick(&engine).await;
    assert_eq!(engine.coverage().await.unwrap().silence, None);
    world.clock.advance(SignedDuration::from_mins(5));
    tick(&engine).await;
    let silence = engine.coverage().await.unwrap().silence.unwrap();
    assert_eq!(silence.because, Because::Reported(30));
    assert_eq!(silence.since, Some(last));
    assert_eq!(incidents(&engine).await, ["intake-silent"]);
    let found = check(&engine).await;
    assert_eq!(found.level, Level::Fail);
    assert!(found.found.contains("30 calls"), "{found:?}");

    // A record comes, whatever it says.
    calls(&world, "11", 1).await;
    assert_eq!(engine.coverage().await.unwrap().silence, None);
    world.clock.advance(SignedDuration::from_mins(5));
    tick(&engine).await;
    assert_eq!(incidents(&engine).await, [""; 0]);
}

#[tokio::test]
async fn where_cloudwatch_cannot_be_read_what_is_usual_tells() {
    let metering = Arc::new(FakeMetering::default());
    metering.deny("eu-west-1");
    let (world, engine) = world(&metering).await;
    for week in ["2026-11-06", "2026-11-13"] {
        let events: Vec<_> = (0..25)
            .map(|n| {
                let draft = call(&format!("{week}-{n}")).by("ana");
                draft.at(&format!("{week}T11:40:00Z")).api_event()
            })
            .collect();
        world.ingest(&events).await;
    }
    calls(&world, "10", 1).await;
    tick(&engine).await;
    let found = check(&engine).await;
    assert_eq!(found.level, Level::Warn, "{found:?}");
    assert!(found.found.contains("AccessDenied"), "{found:?}");
    world.clock.advance(SignedDuration::from_mins(30));
    assert_eq!(engine.coverage().await.unwrap().silence, None);
    world.clock.advance(SignedDuration::from_mins(31));
    let silence = engine.coverage().await.unwrap().silence.unwrap();
    assert_eq!(silence.because, Because::Usual(25));
}

#[tokio::test]
async fn an_empty_database_says_that_nobody_was_asked_for() {
    let (_world, engine) = world(&Arc::new(FakeMetering::default())).await;
    tick(&engine).await;
    let found = check(&engine).await;
    assert_eq!(found.level, Level::Warn, "{found:?}");
    assert!(found.found.contains("not known yet whose"), "{found:?}");
}

#[tokio::test]
async fn one_incident_tells_of_all_places_and_not_again_every_hour() {
    let metering = Arc::new(FakeMetering::default());
    let (world, engine) = world(&metering).await;
    calls(&world, "09", 50).await;
    metering.say("eu-west-1", hour("09"), 100);
    let told = |kind: &str| {
        let kinds = world.mailbox.kinds_to("ops@example.com");
        kinds.into_iter().filter(|one| one == kind).count()
    };
    tick(&engine).await;
    assert_eq!(told("calls-missing"), 1);
    for next in ["11", "12", "13"] {
        world.clock.advance(SignedDuration::from_mins(30));
        calls(&world, next, 50).await;
        metering.say("eu-west-1", hour(next), 100);
        world.clock.advance(SignedDuration::from_mins(30));
        tick(&engine).await;
    }
    assert_eq!(
        told("calls-missing"),
        1,
        "another hour is no other incident"
    );
    let open = world.store.incidents().await.unwrap();
    assert_eq!(open.len(), 1, "{open:?}");

    // Silence is one incident too, however often it is looked.
    metering.say("eu-west-1", hour("14"), 100);
    for _ in 0..8 {
        world.clock.advance(SignedDuration::from_mins(10));
        tick(&engine).await;
    }
    assert_eq!(told("intake-silent"), 1);
}
