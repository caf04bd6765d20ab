//! What a decision is told of the calls of those who are denied something (rules B8, E13).

use std::sync::Mutex;

use weir_core::access::{Denial, Member, Reach, TargetKey, TargetKind, TargetState};
use weir_core::block::Until;
use weir_core::evidence::Evidence;
use weir_core::ids::UserId;
use weir_core::plan::{AccessChange, Plan};
use weir_core::record::{Failure, Identity, Record, Source};
use weir_core::standing::{CallSeen, Situation};
use weir_store::Store;

use crate::make::{batch, call, log, plain, rules};
use crate::place::Place;

/// A record of the role `ci`, which says nothing of who is behind it.
fn by_role(record: Record) -> Record {
    Record {
        identity: Identity::RoleSession {
            role: "ci".to_owned(),
            session: "build-7".to_owned(),
            stable_id: None,
            source_identity: None,
        },
        ..record
    }
}

fn with_key(mut record: Record) -> Record {
    record.client.access_key = Some("ASIACI".into());
    record
}

fn denied(mut record: Record) -> Record {
    record.failure = Some(Failure {
        code: "AccessDenied".to_owned(),
        message: Some("with an explicit deny in an identity-based policy".to_owned()),
    });
    record.tokens = None;
    record
}

/// A denial of everything, for ever.
fn deny(user: &str, kind: TargetKind, id: &str) -> AccessChange {
    AccessChange {
        member: Member {
            target: TargetKey {
                account: "111122223333".into(),
                kind,
                id: id.to_owned(),
            },
            user: user.into(),
            reach: Reach::Whole,
            denial: Denial {
                everything: Some(Until::Indefinite),
                ..Denial::default()
            },
            enforced: true,
        },
        state: TargetState::Requested,
        note: None,
    }
}

/// Settles, deciding that; the calls of the users that the decision was told of.
async fn told(
    store: &dyn Store,
    id: &str,
    evidence: Vec<Evidence>,
    plan: &Plan,
) -> Vec<(UserId, CallSeen)> {
    let rules = rules(store).await;
    let seen = Mutex::new(Vec::new());
    let decide = |situation: &Situation| {
        let users = situation.users.iter();
        *seen.lock().unwrap() = users
            .flat_map(|user| {
                user.calls
                    .iter()
                    .map(|call| (user.user.clone(), call.clone()))
            })
            .collect();
        plan.clone()
    };
    let batch = batch(id, &rules, evidence);
    store.settle(&batch, &decide).await.unwrap();
    seen.into_inner().unwrap()
}

/// Whom which call was told of, by which key, and whether it went through.
fn lines(seen: &[(UserId, CallSeen)]) -> Vec<String> {
    let line = |(user, call): &(UserId, CallSeen)| {
        let key = call.key.as_ref().map_or("no key", |key| key.as_str());
        let how = match (call.denied, call.failed) {
            (true, _) => "denied",
            (false, true) => "failed",
            (false, false) => "went through",
        };
        format!("{user} {} {key} {how}", call.request)
    };
    seen.iter().map(line).collect()
}

pub(crate) async fn a_call_is_told_of_once_it_is_certain_whose_it_is(place: Place) {
    let store = &*place.store;
    let begin = Plan {
        access: vec![deny("role/ci", TargetKind::Role, "ci")],
        ..Plan::default()
    };
    let first = vec![plain(by_role(call("r0", "")))];
    told(store, "s1", first, &begin).await;
    let idle = Plan::default();
    let settle = async |id: &str, evidence: Vec<Record>| {
        let evidence = evidence.into_iter().map(plain).collect();
        lines(&told(store, id, evidence, &idle).await)
    };
    // The log comes first and cannot tell whose call it is; the API call says it, and by which key.
    let ours = || with_key(by_role(call("r1", "")));
    assert!(settle("s2", vec![by_role(log("r1", ""))]).await.is_empty());
    assert_eq!(
        settle("s3", vec![ours()]).await,
        ["role/ci r1 ASIACI went through"]
    );
    // Nothing else is said of it: not by the same again, and not by the end of the stream.
    assert!(settle("s4", vec![ours()]).await.is_empty());
    let end = Record {
        source: Source::Completion,
        ..by_role(call("r1", ""))
    };
    assert!(settle("s5", vec![end]).await.is_empty());
    // A certain call beside a tentative one does not make that certain.
    let both = vec![by_role(log("r2", "")), by_role(call("r3", ""))];
    assert_eq!(settle("s6", both).await, ["role/ci r3 no key went through"]);
    assert_eq!(
        settle("s7", vec![denied(by_role(call("r2", "")))])
            .await
            .len(),
        1
    );
}

pub(crate) async fn a_call_is_told_of_again_if_it_was_somebody_elses(place: Place) {
    let store = &*place.store;
    let begin = Plan {
        access: vec![deny("ana", TargetKind::IamUser, "ana")],
        ..Plan::default()
    };
    told(store, "s1", vec![plain(call("r0", "ana"))], &begin).await;
    let idle = Plan::default();
    let settle =
        async |id: &str, record: Record| lines(&told(store, id, vec![plain(record)], &idle).await);
    let nobody = Identity::Unknown {
        seen: "?".to_owned(),
    };
    let end = Record {
        source: Source::Completion,
        identity: nobody,
        ..call("r1", "")
    };
    assert!(settle("s2", end).await.is_empty());
    assert_eq!(
        settle("s3", call("r1", "ana")).await,
        ["ana r1 no key went through"],
        "the API call says whose it is"
    );
    assert_eq!(
        settle("s4", call("r2", "ana")).await,
        ["ana r2 no key went through"]
    );
    assert!(settle("s5", log("r2", "ana")).await.is_empty());
}
