//! What watches over the work: duties, coverage, the pulse.

use jiff::{SignedDuration, Timestamp};
use weir_core::calendar::{Window, WindowKind, Zone};
use weir_core::counter::{CounterKey, CounterScope};
use weir_core::coverage::HourCoverage;
use weir_core::record::{Failure, Record};
use weir_store::{Duty, Lease};

use crate::make::{NOON, at, call, plain, record};
use crate::place::{Engine, Place};

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const MICROSECOND: SignedDuration = SignedDuration::from_micros(1);

fn lease(owner: &str, until: Timestamp) -> Lease {
    Lease {
        owner: owner.to_owned(),
        until,
    }
}

pub(crate) async fn a_duty_is_done_by_one_and_in_time(place: Place) {
    let store = &*place.store;
    let now = at(NOON);
    let (ours, theirs) = (lease("a", now + HOUR), lease("b", now + HOUR));
    let take = async |now: Timestamp, lease: &Lease| {
        let due = now - HOUR;
        store
            .take_duty(Duty::Coverage, now, due, lease)
            .await
            .unwrap()
    };
    assert!(take(now, &ours).await, "it was never done");
    assert!(!take(now, &theirs).await, "somebody is at it");
    let other = store.take_duty(Duty::Metrics, now, now, &theirs).await;
    assert!(other.unwrap(), "another duty is free");
    // Whoever lost its lease, or never had it, ends nothing.
    store
        .end_duty(Duty::Coverage, &theirs, now, &[])
        .await
        .unwrap();
    assert_eq!(store.duty(Duty::Coverage).await.unwrap().done_at, None);

    let problems = ["eu-west-1: «denegado»".to_owned()];
    store
        .end_duty(Duty::Coverage, &ours, now, &problems)
        .await
        .unwrap();
    let done = store.duty(Duty::Coverage).await.unwrap();
    assert_eq!(
        (done.done_at, done.problems.as_slice()),
        (Some(now), &problems[..])
    );
    let soon = now + HOUR - SignedDuration::from_secs(1);
    assert!(!take(soon, &lease("c", soon + HOUR)).await, "not due yet");
    assert!(take(now + HOUR, &lease("d", now + HOUR)).await, "due");
    // A lease that ended is taken over.
    assert!(take(now + HOUR, &lease("e", now + HOUR * 2)).await);
}

pub(crate) async fn calls_are_told_by_kind_and_hour(place: Place) {
    let store = &*place.store;
    let made = |id: &str, region: &str, time: &str| Record {
        region: region.into(),
        at: at(time),
        ..call(id, "ana")
    };
    let mut failed = made("r4", "eu-west-1", "2026-11-20T10:30:00Z");
    failed.tokens = None;
    failed.failure = Some(Failure {
        code: "ThrottlingException".to_owned(),
        message: None,
    });
    let records = vec![
        plain(made("r1", "eu-west-1", "2026-11-20T09:59:59.999999Z")),
        plain(made("r2", "eu-west-1", "2026-11-20T10:00:00Z")),
        plain(made("r3", "eu-west-1", "2026-11-20T10:59:59Z")),
        plain(failed),
        plain(made("r5", "us-east-1", "2026-11-20T11:00:00Z")),
    ];
    record(store, "s1", records).await.unwrap();
    let hour = at("2026-11-20T10:00:00Z");
    let mut found = store.called(hour, hour + HOUR).await.unwrap();
    found.sort_by_key(|called| called.failed);
    let read: Vec<_> = found
        .iter()
        .map(|one| {
            (
                one.operation.as_str(),
                one.failed,
                one.error.as_deref(),
                one.calls,
            )
        })
        .collect();
    assert_eq!(
        read,
        [
            ("Converse", false, None, 2),
            ("Converse", true, Some("ThrottlingException"), 1)
        ]
    );
    let madrid = Zone::named("Europe/Madrid").unwrap();
    let since = |time: &str| Window::containing(WindowKind::Hour, at(time), &madrid);
    let regions = async |time: &str| {
        let places = store.places(&since(time)).await.unwrap();
        let regions = places.into_iter().map(|(_, region)| region.to_string());
        regions.collect::<Vec<_>>()
    };
    let both = ["eu-west-1", "us-east-1"];
    assert_eq!(regions("2026-11-20T10:00:00Z").await, both);
    assert_eq!(regions("2026-11-20T11:00:00Z").await, ["us-east-1"]);

    // Totals, for the figures that are shown.
    let day = Window::containing(WindowKind::Day, hour, &madrid);
    let key = |scope| CounterKey { scope, window: day };
    let ana = key(CounterScope::User("ana".into()));
    let nobody = key(CounterScope::User("nobody".into()));
    let all = key(CounterScope::Organisation);
    let asked = [ana.clone(), nobody, all.clone()];
    let totals = store.totals(&asked).await.unwrap();
    assert_eq!(totals.len(), 2);
    assert_eq!((totals[&ana].requests, totals[&ana].failed), (4, 1));
    assert_eq!(totals[&all].requests, 4);
}

