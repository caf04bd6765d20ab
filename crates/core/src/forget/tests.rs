use std::sync::Arc;

use super::*;
use crate::calendar::Zone;
use crate::evidence::{CallerFacts, Sighting};
use crate::pricing::PriceBook;
use crate::record::{Record, Source};
use crate::rulebook::{Rulebook, Settings, StoredRules};

fn ana() -> Names {
    let names = ["ana", "Ana López", "ana@example.com", "AIDA1", "ana--cline"];
    Names::new(
        &UserId::new("ana"),
        &pseudonym(0xbee),
        names.map(str::to_owned),
    )
}

#[test]
fn a_name_goes_where_it_stands_alone() {
    for (before, now) in [
        ("user:ana", "user:forgotten/00000bee"),
        (
            "ana left, says ANA.",
            "forgotten/00000bee left, says forgotten/00000bee.",
        ),
        (
            "arn:aws:iam::1:user/eng/ana",
            "arn:aws:iam::1:user/eng/forgotten/00000bee",
        ),
        (
            "ANA LÓPEZ (AIDA1)",
            "forgotten/00000bee (forgotten/00000bee)",
        ),
        (
            "to ana@example.com, ana--cline",
            "to forgotten/00000bee, forgotten/00000bee",
        ),
        (
            r#"{"quota":"user:ana","who":["ana"],"ana":1}"#,
            r#"{"forgotten/00000bee":1,"quota":"user:forgotten/00000bee","who":["forgotten/00000bee"]}"#,
        ),
    ] {
        assert_eq!(ana().replace(before).as_deref(), Some(now), "{before}");
        assert_eq!(ana().replace(now), None, "{now}");
    }
}

#[test]
fn who_only_has_a_part_of_the_name_keeps_it() {
    for text in [
        "hanna",
        "ana.diaz",
        "ana@example.org",
        "x-ana",
        "ana~AIDA2",
        "team:ana",
        "quota:team-defaults:ana/requests",
        "anaé",
        r#"{"team":"ana","tool":"ana"}"#,
        "",
        "{",
        "ana_b",
    ] {
        assert_eq!(ana().replace(text), None, "{text}");
    }
}

fn call(identity: Identity) -> (Invocation, Evidence) {
    let record = Record {
        request: "r".into(),
        source: Source::ApiCall,
        at: jiff::Timestamp::UNIX_EPOCH,
        account: "111122223333".into(),
        region: "eu-west-1".into(),
        operation: "Converse".into(),
        identity,
        model_sent: Some("m".into()),
        model_resource: None,
        inference_region: None,
        tokens: None,
        failure: Some(Failure {
            code: "AccessDenied".into(),
            message: Some("ana may not".into()),
        }),
        tier: None,
        client: Client {
            source_ip: Some("192.0.2.7".into()),
            user_agent: Some("curl/8".into()),
            access_key: Some("AKIA1".into()),
            bearer: true,
        },
        metadata: [("by".to_owned(), "ana".to_owned())].into(),
    };
    let facts = CallerFacts {
        email: Some("ana@example.com".into()),
        ..CallerFacts::default()
    };
    let sighting = Sighting {
        caller: Lookup::Found(facts),
        ..Sighting::default()
    };
    let evidence = Evidence::of(record, sighting);
    let rules = Rulebook::new(
        Arc::new(Settings::default()),
        Zone::named("Europe/Madrid").unwrap(),
        Arc::new(PriceBook::with(Vec::new())),
        StoredRules::default(),
    );
    let invocation = crate::invocation::derive(&evidence, &rules).unwrap();
    (invocation, evidence)
}

#[test]
fn of_an_own_call_only_what_it_was_and_cost_stays() {
    let (invocation, evidence) = call(Identity::IamUser {
        name: "ana".into(),
        stable_id: Some("AIDA1".into()),
    });
    let (erased, left) = ana().erase(&invocation, &evidence);
    let shown = format!("{erased:?} {left:?}").to_lowercase();
    for gone in [
        "\"ana",
        "ana@",
        "aida1",
        "192.0.2.7",
        "curl/8",
        "akia1",
        "may not",
    ] {
        assert!(!shown.contains(gone), "{gone}: {shown}");
    }
    assert_eq!(erased.user.as_str(), "forgotten/00000bee");
    assert_eq!(erased.caller.user, erased.user);
    assert!(erased.client.bearer);
    let kept = Invocation {
        user: invocation.user.clone(),
        caller: invocation.caller.clone(),
        client: invocation.client.clone(),
        failure: invocation.failure.clone(),
        unresolved: invocation.unresolved,
        ..erased.clone()
    };
    assert_eq!(kept, invocation, "nothing else changed");
    assert_eq!(ana().erase(&erased, &left), (erased, left), "once");
}

#[test]
fn a_call_of_somebody_else_only_names_the_user_no_more() {
    let session = |session: &str| Identity::RoleSession {
        role: "Dev".into(),
        session: session.into(),
        stable_id: Some("AROA1".into()),
        source_identity: None,
    };
    let (invocation, evidence) = call(session("ana@example.com"));
    let (erased, left) = ana().erase(&invocation, &evidence);
    assert_eq!(
        (&erased.user, &erased.client),
        (&invocation.user, &invocation.client)
    );
    let record = left.api_call.unwrap();
    assert_eq!(record.identity, session("forgotten/00000bee"));
    assert_eq!(record.metadata["by"], "forgotten/00000bee");
    let (invocation, evidence) = call(session("ben"));
    let record = ana().erase(&invocation, &evidence).1.api_call.unwrap();
    assert_eq!(record.identity, session("ben"));
}
