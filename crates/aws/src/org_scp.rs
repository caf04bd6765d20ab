//! People of Identity Center by a service control policy that is given over to Weir (rules E5). It is
//! edited only while everything in it is ours.

use aws_sdk_organizations::Client;
use aws_sdk_organizations::types::PolicyType;
use weir_core::access::Desired;
use weir_core::ids::AccountId;
use weir_core::policy_doc::{self, people};
use weir_engine::ports::{Applied, Comparison, EffectError, EffectErrorKind, Unguarded};

use crate::error::classify;

/// Characters of a service control policy; over the API white space counts, too.
const MOST: usize = 10_240;

pub(crate) struct ScpTarget {
    pub(crate) client: Client,
    /// The management account.
    pub(crate) account: AccountId,
    pub(crate) partition: String,
    /// `p-…`.
    pub(crate) policy: String,
}

impl ScpTarget {
    pub(crate) async fn compare(&self, desired: &Desired) -> Result<Comparison, EffectError> {
        let found = self.read().await?;
        if !desired.is_allowed() && self.attached_to().await?.is_empty() {
            return Ok(Comparison::DenyMissing);
        }
        Ok(compare(&found, &self.text(desired), desired))
    }

    pub(crate) async fn apply(&self, desired: &Desired) -> Result<Applied, EffectError> {
        let found = self.read().await?;
        self.must_be_ours(&found)?;
        if !desired.is_allowed() && self.attached_to().await?.is_empty() {
            let why = format!(
                "the service control policy {} is attached to nothing: attach it to the root, or to the \
                 organisational units of the accounts that use Bedrock",
                self.policy
            );
            return Err(self.error(EffectErrorKind::Cannot, "ListTargetsForPolicy", why));
        }
        let mechanism = if desired.is_allowed() {
            "nothing"
        } else {
            "scp"
        };
        let wanted = self.text(desired);
        let fits = wanted.chars().count() <= MOST;
        if fits && compare(&found, &wanted, desired) == Comparison::Same {
            return Ok(Applied {
                wrote: false,
                verified: true,
                mechanism,
            });
        }
        if !fits {
            return Err(self.as_many_as_fit(&found, desired).await);
        }
        self.write(&wanted).await?;
        let verified = compare(&self.read().await?, &wanted, desired) == Comparison::Same;
        Ok(Applied {
            wrote: true,
            verified,
            mechanism,
        })
    }

    /// Whether somebody is denied by it.
    pub(crate) async fn denies(&self) -> Result<bool, EffectError> {
        Ok(!people::reaches(&self.read().await?).is_empty())
    }

    /// What keeps it from denying anybody.
    pub(crate) async fn unguarded(&self) -> Result<Vec<Unguarded>, EffectError> {
        let found = self.read().await?;
        let missing = |missing: String| Unguarded {
            account: self.account.clone(),
            place: format!("the service control policy {}", self.policy),
            missing,
        };
        let mut all = Vec::new();
        if let Err(error) = self.must_be_ours(&found) {
            all.push(missing(error.why));
        }
        if self.attached_to().await?.is_empty() {
            all.push(missing(
                "a root, unit or account it is attached to".to_owned(),
            ));
        }
        Ok(all)
    }

    /// Whoever does not fit is not denied; the others are, and whoever is allowed again goes out.
    async fn as_many_as_fit(&self, found: &str, desired: &Desired) -> EffectError {
        let known = people::reaches(found);
        let split = people::split(&[known], &desired.denied, &[true], |_, denied| {
            people::text(denied, &self.partition, false).chars().count() <= MOST
        });
        let part = split.parts.first().map(Vec::as_slice).unwrap_or_default();
        let text = people::text(part, &self.partition, false);
        if !policy_doc::same(found, &text)
            && let Err(error) = self.write(&text).await
        {
            return error;
        }
        let why = format!(
            "{} of {} denials do not fit into {MOST} characters: permission-set-policy holds more people",
            split.left,
            desired.denied.len()
        );
        self.error(EffectErrorKind::NoRoom, "UpdatePolicy", why)
    }

    fn must_be_ours(&self, found: &str) -> Result<(), EffectError> {
        match people::owner(found) {
            people::Owner::Ours => Ok(()),
            people::Owner::Others(what) => {
                let why = format!(
                    "it holds {what}, which is not Weir's, so nothing is changed: give Weir a service \
                     control policy of its own"
                );
                Err(self.error(EffectErrorKind::Refused, "UpdatePolicy", why))
            }
        }
    }

    async fn write(&self, text: &str) -> Result<(), EffectError> {
        let sent = self
            .client
            .update_policy()
            .policy_id(&self.policy)
            .content(text)
            .send()
            .await;
        sent.map_err(|error| placed(classify(self.doing("UpdatePolicy"), &error)))?;
        Ok(())
    }

    async fn read(&self) -> Result<String, EffectError> {
        let sent = self
            .client
            .describe_policy()
            .policy_id(&self.policy)
            .send()
            .await;
        let answer =
            sent.map_err(|error| placed(classify(self.doing("DescribePolicy"), &error)))?;
        let policy = answer.policy;
        let summary = policy
            .as_ref()
            .and_then(|policy| policy.policy_summary.as_ref());
        let kind = summary.and_then(|summary| summary.r#type.as_ref());
        if kind.is_some_and(|kind| *kind != PolicyType::ServiceControlPolicy) {
            let why = "it is not a service control policy";
            return Err(self.error(EffectErrorKind::Refused, "DescribePolicy", why.to_owned()));
        }
        let content = policy.and_then(|policy| policy.content);
        Ok(content.unwrap_or_default())
    }

    async fn attached_to(&self) -> Result<Vec<String>, EffectError> {
        let mut pages = self
            .client
            .list_targets_for_policy()
            .policy_id(&self.policy)
            .into_paginator()
            .send();
        let mut all = Vec::new();
        while let Some(page) = pages.next().await {
            let page =
                page.map_err(|error| placed(classify(self.doing("ListTargetsForPolicy"), &error)))?;
            let targets = page.targets.unwrap_or_default();
            all.extend(targets.into_iter().filter_map(|target| target.target_id));
        }
        Ok(all)
    }

    fn text(&self, desired: &Desired) -> String {
        people::text(&desired.denied, &self.partition, false)
    }

    fn error(&self, kind: EffectErrorKind, operation: &str, why: String) -> EffectError {
        EffectError::new(kind, self.doing(operation), why)
    }

    fn doing(&self, operation: &str) -> String {
        format!("{operation} {}", self.policy)
    }
}

fn compare(found: &str, wanted: &str, desired: &Desired) -> Comparison {
    let known = people::reaches(found);
    if desired.is_allowed() && known.is_empty() || policy_doc::same(found, wanted) {
        return Comparison::Same;
    }
    let mut denied = desired.denied.iter();
    if denied.all(|(reach, _)| known.contains(reach)) && known.len() > desired.denied.len() {
        Comparison::DenyLeft
    } else {
        Comparison::DenyMissing
    }
}

/// It is the policy that is missing, not a person.
fn placed(error: EffectError) -> EffectError {
    if error.kind != EffectErrorKind::Gone {
        return error;
    }
    let why = format!(
        "{}: make it anew and set enforcement.identity_center_scp",
        error.why
    );
    EffectError::new(EffectErrorKind::Cannot, error.what, why)
}
