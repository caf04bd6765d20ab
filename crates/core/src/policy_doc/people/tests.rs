use super::*;
use crate::block::Until;
use crate::policy_doc::{managed, same, size};

/// What IAM allows a managed policy.
const MANAGED: usize = 6_144;

fn denial() -> Denial {
    Denial {
        everything: Some(Until::At("2026-11-20T23:00:00Z".parse().unwrap())),
        ..Denial::default()
    }
}

fn person(number: usize) -> Denied {
    let id = format!("92670bc1c9-0000-4000-8000-{number:012}");
    (Reach::Person(id), denial())
}

fn people(count: usize) -> Vec<Denied> {
    (0..count).map(person).collect()
}

fn fits(at: usize, denied: &[Denied]) -> bool {
    size(&text(denied, "aws", at == 0)) <= MANAGED
}

fn spread(found: &[&str], denied: &[Denied]) -> Split {
    let known: Vec<_> = found.iter().map(|text| reaches(text)).collect();
    split(&known, denied, &vec![true; found.len()], fits)
}

fn written(split: &Split) -> Vec<String> {
    let parts = split.parts.iter().enumerate();
    parts.map(|(at, part)| text(part, "aws", at == 0)).collect()
}

#[test]
fn people_are_denied_by_their_directory_id_and_all_in_one_statement() {
    let text: Value = serde_json::from_str(&text(&people(2), "aws", true)).unwrap();
    let statements = text["Statement"].as_array().unwrap();
    assert_eq!(statements.len(), 2);
    assert_eq!(statements[1]["Effect"], "Deny");
    assert_eq!(
        statements[1]["Condition"],
        json!({
            "StringEquals": { "identitystore:userId": [
                "92670bc1c9-0000-4000-8000-000000000000", "92670bc1c9-0000-4000-8000-000000000001",
            ]},
            "DateLessThan": { "aws:CurrentTime": "2026-11-20T23:00:00Z" },
        })
    );
}

#[test]
fn people_are_found_again_whatever_they_are_called() {
    let named = |name: &str| (Reach::Session(format!("*:{name}")), denial());
    let all = ["*", "Ana@Example.com", "a?a", "${aws:userid}"].map(named);
    let text = text(&all, "aws", false);
    let found = reaches(&text);
    assert_eq!(found, all.iter().map(|(reach, _)| reach.clone()).collect());
    assert!(text.contains(r#""*:Ana@Example.com""#), "{text}");
}

#[test]
fn without_an_id_only_sessions_of_identity_center_are_meant() {
    let session = (Reach::Session("*:ana@example.com".to_owned()), denial());
    let text: Value = serde_json::from_str(&text(&[session], "aws", false)).unwrap();
    let condition = &text["Statement"][0]["Condition"];
    assert_eq!(
        condition["StringLike"]["aws:userid"],
        json!("*:ana@example.com")
    );
    assert_eq!(condition["ArnLike"]["aws:PrincipalArn"], json!(ROLES));
}

#[test]
fn the_statement_for_iam_users_does_not_reach_identity_center() {
    let text: Value = serde_json::from_str(&managed()).unwrap();
    let condition = json!({ "ArnNotLike": { "aws:PrincipalArn": ROLES } });
    assert_eq!(text["Statement"][0]["Condition"], condition);
    assert!(same(&managed(), &super::text(&[], "aws", true)));
}

#[test]
fn who_is_denied_is_read_back_from_the_text() {
    let session = (Reach::Session("*:ana".to_owned()), denial());
    let one = [person(1)];
    let both = [person(1), person(2), session];
    for denied in [&[][..], &one, &both] {
        for is_first in [true, false] {
            let known: BTreeSet<Reach> = denied.iter().map(|(reach, _)| reach.clone()).collect();
            assert_eq!(reaches(&text(denied, "aws", is_first)), known);
        }
    }
    for nonsense in [
        "",
        "{",
        r#"{"Statement":"x"}"#,
        r#"{"Statement":[1,{}]}"#,
        "[1]",
        "7",
    ] {
        assert_eq!(reaches(nonsense), BTreeSet::new(), "{nonsense}");
    }
}

#[test]
fn whoever_does_not_fit_goes_into_the_next_document_and_nobody_moves() {
    let nothing = [text(&[], "aws", true), text(&[], "aws", false)];
    let nothing: Vec<&str> = nothing.iter().map(String::as_str).collect();
    let all = people(200);
    let first = spread(&nothing, &all);
    assert_eq!(first.left, 0);
    assert!(first.parts[0].len() > 100, "{}", first.parts[0].len());
    assert_eq!(first.parts[0].len() + first.parts[1].len(), 200);
    let texts = written(&first);
    assert!(texts.iter().all(|text| size(text) <= MANAGED));
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    assert_eq!(
        spread(&texts, &all),
        first,
        "writing it again changes nothing"
    );

    // Half of the first document is allowed again: whoever is in the second stays there.
    let rest: Vec<_> = all[60..].to_vec();
    let then = spread(&texts, &rest);
    assert_eq!(then.parts[1], first.parts[1]);
    assert_eq!(then.parts[0], first.parts[0][60..]);

    // Somebody new takes the room.
    let mut more = rest;
    more.push(person(999));
    assert!(spread(&texts, &more).parts[0].contains(&person(999)));
}

#[test]
fn what_fits_nowhere_is_counted_and_the_others_are_denied() {
    let nothing = text(&[], "aws", true);
    let all = spread(&[&nothing], &people(200));
    assert_eq!(all.left, 200 - all.parts[0].len());
    assert!(fits(0, &all.parts[0]) && all.parts[0].len() > 100);
    let none = split(&[BTreeSet::new()], &people(3), &[false], fits);
    assert_eq!((none.left, none.parts), (3, vec![Vec::new()]));
}

#[test]
fn a_document_is_ours_if_all_its_statements_are() {
    let allow = r#"{"Statement":[{"Sid":"WeirBlock0","Effect":"Allow"}]}"#;
    let theirs = r#"{"Statement":{"Sid":"Theirs","Effect":"Deny"}}"#;
    let unnamed = r#"{"Statement":[{"Effect":"Deny"}]}"#;
    for (found, ours) in [
        (text(&people(3), "aws", false).as_str(), true),
        (&text(&[], "aws", false), true),
        (&managed(), true),
        (allow, false),
        (theirs, false),
        (unnamed, false),
        ("no JSON", false),
    ] {
        assert_eq!(owner(found) == Owner::Ours, ours, "{found}");
    }
    assert_eq!(
        owner(theirs),
        Owner::Others("the statement `Theirs`".to_owned())
    );
}

#[test]
fn the_statement_for_iam_users_is_corrected_and_people_stay_denied() {
    let old = text(&people(3), "aws", true).replace("bedrock:Rerank", "bedrock:Other");
    let new = with_users(&old);
    let exact: Value = serde_json::from_str(&managed()).unwrap();
    let found: Value = serde_json::from_str(&new).unwrap();
    assert_eq!(found["Statement"][0], exact["Statement"][0]);
    assert_eq!(reaches(&new).len(), 3);
    assert!(same(&with_users("nonsense"), &managed()));
    let right = text(&people(3), "aws", true);
    assert!(same(&with_users(&right), &right));
}
