//! Changes of IAM, one call each.

use std::collections::BTreeMap;

use aws_sdk_iam::Client;
use aws_sdk_iam::error::BuildError;
use aws_sdk_iam::types::{StatusType, Tag};
use weir_core::provision::{Change, Holder, KeyKind, PATH, POLICY_PATH};
use weir_engine::ports::{EffectError, EffectErrorKind, Performed};

use crate::provision::outcome;

const EXISTS: &str = "EntityAlreadyExists";
const GONE: &str = "NoSuchEntity";
/// No error says that there was nothing to do: what is repeated is done again.
const NEVER: &str = "";

pub(crate) async fn perform(client: &Client, change: &Change) -> Result<Performed, EffectError> {
    match change {
        Change::CreateGroup { .. }
        | Change::DeleteGroup { .. }
        | Change::PutGroupPolicy { .. }
        | Change::AddToGroup { .. }
        | Change::RemoveFromGroup { .. } => of_group(client, change).await,
        Change::CreateUser { user, tags } => create_user(client, user, tags).await,
        Change::SetTags { user, tags } => set_tags(client, user, tags).await,
        Change::DeleteUser { user } => {
            let sent = client.delete_user().user_name(user).send().await;
            outcome(format!("DeleteUser {user}"), sent, GONE)
        }
        Change::SetKey {
            user,
            key,
            kind,
            active,
        } => {
            let status = if *active {
                StatusType::Active
            } else {
                StatusType::Inactive
            };
            match kind {
                KeyKind::Bedrock => {
                    let request = client.update_service_specific_credential().user_name(user);
                    let request = request.service_specific_credential_id(key.as_str());
                    let sent = request.status(status).send().await;
                    outcome(
                        format!("UpdateServiceSpecificCredential {key}"),
                        sent,
                        NEVER,
                    )
                }
                KeyKind::AccessKey => {
                    let request = client.update_access_key().user_name(user);
                    let request = request.access_key_id(key.as_str());
                    let sent = request.status(status).send().await;
                    outcome(format!("UpdateAccessKey {key}"), sent, NEVER)
                }
            }
        }
        Change::CreatePolicy { .. }
        | Change::AddVersion { .. }
        | Change::DeleteVersion { .. }
        | Change::DeletePolicy { .. } => of_policy(client, change).await,
        Change::Attach { arn, to } => attach(client, arn, to).await,
        Change::Detach { arn, from } => detach(client, arn, from).await,
        Change::DeleteInline { policy, from } => delete_inline(client, policy, from).await,
        Change::DeleteLogin { .. }
        | Change::DeleteKey { .. }
        | Change::DeleteCredential { .. }
        | Change::DeleteCertificate { .. }
        | Change::DeleteSshKey { .. }
        | Change::DeactivateMfa { .. }
        | Change::DeleteVirtualMfa { .. }
        | Change::DeleteBoundary { .. } => take_credential(client, change).await,
    }
}

async fn of_group(client: &Client, change: &Change) -> Result<Performed, EffectError> {
    match change {
        Change::CreateGroup { group } => {
            let sent = client
                .create_group()
                .group_name(group)
                .path(PATH)
                .send()
                .await;
            outcome(format!("CreateGroup {group}"), sent, EXISTS)
        }
        Change::DeleteGroup { group } => {
            let sent = client.delete_group().group_name(group).send().await;
            outcome(format!("DeleteGroup {group}"), sent, GONE)
        }
        Change::PutGroupPolicy {
            group,
            policy,
            text,
        } => {
            let request = client.put_group_policy().group_name(group);
            let sent = request
                .policy_name(policy)
                .policy_document(text)
                .send()
                .await;
            outcome(format!("PutGroupPolicy {group} {policy}"), sent, NEVER)
        }
        Change::AddToGroup { user, group } => {
            let request = client.add_user_to_group().user_name(user);
            let sent = request.group_name(group).send().await;
            outcome(format!("AddUserToGroup {user} {group}"), sent, NEVER)
        }
        Change::RemoveFromGroup { user, group } => {
            let request = client.remove_user_from_group().user_name(user);
            let sent = request.group_name(group).send().await;
            outcome(format!("RemoveUserFromGroup {user} {group}"), sent, GONE)
        }
        other => Err(misplaced(other)),
    }
}

