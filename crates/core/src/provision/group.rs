//! Plans for teams' groups.

use super::{Change, FoundGroup, Holder, Plan, TEAM_POLICY};
use crate::policy_doc;

/// Makes a group and its policy. With `replace`, a policy that says something else is written anew.
pub fn plan_group(group: &str, text: &str, found: Option<&FoundGroup>, replace: bool) -> Plan {
    let mut plan = Plan::default();
    match found {
        None => plan.aws(Change::CreateGroup {
            group: group.to_owned(),
        }),
        Some(found) => plan
            .exists
            .push(format!("the group {} ({})", found.name, found.arn)),
    }
    let write = Change::PutGroupPolicy {
        group: group.to_owned(),
        policy: TEAM_POLICY.to_owned(),
        text: text.to_owned(),
    };
    match found.and_then(|found| found.team_policy.as_deref()) {
        None => plan.aws(write),
        Some(known) if policy_doc::same(known, text) => {
            plan.exists
                .push(format!("its policy {TEAM_POLICY}, as wanted"));
        }
        Some(_) if replace => plan.aws(write),
        Some(_) => {
            let other = format!("its policy {TEAM_POLICY}, which says something else");
            plan.exists.push(other);
            plan.notes.push(format!(
                "the policy of {group} stays as it is: `weir group info` shows it, `weir group setup` \
                 changes it"
            ));
        }
    }
    plan
}

/// Removes a group with everything AWS demands first.
pub fn plan_group_deletion(found: &FoundGroup) -> Plan {
    let FoundGroup {
        name,
        arn: _,
        members,
        team_policy,
        inline,
        attached,
    } = found;
    let mut plan = Plan::default();
    let holder = || Holder::Group(name.clone());
    for user in members {
        plan.aws(Change::RemoveFromGroup {
            user: user.clone(),
            group: name.clone(),
        });
    }
    let ours = team_policy.iter().map(|_| TEAM_POLICY.to_owned());
    for policy in ours.chain(inline.iter().cloned()) {
        plan.aws(Change::DeleteInline {
            policy,
            from: holder(),
        });
    }
    for arn in attached {
        plan.aws(Change::Detach {
            arn: arn.clone(),
            from: holder(),
        });
    }
    plan.aws(Change::DeleteGroup {
        group: name.clone(),
    });
    plan
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::AccountId;
    use crate::provision::Grant;

    fn text() -> String {
        Grant::default().team_policy("aws", &AccountId::new("111122223333"))
    }

    fn lines(plan: &Plan) -> Vec<String> {
        plan.steps.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_group_is_made_once_and_a_half_made_one_is_finished() {
        let fresh = plan_group("team_sap_group", &text(), None, false);
        assert_eq!(
            lines(&fresh),
            [
                "make the group team_sap_group",
                "write the policy WeirTeam of the group team_sap_group",
            ]
        );
        let mut found = FoundGroup {
            name: "team_sap_group".into(),
            ..FoundGroup::default()
        };
        let half = plan_group("team_sap_group", &text(), Some(&found), false);
        assert_eq!(half.steps[..], fresh.steps[1..]);
        found.team_policy = Some(text());
        let done = plan_group("team_sap_group", &text(), Some(&found), false);
        assert!(done.is_done());
        assert_eq!(done.exists.len(), 2);
    }

    #[test]
    fn what_says_something_else_is_replaced_only_on_request() {
        let found = FoundGroup {
            name: "team_sap_group".into(),
            team_policy: Some("{}".into()),
            ..FoundGroup::default()
        };
        let kept = plan_group("team_sap_group", &text(), Some(&found), false);
        assert!(kept.is_done());
        assert!(kept.notes[0].contains("weir group setup"));
        let replaced = plan_group("team_sap_group", &text(), Some(&found), true);
        assert_eq!(replaced.steps.len(), 1);
    }

    #[test]
    fn everything_that_hinders_goes_before_the_group() {
        let found = FoundGroup {
            name: "team_sap_group".into(),
            members: vec!["ana".into(), "ben".into()],
            team_policy: Some(text()),
            inline: vec!["theirs".into()],
            attached: vec!["arn:aws:iam::aws:policy/ReadOnlyAccess".into()],
            ..FoundGroup::default()
        };
        assert_eq!(
            lines(&plan_group_deletion(&found)),
            [
                "take ana out of the group team_sap_group",
                "take ben out of the group team_sap_group",
                "delete the inline policy WeirTeam of the group team_sap_group",
                "delete the inline policy theirs of the group team_sap_group",
                "detach the policy ReadOnlyAccess from the group team_sap_group",
                "delete the group team_sap_group",
            ]
        );
    }
}
