//! Rules that change.

use jiff::Timestamp;
use weir_core::attribution::{Principal, PrincipalKind};
use weir_core::calendar::WindowKind;
use weir_core::counter::CounterScope;
use weir_core::ids::{AccountId, KeyId, TeamId};
use weir_core::people::DirectoryPerson;
use weir_core::pricing::{PriceRow, PriceSource, RegionMatch, Tier, TokenClass};
use weir_core::quota::{Addition, Limit, Metric, Quota};
use weir_core::rulebook::{KeyOwner, KeyState, Person, UserClass};
use weir_store::{RuleChange, StoreError};

use crate::make::{NOON, at, call, plain, quota, record, rules, set};
use crate::place::Place;

pub(crate) async fn the_first_quota_on_a_tool_fills_its_counters(place: Place) {
    let store = &*place.store;
    for (number, user) in ["ana", "ana", "eva"].iter().enumerate() {
        record(
            store,
            &format!("s{number}"),
            vec![plain(call(&format!("r{number}"), user))],
        )
        .await
        .unwrap();
    }
    let model = format!("model:{}", crate::make::MODEL);
    let quotas = vec![
        quota("tool:claude-code", Metric::Requests, WindowKind::Day, 40),
        quota(&model, Metric::Cost, WindowKind::Month, 40),
    ];
    set(store, quotas.clone()).await;
    record(store, "s9", vec![plain(call("r9", "ana"))])
        .await
        .unwrap();
    let rules_now = rules(store).await;
    let situation = store
        .situation(&["ana".into()], &[], at(NOON), &rules_now)
        .await
        .unwrap();
    let of = |wanted: fn(&CounterScope) -> bool| {
        let usage = situation.users[0]
            .usage
            .iter()
            .filter(|usage| wanted(&usage.scope));
        usage.map(|usage| usage.sums.requests).collect::<Vec<_>>()
    };
    assert_eq!(
        of(|scope| matches!(scope, CounterScope::Tool(..))),
        [3, 3, 3]
    );
    assert_eq!(
        of(|scope| matches!(scope, CounterScope::Model(..))),
        [3, 3, 3]
    );
    assert_eq!(store.check_totals().await.unwrap(), Vec::<String>::new());
    let Quota {
        scope,
        metric,
        window,
        ..
    } = quotas[0].clone();
    store
        .change_rules(
            vec![RuleChange::UnsetQuota(scope, metric, window)],
            Vec::new(),
        )
        .await
        .unwrap();
    record(store, "s10", vec![plain(call("r10", "ana"))])
        .await
        .unwrap();
    assert_eq!(store.check_totals().await.unwrap(), Vec::<String>::new());
    set(store, vec![quotas[0].clone()]).await;
    assert_eq!(store.check_totals().await.unwrap(), Vec::<String>::new());
}

