//! Managed policies of ours: made once, corrected when a release changes their text.

use aws_sdk_iam::Client;
use aws_sdk_iam::operation::create_policy::CreatePolicyError;
use weir_core::policy_doc;
use weir_engine::ports::{EffectError, EffectErrorKind, PolicyStep};

use crate::error::classify;

/// Versions a managed policy may have.
const MOST_VERSIONS: usize = 5;

/// Makes sure the policy is there and says what it must, or, without `write`, only looks what it needs.
pub(crate) async fn ensure(
    client: &Client,
    arn: &str,
    name: &str,
    write: bool,
) -> Result<PolicyStep, EffectError> {
    let version = match default_version(client, arn).await? {
        Some(version) => Some(version),
        None if !write || create(client, name, &policy_doc::managed()).await? => {
            return Ok(PolicyStep::Make);
        }
        // Somebody was faster.
        None => default_version(client, arn).await?,
    };
    let found = document(client, arn, &version.unwrap_or_default()).await?;
    // People of Identity Center who are denied beside it stay denied.
    let wanted = policy_doc::people::with_users(&found);
    if policy_doc::same(&found, &wanted) {
        return Ok(PolicyStep::Nothing);
    }
    if write {
        new_version(client, arn, &wanted).await?;
    }
    Ok(PolicyStep::Correct)
}

/// The text of a version.
pub(crate) async fn document(
    client: &Client,
    arn: &str,
    version: &str,
) -> Result<String, EffectError> {
    let answer = client
        .get_policy_version()
        .policy_arn(arn)
        .version_id(version)
        .send()
        .await
        .map_err(|error| classify(format!("GetPolicyVersion {arn}"), &error))?;
    let found = answer.policy_version.and_then(|version| version.document);
    Ok(decoded(&found.unwrap_or_default()))
}

/// Puts another text in force.
pub(crate) async fn new_version(client: &Client, arn: &str, text: &str) -> Result<(), EffectError> {
    make_room(client, arn).await?;
    client
        .create_policy_version()
        .policy_arn(arn)
        .policy_document(text)
        .set_as_default(true)
        .send()
        .await
        .map_err(|error| classify(format!("CreatePolicyVersion {arn}"), &error))?;
    Ok(())
}

/// The version in force; `None` if there is no such policy.
pub(crate) async fn default_version(
    client: &Client,
    arn: &str,
) -> Result<Option<String>, EffectError> {
    let sent = client.get_policy().policy_arn(arn).send().await;
    match sent.map_err(|error| classify(format!("GetPolicy {arn}"), &error)) {
        Ok(answer) => Ok(answer.policy.and_then(|policy| policy.default_version_id)),
        Err(error) if error.kind == EffectErrorKind::Gone => Ok(None),
        Err(error) => Err(error),
    }
}

/// Makes the policy; `false` if it is there by now.
pub(crate) async fn create(client: &Client, name: &str, text: &str) -> Result<bool, EffectError> {
    let sent = client
        .create_policy()
        .policy_name(name)
        .path(policy_doc::POLICY_PATH)
        .policy_document(text)
        .description(
            "Denies Amazon Bedrock to users whom Weir blocks. Attached and detached by Weir.",
        )
        .send()
        .await;
    match sent {
        Ok(_) => Ok(true),
        Err(error)
            if error
                .as_service_error()
                .is_some_and(CreatePolicyError::is_entity_already_exists_exception) =>
        {
            Ok(false)
        }
        Err(error) => Err(classify(format!("CreatePolicy {name}"), &error)),
    }
}

/// Deletes the oldest version that is not in force, if there is no room for another.
async fn make_room(client: &Client, arn: &str) -> Result<(), EffectError> {
    let mut pages = client
        .list_policy_versions()
        .policy_arn(arn)
        .into_paginator()
        .send();
    let mut versions = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| classify(format!("ListPolicyVersions {arn}"), &error))?;
        versions.extend(page.versions.unwrap_or_default());
    }
    if versions.len() < MOST_VERSIONS {
        return Ok(());
    }
    let number = |id: &str| id.trim_start_matches('v').parse::<u32>().unwrap_or(0);
    let spare = versions
        .iter()
        .filter(|version| !version.is_default_version);
    let oldest = spare
        .filter_map(|version| version.version_id())
        .min_by_key(|id| number(id));
    let Some(oldest) = oldest else { return Ok(()) };
    client
        .delete_policy_version()
        .policy_arn(arn)
        .version_id(oldest)
        .send()
        .await
        .map_err(|error| classify(format!("DeletePolicyVersion {arn} {oldest}"), &error))?;
    Ok(())
}

/// IAM returns documents percent-encoded (RFC 3986). What does not decode is taken as it is.
pub(crate) fn decoded(document: &str) -> String {
    let bytes = document.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let byte = match (bytes[at], bytes.get(at + 1..at + 3)) {
            (b'%', Some(hex)) => {
                let code = std::str::from_utf8(hex)
                    .ok()
                    .and_then(|hex| u8::from_str_radix(hex, 16).ok());
                at += if code.is_some() { 2 } else { 0 };
                code.unwrap_or(b'%')
            }
            (byte, _) => byte,
        };
        out.push(byte);
        at += 1;
    }
    String::from_utf8(out).unwrap_or_else(|_| document.to_owned())
}
