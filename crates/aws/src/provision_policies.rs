//! Customer managed policies as IAM has them.

use aws_sdk_iam::Client;
use aws_sdk_iam::types::PolicyScopeType;
use weir_core::provision::FoundPolicy;
use weir_engine::ports::{EffectError, EffectErrorKind, PolicyLine};

use crate::error::classify;
use crate::iam_setup::decoded;
use crate::provision::instant;
use crate::provision_read::listed;

pub(crate) async fn one(client: &Client, arn: &str) -> Result<FoundPolicy, EffectError> {
    let what = format!("GetPolicy {arn}");
    let answer = client.get_policy().policy_arn(arn).send().await;
    let answer = answer.map_err(|error| classify(what.clone(), &error))?;
    let policy = answer.policy.ok_or_else(|| {
        EffectError::new(
            EffectErrorKind::Refused,
            what,
            "there is no policy in the answer",
        )
    })?;
    let request = client.list_policy_versions().policy_arn(arn);
    let versions = listed!(request, format!("ListPolicyVersions {arn}"), versions);
    let in_force = policy.default_version_id.clone().unwrap_or_default();
    let answer = client
        .get_policy_version()
        .policy_arn(arn)
        .version_id(&in_force)
        .send()
        .await
        .map_err(|error| classify(format!("GetPolicyVersion {arn} {in_force}"), &error))?;
    let text = answer.policy_version.and_then(|version| version.document);
    let mut found = FoundPolicy {
        name: policy.policy_name.unwrap_or_default(),
        arn: arn.to_owned(),
        description: policy.description,
        text: decoded(&text.unwrap_or_default()),
        versions: versions
            .into_iter()
            .filter_map(|version| Some((version.version_id?, version.is_default_version)))
            .collect(),
        ..FoundPolicy::default()
    };
    holders(client, &mut found).await?;
    Ok(found)
}

async fn holders(client: &Client, found: &mut FoundPolicy) -> Result<(), EffectError> {
    let request = client.list_entities_for_policy().policy_arn(&found.arn);
    let mut pages = request.into_paginator().send();
    while let Some(page) = pages.next().await {
        let what = format!("ListEntitiesForPolicy {}", found.arn);
        let page = page.map_err(|error| classify(what, &error))?;
        let users = page.policy_users().iter();
        let users = users.filter_map(|user| user.user_name().map(str::to_owned));
        found.users.extend(users);
        let groups = page.policy_groups().iter();
        let groups = groups.filter_map(|group| group.group_name().map(str::to_owned));
        found.groups.extend(groups);
        let roles = page.policy_roles().iter();
        let roles = roles.filter_map(|role| role.role_name().map(str::to_owned));
        found.roles.extend(roles);
    }
    Ok(())
}

pub(crate) async fn all(client: &Client) -> Result<Vec<PolicyLine>, EffectError> {
    let request = client.list_policies().scope(PolicyScopeType::Local);
    let all = listed!(request, "ListPolicies", policies);
    let lines = all.into_iter().map(|policy| PolicyLine {
        updated: policy.update_date.as_ref().and_then(instant),
        attachments: policy
            .attachment_count
            .and_then(|count| u32::try_from(count).ok())
            .unwrap_or_default(),
        name: policy.policy_name.unwrap_or_default(),
        arn: policy.arn.unwrap_or_default(),
        version: policy.default_version_id.unwrap_or_default(),
    });
    Ok(lines.collect())
}
