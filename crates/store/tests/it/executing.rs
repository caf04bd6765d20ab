//! What executors do with what was decided: targets and jobs, each held by one at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use jiff::{SignedDuration, ToSpan as _};
use weir_core::access::{Denial, Member, Reach, TargetState};
use weir_core::audit::Entry;
use weir_core::block::Until;
use weir_core::ids::KeyId;
use weir_core::outbox::{Job, OutboxRow};
use weir_core::plan::{AccessChange, Plan};
use weir_store::{BlockFilter, Lease, TargetKeyRow, TargetOutcome};

use crate::deciding::{deny, member, plan, target};
use crate::make::{NOON, at, batch, call, nothing, record, rules, tagged};
use crate::place::Place;

fn lease(owner: &str, until: &str) -> Lease {
    Lease {
        owner: owner.to_owned(),
        until: at(until),
    }
}

#[expect(clippy::too_many_lines, reason = "one story, told once")]
pub(crate) async fn one_executor_at_a_time_holds_a_target(place: Place) {
    let store = &*place.store;
    let calls = ["r1", "r2", "r3", "r4", "r5"].map(|id| tagged(call(id, "ana"), "sap"));
    record(store, "s1", calls.to_vec()).await.unwrap();
    plan(store, "s2", deny()).await;
    let (a, b) = (
        lease("a", "2026-11-20T12:05:00Z"),
        lease("b", "2026-11-20T12:20:00Z"),
    );
    let claimed = store.claim_targets(at(NOON), &a, 10, None).await.unwrap();
    assert_eq!(claimed.len(), 1);
    assert_eq!(claimed[0].row.members.len(), 1);
    assert!(
        store
            .claim_targets(at(NOON), &b, 10, None)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        store
            .claim_targets(at(NOON), &b, 10, Some(&[target()]))
            .await
            .unwrap()
            .is_empty()
    );
    // The lease is over: others may take it, and the first one's answer counts no more.
    let later = at("2026-11-20T12:05:00Z");
    assert_eq!(
        store
            .claim_targets(later, &b, 10, None)
            .await
            .unwrap()
            .len(),
        1
    );
    let outcome = |generation, state: TargetState| TargetOutcome {
        given_back: Vec::new(),
        key: target(),
        generation,
        state,
        wrote: true,
        at: later,
        next_attempt_at: None,
        error: None,
        audit: vec![Entry {
            operation: "enforce".to_owned(),
            ..Entry::default()
        }],
    };
    assert!(
        !store
            .finish_target(&a, outcome(1, TargetState::Verified))
            .await
            .unwrap()
    );
    assert!(
        store
            .finish_target(&b, outcome(1, TargetState::Verified))
            .await
            .unwrap()
    );
    let row = store.target(&target()).await.unwrap().unwrap();
    assert_eq!(row.target.state, TargetState::Verified);
    assert_eq!(
        (row.target.verified_generation, row.target.verified_at),
        (Some(1), Some(later))
    );
    // The block keeps when; two more calls than its quota allows were counted by then.
    let [blocked] = &store.blocks(&BlockFilter::default()).await.unwrap()[..] else {
        panic!("one block");
    };
    assert_eq!(blocked.block.deny.verified_at, Some(later));
    assert_eq!(blocked.overshoot(), Some(2));
    // To find it there once more moves neither; to have to write it again moves when it was verified.
    for (minutes, wrote, verified) in [(10, false, later), (20, true, later + 20_i64.minutes())] {
        let now = later + i64::minutes(minutes);
        let c = lease("c", "2026-11-20T13:00:00Z");
        let claimed = store.claim_targets(now, &c, 10, Some(&[target()])).await;
        assert_eq!(claimed.unwrap().len(), 1);
        let again = TargetOutcome {
            at: now,
            wrote,
            ..outcome(1, TargetState::Verified)
        };
        assert!(store.finish_target(&c, again).await.unwrap());
        let row = store.target(&target()).await.unwrap().unwrap();
        assert_eq!(row.target.verified_at, Some(verified));
        let rows = store.blocks(&BlockFilter::default()).await.unwrap();
        assert_eq!(rows[0].block.deny.verified_at, Some(later));
    }
    assert_eq!(
        store.targets(&[TargetState::Verified]).await.unwrap().len(),
        1
    );
    assert!(
        store
            .targets(&[TargetState::Failed])
            .await
            .unwrap()
            .is_empty()
    );
    // Wanted again while it is held: what was found is of yesterday, and it stays due.
    store.request_targets(&[target()], later).await.unwrap();
    assert_eq!(
        store
            .claim_targets(later, &a, 10, None)
            .await
            .unwrap()
            .len(),
        1
    );
    plan(store, "s3", deny()).await;
    let a_again = lease("a", "2026-11-20T12:30:00Z");
    assert!(
        !store
            .finish_target(&a_again, outcome(1, TargetState::Verified))
            .await
            .unwrap()
    );
    let due = store.claim_targets(later, &b, 10, None).await.unwrap();
    assert_eq!((due.len(), due[0].row.target.generation), (1, 2));
    assert_eq!(due[0].row.target.state, TargetState::Requested);
}

