//! A role: one inline policy of ours for all its denied sessions, or for the role as a whole
//! (rules E5).

use aws_sdk_iam::Client;
use weir_core::access::Desired;
use weir_core::policy_doc;
use weir_engine::ports::{Applied, Comparison, EffectError, EffectErrorKind};

use crate::error::classify;
use crate::iam_setup::decoded;
use crate::iam_user::gone_is_done;

/// Characters over all inline policies of a role, white space not counted.
const MOST_INLINE: usize = 10_240;

pub(crate) struct RoleTarget {
    pub(crate) client: Client,
    pub(crate) role: String,
    pub(crate) policy_name: String,
}

struct Actual {
    ours: Option<String>,
    others: Vec<String>,
}

impl RoleTarget {
    pub(crate) async fn compare(&self, desired: &Desired) -> Result<Comparison, EffectError> {
        Ok(compare(&self.read().await?, text(desired).as_deref()))
    }

    pub(crate) async fn apply(&self, desired: &Desired) -> Result<Applied, EffectError> {
        let wanted = text(desired);
        let mechanism = if wanted.is_some() {
            "role-policy"
        } else {
            "nothing"
        };
        let actual = self.read().await?;
        if compare(&actual, wanted.as_deref()) == Comparison::Same {
            return Ok(Applied {
                wrote: false,
                verified: true,
                mechanism,
            });
        }
        match &wanted {
            Some(wanted) => self.put(&actual, wanted).await?,
            None => self.delete().await?,
        }
        let verified = compare(&self.read().await?, wanted.as_deref()) == Comparison::Same;
        Ok(Applied {
            wrote: true,
            verified,
            mechanism,
        })
    }

    async fn put(&self, actual: &Actual, wanted: &str) -> Result<(), EffectError> {
        let what = self.doing("PutRolePolicy");
        let mut others = 0;
        for name in &actual.others {
            others += self
                .text(name)
                .await?
                .map_or(0, |text| policy_doc::size(&text));
        }
        let ours = policy_doc::size(wanted);
        if others + ours > MOST_INLINE {
            let why = format!(
                "{ours} characters beside the {others} of other inline policies exceed {MOST_INLINE}"
            );
            return Err(EffectError::new(EffectErrorKind::NoRoom, what, why));
        }
        self.client
            .put_role_policy()
            .role_name(&self.role)
            .policy_name(&self.policy_name)
            .policy_document(wanted)
            .send()
            .await
            .map_err(|error| classify(what, &error))?;
        Ok(())
    }

    async fn delete(&self) -> Result<(), EffectError> {
        let sent = self
            .client
            .delete_role_policy()
            .role_name(&self.role)
            .policy_name(&self.policy_name)
            .send()
            .await;
        gone_is_done(sent.map_err(|error| classify(self.doing("DeleteRolePolicy"), &error)))
    }

    async fn read(&self) -> Result<Actual, EffectError> {
        let mut pages = self
            .client
            .list_role_policies()
            .role_name(&self.role)
            .into_paginator()
            .send();
        let mut names = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| classify(self.doing("ListRolePolicies"), &error))?;
            names.extend(page.policy_names);
        }
        let ours = if names.contains(&self.policy_name) {
            self.text(&self.policy_name).await?
        } else {
            None
        };
        Ok(Actual {
            ours,
            others: names
                .into_iter()
                .filter(|name| *name != self.policy_name)
                .collect(),
        })
    }

    async fn text(&self, name: &str) -> Result<Option<String>, EffectError> {
        let sent = self
            .client
            .get_role_policy()
            .role_name(&self.role)
            .policy_name(name)
            .send()
            .await;
        match sent.map_err(|error| classify(self.doing("GetRolePolicy"), &error)) {
            Ok(answer) => Ok(Some(decoded(&answer.policy_document))),
            Err(error) if error.kind == EffectErrorKind::Gone => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn doing(&self, operation: &str) -> String {
        format!("{operation} {}", self.role)
    }
}

fn text(desired: &Desired) -> Option<String> {
    (!desired.is_allowed()).then(|| policy_doc::role(&desired.denied))
}

fn compare(actual: &Actual, wanted: Option<&str>) -> Comparison {
    match (&actual.ours, wanted) {
        (None, None) => Comparison::Same,
        (Some(_), None) => Comparison::DenyLeft,
        (Some(ours), Some(wanted)) if policy_doc::same(ours, wanted) => Comparison::Same,
        (_, Some(_)) => Comparison::DenyMissing,
    }
}
