//! An IAM user: a managed policy of ours attached, or an inline policy of ours; each where the
//! other has no room (rules E2, E4). Whatever else the user has is only measured.

use aws_sdk_iam::Client;
use weir_core::access::{Denial, Desired};
use weir_core::policy_doc;
use weir_engine::ports::{Applied, Comparison, EffectError, EffectErrorKind};

use crate::config::UserMechanism;
use crate::error::classify;
use crate::iam_managed::ManagedPolicy;
use crate::iam_setup::decoded;

/// Managed policies a user may have, unless AWS raised it.
const MOST_ATTACHED: usize = 10;
/// Characters over all inline policies of a user, white space not counted.
const MOST_INLINE: usize = 2_048;

pub(crate) struct UserTarget {
    pub(crate) client: Client,
    pub(crate) user: String,
    pub(crate) managed: ManagedPolicy,
    pub(crate) policy_name: String,
    pub(crate) mechanism: UserMechanism,
    pub(crate) partition: String,
}

/// What of ours the user has, and how much room is left beside it.
struct Actual {
    attached: bool,
    /// The attached policy says what it must.
    denies: bool,
    inline: Option<String>,
    other_attached: usize,
    other_inline: Vec<String>,
}

/// What must be there.
struct Wanted {
    /// The managed policy says exactly this.
    attachable: bool,
    /// The text of an inline policy that says it.
    text: String,
}

impl Wanted {
    fn of(desired: &Desired, partition: &str) -> Option<Self> {
        let mut all = Denial::default();
        for (_, denial) in &desired.denied {
            all.everything = all.everything.max(denial.everything);
            for (model, until) in &denial.models {
                let end = all.models.entry(model.clone()).or_insert(*until);
                *end = (*end).max(*until);
            }
        }
        if all.everything.is_some() {
            // Single models are denied with everything else.
            all.models.clear();
        }
        let (attachable, text) = (all.everything.is_some(), policy_doc::user(&all, partition));
        (!all.is_none()).then_some(Self { attachable, text })
    }
}

impl Actual {
    fn has_text(&self, text: &str) -> bool {
        self.inline
            .as_deref()
            .is_some_and(|inline| policy_doc::same(inline, text))
    }

    /// How it differs from what is wanted.
    fn compare(&self, wanted: Option<&Wanted>) -> Comparison {
        match wanted {
            None if !self.attached && self.inline.is_none() => Comparison::Same,
            None => Comparison::DenyLeft,
            Some(wanted) => match (
                wanted.attachable && self.denies,
                self.has_text(&wanted.text),
            ) {
                (true, _) if self.inline.is_none() => Comparison::Same,
                (false, true) if !self.attached => Comparison::Same,
                (true, _) | (_, true) => Comparison::DenyLeft,
                (false, false) => Comparison::DenyMissing,
            },
        }
    }
}

impl UserTarget {
    pub(crate) async fn compare(&self, desired: &Desired) -> Result<Comparison, EffectError> {
        Ok(self
            .read()
            .await?
            .compare(Wanted::of(desired, &self.partition).as_ref()))
    }

    pub(crate) async fn apply(&self, desired: &Desired) -> Result<Applied, EffectError> {
        let wanted = Wanted::of(desired, &self.partition);
        let actual = self.read().await?;
        if actual.compare(wanted.as_ref()) == Comparison::Same {
            let mechanism = mechanism(&actual);
            return Ok(Applied {
                wrote: false,
                verified: true,
                mechanism,
            });
        }
        match &wanted {
            None => self.allow(&actual, true, true).await?,
            Some(wanted) => self.deny(&actual, wanted).await?,
        }
        let now = self.read().await?;
        let verified = now.compare(wanted.as_ref()) == Comparison::Same;
        Ok(Applied {
            wrote: true,
            verified,
            mechanism: mechanism(&now),
        })
    }

    /// Writes the Deny in the preferred form, else in the other, and then removes what is left of
    /// the form that was not chosen: access is never open in between.
    async fn deny(&self, actual: &Actual, wanted: &Wanted) -> Result<(), EffectError> {
        let attach_first = wanted.attachable && self.mechanism == UserMechanism::Attach;
        let done = if attach_first {
            match self.attach(actual).await {
                Err(error) if may_fall_back(&error) => {
                    tracing::info!(user = self.user, %error, "denying by an inline policy instead");
                    self.put(actual, wanted)
                        .await
                        .map(|()| false)
                        .map_err(|other| both(&error, other))
                }
                attached => attached.map(|()| true),
            }
        } else {
            match self.put(actual, wanted).await {
                Err(error) if wanted.attachable && may_fall_back(&error) => {
                    tracing::info!(user = self.user, %error, "denying by the managed policy instead");
                    self.attach(actual)
                        .await
                        .map(|()| true)
                        .map_err(|other| both(&error, other))
                }
                put => put.map(|()| false),
            }
        };
        let attached = done?;
        self.allow(actual, !attached, attached).await
    }

    /// Removes what is ours: the attachment, the inline policy.
    async fn allow(&self, actual: &Actual, detach: bool, delete: bool) -> Result<(), EffectError> {
        if detach && actual.attached {
            let sent = self
                .client
                .detach_user_policy()
                .user_name(&self.user)
                .policy_arn(&self.managed.arn)
                .send()
                .await;
            gone_is_done(sent.map_err(|error| classify(self.doing("DetachUserPolicy"), &error)))?;
        }
        if delete && actual.inline.is_some() {
            let sent = self
                .client
                .delete_user_policy()
                .user_name(&self.user)
                .policy_name(&self.policy_name)
                .send()
                .await;
            gone_is_done(sent.map_err(|error| classify(self.doing("DeleteUserPolicy"), &error)))?;
        }
        Ok(())
    }

