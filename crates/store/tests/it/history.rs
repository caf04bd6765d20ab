//! What of the past stays, and what an administrator changes in it (rules A12).

use jiff::SignedDuration;
use weir_core::calendar::WindowKind;
use weir_core::counter::CounterScope;
use weir_core::evidence::Evidence;
use weir_core::history::{Reattribution, Repricing};
use weir_core::model::Class;
use weir_core::money::Price;
use weir_core::pricing::{PriceRow, PriceSource, RegionMatch, Tier, TokenClass};
use weir_core::quota::Metric;
use weir_core::rulebook::Person;
use weir_core::tokens::Tokens;
use weir_store::{Anew, Batch, GroupBy, RuleChange, Settled, Store, UsageFilter};

use crate::make::{NOON, at, batch, call, log, nothing, quota, record, rules, set, tagged};
use crate::place::Place;

/// Call `n` of ana: one an hour, back into the past.
fn hours_ago(n: u32) -> Evidence {
    let mut record = call(&format!("r{n}"), "ana");
    record.at = at(NOON) - SignedDuration::from_hours(i64::from(n));
    tagged(record, "sap")
}

async fn say(store: &dyn Store, team: &str) -> Person {
    let said = Person {
        team: Some(team.into()),
        person: Some("Ana".to_owned()),
        ..Person::default()
    };
    let change = RuleChange::SetPerson("ana".into(), said.clone());
    store.change_rules(vec![change], Vec::new()).await.unwrap();
    said
}

/// Requests by team, over everything on file.
async fn teams(store: &dyn Store) -> Vec<(String, i64)> {
    let rows = store.usage(GroupBy::Team, &UsageFilter::default()).await;
    let mut teams: Vec<_> = rows
        .unwrap()
        .into_iter()
        .filter(|row| row.sums.requests > 0)
        .map(|row| (row.key, row.sums.requests))
        .collect();
    teams.sort();
    teams
}

fn counts(of: &[(&str, i64)]) -> Vec<(String, i64)> {
    of.iter()
        .map(|(team, n)| ((*team).to_owned(), *n))
        .collect()
}

pub(crate) async fn a_late_record_leaves_the_team_of_its_time(place: Place) {
    let store = &*place.store;
    record(store, "s1", vec![hours_ago(0)]).await.unwrap();
    say(store, "crm").await;
    // The log completes what was counted for the team of that time; a new call is today's team's.
    let mut late = log("r0", "ana");
    late.at = at(NOON);
    let settled = record(store, "s2", vec![tagged(late, "sap"), hours_ago(1)]);
    assert_eq!(settled.await.unwrap().completed, 1);
    assert_eq!(teams(store).await, counts(&[("crm", 1), ("sap", 1)]));
    let ana = store.user(&"ana".into()).await.unwrap().unwrap();
    assert_eq!(ana.team.as_str(), "crm");
    assert_eq!(store.check_totals().await.unwrap(), Vec::<String>::new());
}

/// A price in dollars per million input tokens of this model, whenever.
async fn price(store: &dyn Store, model: &str, dollars: &str) {
    let price = PriceRow {
        model: model.into(),
        class: Class::Regional,
        region: RegionMatch::Any,
        token_class: TokenClass::Input,
        tier: Tier::Standard,
        band_from: 0,
        effective_from: PriceRow::ALWAYS,
        effective_until: None,
        price: Some(dollars.parse::<Price>().unwrap()),
        source: PriceSource::Administrator,
    };
    let change = RuleChange::SetPrice(price);
    store.change_rules(vec![change], Vec::new()).await.unwrap();
}

#[expect(clippy::too_many_lines, reason = "one story, told once")]
pub(crate) async fn the_past_is_costed_anew_in_every_total(place: Place) {
    let store = &*place.store;
    let model = "acme.unheard-of-v1:0";
    let spending = quota("user:ana", Metric::Cost, WindowKind::Day, i64::MAX);
    set(store, vec![spending]).await;
    let priced = |n: u32, region: &str| {
        let mut record = call(&format!("r{n}"), "ana");
        record.model_sent = Some(model.to_owned());
        record.at = at(NOON) - SignedDuration::from_hours(i64::from(n));
        record.region = region.into();
        record.tokens = Some(Tokens {
            input: 1_000_000,
            ..Tokens::default()
        });
        tagged(record, "sap")
    };
    price(store, model, "3").await;
    let calls = [
        (0, "eu-west-1"),
        (1, "us-east-1"),
        (2, "eu-west-1"),
        (3, "eu-west-1"),
    ];
    let calls = calls.map(|(n, region)| priced(n, region)).to_vec();
    record(store, "s1", calls).await.unwrap();
    price(store, model, "5").await;

    let (from, until) = (at(NOON) - SignedDuration::from_hours(2), at(NOON));
    let anew = Repricing {
        model: model.into(),
        region: None,
        from,
        until: until + SignedDuration::from_secs(1),
    };
    let here = Repricing {
        region: Some("eu-west-1".into()),
        until,
        ..anew.clone()
    };
    let found = store.requests_of_model(&here, None, 9).await.unwrap();
    assert_eq!(
        found,
        [(from, "r2".into())],
        "neither r0, whose time is the end, nor r1"
    );
    let first = store.requests_of_model(&anew, None, 2).await.unwrap();
    let rest = store
        .requests_of_model(&anew, first.last(), 2)
        .await
        .unwrap();
    let all = [first, rest]
        .concat()
        .into_iter()
        .map(|(_, request)| request);
    let all: Vec<_> = all.collect();
    assert_eq!(all, ["r2".into(), "r1".into(), "r0".into()]);

    let rows = store.invocations(&all).await.unwrap();
    let evidence: Vec<_> = rows.into_iter().map(|row| row.evidence).collect();
    let rules = rules(store).await;
    for (id, changed) in [("a1", 3), ("a2", 0)] {
        let batch = Batch {
            anew: Some(Anew::Priced(anew.clone())),
            ..batch(id.to_owned(), &rules, evidence.clone())
        };
        let settled = store.settle(&batch, &nothing).await.unwrap();
        assert_eq!((settled.completed, settled.new), (changed, 0));
    }
    let spent = store.usage(GroupBy::User, &UsageFilter::default()).await;
    assert_eq!(spent.unwrap()[0].sums.cost_nanos, 18_000_000_000);
    assert_eq!(store.check_totals().await.unwrap(), Vec::<String>::new());
    let row = store.invocation(&"r3".into()).await.unwrap().unwrap();
    assert_eq!(
        row.invocation.cost.unwrap().to_decimal(),
        "3",
        "before that time"
    );
}

