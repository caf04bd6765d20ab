//! What a decision writes, and what it is given to decide by.

use std::sync::atomic::{AtomicU32, Ordering};

use weir_core::access::{Denial, Member, Reach, TargetKey, TargetKind, TargetState};
use weir_core::audit::Entry;
use weir_core::block::{Block, Cause, Denies, DenyTimes, Force, Protection, Until, Violation};
use weir_core::calendar::{Window, WindowKind};
use weir_core::decide::{Context, decide};
use weir_core::ids::{AccountId, BlockId, ProtectionId};
use weir_core::outbox::{Job, OutboxRow};
use weir_core::plan::{
    AccessChange, Lift, LiftReason, Observation, Plan, Projection, ProtectionEnd, Revision, Warning,
};
use weir_core::quota::{Metric, Scope};
use weir_core::standing::{Situation, WarningKey};
use weir_store::{AuditFilter, BlockFilter, DeadLetter, Store};

use crate::make::{NOON, at, batch, call, nothing, plain, quota, record, rules, set, tagged};
use crate::place::Place;

fn window() -> Window {
    Window::parse(WindowKind::Day, "2026-11-20").unwrap()
}

pub(crate) fn target() -> TargetKey {
    TargetKey {
        account: AccountId::new("111122223333"),
        kind: TargetKind::IamUser,
        id: "ana".to_owned(),
    }
}

fn block() -> Block {
    Block {
        id: BlockId::new("b1"),
        denies: Denies::User("ana".into()),
        cause: Cause::Automatic(window()),
        reason: "3 of 3".to_owned(),
        evidence: vec![Violation {
            scope: Scope::User("ana".into()),
            metric: Metric::Requests,
            window: window(),
            used: 3,
            limit: 3,
        }],
        author: "weir".to_owned(),
        since: at(NOON),
        until: Until::At(at("2026-11-20T23:00:00Z")),
        force: Force::InForce,
        deny: DenyTimes::default(),
    }
}

fn protection() -> Protection {
    Protection {
        id: ProtectionId::new("p1"),
        user: "ana".into(),
        author: "root".to_owned(),
        reason: "release".to_owned(),
        since: at(NOON),
        until: Until::Indefinite,
        up_to_percent: Some(120),
    }
}

fn warning() -> WarningKey {
    WarningKey {
        subject: "user:ana".to_owned(),
        scope: Scope::Defaults,
        metric: Metric::Tokens,
        window: window(),
        threshold: 80,
        limit: 100,
    }
}

pub(crate) fn member(everything: Option<Until>) -> Member {
    let denial = Denial {
        everything,
        models: [("m1".into(), Until::Indefinite)].into(),
    };
    Member {
        target: target(),
        user: "ana".into(),
        reach: Reach::Session("AROA:ana".to_owned()),
        denial,
        enforced: true,
    }
}

pub(crate) fn deny() -> Plan {
    Plan {
        opened: vec![block()],
        protected: vec![protection()],
        warned: vec![Warning {
            key: warning(),
            told: true,
            used: 81,
        }],
        access: vec![AccessChange {
            member: member(Some(Until::At(at("2026-11-20T23:00:00Z")))),
            state: TargetState::Requested,
            note: None,
        }],
        projections: vec![Projection {
            user: "ana".into(),
            is_blocked: true,
            blocked_reason: Some("3 of 3".to_owned()),
            blocked_until: Some(at("2026-11-20T23:00:00Z")),
            protection_by: None,
        }],
        outbox: vec![OutboxRow {
            id: "evaluate-team:sap:1".to_owned(),
            subject: "team:sap".to_owned(),
            not_before: at(NOON),
            job: Job::EvaluateTeam {
                team: "sap".into(),
                after: None,
            },
        }],
        audit: vec![Entry {
            operation: "block".to_owned(),
            subject: "user:ana".to_owned(),
            ..Entry::default()
        }],
        observed: vec![Observation::Requested {
            block: BlockId::new("b1"),
            in_place: false,
        }],
        recheck: vec![("ana".into(), at("2026-11-20T12:15:00Z"))],
        ..Plan::default()
    }
}

/// Settles nothing but a plan; what is so afterwards.
pub(crate) async fn plan(store: &dyn Store, id: &str, plan: Plan) -> Situation {
    let rules = rules(store).await;
    let mut batch = batch(id, &rules, Vec::new());
    batch.users = vec!["ana".into()];
    let settled = store
        .settle(&batch, &|_: &Situation| plan.clone())
        .await
        .unwrap();
    assert_eq!(settled.plan, plan);
    store
        .situation(&["ana".into()], &["sap".into()], at(NOON), &rules)
        .await
        .unwrap()
}

