//! Blocking a tool: its keys are deactivated, and exactly those are activated again (rules E6).
//!
//! IAM keeps no mark on a key, so the audit log does: an entry is written *before* keys are
//! deactivated, naming those that are active at that moment. What was inactive before the block is
//! in no entry and stays inactive after it.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use weir_core::access::{Desired, TargetKey};
use weir_core::attribution::PrincipalKind;
use weir_core::ids::{KeyId, UserId};
use weir_store::{AuditFilter, TargetRow};

use crate::ports::{AccessControl, Applied, Comparison, EffectError, EffectErrorKind};
use crate::{Engine, EngineError};

const DEACTIVATE: &str = "keys-deactivate";
const ACTIVATE: &str = "keys-activate";

/// Keys of one tool, by the IAM user they belong to.
struct ToolKeys {
    iam_users: Vec<String>,
    keys: Vec<KeyId>,
}

impl Engine {
    /// Brings the keys of a tool to the wanted state.
    pub(crate) async fn write_keys(
        &self,
        access: &dyn AccessControl,
        row: &TargetRow,
    ) -> Result<Result<Applied, EffectError>, EngineError> {
        let target = &row.target.key;
        let denied = !Desired::of(row.members.iter().cloned()).is_allowed();
        let tool = self.tool_keys(target).await?;
        let ours = self.deactivated(target).await?;
        if denied && tool.keys.is_empty() {
            let why = "the user has no keys of this tool that Weir may deactivate";
            return Ok(Err(EffectError::new(
                EffectErrorKind::Cannot,
                target.to_string(),
                why,
            )));
        }
        let mut wrote = false;
        for iam_user in &tool.iam_users {
            let wanted: Vec<KeyId> = if denied {
                tool.keys.clone()
            } else {
                ours.iter().cloned().collect()
            };
            let active = match access.active_keys(&target.account, iam_user, &wanted).await {
                Ok(active) => active,
                Err(error) if error.kind == EffectErrorKind::Gone && !denied => continue,
                Err(error) => return Ok(Err(error)),
            };
            let change: Vec<KeyId> = if denied {
                active
            } else {
                wanted
                    .into_iter()
                    .filter(|key| !active.contains(key))
                    .collect()
            };
            if change.is_empty() {
                continue;
            }
            wrote = true;
            if denied {
                self.note_keys(DEACTIVATE, target, &change).await?;
            }
            if let Err(error) = access
                .set_keys(&target.account, iam_user, &change, !denied)
                .await
            {
                return Ok(Err(error));
            }
            match access.active_keys(&target.account, iam_user, &change).await {
                // Of a key that is not active again nobody can tell here whether it is gone, or
                // another IAM user's of the same person.
                Ok(active) if !denied || active.is_empty() => {}
                Ok(_) => {
                    return Ok(Ok(Applied {
                        wrote,
                        verified: false,
                        mechanism: "keys",
                    }));
                }
                Err(error) => return Ok(Err(error)),
            }
        }
        if !denied && !ours.is_empty() {
            let ours: Vec<KeyId> = ours.into_iter().collect();
            self.note_keys(ACTIVATE, target, &ours).await?;
        }
        Ok(Ok(Applied {
            wrote,
            verified: true,
            mechanism: "keys",
        }))
    }

    /// Compares the keys of a tool with what is wanted.
    pub(crate) async fn compare_keys(
        &self,
        access: &dyn AccessControl,
        row: &TargetRow,
    ) -> Result<Result<Comparison, EffectError>, EngineError> {
        let target = &row.target.key;
        if Desired::of(row.members.iter().cloned()).is_allowed() {
            let left = !self.deactivated(target).await?.is_empty();
            return Ok(Ok(if left {
                Comparison::DenyLeft
            } else {
                Comparison::Same
            }));
        }
        let tool = self.tool_keys(target).await?;
        for iam_user in &tool.iam_users {
            match access
                .active_keys(&target.account, iam_user, &tool.keys)
                .await
            {
                Ok(active) if active.is_empty() => {}
                Ok(_) => return Ok(Ok(Comparison::DenyMissing)),
                Err(error) => return Ok(Err(error)),
            }
        }
        Ok(Ok(Comparison::Same))
    }

    /// The keys that may be deactivated: Bedrock keys, and access keys that Weir made.
    async fn tool_keys(&self, target: &TargetKey) -> Result<ToolKeys, EngineError> {
        let rules = self.rules().await?;
        let (user, tool) = target.id.rsplit_once(' ').unwrap_or((&target.id, ""));
        let mut keys: Vec<KeyId> = rules
            .keys
            .iter()
            .filter(|(_, owner)| owner.user.as_str() == user && owner.tool.as_str() == tool)
            .filter(|(_, owner)| owner.bedrock || owner.made_by_weir)
            .map(|(key, _)| key.clone())
            .collect();
        keys.sort();
        let row = self.store.user(&UserId::new(user)).await?;
        let iam_users = row
            .into_iter()
            .flat_map(|row| row.principals)
            .map(|(principal, ..)| principal)
            .filter(|one| one.kind == PrincipalKind::IamUser && one.account == target.account)
            .map(|principal| principal.name)
            .collect();
        Ok(ToolKeys { iam_users, keys })
    }

    /// The keys that blocks deactivated and no unblock has activated since.
    async fn deactivated(&self, target: &TargetKey) -> Result<BTreeSet<KeyId>, EngineError> {
        let subject = Some(format!("target:{target}"));
        let filter = AuditFilter {
            subject,
            last: Some(200),
            ..AuditFilter::default()
        };
        let mut keys = BTreeSet::new();
        for chained in self.store.audit(&filter).await? {
            match chained.entry.operation.as_str() {
                DEACTIVATE => keys.extend(keys_of(chained.entry.evidence.as_deref())),
                ACTIVATE => keys.clear(),
                _ => {}
            }
        }
        Ok(keys)
    }

    async fn note_keys(
        &self,
        operation: &str,
        target: &TargetKey,
        keys: &[KeyId],
    ) -> Result<(), EngineError> {
        let names: Vec<_> = keys.iter().map(KeyId::as_str).collect();
        let mut entry = self.entry(
            operation,
            format!("target:{target}"),
            "what the block of a tool changes, written before it is changed".to_owned(),
            &Self::weir(),
        );
        entry.evidence = Some(json!({ "keys": names }).to_string());
        Ok(self.store.append_audit(vec![entry]).await?)
    }
}

fn keys_of(evidence: Option<&str>) -> Vec<KeyId> {
    let value: Value = evidence
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default();
    let keys = value["keys"].as_array().cloned().unwrap_or_default();
    keys.iter()
        .filter_map(Value::as_str)
        .map(KeyId::new)
        .collect()
}
