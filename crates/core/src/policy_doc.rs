//! The text of a Deny: what closes every inference route (rules E3; aws.md, "Blocking").
//!
//! Naming actions that do not exist closes nothing, so the list is of those that IAM checks:
//! `Converse` is guarded by `InvokeModel`, mantle has a prefix of its own, and a bearer key needs
//! `CallWithBearerToken`.

mod escape;
pub mod people;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::access::{Denial, Reach};
use crate::block::Until;
use crate::ids::ModelId;
use crate::model;

/// Every statement of ours begins with this.
pub const SID: &str = "WeirBlock";

/// The name of our policies, and the default name of the managed one.
pub const POLICY_NAME: &str = "WeirBlock";

/// The path of our managed policy.
pub const POLICY_PATH: &str = "/weir/";

/// Actions that spend on inference, on both planes.
const ROUTES: [&str; 10] = [
    "bedrock:Invoke*",
    "bedrock:CallWithBearerToken",
    "bedrock:Retrieve*",
    "bedrock:AgenticRetrieve*",
    "bedrock:Rerank",
    "bedrock:StartFlowExecution",
    "bedrock:Create*Job",
    "bedrock:CreateProvisionedModelThroughput",
    "bedrock-mantle:Create*",
    "bedrock-mantle:CallWithBearerToken",
];

/// Of those, what AWS checks against the model that is called: a batch job names its foundation model among its
/// resources, beside the job (Amazon Bedrock User Guide, "Required permissions for batch inference").
const MODEL_ROUTES: [&str; 2] = ["bedrock:Invoke*", "bedrock:CreateModelInvocationJob"];

/// The fixed managed policy that is attached to denied users: no user, no end in it. Whoever comes
/// through Identity Center is named beside it ([`people`]), and not meant by it.
pub fn managed() -> String {
    document(&[people::for_iam_users()])
}

/// An inline policy for one principal. A block with an end carries it, so that a Deny cannot
/// outlive Weir.
pub fn user(denial: &Denial, partition: &str) -> String {
    document(&statements(SID, denial, None, partition))
}

/// One inline policy on a role, for all its denied sessions. Those that are denied the same until
/// the same instant share their statements; statements are numbered by position.
pub fn role(denied: &[(Reach, Denial)], partition: &str) -> String {
    document(&shared(denied, partition, false))
}

/// Statements for many; `of_people` are those who come through Identity Center.
fn shared(denied: &[(Reach, Denial)], partition: &str, of_people: bool) -> Vec<Value> {
    let mut groups: Vec<(Option<Condition>, &Denial)> = Vec::new();
    for (reach, denial) in denied {
        let condition = condition(reach, of_people);
        let same = groups.iter_mut().find(|(known, of)| {
            *of == denial
                && known.as_ref().map(Condition::what) == condition.as_ref().map(Condition::what)
        });
        match (same, condition) {
            (Some((Some(known), _)), Some(one)) => known.values.extend(one.values),
            (Some(_), _) => {}
            (None, condition) => groups.push((condition, denial)),
        }
    }
    groups
        .iter()
        .enumerate()
        .flat_map(|(i, (condition, denial))| {
            statements(&format!("{SID}{i}"), denial, condition.as_ref(), partition)
        })
        .collect()
}

/// How many of these, from the first, fit into so many characters of a role's policy.
pub fn most_that_fit(denied: &[(Reach, Denial)], partition: &str, room: usize) -> usize {
    most(denied.len(), |n| {
        size(&role(&denied[..n], partition)) <= room
    })
}

/// The largest number, up to `all`, that still fits.
fn most(all: usize, fits: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, all);
    while low < high {
        let middle = (low + high).div_ceil(2);
        if fits(middle) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    low
}

/// The same policy, whatever the white space and the order of keys.
pub fn same(a: &str, b: &str) -> bool {
    match (
        serde_json::from_str::<Value>(a),
        serde_json::from_str::<Value>(b),
    ) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    }
}

/// Characters that count against IAM's limits: all but white space.
pub fn size(document: &str) -> usize {
    document.chars().filter(|c| !c.is_whitespace()).count()
}

