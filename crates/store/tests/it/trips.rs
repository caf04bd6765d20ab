//! How often the hot path speaks to `MySQL`: a proxy counts what the client sends.

use weir_core::audit::Entry;
use weir_core::evidence::Evidence;
use weir_core::plan::Plan;
use weir_core::record::{Record, Source};
use weir_core::standing::Situation;
use weir_store::Decide;
use weir_testkit::proxy::CountingProxy;

use crate::make::{batch, call, log, nothing, plain, rules};
use crate::place::Place;

/// Asks for everything and writes everything.
fn everything(situation: &Situation) -> Plan {
    let users: Vec<_> = situation
        .users
        .iter()
        .filter(|standing| standing.young.is_none())
        .collect();
    if !users.is_empty() {
        return Plan {
            ask_young: users.iter().map(|standing| standing.user.clone()).collect(),
            ask_young_teams: situation
                .groups
                .iter()
                .filter_map(|group| group.team.clone())
                .collect(),
            ..Plan::default()
        };
    }
    let mut plan = crate::deciding::deny();
    plan.audit.push(Entry::default());
    plan
}

/// The record of the end of a stream.
fn ended(request: &str, user: &str) -> Record {
    Record {
        source: Source::Completion,
        ..call(request, user)
    }
}

pub(crate) async fn the_hot_path_speaks_as_often_whatever_the_batch(place: Place) {
    let proxy = CountingProxy::before(&place.url).await.unwrap();
    let store = weir_store::open(&proxy.url).await.unwrap();
    let rules = rules(&*store).await;
    let mut trips = Vec::new();
    for round in 0..2 {
        for size in [1, 100, 1_000] {
            let records = |kind: fn(&str, &str) -> Record, tag: &str| -> Vec<Evidence> {
                let one = |n| {
                    plain(kind(
                        &format!("{tag}{round}-{size}-{n}"),
                        &format!("user{}", n % 40),
                    ))
                };
                (0..size).map(one).collect()
            };
            // Half of them new, half of them known and changed.
            let half = |tag: &str| -> Vec<Evidence> {
                let some = records(ended, tag);
                some.into_iter().take((size / 2).max(1)).collect()
            };
            let mut took = Vec::new();
            let steps: [(&str, Vec<Evidence>, &Decide<'_>); 4] = [
                ("new", records(call, "a"), &nothing),
                ("completed", records(log, "a"), &nothing),
                ("duplicates", records(log, "a"), &nothing),
                ("decided", [half("b"), half("a")].concat(), &everything),
            ];
            for (step, evidence, decide) in steps {
                let before = proxy.trips();
                let batch = batch(format!("{step}{round}-{size}"), &rules, evidence);
                let settled = store.settle(&batch, decide).await.unwrap();
                assert_eq!(settled.retries, 0);
                took.push(proxy.trips() - before);
            }
            if round > 0 {
                trips.push(took);
            }
        }
    }
    assert!(trips.iter().all(|took| *took == trips[0]), "{trips:?}");
    assert!(trips[0][..3].iter().all(|trips| *trips <= 6), "{trips:?}");
    assert!(trips[0][3] <= 12, "{trips:?}");
    assert_eq!(store.check_totals().await.unwrap(), Vec::<String>::new());
}

mod mariadb {
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_hot_path_speaks_as_often_whatever_the_batch() {
        if let Some(place) = crate::place::mariadb().await {
            super::the_hot_path_speaks_as_often_whatever_the_batch(place).await;
        }
    }
}

mod mysql {
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_hot_path_speaks_as_often_whatever_the_batch() {
        if let Some(place) = crate::place::mysql().await {
            super::the_hot_path_speaks_as_often_whatever_the_batch(place).await;
        }
    }
}
