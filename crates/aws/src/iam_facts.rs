//! Tags, groups, console passwords and trust policies (rules A3, A7, A10, E10).

use aws_sdk_iam::Client;
use aws_sdk_iam::types::Tag;
use weir_core::evidence::CallerFacts;
use weir_engine::ports::{EffectError, EffectErrorKind};

use crate::error::classify;
use crate::iam_setup::decoded;

pub(crate) async fn of_user(client: &Client, name: &str) -> Result<CallerFacts, EffectError> {
    let mut pages = client
        .list_user_tags()
        .user_name(name)
        .into_paginator()
        .send();
    let mut tags = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| classify(format!("ListUserTags {name}"), &error))?;
        tags.extend(page.tags);
    }
    let groups = groups(client, name).await?;
    let login_profile = has_password(client, name).await?;
    Ok(CallerFacts {
        groups,
        login_profile,
        ..of_tags(&tags)
    })
}

pub(crate) async fn of_role(client: &Client, name: &str) -> Result<CallerFacts, EffectError> {
    let mut pages = client
        .list_role_tags()
        .role_name(name)
        .into_paginator()
        .send();
    let mut tags = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| classify(format!("ListRoleTags {name}"), &error))?;
        tags.extend(page.tags);
    }
    Ok(of_tags(&tags))
}

pub(crate) async fn trust_policy(client: &Client, role: &str) -> Result<String, EffectError> {
    let what = format!("GetRole {role}");
    let answer = client.get_role().role_name(role).send().await;
    let answer = answer.map_err(|error| classify(what.clone(), &error))?;
    let document = answer
        .role
        .and_then(|role| role.assume_role_policy_document);
    let document = document.ok_or_else(|| {
        EffectError::new(
            EffectErrorKind::Refused,
            what,
            "there is no trust policy in the answer",
        )
    })?;
    Ok(decoded(&document))
}

async fn groups(client: &Client, name: &str) -> Result<Vec<String>, EffectError> {
    let mut pages = client
        .list_groups_for_user()
        .user_name(name)
        .into_paginator()
        .send();
    let mut groups = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| classify(format!("ListGroupsForUser {name}"), &error))?;
        groups.extend(page.groups.into_iter().map(|group| group.group_name));
    }
    Ok(groups)
}

/// The user was found a moment ago: what is missing is the password.
async fn has_password(client: &Client, name: &str) -> Result<bool, EffectError> {
    let sent = client.get_login_profile().user_name(name).send().await;
    match sent.map_err(|error| classify(format!("GetLoginProfile {name}"), &error)) {
        Ok(_) => Ok(true),
        Err(error) if error.kind == EffectErrorKind::Gone => Ok(false),
        Err(error) => Err(error),
    }
}

/// Keys are compared without regard to case; empty values say nothing.
fn of_tags(tags: &[Tag]) -> CallerFacts {
    let value = |key: &str| {
        tags.iter()
            .find(|tag| tag.key().eq_ignore_ascii_case(key))
            .map(|tag| tag.value().trim().to_owned())
    };
    let said = |key: &str| value(key).filter(|value| !value.is_empty());
    CallerFacts {
        team_tag: said("Team"),
        person: said("Person"),
        email: said("Email"),
        exempt: value("WeirExempt").is_some_and(|value| !value.eq_ignore_ascii_case("false")),
        ..CallerFacts::default()
    }
}
