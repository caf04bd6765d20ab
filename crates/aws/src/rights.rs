//! The rights Weir itself needs, and no more: `weir enforce setup --print`.

use serde_json::{Value, json};
use weir_core::policy_doc::POLICY_PATH;
use weir_core::provision;
use weir_engine::metrics::NAMESPACES;
use weir_engine::ports::LogGroup;

use crate::sqs_queues::region_in;

/// The least-privilege policy for Weir's own principal. `account` is a twelve-digit id, or `*`;
/// `partition` is that of its ARNs: `aws`, `aws-us-gov`, `aws-cn`, `aws-eusc`.
/// Setting up needs the statement `WeirSetUp`, which may be taken away afterwards; so may
/// `WeirBackfills`, which only `weir ingest` needs, from S3, log groups and the event history. The
/// queues and log groups that a server reads have statements of their own, if there are any, and so
/// has putting figures into CloudWatch.
pub fn print_policy(
    partition: &str,
    account: &str,
    policy_name: &str,
    queues: &[String],
    log_groups: &[LogGroup],
    puts_figures: bool,
) -> String {
    let mut statements = enforcing(partition, account, policy_name);
    statements.extend(reading(partition, queues, log_groups));
    statements.extend(watching(puts_figures));
    let policy = json!({ "Version": "2012-10-17", "Statement": statements });
    format!("{policy:#}")
}

