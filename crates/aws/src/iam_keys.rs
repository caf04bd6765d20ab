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

pub(crate) async fn active(
    client: &Client,
    user: &str,
    keys: &[KeyId],
) -> Result<Vec<KeyId>, EffectError> {
    let (bedrock, access): (Vec<&KeyId>, Vec<&KeyId>) =
        keys.iter().partition(|key| is_bedrock(key));
    let mut active = Vec::new();
    if !bedrock.is_empty() {
        active.extend(active_bedrock(client, user).await?);
    }
    if !access.is_empty() {
        active.extend(active_access(client, user).await?);
    }
    active.retain(|key| keys.contains(key));
    Ok(active)
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

async fn active_bedrock(client: &Client, user: &str) -> Result<Vec<KeyId>, EffectError> {
    let mut active = Vec::new();
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
        active.extend(
            keys.into_iter()
                .filter(|key| key.status == StatusType::Active)
                .map(|key| KeyId::new(key.service_specific_credential_id)),
        );
        marker = page.marker.filter(|_| page.is_truncated);
        if marker.is_none() {
            return Ok(active);
        }
    }
}

async fn active_access(client: &Client, user: &str) -> Result<Vec<KeyId>, EffectError> {
    let mut pages = client
        .list_access_keys()
        .user_name(user)
        .into_paginator()
        .send();
    let mut active = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| classify(format!("ListAccessKeys {user}"), &error))?;
        let keys = page.access_key_metadata.into_iter();
        active.extend(
            keys.filter(|key| key.status == Some(StatusType::Active))
                .filter_map(|key| key.access_key_id)
                .map(KeyId::new),
        );
    }
    Ok(active)
}

fn is_bedrock(key: &KeyId) -> bool {
    key.as_str().starts_with(SERVICE_SPECIFIC)
}
