//! Keys of an IAM user: Bedrock API keys (service-specific credentials) and access keys (rules E6).
//! Ids only; no secret is ever read.

use aws_sdk_iam::Client;
use aws_sdk_iam::types::StatusType;
use weir_core::ids::KeyId;
use weir_engine::ports::EffectError;

use crate::error::classify;
use crate::iam_user::gone_is_done;

const BEDROCK: &str = "bedrock.amazonaws.com";
/// How ids of service-specific credentials begin.
const SERVICE_SPECIFIC: &str = "ACCA";

/// Those of the keys that are there, and whether each is active. An expired key can be neither
/// activated nor used: it counts as gone.
pub(crate) async fn found(
    client: &Client,
    user: &str,
    keys: &[KeyId],
) -> Result<Vec<(KeyId, bool)>, EffectError> {
    let (bedrock, access): (Vec<&KeyId>, Vec<&KeyId>) =
        keys.iter().partition(|key| is_bedrock(key));
    let mut found = Vec::new();
    if !bedrock.is_empty() {
        found.extend(bedrock_keys(client, user).await?);
    }
    if !access.is_empty() {
        found.extend(access_keys(client, user).await?);
    }
    found.retain(|(key, _)| keys.contains(key));
    Ok(found)
}

pub(crate) async fn set(
    client: &Client,
    user: &str,
    keys: &[KeyId],
    active: bool,
) -> Result<(), EffectError> {
    let status = if active {
        StatusType::Active
    } else {
        StatusType::Inactive
    };
    for key in keys {
        let sent = if is_bedrock(key) {
            client
                .update_service_specific_credential()
                .user_name(user)
                .service_specific_credential_id(key.as_str())
                .status(status.clone())
                .send()
                .await
                .map(drop)
                .map_err(|error| classify(format!("UpdateServiceSpecificCredential {key}"), &error))
        } else {
            client
                .update_access_key()
                .user_name(user)
                .access_key_id(key.as_str())
                .status(status.clone())
                .send()
                .await
                .map(drop)
                .map_err(|error| classify(format!("UpdateAccessKey {key}"), &error))
        };
        gone_is_done(sent)?;
    }
    Ok(())
}

async fn bedrock_keys(client: &Client, user: &str) -> Result<Vec<(KeyId, bool)>, EffectError> {
    let mut found = Vec::new();
    let mut marker = None;
    loop {
        let page = client
            .list_service_specific_credentials()
            .user_name(user)
            .service_name(BEDROCK)
            .set_marker(marker)
            .send()
            .await
            .map_err(|error| classify(format!("ListServiceSpecificCredentials {user}"), &error))?;
        let keys = page.service_specific_credentials.unwrap_or_default();
        found.extend(keys.into_iter().filter_map(|key| {
            let active = is_active(&key.status)?;
            Some((KeyId::new(key.service_specific_credential_id), active))
        }));
        marker = page.marker.filter(|_| page.is_truncated);
        if marker.is_none() {
            return Ok(found);
        }
    }
}

async fn access_keys(client: &Client, user: &str) -> Result<Vec<(KeyId, bool)>, EffectError> {
    let mut pages = client
        .list_access_keys()
        .user_name(user)
        .into_paginator()
        .send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| classify(format!("ListAccessKeys {user}"), &error))?;
        let keys = page.access_key_metadata.into_iter();
        found.extend(keys.filter_map(|key| {
            let active = is_active(key.status.as_ref()?)?;
            Some((KeyId::new(key.access_key_id?), active))
        }));
    }
    Ok(found)
}

/// `None` for a state that is neither: expired.
fn is_active(status: &StatusType) -> Option<bool> {
    match status {
        StatusType::Active => Some(true),
        StatusType::Inactive => Some(false),
        _ => None,
    }
}

fn is_bedrock(key: &KeyId) -> bool {
    key.as_str().starts_with(SERVICE_SPECIFIC)
}