async fn create_user(
    client: &Client,
    user: &str,
    tags: &BTreeMap<String, String>,
) -> Result<Performed, EffectError> {
    let what = format!("CreateUser {user}");
    let tags = built(&what, tags)?;
    let request = client.create_user().user_name(user).path(PATH);
    let sent = request.set_tags(Some(tags)).send().await;
    outcome(what, sent, EXISTS)
}

async fn set_tags(
    client: &Client,
    user: &str,
    tags: &BTreeMap<String, String>,
) -> Result<Performed, EffectError> {
    let what = format!("TagUser {user}");
    let tags = built(&what, tags)?;
    let sent = client
        .tag_user()
        .user_name(user)
        .set_tags(Some(tags))
        .send()
        .await;
    outcome(what, sent, NEVER)
}

fn built(what: &str, tags: &BTreeMap<String, String>) -> Result<Vec<Tag>, EffectError> {
    let all = tags
        .iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build());
    let all: Result<_, BuildError> = all.collect();
    all.map_err(|error| EffectError::new(EffectErrorKind::Refused, what, error.to_string()))
}

async fn of_policy(client: &Client, change: &Change) -> Result<Performed, EffectError> {
    match change {
        Change::CreatePolicy {
            policy,
            text,
            description,
        } => {
            let request = client.create_policy().policy_name(policy).path(POLICY_PATH);
            let request = request.policy_document(text).description(description);
            outcome(
                format!("CreatePolicy {policy}"),
                request.send().await,
                EXISTS,
            )
        }
        Change::AddVersion { arn, text } => {
            let request = client.create_policy_version().policy_arn(arn);
            let sent = request
                .policy_document(text)
                .set_as_default(true)
                .send()
                .await;
            outcome(format!("CreatePolicyVersion {arn}"), sent, NEVER)
        }
        Change::DeleteVersion { arn, version } => {
            let request = client.delete_policy_version().policy_arn(arn);
            let sent = request.version_id(version).send().await;
            outcome(format!("DeletePolicyVersion {arn} {version}"), sent, GONE)
        }
        Change::DeletePolicy { arn } => {
            let sent = client.delete_policy().policy_arn(arn).send().await;
            outcome(format!("DeletePolicy {arn}"), sent, GONE)
        }
        other => Err(misplaced(other)),
    }
}

async fn attach(client: &Client, arn: &str, to: &Holder) -> Result<Performed, EffectError> {
    match to {
        Holder::User(name) => {
            let request = client.attach_user_policy().user_name(name);
            let sent = request.policy_arn(arn).send().await;
            outcome(format!("AttachUserPolicy {name}"), sent, NEVER)
        }
        Holder::Group(name) => {
            let request = client.attach_group_policy().group_name(name);
            let sent = request.policy_arn(arn).send().await;
            outcome(format!("AttachGroupPolicy {name}"), sent, NEVER)
        }
        Holder::Role(name) => {
            let request = client.attach_role_policy().role_name(name);
            let sent = request.policy_arn(arn).send().await;
            outcome(format!("AttachRolePolicy {name}"), sent, NEVER)
        }
    }
}

async fn detach(client: &Client, arn: &str, from: &Holder) -> Result<Performed, EffectError> {
    match from {
        Holder::User(name) => {
            let request = client.detach_user_policy().user_name(name);
            let sent = request.policy_arn(arn).send().await;
            outcome(format!("DetachUserPolicy {name}"), sent, GONE)
        }
        Holder::Group(name) => {
            let request = client.detach_group_policy().group_name(name);
            let sent = request.policy_arn(arn).send().await;
            outcome(format!("DetachGroupPolicy {name}"), sent, GONE)
        }
        Holder::Role(name) => {
            let request = client.detach_role_policy().role_name(name);
            let sent = request.policy_arn(arn).send().await;
            outcome(format!("DetachRolePolicy {name}"), sent, GONE)
        }
    }
}

