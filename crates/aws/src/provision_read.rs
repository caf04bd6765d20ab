//! Users and groups as IAM has them.

use std::collections::BTreeMap;

use aws_sdk_iam::Client;
use aws_sdk_iam::types::{EntityType, Tag};
use weir_core::provision::{FoundGroup, FoundMfa, FoundUser, TEAM_POLICY};
use weir_engine::ports::{EffectError, EffectErrorKind};

use crate::error::classify;
use crate::iam_setup::decoded;
use crate::provision::instant;
use crate::provision_keys;

/// All pages of a paginated read, as one list.
macro_rules! listed {
    ($request:expr, $what:expr, $items:ident) => {{
        let mut pages = $request.into_paginator().send();
        let mut all = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| classify($what, &error))?;
            all.extend(page.$items().iter().cloned());
        }
        all
    }};
}

pub(crate) async fn group(client: &Client, name: &str) -> Result<FoundGroup, EffectError> {
    let what = || format!("GetGroup {name}");
    let mut found = FoundGroup::default();
    let mut pages = client.get_group().group_name(name).into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| classify(what(), &error))?;
        if let Some(group) = page.group {
            (found.name, found.arn) = (group.group_name, group.arn);
        }
        let members = page.users.into_iter().map(|user| user.user_name);
        found.members.extend(members);
    }
    let request = client.list_group_policies().group_name(name);
    found.inline = listed!(request, format!("ListGroupPolicies {name}"), policy_names);
    if found.inline.iter().any(|policy| policy == TEAM_POLICY) {
        found.inline.retain(|policy| policy != TEAM_POLICY);
        let answer = client
            .get_group_policy()
            .group_name(name)
            .policy_name(TEAM_POLICY)
            .send()
            .await
            .map_err(|error| classify(format!("GetGroupPolicy {name} {TEAM_POLICY}"), &error))?;
        found.team_policy = Some(decoded(&answer.policy_document));
    }
    let request = client.list_attached_group_policies().group_name(name);
    let what = || format!("ListAttachedGroupPolicies {name}");
    let attached = listed!(request, what(), attached_policies);
    found.attached = arns(attached);
    found.members.sort();
    Ok(found)
}

pub(crate) async fn groups(client: &Client) -> Result<Vec<String>, EffectError> {
    let all = listed!(client.list_groups(), "ListGroups", groups);
    Ok(all.into_iter().map(|group| group.group_name).collect())
}

pub(crate) async fn user(client: &Client, name: &str) -> Result<FoundUser, EffectError> {
    let what = format!("GetUser {name}");
    let answer = client.get_user().user_name(name).send().await;
    let answer = answer.map_err(|error| classify(what.clone(), &error))?;
    let user = answer.user.ok_or_else(|| {
        EffectError::new(
            EffectErrorKind::Refused,
            what,
            "there is no user in the answer",
        )
    })?;
    let request = client.list_user_tags().user_name(name);
    let own_tags = listed!(request, format!("ListUserTags {name}"), tags);
    let request = client.list_groups_for_user().user_name(name);
    let groups = listed!(request, format!("ListGroupsForUser {name}"), groups);
    let request = client.list_user_policies().user_name(name);
    let inline = listed!(request, format!("ListUserPolicies {name}"), policy_names);
    let request = client.list_attached_user_policies().user_name(name);
    let what = || format!("ListAttachedUserPolicies {name}");
    let attached = listed!(request, what(), attached_policies);
    let (keys, other_credentials) = provision_keys::of(client, name).await?;
    Ok(FoundUser {
        created: instant(&user.create_date),
        name: user.user_name,
        arn: user.arn,
        stable_id: user.user_id,
        tags: tags(&own_tags),
        groups: groups.into_iter().map(|group| group.group_name).collect(),
        login: provision_keys::has_login(client, name).await?,
        keys,
        other_credentials,
        certificates: certificates(client, name).await?,
        ssh_keys: ssh_keys(client, name).await?,
        mfa: mfa(client, name).await?,
        inline,
        attached: arns(attached),
        boundary: user.permissions_boundary.is_some(),
    })
}

pub(crate) async fn inline_policy(
    client: &Client,
    user: &str,
    policy: &str,
) -> Result<String, EffectError> {
    let asked = client.get_user_policy().user_name(user).policy_name(policy);
    let what = || format!("GetUserPolicy {user} {policy}");
    let answer = asked.send().await;
    let answer = answer.map_err(|error| classify(what(), &error))?;
    Ok(decoded(answer.policy_document()))
}

/// All users, in few calls.
pub(crate) async fn users(client: &Client) -> Result<Vec<FoundUser>, EffectError> {
    let request = client
        .get_account_authorization_details()
        .filter(EntityType::User);
    let details = listed!(request, "GetAccountAuthorizationDetails", user_detail_list);
    let users = details.into_iter().map(|user| FoundUser {
        created: user.create_date().and_then(instant),
        tags: tags(user.tags()),
        groups: user.group_list().to_vec(),
        attached: arns(user.attached_managed_policies().to_vec()),
        inline: (user.user_policy_list().iter())
            .filter_map(|policy| policy.policy_name().map(str::to_owned))
            .collect(),
        boundary: user.permissions_boundary().is_some(),
        name: user.user_name.unwrap_or_default(),
        arn: user.arn.unwrap_or_default(),
        stable_id: user.user_id.unwrap_or_default(),
        ..FoundUser::default()
    });
    let mut users: Vec<_> = users.collect();
    users.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(users)
}

async fn certificates(client: &Client, name: &str) -> Result<Vec<String>, EffectError> {
    let request = client.list_signing_certificates().user_name(name);
    let all = listed!(
        request,
        format!("ListSigningCertificates {name}"),
        certificates
    );
    Ok(all.into_iter().map(|one| one.certificate_id).collect())
}

async fn ssh_keys(client: &Client, name: &str) -> Result<Vec<String>, EffectError> {
    let request = client.list_ssh_public_keys().user_name(name);
    let all = listed!(
        request,
        format!("ListSSHPublicKeys {name}"),
        ssh_public_keys
    );
    Ok(all.into_iter().map(|one| one.ssh_public_key_id).collect())
}

/// A virtual device is known by its ARN, a physical one by a serial number of its maker.
async fn mfa(client: &Client, name: &str) -> Result<Vec<FoundMfa>, EffectError> {
    let request = client.list_mfa_devices().user_name(name);
    let all = listed!(request, format!("ListMFADevices {name}"), mfa_devices);
    let all = all.into_iter().map(|one| FoundMfa {
        is_virtual: one.serial_number.contains(":mfa/"),
        serial: one.serial_number,
    });
    Ok(all.collect())
}

fn tags(all: &[Tag]) -> BTreeMap<String, String> {
    all.iter()
        .map(|tag| (tag.key().to_owned(), tag.value().to_owned()))
        .collect()
}

fn arns(all: Vec<aws_sdk_iam::types::AttachedPolicy>) -> Vec<String> {
    all.into_iter()
        .filter_map(|policy| policy.policy_arn)
        .collect()
}

pub(crate) use listed;
