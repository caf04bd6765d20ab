//! Who called: users and the principals they consist of.

use weir_core::attribution::{Principal, PrincipalKind};
use weir_core::evidence::{CallerFacts, Evidence, Lookup, Sighting};
use weir_core::record::{Identity, Record};
use weir_core::rulebook::{Person, UserClass};
use weir_store::{RuleChange, Store};

use crate::make::{at, call, record};
use crate::place::Place;

/// A call of `user` in that minute, and what AWS said of the caller.
fn seen(minute: u32, user: &str, caller: Lookup<CallerFacts>) -> Evidence {
    let record = Record {
        at: at(&format!("2026-11-20T12:{minute:02}:00Z")),
        ..call(&format!("{user}{minute}"), user)
    };
    let sighting = Sighting {
        caller,
        ..Sighting::default()
    };
    Evidence::of(record, sighting)
}

fn person() -> Lookup<CallerFacts> {
    Lookup::Found(CallerFacts {
        person: Some("Ana".to_owned()),
        ..CallerFacts::default()
    })
}

fn nobody() -> Lookup<CallerFacts> {
    Lookup::Found(CallerFacts::default())
}

/// A call of role `ci` in that minute.
fn by_role(minute: u32) -> Evidence {
    let mut evidence = seen(minute, "ci", nobody());
    if let Some(call) = &mut evidence.api_call {
        call.identity = Identity::RoleSession {
            role: "ci".to_owned(),
            session: "build-7".to_owned(),
            stable_id: Some("AROACI".to_owned()),
            source_identity: None,
        };
    }
    evidence
}

fn principal(kind: PrincipalKind, name: &str) -> Principal {
    Principal {
        account: "111122223333".into(),
        kind,
        name: name.to_owned(),
        session: None,
    }
}

async fn link(store: &dyn Store, principal: Principal, user: &str) {
    let link = RuleChange::Link(principal, user.into());
    store.change_rules(vec![link], Vec::new()).await.unwrap();
}

async fn class(store: &dyn Store, user: &str) -> &'static str {
    let row = store.user(&user.into()).await.unwrap().unwrap();
    row.class.as_str()
}

pub(crate) async fn a_user_is_the_most_human_of_its_principals(place: Place) {
    let store = &*place.store;
    record(store, "s1", vec![seen(1, "ana", person()), by_role(1)])
        .await
        .unwrap();
    assert_eq!(class(store, "ana").await, "human");
    assert_eq!(class(store, "role/ci").await, "workload");
    // A workload that becomes part of a person leaves her one, whoever calls next.
    link(store, principal(PrincipalKind::Role, "ci"), "ana").await;
    assert_eq!(class(store, "ana").await, "human");
    record(store, "s2", vec![by_role(2)]).await.unwrap();
    assert_eq!(class(store, "ana").await, "human");
    // The person's own principal goes elsewhere: what is left is a workload.
    let other = Principal {
        account: "999988887777".into(),
        ..principal(PrincipalKind::IamUser, "ana")
    };
    link(store, other, "eva").await;
    assert_eq!(class(store, "ana").await, "human");
    link(store, principal(PrincipalKind::IamUser, "ana"), "eva").await;
    assert_eq!(class(store, "ana").await, "workload");
    assert_eq!(class(store, "eva").await, "human");
}

pub(crate) async fn only_a_certain_look_up_changes_a_class(place: Place) {
    let store = &*place.store;
    for (step, evidence, expected) in [
        // Nobody was asked, or nobody answered: nothing is known yet.
        ("s1", seen(1, "ana", Lookup::NotAsked), "workload"),
        ("s2", seen(2, "ana", person()), "human"),
        ("s3", seen(3, "ana", Lookup::Failed), "human"),
        // The tag went away, and came back.
        ("s4", seen(4, "ana", nobody()), "workload"),
        ("s5", seen(6, "ana", person()), "human"),
        // A call of before that arrives late tells of before.
        ("s6", seen(5, "ana", nobody()), "human"),
    ] {
        record(store, step, vec![evidence]).await.unwrap();
        assert_eq!(class(store, "ana").await, expected, "{step}");
    }
    // In one batch, or backwards, the same.
    let mut backwards: Vec<_> = (1..4).map(|n| seen(n, "bob", nobody())).collect();
    backwards.push(seen(4, "bob", person()));
    backwards.reverse();
    for (number, evidence) in backwards.iter().enumerate() {
        let step = format!("b{number}");
        record(store, &step, vec![evidence.clone()]).await.unwrap();
    }
    assert_eq!(class(store, "bob").await, "human");
}

pub(crate) async fn what_an_administrator_says_of_a_class_holds(place: Place) {
    let store = &*place.store;
    record(store, "s1", vec![by_role(1), seen(1, "ana", person())])
        .await
        .unwrap();
    let say = async |user: &str, person: Person| {
        let change = RuleChange::SetPerson(user.into(), person);
        store.change_rules(vec![change], Vec::new()).await.unwrap();
    };
    let named = Person {
        person: Some("Ci".to_owned()),
        ..Person::default()
    };
    // A name makes a person of a workload.
    say("role/ci", named.clone()).await;
    assert_eq!(class(store, "role/ci").await, "human");
    record(store, "s2", vec![by_role(2)]).await.unwrap();
    assert_eq!(class(store, "role/ci").await, "human");
    let workload = Person {
        class: Some(UserClass::Workload),
        ..named
    };
    for (user, evidence) in [("role/ci", by_role(3)), ("ana", seen(3, "ana", person()))] {
        say(user, workload.clone()).await;
        assert_eq!(class(store, user).await, "workload");
        record(store, user, vec![evidence]).await.unwrap();
        assert_eq!(class(store, user).await, "workload");
    }
}
