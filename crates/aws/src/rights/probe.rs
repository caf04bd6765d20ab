//! What IAM is asked about to find rights that are missing, and those that nobody needs.

use std::collections::BTreeSet;

use weir_engine::ports::Feature;

use super::{RightsOf, Statement, statements};

/// A name that stands for any where a document says `*`.
const ANY: &str = "weir-probe";

/// One question: may we do any of these there?
pub(crate) struct Probe {
    pub(crate) actions: Vec<String>,
    pub(crate) resource: String,
    /// The key and value of a condition.
    pub(crate) context: Option<(&'static str, String)>,
    /// What it is, for people, where it is no more than the actions.
    pub(crate) said: Option<&'static str>,
}

/// What the documents of these features allow, without what may be taken away.
pub(crate) fn needed(features: &[Feature], of: &RightsOf) -> Vec<Probe> {
    let all = statements(features, of);
    let kept = all.iter().filter(|statement| !statement.spare);
    kept.flat_map(probes).collect()
}

fn probes(statement: &Statement) -> Vec<Probe> {
    let context = statement.condition.as_ref();
    let context = context.and_then(|one| {
        let value = one.values.first()?;
        Some((one.key, value.replace('*', ANY)))
    });
    let several = statement.resources.len() > 1;
    let probes = statement.resources.iter().map(|resource| {
        // Where a statement names users, roles and groups, each action is for one of them.
        let kind = kind_of(resource).filter(|_| several);
        let fits = |action: &&&str| kind.is_none_or(|kind| action.contains(kind));
        let actions = statement.actions.iter().filter(fits);
        Probe {
            actions: actions.map(ToString::to_string).collect(),
            resource: sample(resource),
            context: context.clone(),
            said: None,
        }
    });
    probes.filter(|probe| !probe.actions.is_empty()).collect()
}

fn kind_of(resource: &str) -> Option<&'static str> {
    let kinds = [(":user/", "User"), (":role/", "Role"), (":group/", "Group")];
    let found = kinds.iter().find(|(part, _)| resource.contains(part));
    found.map(|(_, kind)| *kind)
}

fn sample(resource: &str) -> String {
    if resource == "*" {
        return resource.to_owned();
    }
    resource.replace('*', ANY).replace('?', "x")
}

/// What would let somebody take the account, spend, or cover their tracks, and what the features that
/// are not wanted would allow: nothing that a server should hold.
pub(crate) fn beyond(features: &[Feature], of: &RightsOf) -> Vec<Probe> {
    let wanted: BTreeSet<_> = statements(features, of)
        .iter()
        .flat_map(|one| one.actions.clone())
        .collect();
    let others: Vec<_> = Feature::ALL
        .into_iter()
        .filter(|feature| !features.contains(feature))
        .collect();
    let mut all: Vec<Probe> = Vec::new();
    for statement in statements(&others, of) {
        for mut probe in probes(&statement) {
            probe
                .actions
                .retain(|action| is_write(action) && !wanted.contains(action.as_str()));
            all.push(probe);
        }
    }
    let partition = &of.partition;
    let admin = (
        "iam:PolicyARN",
        format!("arn:{partition}:iam::aws:policy/AdministratorAccess"),
    );
    for (action, resource) in [
        ("iam:AttachUserPolicy", of.iam("user/weir-probe")),
        ("iam:AttachRolePolicy", of.iam("role/weir-probe")),
        ("iam:AttachGroupPolicy", of.iam("group/weir-probe")),
    ] {
        all.push(Probe {
            actions: vec![action.to_owned()],
            resource,
            context: Some(admin.clone()),
            said: Some("of any policy"),
        });
    }
    all.push(Probe {
        actions: vec!["iam:CreatePolicyVersion".to_owned()],
        resource: of.iam("policy/weir-probe"),
        context: None,
        said: Some("of any policy"),
    });
    for (action, resource) in [
        ("iam:PassRole", of.iam("role/weir-probe")),
        ("iam:UpdateAssumeRolePolicy", of.iam("role/weir-probe")),
        ("bedrock:InvokeModel", "*".to_owned()),
        (
            "bedrock:DeleteModelInvocationLoggingConfiguration",
            "*".to_owned(),
        ),
        ("cloudtrail:StopLogging", "*".to_owned()),
        ("s3:DeleteObject", "*".to_owned()),
    ] {
        all.push(Probe {
            actions: vec![action.to_owned()],
            resource,
            context: None,
            said: None,
        });
    }
    all.retain(|probe| !probe.actions.is_empty());
    all
}

fn is_write(action: &str) -> bool {
    let verb = action.split_once(':').map_or(action, |(_, verb)| verb);
    let reads = [
        "Get", "List", "Describe", "Lookup", "Filter", "Receive", "Simulate",
    ];
    !reads.iter().any(|read| verb.starts_with(read))
}