/// Attributes the next chunk anew.
async fn chunk(
    store: &dyn Store,
    anew: &Reattribution,
    after: &mut Option<(jiff::Timestamp, weir_core::ids::RequestId)>,
) -> Option<Settled> {
    let found = store.requests_since(&anew.user, anew.since, after.as_ref(), 3);
    let found = found.await.unwrap();
    *after = Some(found.last()?.clone());
    let requests: Vec<_> = found.into_iter().map(|(_, request)| request).collect();
    let evidence = store.evidence(&requests).await.unwrap();
    let rules = rules(store).await;
    let id = format!("again-{}-{}", requests[0], requests.len());
    let batch = Batch {
        anew: Some(Anew::Attributed(anew.clone())),
        ..batch(id, &rules, evidence)
    };
    Some(store.settle(&batch, &nothing).await.unwrap())
}

pub(crate) async fn the_past_moves_in_chunks_that_may_be_repeated(place: Place) {
    let store = &*place.store;
    // Counters of a tool move with the user's team as little as the user's own.
    let governed = quota("tool:claude-code", Metric::Requests, WindowKind::Day, 99);
    set(store, vec![governed]).await;
    record(store, "s1", (0..8).map(hours_ago).collect())
        .await
        .unwrap();
    let other = tagged(call("other", "eva"), "sap");
    record(store, "s2", vec![other]).await.unwrap();
    let anew = Reattribution {
        user: "ana".into(),
        since: at(NOON) - SignedDuration::from_hours(6),
        said: say(store, "crm").await,
    };
    // It ends after the first chunk, and begins again.
    let mut after = None;
    let first = chunk(store, &anew, &mut after).await.unwrap();
    assert_eq!((first.completed, first.new), (3, 0));
    assert_eq!(teams(store).await, counts(&[("crm", 3), ("sap", 6)]));
    assert_eq!(store.check_totals().await.unwrap(), Vec::<String>::new());
    let (mut after, mut changed) = (None, Vec::new());
    while let Some(settled) = chunk(store, &anew, &mut after).await {
        changed.push((settled.completed, settled.duplicates));
    }
    assert_eq!(changed, [(0, 3), (3, 0), (1, 0)]);
    assert_eq!(teams(store).await, counts(&[("crm", 7), ("sap", 2)]));
    assert_eq!(store.check_totals().await.unwrap(), Vec::<String>::new());
    let row = store.invocation(&"r6".into()).await.unwrap().unwrap();
    let caller = row.invocation.caller;
    assert_eq!(
        (caller.team.as_str(), caller.person.as_deref()),
        ("crm", Some("Ana"))
    );
    let row = store.invocation(&"r7".into()).await.unwrap().unwrap();
    assert_eq!(row.invocation.team.as_str(), "sap");
    // The counters that quotas are checked against moved too.
    let (rules, day) = (rules(store).await, WindowKind::Day);
    let situation = store
        .situation(&[], &["sap".into(), "crm".into()], at(NOON), &rules)
        .await
        .unwrap();
    for (team, requests) in [("sap", 2), ("crm", 7)] {
        let scope = CounterScope::Team(team.into());
        let usage = situation.groups.iter().flat_map(|group| &group.usage);
        let usage = usage
            .filter(|usage| usage.scope == scope && usage.window.kind() == day)
            .map(|usage| usage.sums.requests);
        assert_eq!(usage.collect::<Vec<_>>(), [requests], "{team}");
    }
    let by_hour = store
        .usage_by_hour(&"ana".into(), jiff::civil::date(2026, 11, 20))
        .await
        .unwrap();
    let requests: i64 = by_hour.iter().map(|(.., sums)| sums.requests).sum();
    assert_eq!((by_hour.len(), requests), (8, 8));
}
