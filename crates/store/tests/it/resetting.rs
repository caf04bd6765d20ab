//! The record of the daily reset, and rows that leave after a while.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use weir_core::audit::Entry;
use weir_core::evidence::Evidence;
use weir_core::message::{Kind, Message};
use weir_core::record::{Failure, Record};
use weir_store::{AuditFilter, Lease, ResetClaim, ResetOutcome, Retained, UsageFilter};

use crate::make::{NOON, at, batch, call, log, nothing, plain, rules};
use crate::place::Place;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn lease(owner: &str, from: Timestamp) -> Lease {
    Lease {
        owner: owner.to_owned(),
        until: from + SignedDuration::from_mins(30),
    }
}

fn outcome(date: Date) -> ResetOutcome {
    ResetOutcome {
        date,
        at: at(NOON),
        counts: r#"{"expired":1}"#.to_owned(),
        errors: vec!["user eva: the database is «busy»".to_owned()],
        summary: Some(r#"{"day":"2026-11-19"}"#.to_owned()),
        told: vec![Message::sample(Kind::DailySummary)],
    }
}

#[expect(clippy::too_many_lines, reason = "one story, told once")]
pub(crate) async fn a_reset_is_run_by_one_and_once(place: Place) {
    let store = &*place.store;
    let (date, now) = (day("2026-11-20"), at(NOON));
    let (first, second) = (lease("first", now), lease("second", now));
    assert_eq!(store.last_reset().await.unwrap(), None);
    let claim = store.begin_reset(date, now, &first, false).await.unwrap();
    assert_eq!(claim, ResetClaim::Begun);
    let claim = store.begin_reset(date, now, &second, true).await.unwrap();
    assert_eq!(claim, ResetClaim::Held);
    assert_eq!(store.last_reset().await.unwrap(), None, "begun is not done");

    // The first dies; when its lease is over, another takes the run up and ends it.
    let later = first.until;
    let claim = store
        .begin_reset(date, later, &second, false)
        .await
        .unwrap();
    assert_eq!(claim, ResetClaim::Begun);
    let entry = Entry {
        operation: "reset-run".to_owned(),
        at: later,
        ..Entry::default()
    };
    let lost = store
        .finish_reset(&first, outcome(date), vec![entry.clone()])
        .await
        .unwrap();
    assert!(!lost, "whoever lost the lease writes nothing");
    let outcome_then = ResetOutcome {
        at: later,
        ..outcome(date)
    };
    let done = store.finish_reset(&second, outcome_then, vec![entry]);
    assert!(done.await.unwrap());
    assert_eq!(store.last_reset().await.unwrap(), Some(date));
    let claim = store.begin_reset(date, later, &first, false).await.unwrap();
    assert_eq!(claim, ResetClaim::Finished);
    let again = later + SignedDuration::from_mins(5);
    let (third, fourth) = (lease("third", again), lease("fourth", again));
    let claim = store.begin_reset(date, again, &third, false).await.unwrap();
    assert_eq!(claim, ResetClaim::Begun, "it met errors, and is due again");
    let failed = store.failed_resets(10).await.unwrap();
    assert_eq!(failed.len(), 1);
    assert_eq!((failed[0].date, failed[0].runs), (date, 1));
    let well = ResetOutcome {
        errors: Vec::new(),
        ..outcome(date)
    };
    assert!(store.finish_reset(&third, well, Vec::new()).await.unwrap());
    assert_eq!(store.failed_resets(10).await.unwrap(), []);
    let next = again + SignedDuration::from_hours(24);
    let claim = store.begin_reset(date, next, &fourth, false).await.unwrap();
    assert_eq!(claim, ResetClaim::Finished, "nothing is left to do");
    let claim = store.begin_reset(date, next, &fourth, true).await.unwrap();
    assert_eq!(
        claim,
        ResetClaim::Begun,
        "an administrator may run it again"
    );

    let rows = store.resets(10).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].date, rows[0].runs), (date, 2));
    let ResetOutcome {
        errors,
        counts,
        summary,
        ..
    } = outcome(date);
    assert_eq!(
        (&failed[0].errors, &failed[0].counts, &failed[0].summary),
        (&errors, &Some(counts), &summary)
    );
    assert_eq!(rows[0].errors, Vec::<String>::new());
    let entries = store.audit(&AuditFilter::default()).await.unwrap();
    assert_eq!(entries.len(), 1, "one run, one entry");
}

/// A call so many days before noon.
fn old(request: &str, days: i64) -> Record {
    Record {
        at: at(NOON) - SignedDuration::from_hours(24 * days),
        ..call(request, "ana")
    }
}

async fn settle(place: &Place, id: &str, now: Timestamp, evidence: Vec<Evidence>) {
    let rules = rules(&*place.store).await;
    let mut batch = batch(id, &rules, evidence);
    batch.now = now;
    place.store.settle(&batch, &nothing).await.unwrap();
}