pub(crate) async fn outbox_rows_are_claimed_by_one(place: Place) {
    let store = &*place.store;
    record(store, "s1", vec![tagged(call("r1", "ana"), "sap")])
        .await
        .unwrap();
    plan(store, "s2", deny()).await;
    plan(store, "s3", deny()).await;
    let now = at("2026-11-20T12:15:00Z");
    let (a, b) = (
        lease("a", "2026-11-20T12:20:00Z"),
        lease("b", "2026-11-20T12:40:00Z"),
    );
    assert_eq!(store.health().await.unwrap().outbox_due, 2);
    assert_eq!(store.claim_jobs(at(NOON), &a, 10).await.unwrap().len(), 1);
    let others = store.claim_jobs(now, &b, 10).await.unwrap();
    assert_eq!(
        others.iter().map(|job| job.job.clone()).collect::<Vec<_>>(),
        [Job::Evaluate("ana".into())]
    );
    store
        .retry_job(
            &others[0].id,
            &b,
            now + SignedDuration::from_mins(10),
            "busy",
        )
        .await
        .unwrap();
    assert!(store.claim_jobs(now, &b, 10).await.unwrap().is_empty());
    // Somebody else's lease is left alone; one's own goes on.
    store.finish_job("evaluate-team:sap:1", &b).await.unwrap();
    store
        .continue_job("evaluate-team:sap:1", &a, &"ana".into())
        .await
        .unwrap();
    let on = store.claim_jobs(now, &b, 10).await.unwrap();
    assert_eq!(
        on[0].job,
        Job::EvaluateTeam {
            team: "sap".into(),
            after: Some("ana".into())
        }
    );
    let rules = rules(store).await;
    let mut last = batch("s4", &rules, Vec::new());
    last.done = vec!["evaluate-team:sap:1".to_owned()];
    store.settle(&last, &nothing).await.unwrap();
    let late = at("2026-11-20T13:00:00Z");
    let rest = store.claim_jobs(late, &a, 10).await.unwrap();
    assert_eq!((rest.len(), rest[0].attempts), (1, 1));
    store.finish_job(&rest[0].id, &a).await.unwrap();
    assert!(store.claim_jobs(late, &b, 10).await.unwrap().is_empty());
}

pub(crate) async fn many_claimers_share_out_the_work(place: Place) {
    let store = place.store.clone();
    let outbox = (0..40)
        .map(|n| OutboxRow {
            id: format!("evaluate:u{n}"),
            subject: format!("user:u{n}"),
            not_before: at(NOON),
            job: Job::Evaluate(format!("u{n}").as_str().into()),
        })
        .collect();
    plan(
        &*store,
        "s1",
        Plan {
            outbox,
            ..Plan::default()
        },
    )
    .await;
    let mut tasks = tokio::task::JoinSet::new();
    let taken = Arc::new(AtomicU32::new(0));
    for worker in 0..6 {
        let (store, taken) = (store.clone(), taken.clone());
        tasks.spawn(async move {
            let lease = lease(&format!("w{worker}"), "2026-11-20T12:20:00Z");
            let mut mine = Vec::new();
            // While others hold their locks a claim may come back with less than there is.
            while taken.load(Ordering::SeqCst) < 40 {
                let claimed = store.claim_jobs(at(NOON), &lease, 7).await.unwrap();
                taken.fetch_add(u32::try_from(claimed.len()).unwrap(), Ordering::SeqCst);
                mine.extend(claimed);
            }
            mine.into_iter().map(|job| job.id).collect::<Vec<_>>()
        });
    }
    let mut all: Vec<_> = tasks.join_all().await.into_iter().flatten().collect();
    all.sort();
    assert_eq!(all.len(), 40);
    all.dedup();
    assert_eq!(all.len(), 40);
}

