//! People of Identity Center by managed policies that permission sets refer to (rules E5): whom they
//! deny stands in versions of `WeirBlock`, and of `WeirBlock-2` … where one is full.
//!
//! Who refers to them is an administrator's word, given once. A further policy is used only where
//! every role that has the first has it, too.

use std::collections::BTreeSet;

use aws_sdk_iam::Client;
use aws_sdk_iam::types::{EntityType, PolicyUsageType};
use weir_core::access::Desired;
use weir_core::ids::AccountId;
use weir_core::policy_doc::{self, people};
use weir_engine::ports::{
    Applied, Comparison, EffectError, EffectErrorKind, PolicyStep, Unguarded,
};

use crate::error::classify;
use crate::iam_setup::{self, default_version, document};

/// Characters of a managed policy, white space not counted.
const MOST: usize = 6_144;
/// No permission set refers to more.
pub(crate) const MOST_POLICIES: u8 = 10;
/// Where Identity Center makes its roles.
const ROLES: &str = "/aws-reserved/sso.amazonaws.com/";

pub(crate) struct PeopleTarget {
    pub(crate) client: Client,
    pub(crate) account: AccountId,
    pub(crate) partition: String,
    /// Of the first policy.
    pub(crate) policy_name: String,
}

/// One of the policies.
struct Found {
    arn: String,
    text: String,
}

/// What is there.
struct Actual {
    policies: Vec<Found>,
    /// The roles of Identity Center that have each of them.
    roles: Vec<BTreeSet<String>>,
}

/// What must be there.
struct Wanted {
    texts: Vec<String>,
    /// How many denials fit nowhere, or lie where not every role has the policy.
    left: usize,
}

impl Actual {
    /// Whether a further policy may be used: every role that has the first has it.
    fn may_grow(&self) -> Vec<bool> {
        let Some(first) = self.roles.first() else {
            return Vec::new();
        };
        let has_all = |roles: &BTreeSet<String>| !first.is_empty() && first.is_subset(roles);
        self.roles.iter().map(has_all).collect()
    }
}

impl PeopleTarget {
    pub(crate) async fn compare(&self, desired: &Desired) -> Result<Comparison, EffectError> {
        let actual = self.read(desired).await?;
        let wanted = self.wanted(&actual, desired);
        Ok(compare(&actual, &wanted, desired))
    }

    pub(crate) async fn apply(&self, desired: &Desired) -> Result<Applied, EffectError> {
        let actual = self.read(desired).await?;
        if !desired.is_allowed() {
            self.must_be_in_force(&actual)?;
        }
        let wanted = self.wanted(&actual, desired);
        let changed = compare(&actual, &wanted, desired) != Comparison::Same;
        let written = self.write(&actual, &wanted).await?;
        if wanted.left > 0 {
            return Err(self.no_room(&actual, &wanted, desired));
        }
        let verified = !changed || {
            let now = self.read(desired).await?;
            compare(&now, &self.wanted(&now, desired), desired) == Comparison::Same
        };
        let mechanism = if desired.is_allowed() {
            "nothing"
        } else {
            "permission-set-policy"
        };
        Ok(Applied {
            wrote: written,
            verified,
            mechanism,
        })
    }

    /// Whether somebody is denied here.
    pub(crate) async fn denies(&self) -> Result<bool, EffectError> {
        let policies = self.policies().await?;
        Ok(policies
            .iter()
            .any(|found| !people::reaches(&found.text).is_empty()))
    }

    /// Makes the policies that are missing, so many, and corrects the statement for IAM users; without
    /// `write`, only looks what they need.
    pub(crate) async fn set_up(
        &self,
        count: u8,
        write: bool,
    ) -> Result<Vec<(String, PolicyStep)>, EffectError> {
        let arn = self.arn(1);
        let step = iam_setup::ensure(&self.client, &arn, &self.policy_name, write).await?;
        let mut policies = vec![(arn, step)];
        for number in 2..=count.min(MOST_POLICIES) {
            let arn = self.arn(number);
            let is_there = default_version(&self.client, &arn).await?.is_some();
            let text = people::text(&[], &self.partition, false);
            let is_made = !is_there
                && (!write || iam_setup::create(&self.client, &self.name(number), &text).await?);
            let step = if is_made {
                PolicyStep::Make
            } else {
                PolicyStep::Nothing
            };
            policies.push((arn, step));
        }
        Ok(policies)
    }