pub(crate) async fn hours_of_coverage_are_replaced_and_leave(place: Place) {
    let store = &*place.store;
    let noon = at(NOON);
    let hour = |hour: Timestamp, counted, reported| HourCoverage {
        account: "111122223333".into(),
        region: "eu-west-1".into(),
        hour,
        counted,
        reported,
        read_at: noon + HOUR,
    };
    let old = noon - HOUR * 10_000;
    let written = [hour(old, 1, 1), hour(noon - HOUR, 1, 9), hour(noon, 3, 3)];
    store.record_coverage(&written, old).await.unwrap();
    assert_eq!(
        store.coverage_hours(old, noon + HOUR).await.unwrap(),
        written
    );
    let later = [hour(noon - HOUR, 9, 9)];
    store.record_coverage(&later, noon - HOUR).await.unwrap();
    assert_eq!(
        store.coverage_hours(old, noon + HOUR).await.unwrap(),
        [hour(noon - HOUR, 9, 9), hour(noon, 3, 3)]
    );
    assert_eq!(store.coverage_hours(noon, noon).await.unwrap(), []);
}

pub(crate) async fn the_pulse_tells_what_comes_and_what_waits(place: Place) {
    let store = &*place.store;
    let noon = at(NOON);
    let empty = store.pulse(noon, noon).await.unwrap();
    assert_eq!(empty, weir_store::Pulse::default());
    assert_eq!(empty.last(), None);
    record(store, "s1", vec![plain(call("r1", "ana"))])
        .await
        .unwrap();
    let leak = weir_core::audit::Entry {
        operation: "leak".to_owned(),
        at: noon,
        ..weir_core::audit::Entry::default()
    };
    store.append_audit(vec![leak]).await.unwrap();
    let pulse = store.pulse(noon, noon).await.unwrap();
    assert_eq!(pulse.arrivals.len(), 1);
    assert_eq!(pulse.arrivals[0].0, noon, "when it was called");
    assert_eq!(pulse.last(), Some(pulse.arrivals[0].1));
    assert_eq!(pulse.leaks, 1);
    let on_record = async |after| store.leaks(after, 10).await.unwrap().len();
    assert_eq!(on_record(noon - MICROSECOND).await, 1);
    assert_eq!(on_record(noon).await, 0, "after, not at");
    let tomorrow = noon + HOUR * 24;
    assert_eq!(store.pulse(tomorrow, tomorrow).await.unwrap().leaks, 0);
}

pub(crate) async fn calls_of_an_hour_are_found_by_an_index(place: Place) {
    let calls = (0..400).map(|n| plain(call(&format!("r{n}"), "ana")));
    record(&*place.store, "s1", calls.collect()).await.unwrap();
    match place.engine {
        Engine::MySql => place.raw("ANALYZE TABLE bedrock_requests").await,
        Engine::SqliteFile | Engine::SqliteMemory => place.raw("ANALYZE").await,
    }
    .unwrap();
    let statements = place.statements();
    let (_, text) = statements
        .iter()
        .find(|(name, _)| name == "CALLED")
        .unwrap();
    let text = text.replacen('?', "2000", 1).replace('?', "3000");
    let plan = place.explain(&text).await;
    let wanted = "bedrock_requests bedrock_requests_time";
    assert!(
        place.engine == Engine::SqliteMemory || plan.iter().any(|line| line == wanted),
        "{plan:?}"
    );
}