#[expect(clippy::too_many_lines, reason = "one story, told once")]
pub(crate) async fn a_plan_is_written_and_read_back(place: Place) {
    let store = &*place.store;
    record(store, "s1", vec![tagged(call("r1", "ana"), "sap")])
        .await
        .unwrap();
    let situation = plan(store, "s2", deny()).await;
    let ana = &situation.users[0];
    let requested = DenyTimes {
        requested_at: Some(at(NOON)),
        ..DenyTimes::default()
    };
    assert_eq!(
        ana.blocks,
        [Block {
            deny: requested,
            ..block()
        }]
    );
    assert_eq!(ana.protections, [protection()]);
    assert_eq!(ana.warned.iter().collect::<Vec<_>>(), [&warning()]);
    let (held, part) = &ana.access[0];
    assert_eq!(
        (held.generation, held.state, held.denies),
        (1, TargetState::Requested, true)
    );
    assert_eq!(*part, member(Some(Until::At(at("2026-11-20T23:00:00Z")))));
    assert_eq!((situation.breaker.recent, situation.breaker.active), (1, 1));
    assert_eq!(situation.groups[1].members, 1);
    let row = store.user(&"ana".into()).await.unwrap().unwrap();
    assert!(row.is_blocked);
    // The same plan again: nothing twice but the generation.
    let again = plan(store, "s3", deny()).await;
    assert_eq!(again.users[0].blocks.len(), 1);
    assert_eq!(again.users[0].access[0].0.generation, 2);
    let undo = Plan {
        revised: vec![Revision {
            id: BlockId::new("b1"),
            reason: "4 of 3".to_owned(),
            author: "weir".to_owned(),
            evidence: Vec::new(),
            until: Until::Indefinite,
            force: Force::Held,
        }],
        lifted: vec![Lift {
            id: BlockId::new("b1"),
            by: "root".to_owned(),
            why: LiftReason::Administrator,
            note: Some("sorry".to_owned()),
        }],
        unprotected: vec![ProtectionEnd {
            id: ProtectionId::new("p1"),
            by: "root".to_owned(),
        }],
        rearmed: vec![warning()],
        access: vec![AccessChange {
            member: Member {
                denial: Denial::default(),
                enforced: false,
                ..member(None)
            },
            state: TargetState::Requested,
            note: None,
        }],
        observed: ["2026-11-20T12:03:00Z", NOON, "2026-11-20T12:02:00Z"]
            .into_iter()
            .flat_map(|time| {
                let (target, block, at) = (target(), BlockId::new("b1"), at(time));
                [
                    Observation::Denied { target, at },
                    Observation::Explained { block, at },
                ]
            })
            .collect(),
        ..Plan::default()
    };
    let after = plan(store, "s4", undo).await;
    let ana = &after.users[0];
    let [ended] = &ana.ended[..] else {
        panic!("lifted lately: {:?}", ana.ended);
    };
    let explained = DenyTimes {
        first_denied_at: Some(at(NOON)),
        ..requested
    };
    assert_eq!((ended.lifted_at, ended.block.deny), (at(NOON), explained));
    assert!(ana.blocks.is_empty() && ana.protections.is_empty() && ana.warned.is_empty());
    let target = &ana.access[0].0;
    assert_eq!(
        (target.denies, target.state, target.next_attempt_at),
        (false, TargetState::Requested, Some(at(NOON)))
    );
    assert_eq!(target.first_denied_at, Some(at(NOON)));
    let history = store
        .blocks(&BlockFilter {
            history: true,
            ..BlockFilter::default()
        })
        .await
        .unwrap();
    assert_eq!(history[0].block.reason, "4 of 3");
    assert_eq!(history[0].block.deny, explained);
    assert_eq!(
        history[0].lifted,
        Some((at(NOON), "root".to_owned(), "administrator".to_owned()))
    );
    assert_eq!(store.audit(&AuditFilter::default()).await.unwrap().len(), 2);
    let block = BlockId::new("b1");
    let taken_back = Plan {
        observed: vec![Observation::Withdrawn { block }],
        ..Plan::default()
    };
    let after = plan(store, "s5", taken_back).await;
    let times = after.users[0].ended[0].block.deny;
    assert_eq!(
        times,
        DenyTimes::default(),
        "no time stays without the others"
    );
}

