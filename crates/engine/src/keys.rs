//! Blocking a tool: its keys are deactivated, and exactly those are activated again (rules E6).
//!
//! IAM keeps no mark on a key, so the ledger does: keys that are active are noted with the target
//! *before* they are deactivated, and forgotten in the transaction that records that they were given
//! back. Whatever happens in between, none is forgotten. What was inactive before the block is noted
//! nowhere and stays inactive after it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use weir_core::access::{Member, NO_KEYS, TargetKey, TargetKind};
use weir_core::attribution::PrincipalKind;
use weir_core::audit::Entry;
use weir_core::ids::{AccountId, KeyId, ToolId, UserId};
use weir_core::rulebook::{KeyState, Rulebook};
use weir_store::{Lease, TargetKeyRow, TargetRow};

use crate::executor::Effect;
use crate::ports::{AccessControl, Applied, Comparison, EffectError, EffectErrorKind};
use crate::{Engine, EngineError};

const MECHANISM: &str = "keys";

/// Keys of one tool, and the IAM users they may belong to.
struct ToolKeys {
    iam_users: BTreeSet<String>,
    keys: Vec<KeyId>,
}

/// What became of the keys of a tool.
pub(crate) struct Switched {
    pub(crate) effect: Effect,
    /// Active again, or nobody's to give back any more.
    pub(crate) given_back: Vec<KeyId>,
    pub(crate) audit: Vec<Entry>,
}

impl Switched {
    pub(crate) fn only(effect: Effect) -> Self {
        Self {
            effect,
            given_back: Vec::new(),
            audit: Vec::new(),
        }
    }
}

impl Engine {
    /// Brings the keys of a tool to the wanted state.
    pub(crate) async fn switch_keys(
        &self,
        access: &dyn AccessControl,
        lease: &Lease,
        row: &TargetRow,
    ) -> Result<Switched, EngineError> {
        if row.members.iter().any(Member::is_denied) {
            let effect = self.deactivate(access, lease, &row.target.key).await?;
            return Ok(Switched::only(effect));
        }
        self.give_back(access, row).await
    }

    async fn deactivate(
        &self,
        access: &dyn AccessControl,
        lease: &Lease,
        target: &TargetKey,
    ) -> Result<Effect, EngineError> {
        let tool = self.tool_keys(target).await?;
        if tool.keys.is_empty() {
            let error = EffectError::new(EffectErrorKind::Cannot, target.to_string(), NO_KEYS);
            return Ok(Err(error));
        }
        let (mut wrote, mut verified, mut found) = (false, true, false);
        for iam_user in &tool.iam_users {
            let there = match there(access, target, iam_user, &tool.keys).await {
                Ok(there) => there,
                Err(error) => return Ok(Err(error)),
            };
            found |= !there.is_empty();
            let active = those(there, true);
            if active.is_empty() {
                continue;
            }
            let noted: Vec<_> = active.iter().map(|key| of(iam_user, key)).collect();
            let entry = self.key_entry("keys-deactivate", target, &active);
            if !self
                .store
                .note_keys(lease, target, &noted, vec![entry])
                .await?
            {
                let why = "another executor has taken it over";
                let error = EffectError::new(EffectErrorKind::Retry, target.to_string(), why);
                return Ok(Err(error));
            }
            wrote = true;
            let account = &target.account;
            if let Err(error) = access.set_keys(account, iam_user, &active, false).await {
                return Ok(Err(error));
            }
            match self::active(access, target, iam_user, &active).await {
                Ok(left) => verified &= left.is_empty(),
                Err(error) => return Ok(Err(error)),
            }
        }
        if !found {
            // Whoever holds them is not known, or they are gone: nothing was denied.
            let why = "none of the keys of this tool is on an IAM user that Weir knows of";
            let error = EffectError::new(EffectErrorKind::Cannot, target.to_string(), why);
            return Ok(Err(error));
        }
        Ok(Ok(Applied {
            wrote,
            verified,
            mechanism: MECHANISM,
        }))
    }

    /// Activates the keys that were noted, except those that somebody has given to another tool
    /// since: what they are for is decided there.
    async fn give_back(
        &self,
        access: &dyn AccessControl,
        row: &TargetRow,
    ) -> Result<Switched, EngineError> {
        let target = &row.target.key;
        let rules = self.rules().await?;
        let mut noted: BTreeMap<&str, Vec<KeyId>> = BTreeMap::new();
        for TargetKeyRow { iam_user, key } in &row.keys {
            noted.entry(iam_user).or_default().push(key.clone());
        }
        let (mut activated, mut verified) = (Vec::new(), true);
        for (iam_user, keys) in noted {
            let ours = keys
                .into_iter()
                .filter(|key| is_still_of(target, key, &rules));
            let ours: Vec<KeyId> = ours.collect();
            let inactive = match inactive(access, target, iam_user, &ours).await {
                Ok(inactive) => inactive,
                Err(error) => return Ok(Switched::only(Err(error))),
            };
            if inactive.is_empty() {
                continue;
            }
            let account = &target.account;
            if let Err(error) = access.set_keys(account, iam_user, &inactive, true).await {
                return Ok(Switched::only(Err(error)));
            }
            match self::inactive(access, target, iam_user, &inactive).await {
                Ok(left) => verified &= left.is_empty(),
                Err(error) => return Ok(Switched::only(Err(error))),
            }
            activated.extend(inactive);
        }
        let effect = Ok(Applied {
            wrote: !activated.is_empty(),
            verified,
            mechanism: MECHANISM,
        });
        if !verified {
            return Ok(Switched::only(effect));
        }
        let entry = self.key_entry("keys-activate", target, &activated);
        Ok(Switched {
            effect,
            given_back: row.keys.iter().map(|noted| noted.key.clone()).collect(),
            audit: (!row.keys.is_empty())
                .then_some(entry)
                .into_iter()
                .collect(),
        })
    }

