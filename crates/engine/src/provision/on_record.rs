//! What the audit log says of a change of IAM: what was there before, and what is there after it
//! (rules R1).

use serde_json::{Value, json};
use weir_core::provision::{Change, Holder, TEAM_POLICY};

use super::{Provisioner, patiently};
use crate::ports::EffectError;

/// Before and after, as JSON; `Null` where there was or is nothing.
pub(super) struct Difference {
    before: Value,
    after: Value,
}

impl Difference {
    fn new(before: Value, after: Value) -> Self {
        Self { before, after }
    }

    fn switch(what: &str, on: bool) -> Self {
        Self::new(json!({ what: !on }), json!({ what: on }))
    }

    /// As the log keeps it.
    pub(super) fn cells(self) -> (Option<String>, Option<String>) {
        let cell = |value: Value| (!value.is_null()).then(|| value.to_string());
        (cell(self.before), cell(self.after))
    }
}

impl Provisioner<'_> {
    /// What a change is about to change. What it replaces is read where the change itself does not say it.
    pub(super) async fn difference(&self, change: &Change) -> Result<Difference, EffectError> {
        let nothing = Value::Null;
        Ok(match change {
            Change::CreateGroup { group } => Difference::new(nothing, json!({ "group": group })),
            Change::DeleteGroup { group } => Difference::new(json!({ "group": group }), nothing),
            Change::PutGroupPolicy { group, text, .. } => {
                Difference::new(self.team_policy(group).await?, policy(text))
            }
            Change::CreateUser { tags, .. } => Difference::new(nothing, json!({ "tags": tags })),
            Change::SetTags { user, tags } => {
                let found = patiently(|| self.iam.user(user)).await?;
                let tag = |key: &String| found.as_ref().and_then(|found| found.tag(key));
                let before: Vec<_> = tags.keys().map(|key| (key, tag(key))).collect();
                let before: serde_json::Map<_, _> = before
                    .into_iter()
                    .map(|(key, value)| (key.clone(), json!(value)))
                    .collect();
                Difference::new(json!({ "tags": before }), json!({ "tags": tags }))
            }
            Change::AddToGroup { group, .. } => {
                Difference::new(nothing, json!({ "member_of": group }))
            }
            Change::RemoveFromGroup { group, .. } => {
                Difference::new(json!({ "member_of": group }), nothing)
            }
            Change::SetKey { active, .. } => Difference::switch("active", *active),
            Change::CreatePolicy { text, .. } => Difference::new(nothing, policy(text)),
            Change::AddVersion { arn, text } => {
                Difference::new(self.text_of(arn).await?, policy(text))
            }
            Change::DeletePolicy { arn } => Difference::new(self.text_of(arn).await?, nothing),
            Change::DeleteVersion { version, .. } => {
                Difference::new(json!({ "version": version }), nothing)
            }
            Change::Attach { arn, .. } => Difference::new(nothing, json!({ "attached": arn })),
            Change::Detach { arn, .. } => Difference::new(json!({ "attached": arn }), nothing),
            Change::DeleteInline {
                policy,
                from: Holder::Group(group),
            } if policy == TEAM_POLICY => Difference::new(self.team_policy(group).await?, nothing),
            Change::DeleteInline { policy, .. } => {
                Difference::new(json!({ "inline_policy": policy }), nothing)
            }
            Change::DeleteKey { kind, .. } => {
                Difference::new(json!({ "key": kind.as_str() }), nothing)
            }
            Change::DeleteUser { user } => Difference::new(json!({ "user": user }), nothing),
            Change::DeleteLogin { .. } => Difference::switch("login", false),
            Change::DeleteCredential { id, .. } => {
                Difference::new(json!({ "credential": id.as_str() }), nothing)
            }
            Change::DeleteCertificate { id, .. } => {
                Difference::new(json!({ "certificate": id }), nothing)
            }
            Change::DeleteSshKey { id, .. } => Difference::new(json!({ "ssh_key": id }), nothing),
            Change::DeactivateMfa { serial, .. } | Change::DeleteVirtualMfa { serial, .. } => {
                Difference::new(json!({ "mfa": serial }), nothing)
            }
            Change::DeleteBoundary { .. } => Difference::switch("boundary", false),
        })
    }

    async fn team_policy(&self, group: &str) -> Result<Value, EffectError> {
        let found = patiently(|| self.iam.group(group)).await?;
        let text = found.and_then(|found| found.team_policy);
        Ok(text.map_or(Value::Null, |text| policy(&text)))
    }

    async fn text_of(&self, arn: &str) -> Result<Value, EffectError> {
        let found = patiently(|| self.iam.policy(arn)).await?;
        Ok(found.map_or(Value::Null, |found| policy(&found.text)))
    }
}

/// The text of a policy, which is JSON itself.
fn policy(text: &str) -> Value {
    let text = serde_json::from_str(text).unwrap_or_else(|_| json!(text));
    json!({ "policy": text })
}
