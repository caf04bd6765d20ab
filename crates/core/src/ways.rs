//! Ways around a Deny: roles that somebody who is denied could assume, and that may use Bedrock
//! (aws.md, 6.2). A Deny on a user follows nobody into a role.
//!
//! This reads policies as IAM would, and where it cannot know it says that there is a way: conditions
//! may hold, resources may fit.

use std::collections::{BTreeMap, BTreeSet};

use crate::trust::{Document, Statement};

/// What spends, one action for each kind of route; in small letters.
const SPENDING: [&str; 8] = [
    "bedrock:invokemodel",
    "bedrock:invokemodelwithresponsestream",
    "bedrock:invokeagent",
    "bedrock:invokeinlineagent",
    "bedrock:invokeflow",
    "bedrock:retrieveandgenerate",
    "bedrock:createmodelinvocationjob",
    "bedrock-mantle:createinference",
];
const ASSUME: &str = "sts:assumerole";
/// The path of roles that Identity Center makes for its permission sets.
const IDENTITY_CENTER: &str = ":role/aws-reserved/sso.amazonaws.com/";

/// A role as it is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Role<'a> {
    /// Its ARN.
    pub arn: &'a str,
    /// Its trust policy, JSON text.
    pub trust: &'a str,
    /// Its policies, JSON texts.
    pub policies: &'a [String],
}

/// Who may assume a role.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// Anybody at all.
    Anybody,
    /// Whoever in that account may call `sts:AssumeRole`.
    Account(String),
    /// An IAM user, by ARN.
    User(String),
    /// Whoever may assume that role first, by ARN.
    Through(String),
}

/// A role with rights on Bedrock, and who may assume it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// The role, by ARN.
    pub role: String,
    /// Who.
    pub who: BTreeSet<Who>,
}

/// The roles, in order, that users of these accounts could assume to use Bedrock. What cannot be read
/// is no way: AWS would not read it either.
pub fn around(roles: &[Role<'_>], accounts: &BTreeSet<&str>) -> Vec<Way> {
    let mut open: BTreeMap<&str, BTreeSet<Who>> = BTreeMap::new();
    // People of Identity Center are in one of these: what denies them there does not follow them on.
    let of_people = |arn: &str| arn.contains(IDENTITY_CENTER);
    let trusted: Vec<(&Role<'_>, Vec<Trusted>)> = roles
        .iter()
        .map(|role| (role, trusts(role.trust)))
        .collect();
    for (role, trusted) in &trusted {
        let who: BTreeSet<Who> = trusted.iter().filter_map(|one| one.who(accounts)).collect();
        if !who.is_empty() {
            open.insert(role.arn, who);
        }
    }
    // A role that may be assumed may lead to the next.
    loop {
        let mut found: Vec<(&str, String)> = Vec::new();
        for (role, trusted) in trusted
            .iter()
            .filter(|(role, _)| !open.contains_key(role.arn))
        {
            let through = trusted.iter().find_map(|one| match one {
                Trusted::Role(arn) if open.contains_key(arn.as_str()) || of_people(arn) => {
                    Some(arn.clone())
                }
                _ => None,
            });
            found.extend(through.map(|through| (role.arn, through)));
        }
        if found.is_empty() {
            break;
        }
        for (role, through) in found {
            open.insert(role, BTreeSet::from([Who::Through(through)]));
        }
    }
    let spends = roles.iter().filter(|role| may_spend(role.policies));
    let ways = spends.filter_map(|role| {
        let who = open.get(role.arn)?.clone();
        let role = role.arn.to_owned();
        Some(Way { role, who })
    });
    ways.collect()
}

/// Whom a statement of a trust policy names, as far as it may be a person.
enum Trusted {
    Anybody,
    Account(String),
    User(String),
    Role(String),
}

impl Trusted {
    fn who(&self, accounts: &BTreeSet<&str>) -> Option<Who> {
        let account = |arn: &str| arn.split(':').nth(4).map(ToOwned::to_owned);
        let ours = |account: Option<String>| account.filter(|one| accounts.contains(one.as_str()));
        match self {
            Self::Anybody => Some(Who::Anybody),
            Self::Account(id) => ours(Some(id.clone())).map(Who::Account),
            Self::User(arn) => ours(account(arn)).map(|_| Who::User(arn.clone())),
            Self::Role(_) => None,
        }
    }
}

fn trusts(document: &str) -> Vec<Trusted> {
    let Ok(document) = serde_json::from_str::<Document>(document) else {
        return Vec::new();
    };
    let statements = document.statement.all().iter();
    let allows = statements.filter(|one| one.effect == "Allow" && one.is_about(ASSUME));
    allows.flat_map(principals).collect()
}

fn principals(statement: &Statement) -> Vec<Trusted> {
    let Some(principal) = &statement.principal else {
        // `NotPrincipal` with Allow: everybody but some.
        return vec![Trusted::Anybody];
    };
    let named = match principal {
        serde_json::Value::String(_) => principal,
        other => &other["AWS"],
    };
    let texts: Vec<&str> = match named {
        serde_json::Value::String(text) => vec![text],
        serde_json::Value::Array(texts) => {
            texts.iter().filter_map(serde_json::Value::as_str).collect()
        }
        _ => Vec::new(),
    };
    texts.into_iter().filter_map(trusted).collect()
}

fn trusted(text: &str) -> Option<Trusted> {
    if text == "*" {
        return Some(Trusted::Anybody);
    }
    if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Trusted::Account(text.to_owned()));
    }
    let account = text.split(':').nth(4)?;
    let what = text.split(':').nth(5)?;
    Some(match what.split('/').next()? {
        "root" => Trusted::Account(account.to_owned()),
        "user" => Trusted::User(text.to_owned()),
        "role" => Trusted::Role(text.to_owned()),
        _ => return None,
    })
}

/// Whether policies together allow any route: a Deny of all that has no condition closes one.
fn may_spend(policies: &[String]) -> bool {
    let documents: Vec<Document> = policies
        .iter()
        .filter_map(|text| serde_json::from_str(text).ok())
        .collect();
    let statements: Vec<&Statement> = documents
        .iter()
        .flat_map(|document| document.statement.all())
        .collect();
    let everywhere = |statement: &Statement| {
        let resources = statement.resource.as_ref();
        resources.is_some_and(|all| all.all().iter().any(|one| one == "*"))
    };
    SPENDING.iter().any(|action| {
        let about = |effect: &'static str| {
            let all = statements.iter();
            all.filter(move |one| one.effect == effect && one.is_about(action))
        };
        let denied = about("Deny").any(|one| one.condition.is_empty() && everywhere(one));
        about("Allow").next().is_some() && !denied
    })
}

#[cfg(test)]
mod tests;
