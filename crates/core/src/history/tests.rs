//! What stays and what does not, case by case.

use std::sync::Arc;

use super::*;
use crate::attribution::{Holder, Principal, PrincipalKind};
use crate::calendar::Zone;
use crate::evidence::{CallerFacts, Lookup, Sighting};
use crate::invocation::derive;
use crate::pricing::PriceBook;
use crate::record::{Client, Identity, Record, Source};
use crate::rulebook::{Settings, StoredRules};

fn rules(change: impl FnOnce(&mut StoredRules)) -> Rulebook {
    let mut stored = StoredRules::default();
    change(&mut stored);
    let zone = Zone::named("Europe/Madrid").unwrap();
    let prices = Arc::new(PriceBook::with(std::iter::empty()));
    Rulebook::new(Arc::new(Settings::default()), zone, prices, stored)
}

fn record(source: Source, stable_id: Option<&str>) -> Record {
    Record {
        request: "r".into(),
        source,
        at: "2026-11-20T11:00:00Z".parse().unwrap(),
        account: "1".into(),
        region: "eu-west-1".into(),
        operation: "Converse".into(),
        identity: Identity::IamUser {
            name: "ana".into(),
            stable_id: stable_id.map(ToOwned::to_owned),
        },
        model_sent: None,
        model_resource: None,
        inference_region: None,
        tokens: None,
        failure: None,
        tier: None,
        client: Client::default(),
        metadata: std::collections::BTreeMap::new(),
    }
}

fn seen(caller: Lookup<CallerFacts>) -> Evidence {
    let sighting = Sighting {
        caller,
        ..Sighting::default()
    };
    Evidence::of(record(Source::Log, None), sighting)
}

fn tagged(team: &str) -> Lookup<CallerFacts> {
    Lookup::Found(CallerFacts {
        team_tag: Some(team.into()),
        ..CallerFacts::default()
    })
}

/// Counted by one set of rules, completed by `more` under another.
fn completed(
    before: &Evidence,
    then: &Rulebook,
    more: impl FnOnce(&mut Evidence),
    now: &Rulebook,
) -> Invocation {
    let counted = derive(before, then).unwrap();
    let mut evidence = before.clone();
    more(&mut evidence);
    keep(derive(&evidence, now).unwrap(), &counted, before, now)
}

fn api_call(stable_id: &str) -> impl FnOnce(&mut Evidence) {
    let record = record(Source::ApiCall, Some(stable_id));
    move |evidence| evidence.add(record)
}

fn in_team(team: &'static str) -> impl FnOnce(&mut StoredRules) {
    let said = Person {
        team: Some(team.into()),
        ..Person::default()
    };
    move |stored| stored.people.push(("ana".into(), said))
}

fn ana() -> Principal {
    Principal {
        account: "1".into(),
        kind: PrincipalKind::IamUser,
        name: "ana".into(),
        session: None,
    }
}

#[test]
fn what_only_rules_changed_stays() {
    let (then, before) = (rules(|_| ()), seen(tagged("sap")));
    let kept = completed(&before, &then, api_call("A"), &rules(in_team("crm")));
    assert_eq!((kept.user.as_str(), kept.team.as_str()), ("ana", "sap"));
    assert_eq!(kept.caller.stable_id.as_deref(), Some("A"));
    let linked = rules(|stored| stored.links.push((ana(), "eva".into())));
    let kept = completed(&before, &then, api_call("A"), &linked);
    assert_eq!((kept.user.as_str(), kept.team.as_str()), ("ana", "sap"));
    // And what was told of the call all the same is the same as if all had come at once.
    let kept = completed(&before, &then, api_call("A"), &then);
    let mut at_once = before;
    api_call("A")(&mut at_once);
    assert_eq!(kept, derive(&at_once, &then).unwrap());
}

#[test]
fn what_evidence_changed_does_not_stay() {
    let then = rules(|_| ());
    // Nobody had been asked, and now AWS has answered.
    let answer = |evidence: &mut Evidence| evidence.sighting.caller = tagged("sap");
    let kept = completed(&seen(Lookup::NotAsked), &then, answer, &then);
    assert_eq!(kept.team.as_str(), "sap");
    // Nobody had answered: open, so today's word holds.
    let kept = completed(&seen(Lookup::Failed), &then, answer, &rules(in_team("crm")));
    assert_eq!((kept.team.as_str(), kept.unresolved), ("crm", false));
    // The id tells that another bore the name.
    let held = |stable_id: &str, user: &str, since: &str| Holder {
        stable_id: stable_id.into(),
        user: user.into(),
        since: since.parse().unwrap(),
        confirmed: false,
    };
    let two = rules(|stored| {
        for holder in [
            held("A", "ana", "2026-11-20T08:00:00Z"),
            held("B", "ana~B", "2026-11-20T10:00:00Z"),
        ] {
            stored.holders.push((ana(), holder));
        }
    });
    for (stable_id, user) in [("A", "ana"), ("B", "ana~B")] {
        let kept = completed(&seen(tagged("sap")), &then, api_call(stable_id), &two);
        assert_eq!(kept.user.as_str(), user);
    }
}

#[test]
fn an_administrator_may_attribute_anew() {
    let counted = derive(&seen(Lookup::Failed), &rules(|_| ())).unwrap();
    let mut anew = Reattribution {
        user: "ana".into(),
        since: counted.at,
        said: Person {
            team: Some("crm".into()),
            person: Some("Ana".into()),
            ..Person::default()
        },
    };
    let moved = anew.apply(&counted);
    assert_eq!((moved.team.as_str(), moved.unresolved), ("crm", false));
    assert_eq!(moved.caller.person.as_deref(), Some("Ana"));
    assert_eq!(anew.apply(&moved), moved);
    anew.user = "eva".into();
    assert_eq!(anew.apply(&counted), counted);
}
