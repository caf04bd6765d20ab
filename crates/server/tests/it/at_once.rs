//! What several ask for at the same time.

use std::collections::BTreeSet;

use weir_core::operator::{Admission, Entitled, Identity, Rights, Role, Vouched};
use weir_engine::SignIn;
use weir_store::AuditFilter;

use crate::world::{Place, World};

pub(crate) async fn two_first_sign_ins_of_the_same_person_both_succeed(place: Place) {
    let world = World::at(place).await;
    let person = Vouched {
        identity: Identity {
            issuer: "https://id.example.com".to_owned(),
            subject: "7".to_owned(),
        },
        user_name: Some("ana".to_owned()),
        email: Some("ana@example.com".to_owned()),
        own_user: None,
        groups: BTreeSet::new(),
    };
    let viewer = Rights::new(Role::Viewer, None, None).unwrap();
    let admission = Admission {
        groups: Vec::new(),
        others: Entitled::As(viewer),
    };
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let engine = world.state.engine.clone();
        let (person, admission) = (person.clone(), admission.clone());
        tasks.spawn(async move { engine.sign_in(&person, &admission, None).await.unwrap() });
    }
    let ends = tasks.join_all().await;
    let secrets: BTreeSet<_> = ends
        .iter()
        .map(|end| match end {
            SignIn::In(login) => login.secret.expose().to_owned(),
            SignIn::Away(why) => panic!("{why:?}"),
        })
        .collect();
    assert_eq!(secrets.len(), 4, "each has a session of its own");
    let operators = world.store.operators().operators().await.unwrap();
    assert_eq!(operators.len(), 1);
    let entries = world.store.audit(&AuditFilter::default()).await.unwrap();
    let of = |operation: &str| {
        let entries = entries.iter();
        entries
            .filter(|one| one.entry.operation == operation)
            .count()
    };
    assert_eq!((of("operator-create"), of("login")), (1, 4));
}