fn document(statements: &[Value]) -> String {
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

fn statements(
    sid: &str,
    denial: &Denial,
    condition: Option<&Condition>,
    partition: &str,
) -> Vec<Value> {
    let mut all = Vec::new();
    if let Some(until) = denial.everything {
        all.push(everything(sid, condition, until.instant()));
    }
    for (i, (until, models)) in by_end(&denial.models).into_iter().enumerate() {
        all.push(models_on_mantle(
            &format!("{sid}Mantle{i}"),
            &models,
            condition,
            until.instant(),
        ));
        let arns = models
            .iter()
            .flat_map(|model| model::deny_arns(partition, model));
        all.push(models_only(
            &format!("{sid}Model{i}"),
            &arns.collect::<Vec<_>>(),
            condition,
            until.instant(),
        ));
    }
    all
}

fn by_end(models: &BTreeMap<ModelId, Until>) -> BTreeMap<Until, Vec<&ModelId>> {
    let mut ends: BTreeMap<Until, Vec<&ModelId>> = BTreeMap::new();
    for (model, until) in models {
        ends.entry(*until).or_default().push(model);
    }
    ends
}

fn everything(sid: &str, condition: Option<&Condition>, until: Option<Timestamp>) -> Value {
    let statement = json!({ "Sid": sid, "Effect": "Deny", "Action": ROUTES, "Resource": "*" });
    conditioned(statement, condition, until)
}

fn models_only(
    sid: &str,
    arns: &[String],
    condition: Option<&Condition>,
    until: Option<Timestamp>,
) -> Value {
    let statement =
        json!({ "Sid": sid, "Effect": "Deny", "Action": MODEL_ROUTES, "Resource": arns });
    conditioned(statement, condition, until)
}

/// Mantle has no model resources: its models are told apart by a condition key.
fn models_on_mantle(
    sid: &str,
    models: &[&ModelId],
    condition: Option<&Condition>,
    until: Option<Timestamp>,
) -> Value {
    let ids: Vec<&str> = models.iter().map(|model| model.as_str()).collect();
    let statement = json!({
        "Sid": sid, "Effect": "Deny", "Action": "bedrock-mantle:CreateInference", "Resource": "*",
    });
    let mut statement = conditioned(statement, condition, until);
    let mut both = statement["Condition"]
        .take()
        .as_object()
        .cloned()
        .unwrap_or_default();
    let equals = both.entry("StringEquals").or_insert_with(|| json!({}));
    equals["bedrock-mantle:Model"] = json!(ids);
    statement["Condition"] = Value::Object(both);
    statement
}

fn conditioned(
    mut statement: Value,
    condition: Option<&Condition>,
    until: Option<Timestamp>,
) -> Value {
    let mut all = serde_json::Map::new();
    if let Some(condition) = condition {
        let values = match condition.values.first() {
            Some(one) if condition.values.len() == 1 => json!(one),
            _ => json!(condition.values),
        };
        all.insert(
            condition.operator.to_owned(),
            json!({ condition.key: values }),
        );
        if let Some(within) = &condition.within {
            all.insert("ArnLike".to_owned(), within.clone());
        }
    }
    if let Some(until) = until {
        // Whole seconds, rounded up: never a moment short.
        let nanos = until.subsec_nanosecond();
        let second = until.as_second() + i64::from(nanos > 0);
        let end = Timestamp::from_second(second).unwrap_or(until);
        all.insert(
            "DateLessThan".to_owned(),
            json!({ "aws:CurrentTime": end.strftime("%Y-%m-%dT%H:%M:%SZ").to_string() }),
        );
    }
    if !all.is_empty() {
        statement["Condition"] = Value::Object(all);
    }
    statement
}

/// Whom a statement is about.
struct Condition {
    operator: &'static str,
    key: &'static str,
    values: BTreeSet<String>,
    /// What the principal's ARN must be like, too.
    within: Option<Value>,
}

impl Condition {
    const SESSION: &str = "aws:userid";
    const PERSON: &str = "identitystore:userId";

    fn what(&self) -> (&'static str, &'static str) {
        (self.operator, self.key)
    }
}

fn condition(reach: &Reach, of_people: bool) -> Option<Condition> {
    let (operator, key, value) = match reach {
        Reach::Whole => return None,
        Reach::Session(userid) => ("StringLike", Condition::SESSION, escape::userid(userid)),
        Reach::Person(id) => ("StringEquals", Condition::PERSON, escape::plain(id)),
        Reach::SourceIdentity(source) => {
            let source = escape::plain(source);
            ("StringEquals", "aws:SourceIdentity", source)
        }
    };
    Some(Condition {
        operator,
        key,
        values: BTreeSet::from([value]),
        within: of_people.then(|| people::within(reach)).flatten(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn until(text: &str) -> Until {
        Until::At(text.parse().unwrap())
    }

    #[test]
    fn the_managed_policy_closes_every_route_and_fits() {
        let text = managed();
        for route in ROUTES {
            assert!(text.contains(route), "{route}");
        }
        assert!(size(&text) < 2_048);
    }

    #[test]
    fn a_deny_for_one_principal_ends_by_itself() {
        let denial = Denial {
            everything: Some(until("2026-11-20T23:00:00.5Z")),
            ..Denial::default()
        };
        assert!(
            user(&denial, "aws")
                .contains(r#""DateLessThan":{"aws:CurrentTime":"2026-11-20T23:00:01Z"}"#)
        );
        let forever = Denial {
            everything: Some(Until::Indefinite),
            ..Denial::default()
        };
        assert!(!user(&forever, "aws").contains("Condition"));
    }

    #[test]
    fn sessions_share_one_policy_and_are_told_apart() {
        let denial = Denial {
            everything: Some(Until::Indefinite),
            ..Denial::default()
        };
        let both = [
            (Reach::Session("AROA1:ana".into()), denial.clone()),
            (Reach::SourceIdentity("bob".into()), denial),
        ];
        let text = role(&both, "aws");
        assert!(text.contains(r#""StringLike":{"aws:userid":"AROA1:ana"}"#));
        assert!(text.contains(r#""StringEquals":{"aws:SourceIdentity":"bob"}"#));
        assert!(text.contains("WeirBlock0") && text.contains("WeirBlock1"));
    }

    #[test]
    fn a_name_is_never_a_pattern() {
        let denial = Denial {
            everything: Some(Until::Indefinite),
            ..Denial::default()
        };
        for (reach, written) in [
            (Reach::Session("*:*".into()), "*:${*}"),
            (Reach::Session("*:a?a".into()), "*:a${?}a"),
            (
                Reach::Session("*:${aws:userid}".into()),
                "*:${$}{aws:userid}",
            ),
            (Reach::Session("AROA*:ana".into()), "AROA${*}:ana"),
            (Reach::Session("*".into()), "${*}"),
            (
                Reach::Person("${identitystore:userId}".into()),
                "${$}{identitystore:userId}",
            ),
            (
                Reach::SourceIdentity("${aws:SourceIdentity}".into()),
                "${$}{aws:SourceIdentity}",
            ),
            // In an operator without patterns these are letters like others.
            (Reach::SourceIdentity("*?".into()), "*?"),
        ] {
            let text: Value =
                serde_json::from_str(&role(&[(reach, denial.clone())], "aws")).unwrap();
            let condition = text["Statement"][0]["Condition"].as_object().unwrap();
            let keys = condition.values().next().unwrap().as_object().unwrap();
            assert_eq!(keys.values().next().unwrap(), written);
        }
    }

    #[test]
    fn a_model_is_denied_on_both_planes() {
        let models = [("amazon.nova-lite-v1:0".into(), Until::Indefinite)].into();
        let denial = Denial {
            everything: None,
            models,
        };
        let text = user(&denial, "aws");
        assert!(user(&denial, "aws-cn").contains("arn:aws-cn:bedrock:*::foundation-model/"));
        assert!(text.contains("foundation-model/amazon.nova-lite-v1:0"));
        let document: Value = serde_json::from_str(&text).unwrap();
        let of_model = &document["Statement"][1];
        assert_eq!(
            of_model["Action"],
            json!(["bedrock:Invoke*", "bedrock:CreateModelInvocationJob"]),
            "a batch job is a call of its model"
        );
        assert!(
            text.contains(r#""StringEquals":{"bedrock-mantle:Model":["amazon.nova-lite-v1:0"]}"#)
        );
        assert!(
            !text.contains(r#""Sid":"WeirBlock","#),
            "nothing else is denied"
        );
    }

    /// So many sessions, denied until the same instant.
    fn sessions(count: usize) -> Vec<(Reach, Denial)> {
        let denial = Denial {
            everything: Some(until("2026-11-20T23:00:00Z")),
            ..Denial::default()
        };
        let session = |i| Reach::Session(format!("AROAEXAMPLEEXAMPLE12:person-{i:04}"));
        (0..count).map(|i| (session(i), denial.clone())).collect()
    }

    #[test]
    fn sessions_that_are_denied_the_same_share_a_statement() {
        let mut all = sessions(200);
        assert!(size(&role(&all, "aws")) < 10_240, "two hundred fit");
        all.push((
            Reach::Whole,
            Denial {
                everything: Some(Until::Indefinite),
                ..Denial::default()
            },
        ));
        let text: Value = serde_json::from_str(&role(&all, "aws")).unwrap();
        let statements = text["Statement"].as_array().unwrap();
        assert_eq!(statements.len(), 2, "the role as a whole is another matter");
        let named = &statements[0]["Condition"]["StringLike"]["aws:userid"];
        assert_eq!(named.as_array().unwrap().len(), 200);
        assert!(statements[1].get("Condition").is_none());
    }

    #[test]
    fn as_many_sessions_as_fit_are_counted() {
        let all = sessions(400);
        let fit = most_that_fit(&all, "aws", 10_240);
        assert!((200..400).contains(&fit), "{fit}");
        assert!(size(&role(&all[..fit], "aws")) <= 10_240);
        assert!(size(&role(&all[..=fit], "aws")) > 10_240);
        assert_eq!(most_that_fit(&all, "aws", 10), 0);
        assert_eq!(most_that_fit(&all[..5], "aws", 10_240), 5);
    }

    #[test]
    fn white_space_and_key_order_do_not_matter() {
        assert!(same(r#"{"a":1, "b":[2]}"#, r#"{ "b" : [2], "a":1}"#));
        assert!(!same(r#"{"a":1}"#, r#"{"a":2}"#));
        assert!(!same("not json", "not json"));
    }
}