    /// Roles of Identity Center that lack one of the policies.
    pub(crate) async fn unguarded(&self) -> Result<Vec<Unguarded>, EffectError> {
        let policies = self.policies().await?;
        let missing = |place: String, missing: String| Unguarded {
            account: self.account.clone(),
            place,
            missing,
        };
        if policies.is_empty() {
            let what = format!("the policy {}", self.arn(1));
            return Ok(vec![missing("the account".to_owned(), what)]);
        }
        let mut found = Vec::new();
        let all = self.people_roles().await?;
        for (number, policy) in (1..).zip(&policies) {
            let with = self.roles_with(&policy.arn).await?;
            let name = self.name(number);
            let without = all.difference(&with);
            found.extend(without.map(|role| missing(role.clone(), format!("the policy {name}"))));
        }
        found.sort();
        Ok(found)
    }

    /// Nobody is denied by a policy that nothing refers to.
    fn must_be_in_force(&self, actual: &Actual) -> Result<(), EffectError> {
        let why = match actual.roles.first() {
            None => format!(
                "{} does not exist: run `weir enforce setup`, then let the permission sets refer to it",
                self.arn(1)
            ),
            Some(roles) if roles.is_empty() => format!(
                "no permission set refers to {}: attach it to them as a customer managed policy (name {}, \
                 path {}) and provision them again",
                self.policy_name,
                self.policy_name,
                policy_doc::POLICY_PATH
            ),
            Some(_) => return Ok(()),
        };
        let what = format!("deny people of Identity Center in {}", self.account);
        Err(EffectError::new(EffectErrorKind::Cannot, what, why))
    }

    fn no_room(&self, actual: &Actual, wanted: &Wanted, desired: &Desired) -> EffectError {
        let all = desired.denied.len();
        let in_use = actual.may_grow().iter().filter(|may| **may).count();
        let next = self.name(u8::try_from(in_use + 1).unwrap_or(MOST_POLICIES));
        let why = format!(
            "{} of {all} denials do not fit into {in_use} policies of {MOST} characters: raise \
             enforcement.identity_center_policies, run `weir enforce setup`, and let every permission set \
             that refers to {} refer to {next}, too",
            wanted.left, self.policy_name,
        );
        let what = format!("CreatePolicyVersion {}", self.policy_name);
        EffectError::new(EffectErrorKind::NoRoom, what, why)
    }

    fn wanted(&self, actual: &Actual, desired: &Desired) -> Wanted {
        let known: Vec<_> = actual
            .policies
            .iter()
            .map(|found| people::reaches(&found.text))
            .collect();
        let may_grow = actual.may_grow();
        let split = people::split(&known, &desired.denied, &may_grow, |at, denied| {
            policy_doc::size(&people::text(denied, &self.partition, at == 0)) <= MOST
        });
        let parts = split.parts.iter().enumerate();
        let elsewhere: usize = parts
            .clone()
            .filter(|(at, _)| !may_grow.get(*at).copied().unwrap_or(false))
            .map(|(_, part)| part.len())
            .sum();
        Wanted {
            texts: parts
                .map(|(at, part)| people::text(part, &self.partition, at == 0))
                .collect(),
            left: split.left + elsewhere,
        }
    }

    /// Writes what differs: first where somebody comes in, so that nobody who moves is free in between.
    async fn write(&self, actual: &Actual, wanted: &Wanted) -> Result<bool, EffectError> {
        let mut changes: Vec<_> = actual
            .policies
            .iter()
            .zip(&wanted.texts)
            .filter(|(found, text)| !policy_doc::same(&found.text, text))
            .collect();
        changes.sort_by_key(|(found, text)| {
            let (before, after) = (people::reaches(&found.text), people::reaches(text));
            after.is_subset(&before)
        });
        for (found, text) in &changes {
            iam_setup::new_version(&self.client, &found.arn, text).await?;
        }
        Ok(!changes.is_empty())
    }