/// What is read, by `weir serve` and by `weir ingest`.
fn reading(partition: &str, queues: &[String], log_groups: &[LogGroup]) -> Vec<Value> {
    let mut statements = Vec::new();
    let allow = |sid: &str, actions: Value, resources: Value| json!({ "Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources });
    if !queues.is_empty() {
        let arns: Vec<_> = queues
            .iter()
            .map(|queue| queue_arn(partition, queue))
            .collect();
        let actions = json!([
            "sqs:ChangeMessageVisibility",
            "sqs:DeleteMessage",
            "sqs:ReceiveMessage",
        ]);
        statements.push(allow("WeirReadsItsQueues", actions, json!(arns)));
        let actions = json!(["s3:GetObject"]);
        statements.push(allow(
            "WeirReadsWhatQueuesName",
            actions,
            json!(format!("arn:{partition}:s3:::*/AWSLogs/*")),
        ));
    }
    if !log_groups.is_empty() {
        let arns = log_groups.iter().flat_map(|group| {
            let arn = group.as_str();
            [arn.to_owned(), format!("{arn}:*")]
        });
        let arns: Vec<_> = arns.collect();
        let actions = json!(["logs:FilterLogEvents"]);
        statements.push(allow("WeirFollowsItsLogGroups", actions, json!(arns)));
    }
    let actions = json!([
        "cloudtrail:LookupEvents",
        "logs:FilterLogEvents",
        "s3:GetObject",
        "s3:ListBucket",
    ]);
    statements.push(allow("WeirBackfills", actions, json!("*")));
    statements
}

/// What AWS counted, and our figures where they are put into CloudWatch. Neither knows resources.
fn watching(puts_figures: bool) -> Vec<Value> {
    let mut statements = vec![json!({
        "Sid": "WeirComparesWithCloudWatch",
        "Effect": "Allow",
        "Action": ["cloudwatch:GetMetricData"],
        "Resource": "*",
    })];
    if puts_figures {
        statements.push(json!({
            "Sid": "WeirPutsItsFigures",
            "Effect": "Allow",
            "Action": ["cloudwatch:PutMetricData"],
            "Resource": "*",
            "Condition": { "StringEquals": { "cloudwatch:namespace": NAMESPACES } },
        }));
    }
    statements
}

/// `https://sqs.REGION.amazonaws.com/ACCOUNT/NAME` as an ARN.
fn queue_arn(partition: &str, url: &str) -> String {
    let mut parts = url.rsplit('/');
    let name = parts.next().unwrap_or("*");
    let account = parts.next().unwrap_or("*");
    let region = region_in(url).unwrap_or("*");
    format!("arn:{partition}:sqs:{region}:{account}:{name}")
}

/// What making denials real needs, and saying who is who.
fn enforcing(partition: &str, account: &str, policy_name: &str) -> Vec<Value> {
    let ours = format!("arn:{partition}:iam::{account}:policy{POLICY_PATH}{policy_name}");
    let users = format!("arn:{partition}:iam::{account}:user/*");
    let roles = format!("arn:{partition}:iam::{account}:role/*");
    vec![
        json!({
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
        }),
        json!({
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
        }),
        json!({
            "Sid": "WeirAttachesItsPolicyOnly",
            "Effect": "Allow",
            "Action": ["iam:AttachUserPolicy", "iam:DetachUserPolicy"],
            "Resource": users,
            "Condition": { "ArnEquals": { "iam:PolicyARN": ours } },
        }),
        json!({
            "Sid": "WeirWritesInlinePolicies",
            "Effect": "Allow",
            "Action": [
                "iam:DeleteRolePolicy",
                "iam:DeleteUserPolicy",
                "iam:PutRolePolicy",
                "iam:PutUserPolicy",
            ],
            "Resource": [users, roles],
        }),
        json!({
            "Sid": "WeirSwitchesKeysOfTools",
            "Effect": "Allow",
            "Action": [
                "iam:ListAccessKeys",
                "iam:ListServiceSpecificCredentials",
                "iam:UpdateAccessKey",
                "iam:UpdateServiceSpecificCredential",
            ],
            "Resource": users,
        }),
        json!({
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
        }),
    ]
}

/// The rights of whoever hands out access with `weir user`, `group`, `policy` and `provision`: on
/// users, groups and policies under paths of ours, and nothing on the Deny itself. `weir serve` needs
/// none of them. Whoever holds them could grant anything to users under our path, through the policy of
/// a group: give them to people, with MFA, and not to a server.
pub fn print_operator_policy(partition: &str, account: &str) -> String {
    let path = provision::PATH;
    let users = format!("arn:{partition}:iam::{account}:user{path}*");
    let groups = format!("arn:{partition}:iam::{account}:group{path}*");
    let access = format!(
        "arn:{partition}:iam::{account}:policy{}*",
        provision::POLICY_PATH
    );
    let deny = format!("arn:{partition}:iam::{account}:policy{POLICY_PATH}*");
    let mfa = format!("arn:{partition}:iam::{account}:mfa/*");
    let allow = |sid: &str, actions: Value, resources: Value| json!({ "Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources });
    let mut attach = allow(
        "WeirAttachesPolicies",
        json!([
            "iam:AttachGroupPolicy",
            "iam:AttachUserPolicy",
            "iam:DetachGroupPolicy",
            "iam:DetachUserPolicy",
        ]),
        json!([users, groups]),
    );
    attach["Condition"] = json!({ "ArnLike": { "iam:PolicyARN": access } });
    let mut detach = allow(
        "WeirDeletesBlockedUsers",
        json!("iam:DetachUserPolicy"),
        json!(users),
    );
    detach["Condition"] = json!({ "ArnLike": { "iam:PolicyARN": deny } });
    let statements = json!([
        allow("WeirLooks", json!(LOOKS), json!("*")),
        allow("WeirHandsOutUsers", json!(USERS), json!(users)),
        allow(
            "WeirDeletesMfaDevices",
            json!("iam:DeleteVirtualMFADevice"),
            json!(mfa)
        ),
        allow("WeirHandsOutGroups", json!(GROUPS), json!(groups)),
        allow("WeirHandsOutPolicies", json!(POLICIES), json!(access)),
        attach,
        detach,
    ]);
    let policy = json!({ "Version": "2012-10-17", "Statement": statements });
    format!("{policy:#}")
}

const LOOKS: [&str; 23] = [
    "bedrock:GetInferenceProfile",
    "iam:GetAccountAuthorizationDetails",
    "iam:GetGroup",
    "iam:GetGroupPolicy",
    "iam:GetLoginProfile",
    "iam:GetPolicy",
    "iam:GetPolicyVersion",
    "iam:GetUser",
    "iam:ListAccessKeys",
    "iam:ListAttachedGroupPolicies",
    "iam:ListAttachedUserPolicies",
    "iam:ListEntitiesForPolicy",
    "iam:ListGroupPolicies",
    "iam:ListGroups",
    "iam:ListGroupsForUser",
    "iam:ListMFADevices",
    "iam:ListPolicies",
    "iam:ListPolicyVersions",
    "iam:ListSSHPublicKeys",
    "iam:ListServiceSpecificCredentials",
    "iam:ListSigningCertificates",
    "iam:ListUserPolicies",
    "iam:ListUserTags",
];

const USERS: [&str; 15] = [
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:CreateServiceSpecificCredential",
    "iam:CreateUser",
    "iam:DeactivateMFADevice",
    "iam:DeleteAccessKey",
    "iam:DeleteLoginProfile",
    "iam:DeleteSSHPublicKey",
    "iam:DeleteServiceSpecificCredential",
    "iam:DeleteSigningCertificate",
    "iam:DeleteUser",
    "iam:DeleteUserPolicy",
    "iam:TagUser",
    "iam:UpdateAccessKey",
    "iam:UpdateServiceSpecificCredential",
];

const GROUPS: [&str; 6] = [
    "iam:AddUserToGroup",
    "iam:CreateGroup",
    "iam:DeleteGroup",
    "iam:DeleteGroupPolicy",
    "iam:PutGroupPolicy",
    "iam:RemoveUserFromGroup",
];

const POLICIES: [&str; 4] = [
    "iam:CreatePolicy",
    "iam:CreatePolicyVersion",
    "iam:DeletePolicy",
    "iam:DeletePolicyVersion",
];
