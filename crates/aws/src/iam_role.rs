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
    pub(crate) partition: String,
}

struct Actual {
    ours: Option<String>,
    others: Vec<String>,
}

impl RoleTarget {
    pub(crate) async fn compare(&self, desired: &Desired) -> Result<Comparison, EffectError> {
        Ok(compare(&self.read().await?, self.text(desired).as_deref()))
    }

    pub(crate) async fn apply(&self, desired: &Desired) -> Result<Applied, EffectError> {
        let wanted = self.text(desired);
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
            Some(wanted) => self.put(&actual, wanted, desired).await?,
            None => self.delete().await?,
        }
        let verified = compare(&self.read().await?, wanted.as_deref()) == Comparison::Same;
        Ok(Applied {
            wrote: true,
            verified,
            mechanism,
        })
    }

    /// Writes what is wanted. Where it does not fit, as many as do are denied all the same, so that
    /// the others lose nothing by it and whoever is unblocked goes out of the text; and it fails.
    async fn put(
        &self,
        actual: &Actual,
        wanted: &str,
        desired: &Desired,
    ) -> Result<(), EffectError> {
        let others = self.measure(&actual.others).await?;
        let room = MOST_INLINE.saturating_sub(others);
        if policy_doc::size(wanted) <= room {
            return self.write(wanted).await;
        }
        let all = &desired.denied;
        let fit = policy_doc::most_that_fit(all, &self.partition, room);
        let text = policy_doc::role(&all[..fit], &self.partition);
        if fit > 0 && compare(actual, Some(&text)) != Comparison::Same {
            self.write(&text).await?;
        }
        let why = format!(
            "{} of {} denials do not fit into {MOST_INLINE} characters beside the {others} of other \
             inline policies",
            all.len() - fit,
            all.len()
        );
        let what = self.doing("PutRolePolicy");
        Err(EffectError::new(EffectErrorKind::NoRoom, what, why))
    }

    /// Characters of other people's inline policies. Their text goes no further.
    async fn measure(&self, names: &[String]) -> Result<usize, EffectError> {
        let mut size = 0;
        for name in names {
            let text = self.policy(name).await?;
            size += text.map_or(0, |text| policy_doc::size(&text));
        }
        Ok(size)
    }

    async fn write(&self, text: &str) -> Result<(), EffectError> {
        self.client
            .put_role_policy()
            .role_name(&self.role)
            .policy_name(&self.policy_name)
            .policy_document(text)
            .send()
            .await
            .map_err(|error| classify(self.doing("PutRolePolicy"), &error))?;
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
            self.policy(&self.policy_name).await?
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

    /// The text of an inline policy; `None` if it went away meanwhile.
    async fn policy(&self, name: &str) -> Result<Option<String>, EffectError> {
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

    fn text(&self, desired: &Desired) -> Option<String> {
        (!desired.is_allowed()).then(|| policy_doc::role(&desired.denied, &self.partition))
    }

    fn doing(&self, operation: &str) -> String {
        format!("{operation} {}", self.role)
    }
}

fn compare(actual: &Actual, wanted: Option<&str>) -> Comparison {
    match (&actual.ours, wanted) {
        (None, None) => Comparison::Same,
        (Some(_), None) => Comparison::DenyLeft,
        (Some(ours), Some(wanted)) if policy_doc::same(ours, wanted) => Comparison::Same,
        (_, Some(_)) => Comparison::DenyMissing,
    }
}
