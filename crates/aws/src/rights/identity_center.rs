//! What denying people of Identity Center needs (aws.md, 6.2): versions of our managed policies, which
//! permission sets reference, or the text of one SCP; and the directory that says who is who.

use super::{PeopleBy, RightsOf, Statement};

pub(super) fn statements(of: &RightsOf) -> Vec<Statement> {
    let directory = of.reads_directory.then(|| {
        Statement::anywhere(
            "WeirReadsTheDirectory",
            &[
                "identitystore:ListGroupMemberships",
                "identitystore:ListGroups",
                "identitystore:ListUsers",
                "sso:ListInstances",
            ],
        )
    });
    let denies = match &of.people {
        PeopleBy::Policy => versions_of_policies(of),
        PeopleBy::Scp(scp) => vec![Statement::on(
            "WeirWritesItsServiceControlPolicyOnly",
            &[
                "organizations:DescribePolicy",
                "organizations:ListTargetsForPolicy",
                "organizations:UpdatePolicy",
            ],
            vec![scp_arn(of, scp)],
        )],
        PeopleBy::Elsewhere => Vec::new(),
    };
    directory.into_iter().chain(denies).collect()
}

/// What is denied is split over further policies of ours when one is full.
fn versions_of_policies(of: &RightsOf) -> Vec<Statement> {
    let ours = format!("{}*", of.deny_policy());
    vec![
        Statement::on(
            "WeirWritesVersionsOfItsPolicies",
            &[
                "iam:CreatePolicy",
                "iam:CreatePolicyVersion",
                "iam:DeletePolicyVersion",
                "iam:GetPolicy",
                "iam:GetPolicyVersion",
                "iam:ListEntitiesForPolicy",
                "iam:ListPolicyVersions",
            ],
            vec![ours],
        ),
        Statement::anywhere("WeirFindsRolesWithoutItsPolicy", &["iam:ListRoles"]),
    ]
}

/// `p-…` as an ARN, which is of the management account.
fn scp_arn(of: &RightsOf, scp: &str) -> String {
    if scp.starts_with("arn:") {
        return scp.to_owned();
    }
    let partition = &of.partition;
    format!("arn:{partition}:organizations::*:policy/*/service_control_policy/{scp}")
}
