//! Roles, with what they trust and allow: where ways around a Deny may be.

use std::collections::HashMap;

use aws_sdk_iam::Client;
use aws_sdk_iam::types::{EntityType, ManagedPolicyDetail, RoleDetail};
use weir_engine::ports::{EffectError, FoundRole};

use crate::accounts::Account;
use crate::error::classify;
use crate::iam_setup::decoded;

pub(crate) async fn all(account: &Account) -> Result<Vec<FoundRole>, EffectError> {
    let mut pages = Client::new(&account.config)
        .get_account_authorization_details()
        .filter(EntityType::Role)
        .filter(EntityType::LocalManagedPolicy)
        .filter(EntityType::AwsManagedPolicy)
        .into_paginator()
        .send();
    let mut roles = Vec::new();
    let mut texts = HashMap::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| classify("GetAccountAuthorizationDetails", &error))?;
        texts.extend(page.policies.unwrap_or_default().iter().filter_map(text));
        roles.extend(page.role_detail_list.unwrap_or_default());
    }
    let found = roles.into_iter().map(|role| found(account, role, &texts));
    Ok(found.collect())
}

/// The ARN of a managed policy, and its text in force.
fn text(policy: &ManagedPolicyDetail) -> Option<(String, String)> {
    let arn = policy.arn.clone()?;
    let in_force = policy.default_version_id();
    let versions = policy.policy_version_list();
    let version = versions
        .iter()
        .find(|version| version.is_default_version || version.version_id() == in_force)?;
    Some((arn, decoded(version.document()?)))
}

fn found(account: &Account, role: RoleDetail, texts: &HashMap<String, String>) -> FoundRole {
    let inline = role.role_policy_list.unwrap_or_default().into_iter();
    let inline = inline.filter_map(|policy| policy.policy_document);
    let attached = role.attached_managed_policies.unwrap_or_default();
    let attached = attached.into_iter().filter_map(|policy| policy.policy_arn);
    let managed = attached.filter_map(|arn| texts.get(&arn).cloned());
    let trust = role.assume_role_policy_document.unwrap_or_default();
    FoundRole {
        account: account.id.clone(),
        name: role.role_name.unwrap_or_default(),
        arn: role.arn.unwrap_or_default(),
        trust: decoded(&trust),
        policies: inline
            .map(|document| decoded(&document))
            .chain(managed)
            .collect(),
    }
}
