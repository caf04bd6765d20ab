//! The rights Weir itself needs, and no more: `weir enforce setup --print`.

use serde_json::json;
use weir_core::policy_doc::POLICY_PATH;

/// The least-privilege policy for Weir's own principal. `account` is a twelve-digit id, or `*`;
/// `partition` is that of its ARNs: `aws`, `aws-us-gov`, `aws-cn`, `aws-eusc`.
/// Setting up needs the statement `WeirSetUp`, which may be taken away afterwards.
pub fn print_policy(partition: &str, account: &str, policy_name: &str) -> String {
    let ours = format!("arn:{partition}:iam::{account}:policy{POLICY_PATH}{policy_name}");
    let users = format!("arn:{partition}:iam::{account}:user/*");
    let roles = format!("arn:{partition}:iam::{account}:role/*");
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "WeirWhoIsWho",
                "Effect": "Allow",
                "Action": [
                    "iam:GetLoginProfile",
                    "iam:GetRole",
                    "iam:ListGroupsForUser",
                    "iam:ListRoleTags",
                    "iam:ListUserTags",
                    "bedrock:GetInferenceProfile",
                ],
                "Resource": "*",
            },
            {
                "Sid": "WeirReadsItsDenials",
                "Effect": "Allow",
                "Action": [
                    "iam:GetAccountAuthorizationDetails",
                    "iam:GetRolePolicy",
                    "iam:GetUserPolicy",
                    "iam:ListAttachedUserPolicies",
                    "iam:ListRolePolicies",
                    "iam:ListUserPolicies",
                ],
                "Resource": "*",
            },
            {
                "Sid": "WeirAttachesItsPolicyOnly",
                "Effect": "Allow",
                "Action": ["iam:AttachUserPolicy", "iam:DetachUserPolicy"],
                "Resource": users,
                "Condition": { "ArnEquals": { "iam:PolicyARN": ours } },
            },
            {
                "Sid": "WeirWritesInlinePolicies",
                "Effect": "Allow",
                "Action": [
                    "iam:DeleteRolePolicy",
                    "iam:DeleteUserPolicy",
                    "iam:PutRolePolicy",
                    "iam:PutUserPolicy",
                ],
                "Resource": [users, roles],
            },
            {
                "Sid": "WeirSwitchesKeysOfTools",
                "Effect": "Allow",
                "Action": [
                    "iam:ListAccessKeys",
                    "iam:ListServiceSpecificCredentials",
                    "iam:UpdateAccessKey",
                    "iam:UpdateServiceSpecificCredential",
                ],
                "Resource": users,
            },
            {
                "Sid": "WeirSetUp",
                "Effect": "Allow",
                "Action": [
                    "iam:CreatePolicy",
                    "iam:CreatePolicyVersion",
                    "iam:DeletePolicyVersion",
                    "iam:GetPolicy",
                    "iam:GetPolicyVersion",
                    "iam:ListPolicyVersions",
                ],
                "Resource": ours,
            },
        ],
    });
    format!("{policy:#}")
}
