//! What denying people of Identity Center needs (aws.md, 6.2): versions of our managed policies, which
//! permission sets reference, or the text of one SCP; and the directory that says who is who.

use super::{RightsOf, Statement};

pub(super) fn statements(of: &RightsOf) -> Vec<Statement> {
    let mut all = vec![Statement::anywhere(
        "WeirReadsTheDirectory",
        &[
            "identitystore:ListGroupMemberships",
            "identitystore:ListGroups",
            "identitystore:ListUsers",
            "sso:ListInstances",
        ],
    )];
    if let Some(scp) = &of.scp {
        all.push(Statement::on(
            "WeirWritesItsServiceControlPolicyOnly",
            &[
                "organizations:DescribePolicy",
                "organizations:ListTargetsForPolicy",
                "organizations:UpdatePolicy",
            ],
            vec![scp_arn(of, scp)],
        ));
    } else {
        // What is denied is split over further policies of ours when one is full.
        let ours = format!("{}*", of.deny_policy());
        all.push(Statement::on(
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
        ));
        all.push(Statement::anywhere(
            "WeirFindsRolesWithoutItsPolicy",
            &["iam:ListRoles"],
        ));
    }
    all
}

/// `p-…` as an ARN, which is of the management account.
fn scp_arn(of: &RightsOf, scp: &str) -> String {
    if scp.starts_with("arn:") {
        return scp.to_owned();
    }
    let partition = &of.partition;
    format!("arn:{partition}:organizations::*:policy/*/service_control_policy/{scp}")
}
