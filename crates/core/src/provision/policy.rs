//! Plans for customer managed policies.

use super::{Change, FoundPolicy, Holder, Plan};
use crate::policy_doc;

/// Versions a managed policy may have.
pub const VERSIONS: usize = 5;

/// Makes a policy, or another version of it the one in force; the oldest version makes room.
pub fn plan_policy(name: &str, text: &str, description: &str, found: Option<&FoundPolicy>) -> Plan {
    let mut plan = Plan::default();
    let Some(found) = found else {
        plan.aws(Change::CreatePolicy {
            policy: name.to_owned(),
            text: text.to_owned(),
            description: description.to_owned(),
        });
        return plan;
    };
    if policy_doc::same(&found.text, text) {
        plan.exists
            .push(format!("the policy {name} ({}), with this text", found.arn));
        return plan;
    }
    if found.versions.len() >= VERSIONS
        && let Some(version) = oldest(found)
    {
        plan.aws(Change::DeleteVersion {
            arn: found.arn.clone(),
            version: version.to_owned(),
        });
    }
    plan.aws(Change::AddVersion {
        arn: found.arn.clone(),
        text: text.to_owned(),
    });
    plan
}

fn oldest(found: &FoundPolicy) -> Option<&str> {
    let number = |id: &str| id.trim_start_matches('v').parse::<u32>().unwrap_or(0);
    let spare = found.versions.iter().filter(|(_, in_force)| !in_force);
    spare.map(|(id, _)| id.as_str()).min_by_key(|id| number(id))
}

/// Removes a policy from whoever holds it, then itself.
pub fn plan_policy_deletion(found: &FoundPolicy) -> Plan {
    let FoundPolicy {
        name: _,
        arn,
        description: _,
        text: _,
        versions,
        users,
        groups,
        roles,
    } = found;
    let mut plan = Plan::default();
    let holders = (users.iter().cloned().map(Holder::User))
        .chain(groups.iter().cloned().map(Holder::Group))
        .chain(roles.iter().cloned().map(Holder::Role));
    for from in holders {
        plan.aws(Change::Detach {
            arn: arn.clone(),
            from,
        });
    }
    for (version, _) in versions.iter().filter(|(_, in_force)| !in_force) {
        plan.aws(Change::DeleteVersion {
            arn: arn.clone(),
            version: version.clone(),
        });
    }
    plan.aws(Change::DeletePolicy { arn: arn.clone() });
    plan
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(plan: &Plan) -> Vec<String> {
        plan.steps.iter().map(ToString::to_string).collect()
    }

    fn found(versions: &[&str], in_force: &str) -> FoundPolicy {
        FoundPolicy {
            name: "reader".into(),
            arn: "arn:aws:iam::1:policy/weir/access/reader".into(),
            text: r#"{"a":1}"#.into(),
            versions: versions
                .iter()
                .map(|id| ((*id).to_owned(), *id == in_force))
                .collect(),
            users: vec!["ana".into()],
            groups: vec!["team_sap_group".into()],
            ..FoundPolicy::default()
        }
    }

    #[test]
    fn the_sixth_version_takes_the_place_of_the_oldest_that_is_not_in_force() {
        assert_eq!(
            lines(&plan_policy("reader", "{}", "", None)),
            ["make the policy reader"]
        );
        let same = plan_policy("reader", "{ \"a\": 1 }", "", Some(&found(&["v1"], "v1")));
        assert!(same.is_done());
        let few = plan_policy("reader", "{}", "", Some(&found(&["v1", "v2"], "v2")));
        assert_eq!(few.steps.len(), 1);
        let full = found(&["v10", "v9", "v8", "v7", "v3"], "v3");
        assert_eq!(
            lines(&plan_policy("reader", "{}", "", Some(&full))),
            [
                "delete the version v7 of the policy reader",
                "make another version of the policy reader the one in force",
            ]
        );
    }

    #[test]
    fn a_policy_leaves_whoever_holds_it_before_it_goes() {
        assert_eq!(
            lines(&plan_policy_deletion(&found(&["v1", "v2"], "v2"))),
            [
                "detach the policy reader from the user ana",
                "detach the policy reader from the group team_sap_group",
                "delete the version v1 of the policy reader",
                "delete the policy reader",
            ]
        );
    }
}
