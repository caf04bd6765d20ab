//! Several identities under one name, one after the other (rules A9).

use weir_core::attribution::{Principal, PrincipalKind, Succession};
use weir_core::evidence::Evidence;
use weir_core::record::{Identity, Record};
use weir_core::rulebook::Person;
use weir_store::{RuleChange, Settled, Store, StoreError, UserRow};

use crate::make::{at, call, log, plain, record, rules, tagged};
use crate::place::Place;

/// A call under the name `ana` in that minute, by whoever has that id.
fn under(id: Option<&str>, minute: u32) -> Record {
    let call = match id {
        Some(_) => call(&format!("r{minute}"), "ana"),
        None => log(&format!("r{minute}"), "ana"),
    };
    Record {
        at: at(&format!("2026-11-20T12:{minute:02}:00Z")),
        identity: Identity::IamUser {
            name: "ana".to_owned(),
            stable_id: id.map(ToOwned::to_owned),
        },
        ..call
    }
}

fn ana() -> Principal {
    Principal {
        account: "111122223333".into(),
        kind: PrincipalKind::IamUser,
        name: "ana".to_owned(),
        session: None,
    }
}

fn found(refused: Result<Settled, StoreError>) -> Vec<Succession> {
    match refused {
        Err(StoreError::ChangedIds(found)) => found,
        other => panic!("{other:?}"),
    }
}

/// Settles; makes users of those who came under a known name, and settles again.
async fn settle(store: &dyn Store, id: &str, evidence: Vec<Evidence>) -> Vec<String> {
    let refused = record(store, id, evidence.clone()).await;
    let found = found(refused);
    succeed(store, &found).await.unwrap();
    record(store, id, evidence).await.unwrap();
    found
        .into_iter()
        .map(|one| one.after.user.to_string())
        .collect()
}

async fn succeed(store: &dyn Store, found: &[Succession]) -> Result<u64, StoreError> {
    let version = rules(store).await.version;
    let changes = found.iter().cloned();
    let changes = changes.map(|one| RuleChange::Succeed(one, version));
    store.change_rules(changes.collect(), Vec::new()).await
}

async fn whose(store: &dyn Store, request: &str) -> String {
    let row = store.invocation(&request.into()).await.unwrap().unwrap();
    row.invocation.user.to_string()
}

async fn user(store: &dyn Store, user: &str) -> UserRow {
    store.user(&user.into()).await.unwrap().unwrap()
}

pub(crate) async fn another_holder_of_a_name_is_somebody_else(place: Place) {
    let store = &*place.store;
    record(store, "s1", vec![tagged(under(Some("A"), 1), "sap")])
        .await
        .unwrap();
    let said = Person {
        team: Some("crm".into()),
        ..Person::default()
    };
    let said = RuleChange::SetPerson("ana".into(), said);
    store.change_rules(vec![said], Vec::new()).await.unwrap();
    // Detected before anything is counted.
    let newcomer = || vec![plain(under(Some("B"), 10))];
    let one = found(record(store, "s2", newcomer()).await);
    assert_eq!(one.len(), 1);
    assert_eq!(
        (
            one[0].before.user.as_str(),
            one[0].before.stable_id.as_str()
        ),
        ("ana", "A")
    );
    assert_eq!(one[0].after.user.as_str(), "ana~B");
    assert!(store.invocation(&"r10".into()).await.unwrap().is_none());
    // Two workers find it: the second one's rules are stale, and nothing happens twice.
    let version = rules(store).await.version;
    succeed(store, &one).await.unwrap();
    let again = RuleChange::Succeed(one[0].clone(), version);
    let again = store.change_rules(vec![again], Vec::new()).await;
    assert!(matches!(again, Err(StoreError::StaleRules { .. })));
    record(store, "s3", newcomer()).await.unwrap();
    // A user of its own, with nothing of the other's.
    let (old, new) = (user(store, "ana").await, user(store, "ana~B").await);
    assert_eq!(
        (old.team.as_str(), new.team.as_str()),
        ("crm", "unassigned")
    );
    assert_eq!(
        (old.class.as_str(), new.class.as_str()),
        ("human", "workload")
    );
    assert_eq!((old.principals.len(), new.principals.len()), (0, 1));
    assert_eq!(new.principals[0].1.as_deref(), Some("B"));
    // Late calls are whose they were: by id, and without one by time.
    for (id, minute, expected) in [
        (Some("A"), 2, "ana"),
        (None, 3, "ana"),
        (None, 11, "ana~B"),
        (Some("B"), 12, "ana~B"),
    ] {
        let step = format!("late{minute}");
        record(store, &step, vec![plain(under(id, minute))])
            .await
            .unwrap();
        assert_eq!(whose(store, &format!("r{minute}")).await, expected);
        assert_eq!(user(store, "ana").await.principals, []);
    }
    assert_eq!(store.check_totals().await.unwrap(), Vec::<String>::new());
}