pub(crate) async fn old_invocations_leave_and_totals_stay(place: Place) {
    let store = &*place.store;
    let records = [old("r1", 500), old("r2", 450), old("r3", 1)];
    settle(&place, "s1", at(NOON), records.map(plain).into()).await;
    let filter = UsageFilter::default();
    let by_user = || store.usage(weir_store::GroupBy::User, &filter);
    let before = by_user().await.unwrap();
    let cut = at(NOON) - SignedDuration::from_hours(24 * 401);

    let gone = store.remove(Retained::Invocations, cut, 1).await.unwrap();
    assert_eq!(gone, 1, "in bounded bites");
    let gone = store.remove(Retained::Invocations, cut, 9).await.unwrap();
    assert_eq!(gone, 1);
    let gone = store.remove(Retained::Invocations, cut, 9).await.unwrap();
    assert_eq!(gone, 0);
    for (request, is_there) in [("r1", false), ("r2", false), ("r3", true)] {
        let row = store.invocation(&request.into()).await.unwrap();
        assert_eq!(row.is_some(), is_there, "{request}");
    }
    assert_eq!(by_user().await.unwrap(), before);
    assert_eq!(store.check_totals().await.unwrap(), Vec::<String>::new());
}

pub(crate) async fn client_facts_leave_and_the_invocation_is_still_itself(place: Place) {
    let store = &*place.store;
    let failed = Record {
        failure: Some(Failure {
            code: "ThrottlingException".to_owned(),
            message: Some("Too many requests for 192.0.2.7".to_owned()),
        }),
        ..call("r2", "ana")
    };
    let first = vec![plain(call("r1", "ana")), plain(failed)];
    settle(&place, "s1", at(NOON), first).await;
    let later = at(NOON) + SignedDuration::from_hours(24);
    settle(&place, "s2", later, vec![plain(call("r3", "ana"))]).await;
    let tool = |request: &'static str| async move {
        let row = store.invocation(&request.into()).await.unwrap().unwrap();
        (
            row.invocation.client,
            row.invocation.tool,
            row.invocation.failure,
        )
    };
    let known = tool("r1").await.1;
    assert_eq!(known.as_str(), "claude-code");

    let gone = store.remove(Retained::ClientFacts, later, 9).await.unwrap();
    assert_eq!(gone, 2, "what came before, and nothing that came later");
    let gone = store.remove(Retained::ClientFacts, later, 9).await.unwrap();
    assert_eq!(gone, 0);
    let (client, _, failure) = tool("r2").await;
    assert_eq!((client.source_ip, client.user_agent), (None, None));
    let failure = failure.unwrap();
    assert_eq!(
        (failure.code.as_str(), failure.message),
        ("ThrottlingException", None)
    );
    assert!(tool("r3").await.0.source_ip.is_some());

    // The same record again brings nothing back, and changes nothing.
    let rules = rules(store).await;
    let mut again = batch("s2b", &rules, vec![plain(call("r1", "ana"))]);
    again.now = later;
    let settled = store.settle(&again, &nothing).await.unwrap();
    assert_eq!((settled.duplicates, settled.completed), (1, 0));

    // A record that comes late still finds the invocation, which keeps its tool.
    settle(&place, "s3", later, vec![plain(log("r1", "ana"))]).await;
    let row = store.invocation(&"r1".into()).await.unwrap().unwrap();
    assert_eq!(row.invocation.tool, known);
    assert_eq!(row.invocation.tokens.unwrap().cache_read, 500);
    let texts = format!("{:?}", row.evidence);
    assert!(
        !texts.contains("192.0.2.7") && !texts.contains("claude-cli"),
        "{texts}"
    );
    assert_eq!(store.check_totals().await.unwrap(), Vec::<String>::new());
}

pub(crate) async fn what_is_done_and_old_leaves_the_rest_stays(place: Place) {
    let store = &*place.store;
    let rules = rules(store).await;
    let mut batch = batch("s1", &rules, Vec::new());
    batch.dead_letters = vec![weir_store::DeadLetter {
        source: "file".to_owned(),
        reason: "no request id".to_owned(),
        shape: "{}".to_owned(),
    }];
    store.settle(&batch, &nothing).await.unwrap();
    let before = at(NOON);
    let gone = store
        .remove(Retained::DeadLetters, before, 9)
        .await
        .unwrap();
    assert_eq!(gone, 0, "seen at noon");
    let after = before + SignedDuration::from_secs(1);
    let gone = store.remove(Retained::DeadLetters, after, 9).await.unwrap();
    assert_eq!(gone, 1);
    for what in [Retained::Outbox, Retained::Warnings] {
        let gone = store.remove(what, after, 9).await.unwrap();
        assert_eq!(gone, 0, "{what:?}");
    }
}
