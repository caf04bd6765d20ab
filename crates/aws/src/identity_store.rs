//! [`People`] over the identity store: users, groups, and who is in which.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use aws_config::{Region, SdkConfig};
use aws_sdk_identitystore::Client;
use aws_sdk_identitystore::types::{MemberId, User};
use weir_core::people::DirectoryPerson;
use weir_engine::ports::{EffectError, People};

use crate::accounts::Accounts;
use crate::config::patient;
use crate::error::classify;
use crate::mail_form::is_address;
use crate::sso_instance;

/// What is kept of a name or an address.
const MOST_TEXT: usize = 255;
/// The longest name of a group that may name a team.
const MOST_TEAM: usize = 128;

/// The directory behind Identity Center.
pub(crate) struct IdentityStore {
    accounts: Arc<Accounts>,
}

impl IdentityStore {
    pub(crate) fn new(accounts: Arc<Accounts>) -> Self {
        Self { accounts }
    }

    async fn config(&self) -> Result<SdkConfig, EffectError> {
        let place = &self.accounts.settings.directory;
        let account = if let Some(account) = &place.account {
            self.accounts.get(account).await?
        } else {
            let home = self.accounts.identity().await?.account.clone();
            self.accounts.get(&home).await?
        };
        let config = patient(&account.config);
        Ok(match &place.region {
            Some(region) => config
                .into_builder()
                .region(Region::new(region.clone()))
                .build(),
            None => config,
        })
    }
}

#[async_trait]
impl People for IdentityStore {
    async fn people(&self) -> Result<Vec<DirectoryPerson>, EffectError> {
        let config = self.config().await?;
        let store = match &self.accounts.settings.directory.identity_store {
            Some(store) => store.clone(),
            None => sso_instance::identity_store(&config).await?,
        };
        let client = Client::new(&config);
        let mut groups = memberships(&client, &store).await?;
        let mut pages = client
            .list_users()
            .identity_store_id(&store)
            .into_paginator()
            .send();
        let mut people = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| classify(format!("ListUsers {store}"), &error))?;
            people.extend(page.users.into_iter().map(|user| {
                let groups = groups.remove(&user.user_id).unwrap_or_default();
                person(user, groups)
            }));
        }
        people.sort();
        people.dedup_by(|a, b| a.id == b.id);
        Ok(people)
    }
}

/// The names of the groups that each user is in.
async fn memberships(
    client: &Client,
    store: &str,
) -> Result<BTreeMap<String, Vec<String>>, EffectError> {
    let mut groups = Vec::new();
    let mut pages = client
        .list_groups()
        .identity_store_id(store)
        .into_paginator()
        .send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| classify(format!("ListGroups {store}"), &error))?;
        groups.extend(page.groups);
    }
    let mut of: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for group in groups {
        let Some(name) = group.display_name else {
            continue;
        };
        let what = || format!("ListGroupMemberships {name}");
        let mut pages = client
            .list_group_memberships()
            .identity_store_id(store)
            .group_id(&group.group_id)
            .into_paginator()
            .send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| classify(what(), &error))?;
            for member in page.group_memberships {
                if let Some(MemberId::UserId(user)) = member.member_id {
                    of.entry(user).or_default().push(name.clone());
                }
            }
        }
    }
    Ok(of)
}

fn person(user: User, mut groups: Vec<String>) -> DirectoryPerson {
    let said = |text: Option<String>| {
        let text = text?.trim().to_owned();
        (!text.is_empty()).then_some(text)
    };
    // No team is called by more.
    groups.retain(|group| group.len() <= MOST_TEAM);
    groups.sort();
    groups.dedup();
    let full = |name: aws_sdk_identitystore::types::Name| {
        said(name.formatted).or_else(|| {
            let parts = [said(name.given_name), said(name.family_name)];
            let parts: Vec<_> = parts.into_iter().flatten().collect();
            (!parts.is_empty()).then(|| parts.join(" "))
        })
    };
    let emails = user.emails.unwrap_or_default();
    let primary = emails
        .iter()
        .find(|email| email.primary)
        .or_else(|| emails.first())
        .and_then(|email| email.value.clone());
    DirectoryPerson {
        user_name: said(user.user_name).unwrap_or_else(|| user.user_id.clone()),
        id: user.user_id,
        person: said(user.display_name)
            .or_else(|| user.name.and_then(full))
            .map(|name| name.chars().take(MOST_TEXT).collect()),
        email: said(primary).filter(|email| is_address(email) && email.len() <= MOST_TEXT),
        groups,
    }
}
