//! The rights of whoever hands out access with `weir user`, `group`, `policy` and `provision`: on users,
//! groups and policies under paths of ours, and nothing on the Deny itself. `weir serve` needs none of
//! them.

use weir_core::policy_doc::POLICY_PATH;
use weir_core::provision;

use super::{RightsOf, Statement};

pub(super) fn statements(of: &RightsOf) -> Vec<Statement> {
    let path = provision::PATH;
    let users = of.iam(&format!("user{path}*"));
    let groups = of.iam(&format!("group{path}*"));
    let roles = of.iam("role/*");
    let access = of.iam(&format!("policy{}*", provision::POLICY_PATH));
    let deny = of.iam(&format!("policy{POLICY_PATH}*"));
    let mfa = of.iam("mfa/*");
    vec![
        Statement::anywhere("WeirLooks", &LOOKS),
        Statement::on("WeirHandsOutUsers", &USERS, vec![users.clone()]),
        Statement::on(
            "WeirDeletesMfaDevices",
            &["iam:DeleteVirtualMFADevice"],
            vec![mfa],
        ),
        Statement::on("WeirHandsOutGroups", &GROUPS, vec![groups.clone()]),
        Statement::on("WeirHandsOutPolicies", &POLICIES, vec![access.clone()]),
        Statement::on(
            "WeirAttachesPolicies",
            &ATTACH,
            vec![users.clone(), groups, roles],
        )
        .only("ArnLike", "iam:PolicyARN", vec![access]),
        Statement::on(
            "WeirDeletesBlockedUsers",
            &["iam:DetachUserPolicy"],
            vec![users],
        )
        .only("ArnLike", "iam:PolicyARN", vec![deny]),
    ]
}

const ATTACH: [&str; 6] = [
    "iam:AttachGroupPolicy",
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:DetachGroupPolicy",
    "iam:DetachRolePolicy",
    "iam:DetachUserPolicy",
];

const LOOKS: [&str; 24] = [
    "bedrock:GetInferenceProfile",
    "iam:GetAccountAuthorizationDetails",
    "iam:GetGroup",
    "iam:GetGroupPolicy",
    "iam:GetLoginProfile",
    "iam:GetPolicy",
    "iam:GetPolicyVersion",
    "iam:GetUser",
    "iam:GetUserPolicy",
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

const USERS: [&str; 16] = [
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
    "iam:DeleteUserPermissionsBoundary",
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