async fn delete_inline(
    client: &Client,
    policy: &str,
    from: &Holder,
) -> Result<Performed, EffectError> {
    match from {
        Holder::User(name) => {
            let request = client.delete_user_policy().user_name(name);
            let sent = request.policy_name(policy).send().await;
            outcome(format!("DeleteUserPolicy {name} {policy}"), sent, GONE)
        }
        Holder::Group(name) => {
            let request = client.delete_group_policy().group_name(name);
            let sent = request.policy_name(policy).send().await;
            outcome(format!("DeleteGroupPolicy {name} {policy}"), sent, GONE)
        }
        Holder::Role(name) => {
            let request = client.delete_role_policy().role_name(name);
            let sent = request.policy_name(policy).send().await;
            outcome(format!("DeleteRolePolicy {name} {policy}"), sent, GONE)
        }
    }
}

/// Replaces or deletes an inline policy of a user.
pub(crate) async fn set_inline(
    client: &Client,
    (user, policy): (&str, &str),
    text: Option<&str>,
) -> Result<(), EffectError> {
    let Some(text) = text else {
        let holder = Holder::User(user.to_owned());
        return delete_inline(client, policy, &holder).await.map(drop);
    };
    let request = client.put_user_policy().user_name(user);
    let request = request.policy_name(policy).policy_document(text);
    let sent = request.send().await;
    outcome(format!("PutUserPolicy {user} {policy}"), sent, NEVER).map(drop)
}

async fn take_credential(client: &Client, change: &Change) -> Result<Performed, EffectError> {
    match change {
        Change::DeleteLogin { user } => {
            let sent = client.delete_login_profile().user_name(user).send().await;
            outcome(format!("DeleteLoginProfile {user}"), sent, GONE)
        }
        Change::DeleteKey { user, key, kind } if *kind == KeyKind::AccessKey => {
            let request = client.delete_access_key().user_name(user);
            let sent = request.access_key_id(key.as_str()).send().await;
            outcome(format!("DeleteAccessKey {key}"), sent, GONE)
        }
        Change::DeleteKey { user, key, .. } | Change::DeleteCredential { user, id: key } => {
            let request = client.delete_service_specific_credential().user_name(user);
            let request = request.service_specific_credential_id(key.as_str());
            outcome(
                format!("DeleteServiceSpecificCredential {key}"),
                request.send().await,
                GONE,
            )
        }
        Change::DeleteCertificate { user, id } => {
            let request = client.delete_signing_certificate().user_name(user);
            let sent = request.certificate_id(id).send().await;
            outcome(format!("DeleteSigningCertificate {id}"), sent, GONE)
        }
        Change::DeleteSshKey { user, id } => {
            let request = client.delete_ssh_public_key().user_name(user);
            let sent = request.ssh_public_key_id(id).send().await;
            outcome(format!("DeleteSSHPublicKey {id}"), sent, GONE)
        }
        Change::DeactivateMfa { user, serial } => {
            let request = client.deactivate_mfa_device().user_name(user);
            let sent = request.serial_number(serial).send().await;
            outcome(format!("DeactivateMFADevice {serial}"), sent, GONE)
        }
        Change::DeleteVirtualMfa { serial, .. } => {
            let request = client.delete_virtual_mfa_device();
            let sent = request.serial_number(serial).send().await;
            outcome(format!("DeleteVirtualMFADevice {serial}"), sent, GONE)
        }
        Change::DeleteBoundary { user } => {
            let sent = client
                .delete_user_permissions_boundary()
                .user_name(user)
                .send()
                .await;
            outcome(format!("DeleteUserPermissionsBoundary {user}"), sent, GONE)
        }
        other => Err(misplaced(other)),
    }
}

/// A change that came to the wrong place of this file.
fn misplaced(change: &Change) -> EffectError {
    EffectError::new(
        EffectErrorKind::Refused,
        change.to_string(),
        "it is not known here",
    )
}
