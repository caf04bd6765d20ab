use super::*;
use crate::access::Denial;
use crate::block::Until;

const HOME: &str = "111122223333";
const INVOKE: &str = r#"{"Effect":"Allow","Action":"bedrock:InvokeModel*","Resource":"*"}"#;

fn of(statements: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)
}

fn lets(principal: &str) -> String {
    of(&format!(
        r#"{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{principal}}}"#
    ))
}

/// Who may use a role that invokes models and is trusted like this.
fn who(trust: &str) -> Vec<Who> {
    let policies = [of(INVOKE)];
    let role = Role {
        arn: "arn:aws:iam::111122223333:role/app",
        trust,
        policies: &policies,
    };
    let ways = around(&[role], &BTreeSet::from([HOME]));
    ways.into_iter().flat_map(|way| way.who).collect()
}

fn spends(statements: &str) -> bool {
    may_spend(&[of(statements)])
}

#[test]
fn a_role_that_users_of_the_account_may_assume_is_a_way() {
    let account = || Who::Account(HOME.to_owned());
    let ana = "arn:aws:iam::111122223333:user/eng/ana";
    for (principal, expected) in [
        (r#""*""#, vec![Who::Anybody]),
        (r#"{"AWS":"*"}"#, vec![Who::Anybody]),
        (
            r#"{"AWS":"arn:aws:iam::111122223333:root"}"#,
            vec![account()],
        ),
        (r#"{"AWS":"111122223333"}"#, vec![account()]),
        (
            r#"{"AWS":["arn:aws:iam::111122223333:user/eng/ana"]}"#,
            vec![Who::User(ana.to_owned())],
        ),
        (r#"{"AWS":"arn:aws:iam::999999999999:root"}"#, vec![]),
        (r#"{"AWS":"arn:aws:iam::999999999999:user/ana"}"#, vec![]),
        (r#"{"Service":"lambda.amazonaws.com"}"#, vec![]),
        (r#"{"Federated":"cognito-identity.amazonaws.com"}"#, vec![]),
        // Users who were deleted are named by their id.
        (r#"{"AWS":"AIDAEXAMPLE"}"#, vec![]),
    ] {
        assert_eq!(who(&lets(principal)), expected, "{principal}");
    }
}

#[test]
fn conditions_may_hold_and_denials_of_trust_may_not() {
    let condition = r#"{"Effect":"Allow","Action":"sts:*","Principal":{"AWS":"111122223333"},
        "Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}"#;
    assert_eq!(who(&of(condition)), [Who::Account(HOME.to_owned())]);
    let other = r#"{"Effect":"Allow","Action":"sts:TagSession","Principal":"*"}"#;
    assert_eq!(who(&of(other)), []);
    let denies = r#"{"Effect":"Deny","Action":"sts:AssumeRole","Principal":"*"}"#;
    assert_eq!(who(&of(denies)), []);
    assert_eq!(who("no policy"), []);
}

#[test]
fn only_roles_that_may_use_bedrock_are_ways() {
    for (statements, expected) in [
        (INVOKE, true),
        (r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#, true),
        (
            r#"{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}"#,
            true,
        ),
        (
            r#"{"Effect":"Allow","Action":["s3:*","BEDROCK:*"],"Resource":"*"}"#,
            true,
        ),
        (
            r#"{"Effect":"Allow","Action":"bedrock-mantle:Create*","Resource":"*"}"#,
            true,
        ),
        (
            r#"{"Effect":"Allow","Action":"bedrock:List*","Resource":"*"}"#,
            false,
        ),
        (
            r#"{"Effect":"Allow","NotAction":["bedrock*"],"Resource":"*"}"#,
            false,
        ),
        (
            r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#,
            false,
        ),
    ] {
        assert_eq!(spends(statements), expected, "{statements}");
    }
}

#[test]
fn a_deny_of_everything_closes_a_role_and_one_with_a_condition_does_not() {
    let everything = Denial {
        everything: Some(Until::Indefinite),
        ..Denial::default()
    };
    let denied = crate::policy_doc::user(&everything, "aws");
    let ours: serde_json::Value = serde_json::from_str(&denied).unwrap();
    let mut deny = ours["Statement"][0].clone();
    assert!(!spends(&format!("{INVOKE},{deny}")), "{deny}");
    deny["Condition"] = serde_json::json!({ "StringLike": { "aws:userid": "AROA:ana" } });
    assert!(spends(&format!("{INVOKE},{deny}")), "{deny}");
}

#[test]
fn a_role_may_lead_to_the_next() {
    let (nothing, invoke) = ([of("")], [of(INVOKE)]);
    let arn = |name: &str| format!("arn:aws:iam::111122223333:role/{name}");
    let (first, second, third) = (arn("first"), arn("second"), arn("third"));
    let root = lets(r#"{"AWS":"111122223333"}"#);
    let of_first = lets(&format!(r#"{{"AWS":"{first}"}}"#));
    let of_second = lets(&format!(r#"{{"AWS":"{second}"}}"#));
    let role = |arn, trust, policies| Role {
        arn,
        trust,
        policies,
    };
    let roles = [
        role(&*third, &*of_second, &invoke[..]),
        role(&second, &of_first, &nothing),
        role(&first, &root, &nothing),
    ];
    let ways = around(&roles, &BTreeSet::from([HOME]));
    let [way] = ways.as_slice() else {
        panic!("{ways:?}");
    };
    assert_eq!(way.role, third);
    assert_eq!(way.who, BTreeSet::from([Who::Through(second.clone())]));
}

#[test]
fn people_of_identity_center_go_through_the_role_of_their_permission_set() {
    let path =
        "role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Developer_0123456789abcdef";
    let theirs = format!("arn:aws:iam::{HOME}:{path}");
    let trust = lets(&format!(r#"{{"AWS":"{theirs}"}}"#));
    assert_eq!(who(&trust), [Who::Through(theirs)]);
    let other = r#"{"AWS":"arn:aws:iam::111122223333:role/deployer"}"#;
    assert_eq!(who(&lets(other)), []);
}