pub(crate) async fn several_holders_in_one_batch_are_told_apart(place: Place) {
    let store = &*place.store;
    let batch = |calls: &[(&str, u32)]| {
        let calls = calls.iter();
        calls
            .map(|(id, minute)| plain(under(Some(id), *minute)))
            .collect::<Vec<_>>()
    };
    // Nobody is on file: whoever called first keeps the name.
    let made = settle(store, "s1", batch(&[("C", 30), ("A", 10), ("B", 20)])).await;
    assert_eq!(made, ["ana~B", "ana~C"]);
    for (request, expected) in [("r10", "ana"), ("r20", "ana~B"), ("r30", "ana~C")] {
        assert_eq!(whose(store, request).await, expected);
    }
    assert_eq!(user(store, "ana~C").await.principals.len(), 1);
    // Whoever is seen late, but called before, is somebody else too and bears the name no more.
    let made = settle(store, "s2", batch(&[("Z", 5), ("D", 40)])).await;
    assert_eq!(made, ["ana~Z", "ana~D"]);
    assert_eq!(user(store, "ana~D").await.principals.len(), 1);
    for user_ in ["ana", "ana~B", "ana~C", "ana~Z"] {
        assert_eq!(user(store, user_).await.principals, [], "{user_}");
    }
    assert_eq!(store.check_totals().await.unwrap(), Vec::<String>::new());
}

pub(crate) async fn a_confirmed_holder_is_the_user_it_was_linked_to(place: Place) {
    let store = &*place.store;
    let link = async |user: &str| {
        let link = RuleChange::Link(ana(), user.into());
        store.change_rules(vec![link], Vec::new()).await.unwrap();
    };
    // A link made by hand was about the one before.
    link("eva").await;
    let calls = |id: &str, minute| vec![plain(under(Some(id), minute))];
    record(store, "s1", calls("A", 1)).await.unwrap();
    settle(store, "s2", calls("B", 10)).await;
    assert_eq!(whose(store, "r1").await, "eva");
    assert_eq!(whose(store, "r10").await, "ana~B");
    link("eva").await;
    record(store, "s3", calls("B", 11)).await.unwrap();
    assert_eq!(whose(store, "r11").await, "eva");
    // Calls of the past stay, and the next one who comes is somebody else again.
    assert_eq!(whose(store, "r10").await, "ana~B");
    assert_eq!(user(store, "eva").await.principals.len(), 1);
    settle(store, "s4", calls("C", 20)).await;
    assert_eq!(whose(store, "r20").await, "ana~C");
    let holders = store.rules().await.unwrap().holders;
    let holders: Vec<_> = holders
        .iter()
        .map(|(_, holder)| (holder.user.as_str(), holder.confirmed))
        .collect();
    assert_eq!(holders, [("eva", true), ("eva", true), ("ana~C", false)]);
}