    /// Compares the keys of a tool with what is wanted.
    pub(crate) async fn compare_keys(
        &self,
        access: &dyn AccessControl,
        row: &TargetRow,
    ) -> Result<Result<Comparison, EffectError>, EngineError> {
        if !row.members.iter().any(Member::is_denied) {
            return Ok(Ok(if row.keys.is_empty() {
                Comparison::Same
            } else {
                Comparison::DenyLeft
            }));
        }
        let target = &row.target.key;
        let tool = self.tool_keys(target).await?;
        for iam_user in &tool.iam_users {
            match active(access, target, iam_user, &tool.keys).await {
                Ok(active) if active.is_empty() => {}
                Ok(_) => return Ok(Ok(Comparison::DenyMissing)),
                Err(error) => return Ok(Err(error)),
            }
        }
        Ok(Ok(Comparison::Same))
    }

    /// Where blocks keep the keys of a tool deactivated: in whichever account of the user, or at home.
    pub(crate) async fn blocked_keys(
        &self,
        user: &UserId,
        tool: &ToolId,
        home: Option<&AccountId>,
    ) -> Result<Vec<TargetKey>, EngineError> {
        let mut blocked = Vec::new();
        let row = self.store.user(user).await?;
        let principals = row.iter().flat_map(|row| &row.principals);
        let mut accounts: BTreeSet<_> = principals
            .map(|(principal, ..)| principal.account.clone())
            .collect();
        accounts.extend(home.cloned());
        for account in accounts {
            let target = TargetKey {
                account,
                kind: TargetKind::ToolKeys,
                id: format!("{user} {tool}"),
            };
            let row = self.store.target(&target).await?;
            if row.is_some_and(|row| row.members.iter().any(Member::is_denied)) {
                blocked.push(target);
            }
        }
        Ok(blocked)
    }

    /// The keys that may be deactivated: Bedrock keys, and access keys that Weir made.
    async fn tool_keys(&self, target: &TargetKey) -> Result<ToolKeys, EngineError> {
        let rules = self.rules().await?;
        let (user, tool) = parts(target);
        let owned = rules
            .keys
            .iter()
            .filter(|(_, owner)| owner.user.as_str() == user && owner.tool.as_str() == tool)
            .filter(|(_, owner)| owner.bedrock || owner.made_by_weir)
            .filter(|(_, owner)| owner.state != KeyState::Revoked);
        let (mut keys, mut iam_users) = (Vec::new(), BTreeSet::new());
        for (key, owner) in owned {
            keys.push(key.clone());
            iam_users.extend(owner.iam_user.clone());
        }
        keys.sort();
        // Of a key that was bound without its holder: on any that has called.
        let row = self.store.user(&UserId::new(user)).await?;
        let principals = row.into_iter().flat_map(|row| row.principals);
        let called = principals
            .map(|(principal, ..)| principal)
            .filter(|one| one.kind == PrincipalKind::IamUser && one.account == target.account);
        iam_users.extend(called.map(|principal| principal.name));
        Ok(ToolKeys { iam_users, keys })
    }

    fn key_entry(&self, operation: &str, target: &TargetKey, keys: &[KeyId]) -> Entry {
        let names: Vec<_> = keys.iter().map(KeyId::as_str).collect();
        let why = match operation {
            "keys-deactivate" => "written before they are deactivated",
            _ => "the keys that the block had deactivated",
        };
        let subject = format!("target:{target}");
        Entry {
            evidence: Some(json!({ "keys": names }).to_string()),
            ..self.entry(operation, subject, why.to_owned(), &Self::weir())
        }
    }
}

fn of(iam_user: &str, key: &KeyId) -> TargetKeyRow {
    TargetKeyRow {
        iam_user: iam_user.to_owned(),
        key: key.clone(),
    }
}

/// User and tool of a target of keys.
fn parts(target: &TargetKey) -> (&str, &str) {
    target.id.rsplit_once(' ').unwrap_or((&target.id, ""))
}

/// Whether a key still belongs to the user and tool it was deactivated for, or to nobody, and no administrator
/// has disabled or revoked it since.
fn is_still_of(target: &TargetKey, key: &KeyId, rules: &Rulebook) -> bool {
    let (user, tool) = parts(target);
    rules.keys.get(key).is_none_or(|owner| {
        let same = owner.user.as_str() == user && owner.tool.as_str() == tool;
        same && owner.state == KeyState::Active
    })
}

/// Those of the keys that are there, and whether each is active; of an IAM user that is gone, none.
async fn there(
    access: &dyn AccessControl,
    target: &TargetKey,
    iam_user: &str,
    keys: &[KeyId],
) -> Result<Vec<(KeyId, bool)>, EffectError> {
    match access.keys(&target.account, iam_user, keys).await {
        Err(error) if error.kind == EffectErrorKind::Gone => Ok(Vec::new()),
        found => found,
    }
}

async fn active(
    access: &dyn AccessControl,
    target: &TargetKey,
    iam_user: &str,
    keys: &[KeyId],
) -> Result<Vec<KeyId>, EffectError> {
    Ok(those(there(access, target, iam_user, keys).await?, true))
}

async fn inactive(
    access: &dyn AccessControl,
    target: &TargetKey,
    iam_user: &str,
    keys: &[KeyId],
) -> Result<Vec<KeyId>, EffectError> {
    Ok(those(there(access, target, iam_user, keys).await?, false))
}

fn those(found: Vec<(KeyId, bool)>, wanted: bool) -> Vec<KeyId> {
    let keys = found.into_iter().filter(|(_, active)| *active == wanted);
    keys.map(|(key, _)| key).collect()
}
