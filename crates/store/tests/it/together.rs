//! Many workers at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use weir_core::audit;
use weir_core::evidence::Evidence;
use weir_store::{AuditFilter, GroupBy, Store, UsageFilter};

use crate::make::{at, batch, call, log, nothing, plain, rules};
use crate::place::{Engine, Place};

const WORKERS: usize = 8;
const CALLS: usize = 240;

/// Stores with connections of their own where the database allows it.
async fn stores(place: &Place) -> Vec<Arc<dyn Store>> {
    let mut stores = Vec::new();
    for _ in 0..WORKERS {
        stores.push(match place.engine {
            Engine::SqliteMemory => place.store.clone(),
            _ => weir_store::open(&place.url).await.unwrap(),
        });
    }
    stores
}

/// The records of call `n`, around local midnight: CloudTrail's and the log's.
fn records(n: usize) -> [Evidence; 2] {
    let request = format!("r{n:04}");
    let user = format!("user{}", n % 7);
    let at = at(if n.is_multiple_of(2) {
        "2026-11-20T22:59:59.5Z"
    } else {
        "2026-11-20T23:00:00Z"
    });
    let mut api = call(&request, &user);
    api.at = at;
    let mut logged = log(&request, &user);
    logged.at = at;
    [plain(api), plain(logged)]
}

pub(crate) async fn workers_that_overlap_count_each_call_once(place: Place) {
    let mut tasks = tokio::task::JoinSet::new();
    for (worker, store) in stores(&place).await.into_iter().enumerate() {
        tasks.spawn(async move {
            let rules = rules(&*store).await;
            let mut retries = 0;
            // Each worker takes every record of three quarters of the calls, in an order of its own.
            let mine: Vec<_> = (0..CALLS)
                .map(|n| (n * (2 * worker + 1) + 31 * worker) % CALLS)
                .filter(|n| (n + worker) % 4 != 0)
                .flat_map(records)
                .collect();
            for (number, chunk) in mine.chunks(37).enumerate() {
                let id = format!("w{worker}-{number}");
                retries += store
                    .settle(&batch(id, &rules, chunk.to_vec()), &nothing)
                    .await
                    .unwrap()
                    .retries;
            }
            retries
        });
    }
    let retries: u32 = tasks.join_all().await.into_iter().sum();
    assert!(retries < 200, "{retries} retries");
    let store = &*place.store;
    let days: BTreeMap<_, _> = store
        .usage(GroupBy::Day, &UsageFilter::default())
        .await
        .unwrap()
        .into_iter()
        .map(|row| (row.key, row.sums))
        .collect();
    let half = i64::try_from(CALLS / 2).unwrap();
    for day in ["2026-11-20", "2026-11-21"] {
        let sums = days[day];
        assert_eq!(
            (sums.requests, sums.input, sums.cache_read),
            (half, 400 * half, 500 * half),
            "{day}"
        );
        assert_eq!(sums.provisional_tokens, 0, "{day}");
    }
    assert_eq!(store.check_totals().await.unwrap(), Vec::<String>::new());
}

pub(crate) async fn the_audit_chain_has_no_gaps(place: Place) {
    let mut tasks = tokio::task::JoinSet::new();
    for (worker, store) in stores(&place).await.into_iter().enumerate() {
        tasks.spawn(async move {
            let rules = rules(&*store).await;
            for number in 0..12 {
                let entry = audit::Entry {
                    operation: "block".to_owned(),
                    subject: format!("user:u{worker}"),
                    reason: "é \"quoted\" \\ \n \u{1f600} \0".to_owned(),
                    before: Some(r#"{"a":1.50,  "b":[]}"#.to_owned()),
                    claimed_by: (number % 2 == 0).then(String::new),
                    at: at("2026-11-20T12:00:00.123456789Z"),
                    ..audit::Entry::default()
                };
                if number % 3 == 0 {
                    store
                        .append_audit(vec![entry.clone(), entry])
                        .await
                        .unwrap();
                } else {
                    let evidence = vec![plain(call(&format!("a{worker}-{number}"), "ana"))];
                    let mut batch = batch(format!("a{worker}-{number}"), &rules, evidence);
                    batch.audit = vec![entry];
                    store.settle(&batch, &nothing).await.unwrap();
                }
            }
        });
    }
    tasks.join_all().await;
    let entries = place.store.audit(&AuditFilter::default()).await.unwrap();
    assert_eq!(entries.len(), WORKERS * (4 * 2 + 8));
    let mut before = (0, audit::GENESIS.to_owned());
    for chained in &entries {
        audit::verify((before.0, &before.1), chained).unwrap();
        before = (chained.seq, chained.hash.clone());
    }
    let head = place.store.audit_head().await.unwrap();
    assert_eq!((head.seq, head.hash), before);
    let filter = AuditFilter {
        subject: Some("user:u3".to_owned()),
        last: Some(3),
        ..AuditFilter::default()
    };
    let last = place.store.audit(&filter).await.unwrap();
    assert_eq!(last.len(), 3);
    assert!(last.is_sorted_by_key(|chained| chained.seq));
}

pub(crate) async fn the_audit_log_is_found_by_what_it_says(place: Place) {
    let entry = |subject: &str, reason: &str, actor: &str, claimed_by: Option<&str>| audit::Entry {
        operation: "block".to_owned(),
        subject: subject.to_owned(),
        reason: reason.to_owned(),
        actor: actor.to_owned(),
        claimed_by: claimed_by.map(ToOwned::to_owned),
        at: at("2026-11-20T12:00:00Z"),
        ..audit::Entry::default()
    };
    let entries = vec![
        entry("user:ana", "100% of the budget", "weir", None),
        entry("user:eva", "Leaked key", "root@host", Some("Maria")),
        entry("team:maria_s", "by hand", "operator:juan", None),
    ];
    place.store.append_audit(entries).await.unwrap();
    for (text, seqs, last) in [
        ("ana", &[1][..], Some(9)),
        ("LEAKED", &[2], Some(9)),
        ("maria", &[2, 3], Some(9)),
        ("maria", &[3], Some(1)),
        ("juan", &[3], None),
        ("block", &[], Some(9)),
        // No character stands for others.
        ("100%", &[1], Some(9)),
        ("a%t", &[], None),
        ("a_s", &[3], Some(9)),
        ("r_ot", &[], Some(9)),
    ] {
        let filter = AuditFilter {
            text: Some(text.to_owned()),
            last,
            ..AuditFilter::default()
        };
        let found = place.store.audit(&filter).await.unwrap();
        let found: Vec<u64> = found.iter().map(|chained| chained.seq).collect();
        assert_eq!(found, seqs, "{text} {last:?}");
    }
}

pub(crate) async fn an_abandoned_settle_leaves_all_or_nothing(place: Place) {
    let store = &*place.store;
    let rules = rules(store).await;
    for number in 0..40 {
        let evidence = (0..40).flat_map(records).collect();
        let batch = batch(format!("a{number}"), &rules, evidence);
        let patience = std::time::Duration::from_micros(number * 400);
        // Whether it came to an end or not is nobody's business here.
        let _ = tokio::time::timeout(patience, store.settle(&batch, &nothing)).await;
    }
    let all = (0..60).flat_map(records).collect();
    store
        .settle(&batch("last", &rules, all), &nothing)
        .await
        .unwrap();
    let days = store
        .usage(GroupBy::Day, &UsageFilter::default())
        .await
        .unwrap();
    assert_eq!(
        days.iter().map(|row| row.sums.requests).collect::<Vec<_>>(),
        [30, 30]
    );
    assert_eq!(store.check_totals().await.unwrap(), Vec::<String>::new());
}
