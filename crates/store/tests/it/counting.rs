//! What is counted, exactly once.

use weir_core::calendar::{Window, WindowKind};
use weir_core::counter::{CounterScope, Sums};
use weir_core::evidence::{Evidence, Lookup, Sighting};
use weir_core::ids::{RequestId, UserId};
use weir_core::quota::Metric;
use weir_core::record::{Failure, Identity, Record};
use weir_core::rulebook::Person;
use weir_store::{GroupBy, RuleChange, Store, StoreError, UsageFilter};

use crate::make::{NOON, at, batch, call, log, nothing, plain, quota, record, rules, set, tagged};
use crate::place::Place;

pub(crate) async fn a_new_invocation_is_in_every_total(place: Place) {
    let store = &*place.store;
    let settled = record(
        store,
        "s1",
        vec![tagged(call("r1", "ana"), "Team_SAP_group")],
    )
    .await
    .unwrap();
    assert_eq!(
        (settled.new, settled.completed, settled.duplicates),
        (1, 0, 0)
    );
    assert_eq!(settled.new_users, [UserId::new("ana")]);
    let rules = rules(store).await;
    let situation = store
        .situation(&["ana".into()], &["sap".into()], at(NOON), &rules)
        .await
        .unwrap();
    let ana = &situation.users[0];
    assert_eq!((ana.team.as_str(), ana.class.as_str()), ("sap", "human"));
    assert_eq!(ana.principals.len(), 1);
    assert_eq!(ana.usage.len(), 3);
    assert_eq!(ana.usage[0].scope, CounterScope::User("ana".into()));
    let sums = ana.usage[0].sums;
    assert_eq!(
        (
            sums.requests,
            sums.input,
            sums.output,
            sums.provisional_tokens
        ),
        (1, 1_000, 100, 1_100)
    );
    assert!(sums.cost_nanos > 0);
    assert_eq!(situation.groups.len(), 2);
    assert!(
        situation
            .groups
            .iter()
            .all(|group| group.usage.len() == 3 && group.usage[0].sums == sums)
    );
    for by in [
        GroupBy::User,
        GroupBy::Team,
        GroupBy::Model,
        GroupBy::Tool,
        GroupBy::Day,
    ] {
        let rows = store.usage(by, &UsageFilter::default()).await.unwrap();
        assert_eq!((rows.len(), rows[0].sums), (1, sums), "{by:?}");
    }
    let row = store
        .invocation(&RequestId::new("r1"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(Sums::of(&row.invocation), sums);
    assert_eq!(row.evidence, tagged(call("r1", "ana"), "Team_SAP_group"));
    assert_eq!(store.check_totals().await.unwrap(), Vec::<String>::new());
}

pub(crate) async fn a_duplicate_changes_nothing(place: Place) {
    let store = &*place.store;
    record(
        store,
        "s1",
        vec![plain(call("r1", "ana")), plain(call("r1", "ana"))],
    )
    .await
    .unwrap();
    let before = store
        .usage(GroupBy::User, &UsageFilter::default())
        .await
        .unwrap();
    let again = record(store, "s2", vec![plain(call("r1", "ana"))])
        .await
        .unwrap();
    assert_eq!((again.new, again.completed, again.duplicates), (0, 0, 1));
    assert_eq!(
        store
            .usage(GroupBy::User, &UsageFilter::default())
            .await
            .unwrap(),
        before
    );
    let late = record(store, "s3", vec![plain(log("r1", "ana"))])
        .await
        .unwrap();
    assert_eq!((late.new, late.completed, late.duplicates), (0, 1, 0));
    let after = store
        .usage(GroupBy::User, &UsageFilter::default())
        .await
        .unwrap();
    assert_eq!(
        (
            after[0].sums.requests,
            after[0].sums.input,
            after[0].sums.cache_read
        ),
        (1, 400, 500)
    );
    assert_eq!(after[0].sums.provisional_tokens, 0);
    assert_eq!(store.check_totals().await.unwrap(), Vec::<String>::new());
}

pub(crate) async fn an_answered_look_up_moves_the_call_to_its_team(place: Place) {
    let store = &*place.store;
    let failed = Sighting {
        caller: Lookup::Failed,
        ..Sighting::default()
    };
    let first = record(store, "s1", vec![Evidence::of(call("r1", "ana"), failed)])
        .await
        .unwrap();
    assert_eq!(first.new, 1);
    assert_eq!(
        store.unresolved_requests(10).await.unwrap(),
        [RequestId::new("r1")]
    );
    assert_eq!(teams(store).await, [("unassigned".to_owned(), 1)]);
    let second = record(store, "s2", vec![tagged(call("r1", "ana"), "sap")])
        .await
        .unwrap();
    assert_eq!((second.new, second.completed), (0, 1));
    // No row of zeros stays behind.
    assert_eq!(teams(store).await, [("sap".to_owned(), 1)]);
    assert_eq!(store.check_totals().await.unwrap(), Vec::<String>::new());
    assert_eq!(
        store
            .user(&"ana".into())
            .await
            .unwrap()
            .unwrap()
            .team
            .as_str(),
        "sap"
    );
    assert_eq!(store.unresolved_requests(10).await.unwrap(), []);
    // A later look-up that fails does not make anybody teamless.
    let failed = Sighting {
        caller: Lookup::Failed,
        ..Sighting::default()
    };
    record(store, "s3", vec![Evidence::of(call("r2", "ana"), failed)])
        .await
        .unwrap();
    let ana = store.user(&"ana".into()).await.unwrap().unwrap();
    assert_eq!((ana.team.as_str(), ana.class.as_str()), ("sap", "human"));
    assert_eq!(store.check_totals().await.unwrap(), Vec::<String>::new());
}

async fn teams(store: &dyn Store) -> Vec<(String, i64)> {
    let mut rows: Vec<_> = store
        .usage(GroupBy::Team, &UsageFilter::default())
        .await
        .unwrap()
        .into_iter()
        .map(|row| (row.key, row.sums.requests))
        .collect();
    rows.sort();
    rows
}

pub(crate) async fn a_failed_call_is_recorded_and_costs_nothing(place: Place) {
    let store = &*place.store;
    let failure = Failure {
        code: "ThrottlingException".to_owned(),
        message: Some("slow \u{0} down".to_owned()),
    };
    let mut record_ = call("r1", "ana");
    record_.tokens = None;
    record_.failure = Some(failure);
    let mut unpriced = call("r2", "ana");
    unpriced.model_sent = Some("acme.unheard-of-v1:0".to_owned());
    let mut unmetered = call("r3", "ana");
    unmetered.tokens = None;
    let settled = record(
        store,
        "s1",
        vec![plain(record_), plain(unpriced), plain(unmetered)],
    )
    .await
    .unwrap();
    assert_eq!(
        (settled.new, settled.failed_calls, settled.unpriced),
        (3, 1, 1)
    );
    assert_eq!(settled.unpriced_models, ["acme.unheard-of-v1:0"]);
    let sums = store
        .usage(GroupBy::User, &UsageFilter::default())
        .await
        .unwrap()[0]
        .sums;
    assert_eq!(
        (sums.requests, sums.failed, sums.unpriced, sums.unmetered),
        (2, 1, 1, 1)
    );
    assert_eq!(sums.cost_nanos, 0);
    let model = "acme.unheard-of-v1:0".into();
    assert_eq!(
        store.unpriced_requests(&model, 9).await.unwrap(),
        [RequestId::new("r2")]
    );
    assert_eq!(
        store.unpriced().await.unwrap(),
        [(model, "us-east-1".into(), 1)]
    );
    assert_eq!(store.check_totals().await.unwrap(), Vec::<String>::new());
    let row = store.invocation(&"r1".into()).await.unwrap().unwrap();
    assert!(row.invocation.failed);
}

pub(crate) async fn hostile_texts_do_not_stop_their_neighbours(place: Place) {
    let store = &*place.store;
    let mut hostile = call("r1", &"n".repeat(5_000));
    hostile.client.user_agent = Some("é'\"\\\n\u{7f}\u{1f600}".repeat(400));
    hostile
        .metadata
        .insert("tool".to_owned(), "T'); DROP TABLE users; --".repeat(100));
    hostile.operation = "x".repeat(1_000);
    hostile.region = "r".repeat(500).as_str().into();
    let settled = record(
        store,
        "s1",
        vec![plain(hostile.clone()), plain(call("r2", "ana"))],
    )
    .await
    .unwrap();
    assert_eq!(settled.new, 2);
    let again = record(store, "s2", vec![plain(hostile)]).await.unwrap();
    assert_eq!((again.completed, again.duplicates), (0, 1));
    assert_eq!(store.check_totals().await.unwrap(), Vec::<String>::new());
}

pub(crate) async fn stale_rules_are_refused(place: Place) {
    let store = &*place.store;
    let old = rules(store).await;
    set(
        store,
        vec![quota("user:ana", Metric::Requests, WindowKind::Day, 3)],
    )
    .await;
    let refused = store
        .settle(&batch("s1", &old, vec![plain(call("r1", "ana"))]), &nothing)
        .await;
    assert!(
        matches!(refused, Err(StoreError::StaleRules { .. })),
        "{refused:?}"
    );
    assert!(store.invocation(&"r1".into()).await.unwrap().is_none());
    assert_eq!(
        record(store, "s1", vec![plain(call("r1", "ana"))])
            .await
            .unwrap()
            .new,
        1
    );
    assert_eq!(store.health().await.unwrap().invocations, 1);
}

pub(crate) async fn a_user_is_confirmed_by_a_call_or_by_an_administrator(place: Place) {
    let store = &*place.store;
    let session = |record: Record, role: &str| Record {
        identity: Identity::RoleSession {
            role: role.to_owned(),
            session: "build-7".to_owned(),
            stable_id: None,
            source_identity: None,
        },
        ..record
    };
    let confirmed = async || {
        let rules = rules(store).await;
        let users = ["role/ci".into(), "role/ops".into()];
        let situation = store.situation(&users, &[], at(NOON), &rules).await;
        let users = situation.unwrap().users;
        users.iter().map(|one| one.confirmed).collect::<Vec<_>>()
    };
    let named = vec![
        plain(session(log("r1", ""), "ci")),
        plain(session(log("r2", ""), "ops")),
    ];
    record(store, "s1", named).await.unwrap();
    assert_eq!(confirmed().await, [false, false]);
    // An older call proves as much as a newer one, and no record takes that back.
    let mut older = session(call("r3", ""), "ci");
    older.at = at("2026-11-20T09:00:00Z");
    record(store, "s2", vec![plain(older)]).await.unwrap();
    record(store, "s3", vec![plain(session(log("r4", ""), "ci"))])
        .await
        .unwrap();
    assert_eq!(confirmed().await, [true, false]);
    let said = RuleChange::SetPerson("role/ops".into(), Person::default());
    store.change_rules(vec![said], Vec::new()).await.unwrap();
    assert_eq!(confirmed().await, [true, true]);
}

pub(crate) async fn doctors_read_totals_by_region_and_hour(place: Place) {
    let store = &*place.store;
    let in_region = |record: Record, region: &str, time: &str| Record {
        region: region.into(),
        at: at(time),
        ..record
    };
    let mut unmetered = in_region(call("r3", "ana"), "eu-west-1", "2026-11-18T10:00:00Z");
    unmetered.tokens = None;
    record(
        store,
        "s1",
        vec![
            plain(in_region(
                call("r1", "ana"),
                "us-east-1",
                "2026-11-19T10:00:00Z",
            )),
            plain(in_region(
                log("r2", "ana"),
                "us-east-1",
                "2026-11-20T10:00:00Z",
            )),
            plain(unmetered),
            plain(in_region(
                call("r4", "ana"),
                "us-east-1",
                "2026-11-20T12:00:00Z",
            )),
        ],
    )
    .await
    .unwrap();
    let hour = |key: &str| Window::parse(WindowKind::Hour, key).unwrap();
    // Madrid is an hour ahead; the last hour is left out.
    let (from, to) = (hour("2026-11-18T11"), hour("2026-11-20T13"));
    let rows = store.coverage(&from, &to).await.unwrap();
    let read: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                row.region.as_str(),
                row.sums.has_tokens(),
                row.sums.is_all_provisional(),
            )
        })
        .collect();
    let expected = [
        ("eu-west-1", false, true),
        ("us-east-1", true, true),
        ("us-east-1", true, false),
    ];
    assert_eq!(read, expected);
    let found = store.unmetered(&from, &to).await.unwrap();
    let models: Vec<_> = found
        .iter()
        .map(|(model, region, count)| (model.as_str(), region.as_str(), *count))
        .collect();
    assert_eq!(models, [(crate::make::MODEL, "eu-west-1", 1)]);
    let later = hour("2026-11-18T12");
    assert_eq!(store.unmetered(&later, &to).await.unwrap(), []);
}