#[expect(clippy::too_many_lines, reason = "one story, told once")]
pub(crate) async fn rules_are_read_as_they_were_set(place: Place) {
    let store = &*place.store;
    let before = store.rules().await.unwrap();
    let own = Quota {
        limit: Limit::Unlimited,
        warn: Vec::new(),
        additions: vec![
            Addition {
                amount: 5,
                until: at(NOON),
                inherited: false,
            },
            Addition {
                amount: -1,
                until: at(NOON),
                inherited: true,
            },
        ],
        ..quota("user:ana", Metric::Requests, WindowKind::Day, 0)
    };
    let price = PriceRow {
        model: "acme.m1".into(),
        class: weir_core::model::Class::Global,
        region: "eu-*".parse::<RegionMatch>().unwrap(),
        token_class: TokenClass::CacheWrite1h,
        tier: Tier::Flex,
        band_from: 200_000,
        effective_from: PriceRow::ALWAYS,
        effective_until: None,
        price: None,
        source: PriceSource::Administrator,
    };
    let person = Person {
        team: Some(TeamId::new("sap")),
        person: Some("Ana \u{1f600}".to_owned()),
        class: Some(UserClass::Human),
        ..Person::default()
    };
    let principal = Principal {
        account: AccountId::new("1"),
        kind: PrincipalKind::RoleSession,
        name: "Dev".to_owned(),
        session: Some("a".to_owned()),
    };
    let owner = KeyOwner {
        user: "ana".into(),
        tool: "cline".into(),
        bedrock: true,
        made_by_weir: false,
        iam_user: Some("ana--cline".to_owned()),
        state: KeyState::Inactive,
        created_at: Some(Timestamp::UNIX_EPOCH),
        expires_at: None,
    };
    let changes = vec![
        RuleChange::SetQuota(own.clone()),
        RuleChange::SetPrice(price.clone()),
        RuleChange::SetPerson("ana".into(), person.clone()),
        RuleChange::Link(principal.clone(), "ana".into()),
        RuleChange::SetKey(KeyId::new("ACCA1"), owner.clone()),
        RuleChange::SetHomeAccount(AccountId::new("1")),
    ];
    let version = store
        .change_rules(changes.clone(), Vec::new())
        .await
        .unwrap();
    assert_eq!(version, before.version + 1);
    let after = store.rules().await.unwrap();
    assert_eq!(after.version, version);
    assert!(after.quotas.contains(&own));
    assert_eq!(after.prices, [price]);
    assert_eq!(after.people, [("ana".into(), person)]);
    assert_eq!(after.links, [(principal, "ana".into())]);
    assert_eq!(after.keys, [(KeyId::new("ACCA1"), owner)]);
    assert_eq!(after.home_account, Some(AccountId::new("1")));
    let other = RuleChange::SetHomeAccount(AccountId::new("2"));
    assert!(matches!(
        store.change_rules(vec![other], Vec::new()).await,
        Err(StoreError::Refused(_))
    ));
    let ana = store.user(&"ana".into()).await.unwrap().unwrap();
    assert_eq!((ana.team.as_str(), ana.class), ("sap", UserClass::Human));
    assert_eq!(ana.principals.len(), 1);
    // Setting the same again leaves one of each.
    store.change_rules(changes, Vec::new()).await.unwrap();
    let again = store.rules().await.unwrap();
    assert_eq!(
        (again.quotas.len(), again.prices.len()),
        (after.quotas.len(), 1)
    );
    assert!(again.quotas.contains(&own));
}

pub(crate) async fn people_of_the_directory_are_noted_and_forgotten(place: Place) {
    let store = &*place.store;
    let odd = DirectoryPerson {
        id: "92670bc1c9-0000".to_owned(),
        user_name: "O'Neil+Ñandú@example.com".to_owned(),
        person: Some("Ñ \" 😀".to_owned()),
        email: None,
        groups: vec!["a, \"b\"".to_owned(), "team_sap_group".to_owned()],
    };
    let bare = DirectoryPerson {
        id: "1".to_owned(),
        user_name: "ana".to_owned(),
        ..DirectoryPerson::default()
    };
    let set = |person: &DirectoryPerson| RuleChange::SetDirectoryPerson(person.clone());
    let version = store.rules().await.unwrap().version;
    let changes = vec![set(&odd), set(&bare), set(&odd)];
    store.change_rules(changes, Vec::new()).await.unwrap();
    let known = store.rules().await.unwrap();
    assert_eq!(known.directory, [bare.clone(), odd.clone()]);
    assert!(known.version > version, "decisions go by it from now on");

    let renamed = DirectoryPerson {
        user_name: "Ana".to_owned(),
        email: Some("ana@example.com".to_owned()),
        ..bare
    };
    let changes = vec![
        set(&renamed),
        RuleChange::DropDirectoryPerson(odd.id),
        RuleChange::DropDirectoryPerson("nobody".to_owned()),
    ];
    store.change_rules(changes, Vec::new()).await.unwrap();
    assert_eq!(store.rules().await.unwrap().directory, [renamed]);
}