/// The breaker is told of users who lost access lately, each once (rules Q10).
pub(crate) async fn the_breaker_counts_who_lost_access(place: Place) {
    let store = &*place.store;
    let calls = [("r1", "ana"), ("r2", "bob")];
    let calls = calls.map(|(id, user)| tagged(call(id, user), "sap"));
    record(store, "s1", calls.to_vec()).await.unwrap();
    let block = |id: &str, denies: &Denies, since: &str| Block {
        id: BlockId::new(id),
        denies: denies.clone(),
        since: at(since),
        ..block()
    };
    let (long_ago, lately) = ("2026-11-20T09:00:00Z", "2026-11-20T11:55:00Z");
    let user = |name: &str| Denies::User(name.into());
    let (ana, bob, sap) = (user("ana"), user("bob"), Denies::Team("sap".into()));
    let tool = Denies::Tool("ana".into(), "cline".into());
    let steps = [
        (
            vec![
                block("b1", &ana, long_ago),
                block("b2", &ana, lately),
                block("b3", &tool, lately),
            ],
            0,
            "whoever was denied already loses nothing",
        ),
        (
            vec![block("b4", &bob, lately), block("b5", &bob, lately)],
            1,
            "two blocks, one user",
        ),
        (
            vec![block("b6", &sap, lately), block("b7", &sap, lately)],
            2,
            "bob is one of the team",
        ),
    ];
    for (step, (opened, recent, why)) in steps.into_iter().enumerate() {
        let opening = Plan {
            opened,
            ..Plan::default()
        };
        let situation = plan(store, &format!("s{}", step + 2), opening).await;
        assert_eq!(situation.breaker.recent, recent, "{why}");
    }
}

pub(crate) async fn the_real_decision_blocks_at_the_limit_once(place: Place) {
    let store = &*place.store;
    set(
        store,
        vec![quota("user:ana", Metric::Requests, WindowKind::Day, 3)],
    )
    .await;
    let rules = rules(store).await;
    let context = Context {
        rules: &rules,
        now: at(NOON),
        wall: at(NOON),
        origin: "test",
    };
    let decided = |situation: &Situation| decide(situation, context);
    for number in 0..3 {
        let evidence = vec![tagged(call(&format!("r{number}"), "ana"), "sap")];
        let settled = store
            .settle(&batch(format!("s{number}"), &rules, evidence), &decided)
            .await
            .unwrap();
        assert_eq!(
            settled.plan.opened.len(),
            usize::from(number == 2),
            "{number}"
        );
    }
    let ana = store.user(&"ana".into()).await.unwrap().unwrap();
    assert!(ana.is_blocked);
    let due = store.due(at("2026-11-20T23:00:00Z"), 10).await.unwrap();
    assert_eq!(due, (vec!["ana".into()], vec![]));
    // Deciding twice changes nothing.
    let mut again = batch("s5", &rules, Vec::new());
    again.users = vec!["ana".into()];
    assert!(
        store
            .settle(&again, &decided)
            .await
            .unwrap()
            .plan
            .is_empty()
    );
}

pub(crate) async fn young_usage_is_given_to_those_who_ask(place: Place) {
    let store = &*place.store;
    let mut old = call("r1", "ana");
    old.at = at("2026-11-20T11:44:00Z");
    let mut yesterday = call("r2", "ana");
    yesterday.at = at("2026-11-19T11:59:00Z");
    let evidence = vec![plain(old), plain(yesterday), plain(call("r3", "ana"))];
    let rules = rules(store).await;
    let asked = AtomicU32::new(0);
    let ask = |situation: &Situation| {
        let Some(young) = &situation.users[0].young else {
            asked.fetch_add(1, Ordering::Relaxed);
            return Plan {
                ask_young: vec!["ana".into()],
                ask_young_teams: vec!["unassigned".into()],
                ..Plan::default()
            };
        };
        assert_eq!(young.len(), 3);
        assert!(
            young
                .iter()
                .all(|usage| usage.sums.provisional_tokens == 1_100)
        );
        let team = situation
            .groups
            .iter()
            .find(|group| group.team.is_some())
            .unwrap();
        assert_eq!(team.young.as_ref().unwrap().len(), 3);
        Plan::default()
    };
    store
        .settle(&batch("s1", &rules, evidence), &ask)
        .await
        .unwrap();
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

pub(crate) async fn dead_letters_are_counted_up(place: Place) {
    let store = &*place.store;
    let letter = |reason: &str| DeadLetter {
        source: "file:3".to_owned(),
        reason: reason.to_owned(),
        shape: "{eventName: text}".to_owned(),
    };
    let rules = rules(store).await;
    for id in ["s1", "s2"] {
        let mut batch = batch(id, &rules, Vec::new());
        batch.dead_letters = vec![letter("no id"), letter("no id"), letter("no time")];
        store.settle(&batch, &nothing).await.unwrap();
    }
    let mut rows = store.dead_letters(10).await.unwrap();
    rows.sort_by_key(|row| row.count);
    assert_eq!(rows.iter().map(|row| row.count).collect::<Vec<_>>(), [2, 4]);
    assert_eq!(rows[1].letter, letter("no id"));
    assert_eq!(rows[1].first_seen, at(NOON));
}