/// A user's part in a role that others share.
fn part(user: &str, everything: Option<Until>, enforced: bool) -> AccessChange {
    let member = Member {
        user: user.into(),
        reach: Reach::Session(format!("AROA:{user}")),
        denial: Denial {
            everything,
            ..Denial::default()
        },
        enforced,
        ..member(None)
    };
    let state = if enforced {
        TargetState::Requested
    } else {
        TargetState::DryRun
    };
    AccessChange {
        member,
        state,
        note: None,
    }
}

pub(crate) async fn what_is_only_recorded_leaves_a_shared_target_alone(place: Place) {
    let store = &*place.store;
    let calls = vec![
        tagged(call("r1", "ana"), "sap"),
        tagged(call("r2", "bob"), "sap"),
    ];
    record(store, "s1", calls).await.unwrap();
    let of = |change: AccessChange| Plan {
        access: vec![change],
        ..Plan::default()
    };
    let forever = Some(Until::Indefinite);
    let look = async || {
        let row = store.target(&target()).await.unwrap().unwrap();
        let denied: Vec<String> = row
            .members
            .iter()
            .filter(|member| member.is_denied())
            .map(|member| member.user.to_string())
            .collect();
        (row.target.state, row.target.generation, denied)
    };
    // Nothing is to be done, and nothing is due.
    plan(store, "s2", of(part("bob", forever, false))).await;
    assert_eq!(look().await, (TargetState::DryRun, 1, vec![]));
    let claim = async |id: &str| {
        let now = at(NOON);
        let lease = lease(id, "2026-11-20T12:30:00Z");
        store
            .claim_targets(now, &lease, 10, None)
            .await
            .unwrap()
            .len()
    };
    assert_eq!(claim("a").await, 0);
    plan(store, "s3", of(part("bob", None, false))).await;
    assert_eq!(look().await, (TargetState::None, 1, vec![]));
    // Somebody else is to be denied there: what is recorded of Bob does not stand in the way.
    plan(store, "s4", of(part("ana", forever, true))).await;
    let ana = vec!["ana".to_owned()];
    assert_eq!(look().await, (TargetState::Requested, 2, ana.clone()));
    plan(store, "s5", of(part("bob", forever, false))).await;
    assert_eq!(look().await, (TargetState::Requested, 2, ana));
    assert_eq!(claim("b").await, 1);
}

pub(crate) async fn keys_are_noted_and_given_back_by_whoever_holds_the_target(place: Place) {
    let store = &*place.store;
    let calls = vec![tagged(call("r1", "ana"), "sap")];
    record(store, "s1", calls).await.unwrap();
    plan(store, "s2", deny()).await;
    let key = |name: &str| TargetKeyRow {
        iam_user: "ana".to_owned(),
        key: KeyId::new(name),
    };
    let both = [key("ACCAONE"), key("ACCATWO")];
    let holder = lease("a", "2026-11-20T12:30:00Z");
    let stranger = lease("b", "2026-11-20T12:30:00Z");
    let claimed = store.claim_targets(at(NOON), &holder, 10, None).await;
    assert_eq!(claimed.unwrap()[0].row.keys, []);
    let note = async |by: &Lease, keys: &[TargetKeyRow]| {
        let noted = store.note_keys(by, &target(), keys, Vec::new()).await;
        noted.unwrap()
    };
    let noted = async || store.target(&target()).await.unwrap().unwrap().keys;
    assert!(!note(&stranger, &both).await);
    assert_eq!(noted().await, []);
    assert!(note(&holder, &both).await && note(&holder, &both[..1]).await);
    assert_eq!(noted().await, both);
    let outcome = |given_back: Vec<KeyId>| TargetOutcome {
        key: target(),
        generation: 1,
        state: TargetState::None,
        wrote: false,
        at: at(NOON),
        next_attempt_at: None,
        error: None,
        given_back,
        audit: Vec::new(),
    };
    let one = vec![KeyId::new("ACCAONE")];
    assert!(
        !store
            .finish_target(&stranger, outcome(one.clone()))
            .await
            .unwrap()
    );
    assert_eq!(noted().await.len(), 2);
    assert!(store.finish_target(&holder, outcome(one)).await.unwrap());
    assert_eq!(noted().await, both[1..]);
    assert_eq!(store.targets(&[]).await.unwrap()[0].keys, both[1..]);
}