    async fn attach(&self, actual: &Actual) -> Result<(), EffectError> {
        let what = self.doing("AttachUserPolicy");
        let (managed_arn, denies) = (&self.managed.arn, self.managed.denies().await?);
        if !denies {
            let why = format!(
                "the text of {managed_arn} is not Weir's any more: run `weir enforce setup`"
            );
            return Err(EffectError::new(EffectErrorKind::NoRoom, what, why));
        }
        if actual.attached {
            return Ok(());
        }
        if actual.other_attached >= MOST_ATTACHED {
            let why = format!(
                "the user has {} managed policies already",
                actual.other_attached
            );
            return Err(EffectError::new(EffectErrorKind::NoRoom, what, why));
        }
        let sent = self
            .client
            .attach_user_policy()
            .user_name(&self.user)
            .policy_arn(managed_arn)
            .send()
            .await;
        match sent.map_err(|error| classify(what.clone(), &error)) {
            Ok(_) => Ok(()),
            // The user was there a moment ago: it is our policy that is missing.
            Err(error) if error.kind == EffectErrorKind::Gone => {
                let why = format!("{managed_arn} does not exist: run `weir enforce setup`");
                Err(EffectError::new(EffectErrorKind::NoRoom, what, why))
            }
            Err(error) => Err(error),
        }
    }

    async fn put(&self, actual: &Actual, wanted: &Wanted) -> Result<(), EffectError> {
        if actual.has_text(&wanted.text) {
            return Ok(());
        }
        let what = self.doing("PutUserPolicy");
        let others = self.measure(&actual.other_inline).await?;
        let ours = policy_doc::size(&wanted.text);
        if others + ours > MOST_INLINE {
            let why = format!(
                "{ours} characters beside the {others} of other inline policies exceed {MOST_INLINE}"
            );
            return Err(EffectError::new(EffectErrorKind::NoRoom, what, why));
        }
        self.client
            .put_user_policy()
            .user_name(&self.user)
            .policy_name(&self.policy_name)
            .policy_document(&wanted.text)
            .send()
            .await
            .map_err(|error| classify(what, &error))?;
        Ok(())
    }

    async fn read(&self) -> Result<Actual, EffectError> {
        let attached = self.attached().await?;
        let names = self.inline_names().await?;
        let inline = if names.contains(&self.policy_name) {
            self.text(&self.policy_name).await?
        } else {
            None
        };
        let ours = attached.contains(&self.managed.arn);
        Ok(Actual {
            attached: ours,
            denies: ours && self.managed.denies().await?,
            inline,
            other_attached: attached.len() - usize::from(ours),
            other_inline: names
                .into_iter()
                .filter(|name| *name != self.policy_name)
                .collect(),
        })
    }

    async fn attached(&self) -> Result<Vec<String>, EffectError> {
        let mut pages = self
            .client
            .list_attached_user_policies()
            .user_name(&self.user)
            .into_paginator()
            .send();
        let mut arns = Vec::new();
        while let Some(page) = pages.next().await {
            let page =
                page.map_err(|error| classify(self.doing("ListAttachedUserPolicies"), &error))?;
            let policies = page.attached_policies.unwrap_or_default();
            arns.extend(policies.into_iter().filter_map(|policy| policy.policy_arn));
        }
        Ok(arns)
    }

    async fn inline_names(&self) -> Result<Vec<String>, EffectError> {
        let mut pages = self
            .client
            .list_user_policies()
            .user_name(&self.user)
            .into_paginator()
            .send();
        let mut names = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| classify(self.doing("ListUserPolicies"), &error))?;
            names.extend(page.policy_names);
        }
        Ok(names)
    }

    /// The text of an inline policy; `None` if it went away meanwhile.
    async fn text(&self, name: &str) -> Result<Option<String>, EffectError> {
        let sent = self
            .client
            .get_user_policy()
            .user_name(&self.user)
            .policy_name(name)
            .send()
            .await;
        match sent.map_err(|error| classify(self.doing("GetUserPolicy"), &error)) {
            Ok(answer) => Ok(Some(decoded(&answer.policy_document))),
            Err(error) if error.kind == EffectErrorKind::Gone => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Characters of other people's inline policies. Their text goes no further.
    async fn measure(&self, names: &[String]) -> Result<usize, EffectError> {
        let mut size = 0;
        for name in names {
            size += self
                .text(name)
                .await?
                .map_or(0, |text| policy_doc::size(&text));
        }
        Ok(size)
    }

    fn doing(&self, operation: &str) -> String {
        format!("{operation} {}", self.user)
    }
}

fn mechanism(actual: &Actual) -> &'static str {
    match (actual.attached, &actual.inline) {
        (true, _) => "attached-policy",
        (false, Some(_)) => "inline-policy",
        (false, None) => "nothing",
    }
}

/// Whether the other form may have room where this one has not.
fn may_fall_back(error: &EffectError) -> bool {
    error.kind == EffectErrorKind::NoRoom
}

/// Neither form worked: the second error decides, both are told.
fn both(first: &EffectError, second: EffectError) -> EffectError {
    EffectError {
        why: format!("{}; before that, {first}", second.why),
        ..second
    }
}

/// What is gone need not be removed.
pub(crate) fn gone_is_done<T>(sent: Result<T, EffectError>) -> Result<(), EffectError> {
    match sent {
        Err(error) if error.kind != EffectErrorKind::Gone => Err(error),
        _ => Ok(()),
    }
}
