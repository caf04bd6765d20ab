//! Documents that deny people of Identity Center: many people in one, spread over several where one
//! does not hold them all (rules E5).
//!
//! A person stays in the document that holds them already, so that making room for others or taking
//! others out never opens a gap: what is written follows from what is there and what is wanted, and
//! writing it again changes nothing.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Condition, SID, document, escape, everything, most, shared};
use crate::access::{Denial, Reach};

/// Roles that Identity Center makes; nobody else can make one there.
const ROLES: &str = "arn:*:iam::*:role/aws-reserved/sso.amazonaws.com/*";

/// The Sid of the statement that denies nobody: AWS takes no document without a statement.
const NOBODY: &str = "WeirBlockNobody";

/// How a document of ours looks to somebody who wants to know whether it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// All its statements are ours.
    Ours,
    /// This is not one of ours: the Sid, or what else is in its place.
    Others(String),
}

/// A denial of a person, as a document holds it.
pub type Denied = (Reach, Denial);

/// Who is denied by which document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// Of each document, sorted.
    pub parts: Vec<Vec<Denied>>,
    /// How many fit nowhere.
    pub left: usize,
}

/// The fixed statement of the policy that is attached to IAM users. It does not reach people of Identity
/// Center, whose permission sets refer to the same policy.
pub(super) fn for_iam_users() -> Value {
    let mut statement = everything(SID, None, None);
    statement["Condition"] = json!({ "ArnNotLike": { "aws:PrincipalArn": ROLES } });
    statement
}

/// The text of a document for these people. The first of an account's policies is attached to IAM
/// users, too, and carries the statement for them.
pub fn text(denied: &[Denied], partition: &str, is_first: bool) -> String {
    let mut statements = Vec::new();
    if is_first {
        statements.push(for_iam_users());
    }
    statements.extend(shared(denied, partition, true));
    if statements.is_empty() {
        statements.push(json!({
            "Sid": NOBODY, "Effect": "Deny", "Action": "bedrock:InvokeModel", "Resource": "*",
            "Condition": { "StringEquals": { "identitystore:userId": "nobody" } },
        }));
    }
    document(&statements)
}

/// The same document with the statement for IAM users as it must be.
pub fn with_users(found: &str) -> String {
    let mut statements = vec![for_iam_users()];
    statements.extend(
        all_statements(found)
            .into_iter()
            .filter(|statement| sid(statement) != Some(SID))
            .filter(is_deny_of_ours),
    );
    document(&statements)
}

/// Whose document this is. It is ours if every statement is a Deny with our Sid.
pub fn owner(found: &str) -> Owner {
    if serde_json::from_str::<Value>(found).is_err() {
        return Owner::Others("what is no JSON".to_owned());
    }
    let other = all_statements(found)
        .into_iter()
        .find(|statement| !is_deny_of_ours(statement));
    match other {
        None => Owner::Ours,
        Some(statement) => Owner::Others(match sid(&statement) {
            Some(sid) => format!("the statement `{sid}`"),
            None => "a statement without Sid".to_owned(),
        }),
    }
}

/// Whom a document of ours denies.
pub fn reaches(found: &str) -> BTreeSet<Reach> {
    let mut all = BTreeSet::new();
    let statements = all_statements(found).into_iter();
    for statement in statements.filter(|statement| sid(statement) != Some(NOBODY)) {
        if !is_deny_of_ours(&statement) {
            continue;
        }
        let of = |operator: &str, key: &str| {
            texts(&statement["Condition"][operator][key]).map(|text| escape::undone(&text))
        };
        all.extend(of("StringEquals", Condition::PERSON).map(Reach::Person));
        all.extend(of("StringLike", Condition::SESSION).map(Reach::Session));
    }
    all
}

/// Spreads people over documents. `may_grow` says of each document whether it may take somebody in;
/// `fits`, whether so many fit into it.
pub fn split(
    found: &[BTreeSet<Reach>],
    denied: &[Denied],
    may_grow: &[bool],
    fits: impl Fn(usize, &[Denied]) -> bool,
) -> Split {
    let mut parts = vec![Vec::new(); found.len()];
    let mut pool: Vec<Denied> = Vec::new();
    for one in denied {
        match found.iter().position(|known| known.contains(&one.0)) {
            Some(at) => parts[at].push(one.clone()),
            None => pool.push(one.clone()),
        }
    }
    for (at, part) in parts.iter_mut().enumerate() {
        part.sort_by(by_reach);
        let room = most(part.len(), |n| fits(at, &part[..n]));
        pool.extend(part.split_off(room));
    }
    pool.sort_by(by_reach);
    for (at, part) in parts.iter_mut().enumerate() {
        if !may_grow.get(at).copied().unwrap_or(false) {
            continue;
        }
        let with = |n: usize| {
            let mut all = part.clone();
            all.extend_from_slice(&pool[..n]);
            all.sort_by(by_reach);
            all
        };
        let room = most(pool.len(), |n| fits(at, &with(n)));
        *part = with(room);
        pool.drain(..room);
    }
    Split {
        left: pool.len(),
        parts,
    }
}

fn by_reach(a: &Denied, b: &Denied) -> std::cmp::Ordering {
    a.0.cmp(&b.0)
}

fn all_statements(found: &str) -> Vec<Value> {
    let mut document: Value = serde_json::from_str(found).unwrap_or_default();
    let statements = document.get_mut("Statement").map(Value::take);
    match statements.unwrap_or_default() {
        Value::Array(statements) => statements,
        Value::Null => Vec::new(),
        one => vec![one],
    }
}

fn sid(statement: &Value) -> Option<&str> {
    statement["Sid"].as_str()
}

fn is_deny_of_ours(statement: &Value) -> bool {
    statement["Effect"] == "Deny" && sid(statement).is_some_and(|sid| sid.starts_with(SID))
}

fn texts(value: &Value) -> impl Iterator<Item = String> {
    let all = match value {
        Value::Array(all) => all.clone(),
        Value::Null => Vec::new(),
        one => vec![one.clone()],
    };
    all.into_iter()
        .filter_map(|text| text.as_str().map(str::to_owned))
}

/// What a Deny of people is further conditioned on: a session name alone could be anybody's.
pub(super) fn within(reach: &Reach) -> Option<Value> {
    matches!(reach, Reach::Session(_)).then(|| json!({ "aws:PrincipalArn": ROLES }))
}

#[cfg(test)]
mod tests;
