//! Everything of ours in an account, by name and Sid: what `release-all` removes (rules E12).

use std::collections::BTreeSet;

use aws_sdk_iam::Client;
use aws_sdk_iam::types::{EntityType, PolicyDetail};
use serde_json::Value;
use weir_core::access::{TargetKey, TargetKind};
use weir_core::ids::AccountId;
use weir_core::policy_doc;
use weir_engine::ports::EffectError;

use crate::error::classify;
use crate::iam_setup::decoded;

pub(crate) async fn ours(
    client: &Client,
    account: &AccountId,
    managed_arn: &str,
    policy_name: &str,
) -> Result<Vec<TargetKey>, EffectError> {
    let mut found = BTreeSet::new();
    let key = |kind, id: &str| TargetKey {
        account: account.clone(),
        kind,
        id: id.to_owned(),
    };
    let mut pages = client
        .get_account_authorization_details()
        .filter(EntityType::User)
        .filter(EntityType::Role)
        .into_paginator()
        .send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| classify("GetAccountAuthorizationDetails", &error))?;
        for user in page.user_detail_list() {
            let attached = user
                .attached_managed_policies()
                .iter()
                .any(|policy| policy.policy_arn() == Some(managed_arn));
            if attached || has_ours(user.user_policy_list(), policy_name) {
                found.insert(key(
                    TargetKind::IamUser,
                    user.user_name().unwrap_or_default(),
                ));
            }
        }
        for role in page.role_detail_list() {
            if has_ours(role.role_policy_list(), policy_name) {
                found.insert(key(TargetKind::Role, role.role_name().unwrap_or_default()));
            }
        }
    }
    Ok(found.into_iter().collect())
}

fn has_ours(policies: &[PolicyDetail], name: &str) -> bool {
    policies.iter().any(|policy| {
        policy.policy_name() == Some(name)
            && policy
                .policy_document()
                .is_some_and(|text| is_ours(&decoded(text)))
    })
}

/// Whether a statement carries our Sid.
fn is_ours(text: &str) -> bool {
    let document: Value = serde_json::from_str(text).unwrap_or_default();
    let statements = match &document["Statement"] {
        Value::Array(statements) => statements.clone(),
        one => vec![one.clone()],
    };
    statements
        .iter()
        .filter_map(|statement| statement["Sid"].as_str())
        .any(|sid| sid.starts_with(policy_doc::SID))
}
