//! What making denials real needs, and finding ways around them.

use super::{RightsOf, Statement};

/// `WeirSetUp` is for `weir enforce setup` and is to be taken away afterwards: who holds it and may attach
/// the policy could write anything into it.
pub(super) fn statements(of: &RightsOf) -> Vec<Statement> {
    let users = of.iam("user/*");
    let roles = of.iam("role/*");
    let ours = of.deny_policy();
    let mut all = vec![
        Statement::anywhere(
            "WeirReadsItsDenials",
            &[
                "iam:GetAccountAuthorizationDetails",
                "iam:GetRolePolicy",
                "iam:GetUserPolicy",
                "iam:ListAttachedUserPolicies",
                "iam:ListRolePolicies",
                "iam:ListUserPolicies",
            ],
        ),
        Statement::on(
            "WeirAttachesItsPolicyOnly",
            &["iam:AttachUserPolicy", "iam:DetachUserPolicy"],
            vec![users.clone()],
        )
        .only("ArnEquals", "iam:PolicyARN", vec![ours.clone()]),
        Statement::on(
            "WeirChecksItsPolicy",
            &["iam:GetPolicy", "iam:GetPolicyVersion"],
            vec![ours.clone()],
        ),
    ];
    if of.inline {
        all.push(Statement::on(
            "WeirWritesInlinePolicies",
            &[
                "iam:DeleteRolePolicy",
                "iam:DeleteUserPolicy",
                "iam:PutRolePolicy",
                "iam:PutUserPolicy",
            ],
            vec![users.clone(), roles],
        ));
    }
    all.push(Statement::on(
        "WeirSwitchesKeysOfTools",
        &[
            "iam:ListAccessKeys",
            "iam:ListServiceSpecificCredentials",
            "iam:UpdateAccessKey",
            "iam:UpdateServiceSpecificCredential",
        ],
        vec![users],
    ));
    let set_up = Statement::on(
        "WeirSetUp",
        &[
            "iam:CreatePolicy",
            "iam:CreatePolicyVersion",
            "iam:DeletePolicyVersion",
            "iam:ListPolicyVersions",
        ],
        vec![ours],
    );
    all.push(set_up.spare());
    all
}