    /// Which roles have the policies matters only where somebody is to be denied.
    async fn read(&self, desired: &Desired) -> Result<Actual, EffectError> {
        let policies = self.policies().await?;
        let mut roles = Vec::with_capacity(policies.len());
        if !desired.is_allowed() {
            for found in &policies {
                roles.push(self.roles_with(&found.arn).await?);
            }
        }
        Ok(Actual { policies, roles })
    }

    /// The policies there are, up to the first that is not.
    async fn policies(&self) -> Result<Vec<Found>, EffectError> {
        let mut all = Vec::new();
        for number in 1..=MOST_POLICIES {
            let arn = self.arn(number);
            let version = match default_version(&self.client, &arn).await {
                // Our rights may end with the policies that are in use.
                Err(error) if number > 1 && error.kind == EffectErrorKind::Denied => None,
                version => version?,
            };
            let Some(version) = version else { break };
            let text = document(&self.client, &arn, &version).await?;
            all.push(Found { arn, text });
        }
        Ok(all)
    }

    async fn roles_with(&self, arn: &str) -> Result<BTreeSet<String>, EffectError> {
        let mut pages = self
            .client
            .list_entities_for_policy()
            .policy_arn(arn)
            .entity_filter(EntityType::Role)
            .path_prefix(ROLES)
            .policy_usage_filter(PolicyUsageType::PermissionsPolicy)
            .into_paginator()
            .send();
        let mut names = BTreeSet::new();
        while let Some(page) = pages.next().await {
            let page =
                page.map_err(|error| classify(format!("ListEntitiesForPolicy {arn}"), &error))?;
            let roles = page.policy_roles.unwrap_or_default();
            names.extend(roles.into_iter().filter_map(|role| role.role_name));
        }
        Ok(names)
    }

    async fn people_roles(&self) -> Result<BTreeSet<String>, EffectError> {
        let mut pages = self
            .client
            .list_roles()
            .path_prefix(ROLES)
            .into_paginator()
            .send();
        let mut names = BTreeSet::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| classify(format!("ListRoles {ROLES}"), &error))?;
            names.extend(page.roles.into_iter().map(|role| role.role_name));
        }
        Ok(names)
    }

    fn name(&self, number: u8) -> String {
        match number {
            1 => self.policy_name.clone(),
            _ => format!("{}-{number}", self.policy_name),
        }
    }

    fn arn(&self, number: u8) -> String {
        let (partition, account, name) = (&self.partition, &self.account, self.name(number));
        let path = policy_doc::POLICY_PATH;
        format!("arn:{partition}:iam::{account}:policy{path}{name}")
    }
}

fn compare(actual: &Actual, wanted: &Wanted, desired: &Desired) -> Comparison {
    if desired.is_allowed() {
        let left = actual
            .policies
            .iter()
            .any(|found| !people::reaches(&found.text).is_empty());
        return if left {
            Comparison::DenyLeft
        } else {
            Comparison::Same
        };
    }
    let in_force = actual.may_grow().first() == Some(&true);
    let mut pairs = actual.policies.iter().zip(&wanted.texts);
    let same = pairs.all(|(found, text)| policy_doc::same(&found.text, text));
    if in_force && same && wanted.left == 0 {
        return Comparison::Same;
    }
    let denied: BTreeSet<_> = desired.denied.iter().map(|(reach, _)| reach).collect();
    let found: BTreeSet<_> = actual
        .policies
        .iter()
        .flat_map(|found| people::reaches(&found.text))
        .collect();
    let only_more = denied.iter().all(|reach| found.contains(*reach)) && found.len() > denied.len();
    if in_force && only_more {
        Comparison::DenyLeft
    } else {
        Comparison::DenyMissing
    }
}
