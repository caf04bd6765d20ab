//! Keys and the tools they are for.

use std::collections::BTreeMap;

use weir_core::access::TargetKey;
use weir_core::ids::{KeyId, ToolId, UserId};
use weir_core::provision::{
    AtLimit, FoundKey, FoundUser, KEYS_PER_USER, KeyKind, KeyPlace, KeyStatus, NewKey, OpenKey,
    Plan, Step, check_tool, check_user, place_key, plan_binding, plan_companion, plan_key_state,
    plan_revocation,
};
use weir_core::rulebook::{KeyOwner, KeyState, Rulebook};

use super::groups::names_team;
use super::users::no_user;
use super::{Provisioner, UserInfo, patiently, refused};
use crate::EngineError;

/// The longest time AWS gives a Bedrock API key.
const MOST_DAYS: u32 = 36_600;

/// A key, and what Weir knows about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyLine {
    /// The IAM user that holds it.
    pub holder: String,
    /// What IAM says.
    pub found: FoundKey,
    /// The tool; `None` if nobody bound the key.
    pub tool: Option<ToolId>,
}

impl Provisioner<'_> {
    /// All keys of somebody.
    pub async fn keys(&self, name: &str) -> Result<Vec<KeyLine>, EngineError> {
        Ok(self.user(name).await?.keys)
    }

    /// Makes a key for a tool; on an IAM user of the tool's own, where calls could not be told apart.
    pub async fn plan_key(
        &self,
        name: &str,
        tool: &str,
        kind: KeyKind,
        days: Option<u32>,
    ) -> Result<Plan, EngineError> {
        check_user(name).map_err(refused)?;
        let own = patiently(|| self.iam.user(name)).await?;
        let own = own.ok_or_else(|| no_user(name))?;
        let rules = self.engine.reload_rules().await?;
        self.plan_key_of(
            &own,
            &check_tool(tool).map_err(refused)?,
            kind,
            days,
            &tools(&rules),
        )
        .await
    }

    /// The same, for a user as it is or is about to be.
    pub(super) async fn plan_key_of(
        &self,
        own: &FoundUser,
        tool: &ToolId,
        kind: KeyKind,
        days: Option<u32>,
        tools: &BTreeMap<KeyId, ToolId>,
    ) -> Result<Plan, EngineError> {
        let days = checked_days(kind, days)?;
        let rules = self.engine.rules().await?;
        let user = self.user_of(own, &rules);
        let mut plan = Plan::default();
        let of_tool = |owner: &KeyOwner| owner.user == user && owner.tool == *tool;
        let mut owners = rules.keys.values();
        if owners.any(|owner| of_tool(owner) && owner.state != KeyState::Revoked) {
            self.check_not_blocked(&user, tool).await?;
        } else if self.is_tool_blocked(&user, tool).await? {
            plan.notes.push(format!(
                "{tool} is blocked for {user}: its key is deactivated as soon as it is made, before anybody sees the \
                 secret, and works once the block ends"
            ));
        }
        let companion;
        let (holder, found) = match place_key(own, tool, kind, tools).map_err(refused)? {
            KeyPlace::Own => (own.name.clone(), Some(own)),
            KeyPlace::Companion(holder) => {
                companion = self.outline_with_keys(&holder).await?;
                let principal = self.principal(&holder);
                let found = companion.as_ref();
                let is_linked = self.user_named(&holder, found, &rules) == user;
                let own = with_team_group(own, &rules);
                let made = plan_companion(&principal, &own, &user, tool, found, is_linked);
                plan.then(made);
                plan.notes.push(format!(
                    "{} has a Bedrock API key of another tool, and calls with such keys name the IAM \
                     user only: {tool} gets {holder}, whose calls count for {user}",
                    own.name
                ));
                (holder, companion.as_ref())
            }
        };
        let known: Vec<_> = found
            .into_iter()
            .flat_map(|found| found.keys_of(kind))
            .map(|key| (key.clone(), tools.get(&key.id).cloned()))
            .collect();
        if known.len() >= KEYS_PER_USER {
            let keys = known;
            return Err(refused(AtLimit { holder, keys }));
        }
        for (key, _) in known.iter().filter(|(_, of)| of.as_ref() == Some(tool)) {
            let is = key.status;
            plan.exists
                .push(format!("the key {} of {holder} for {tool}, {is}", key.id));
        }
        plan.steps.push(Step::Key(NewKey {
            holder,
            user,
            tool: tool.clone(),
            kind,
            days,
        }));
        Ok(plan)
    }

    /// Says which tool a key is for.
    pub async fn plan_binding(
        &self,
        name: &str,
        key: &KeyId,
        tool: &str,
    ) -> Result<Plan, EngineError> {
        let tool = check_tool(tool).map_err(refused)?;
        let rules = self.engine.reload_rules().await?;
        let (open, user) = self.open_key(name, key).await?;
        let owner = rules.keys.get(key);
        if let Some(owner) = owner {
            self.check_not_blocked(&user, &owner.tool).await?;
        }
        let mut plan = plan_binding(&open, &user, &tool, owner);
        let others = rules.keys.iter().filter(|(other, owner)| {
            let beside = *other != key && owner.state != KeyState::Revoked;
            beside && owner.bedrock && owner.iam_user.as_ref() == Some(&open.holder)
        });
        let mixed = others.filter(|(_, owner)| owner.tool != tool).count() > 0;
        if open.found.kind == KeyKind::Bedrock && mixed {
            plan.notes.push(format!(
                "{} has Bedrock API keys of several tools, and calls with such keys name the IAM user only: which tool \
                 made them is not told by the key",
                open.holder
            ));
        }
        Ok(plan)
    }

    /// Removes a key.
    pub async fn plan_revocation(&self, name: &str, key: &KeyId) -> Result<Plan, EngineError> {
        let rules = self.engine.reload_rules().await?;
        let (open, _) = self.open_key(name, key).await?;
        Ok(plan_revocation(&open, rules.keys.get(key)))
    }

    /// Deactivates or activates a key.
    pub async fn plan_key_state(
        &self,
        name: &str,
        key: &KeyId,
        active: bool,
    ) -> Result<Plan, EngineError> {
        let rules = self.engine.reload_rules().await?;
        let (open, user) = self.open_key(name, key).await?;
        if let Some(owner) = rules.keys.get(key).filter(|_| active) {
            self.check_not_blocked(&user, &owner.tool).await?;
        }
        if active && open.found.status == KeyStatus::Expired {
            return Err(refused(format!(
                "the key {key} has expired: `weir user rotate-key` makes another"
            )));
        }
        Ok(plan_key_state(&open, rules.keys.get(key), active))
    }

    /// Makes another key for the tool of a key. The old one goes at once if `at_once`, else it stays
    /// until it is revoked.
    pub async fn plan_rotation(
        &self,
        name: &str,
        key: &KeyId,
        days: Option<u32>,
        at_once: bool,
    ) -> Result<Plan, EngineError> {
        let rules = self.engine.reload_rules().await?;
        let (open, user) = self.open_key(name, key).await?;
        let owner = rules.keys.get(key).ok_or_else(|| {
            refused(format!(
                "Weir does not know which tool {key} is for: `weir user create-key` makes one for a \
                 tool, then revoke this one"
            ))
        })?;
        self.check_not_blocked(&user, &owner.tool).await?;
        let kind = open.found.kind;
        let holder = patiently(|| self.iam.user(&open.holder)).await?;
        let holder = holder.ok_or_else(|| no_user(&open.holder))?;
        let is_full = holder.keys_of(kind).count() >= KEYS_PER_USER;
        if is_full && !at_once {
            let keys = holder.keys_of(kind).map(|one| {
                let tool = rules.keys.get(&one.id).map(|owner| owner.tool.clone());
                (one.clone(), tool)
            });
            let keys = keys.collect();
            let holder = open.holder;
            return Err(refused(AtLimit { holder, keys }));
        }
        let new = Step::Key(NewKey {
            holder: open.holder.clone(),
            user,
            tool: owner.tool.clone(),
            kind,
            days: checked_days(kind, days)?,
        });
        let old = plan_revocation(&open, Some(owner));
        let mut plan = Plan::default();
        match (at_once, is_full) {
            (true, true) => {
                plan.then(old);
                plan.steps.push(new);
            }
            (true, false) => {
                plan.steps.push(new);
                plan.then(old);
            }
            (false, _) => {
                plan.steps.push(new);
                plan.notes.push(format!(
                    "{key} works until `weir user revoke-key {name} {key}`"
                ));
            }
        }
        Ok(plan)
    }

    /// A key that works would get around the block of a tool, whose keys are deactivated.
    async fn check_not_blocked(&self, user: &UserId, tool: &ToolId) -> Result<(), EngineError> {
        if self.is_tool_blocked(user, tool).await? {
            return Err(refused(format!(
                "{tool} is blocked for {user}: its keys stay deactivated until the block ends, or until \
                 `weir unblock {user}`"
            )));
        }
        Ok(())
    }

    /// Whether a block keeps the keys of a tool deactivated, in whichever account of the user.
    pub(super) async fn is_tool_blocked(
        &self,
        user: &UserId,
        tool: &ToolId,
    ) -> Result<bool, EngineError> {
        Ok(!self.blocked_keys(user, tool).await?.is_empty())
    }

    /// A new key of a blocked tool is deactivated like those that the block found: by the executor, which
    /// remembers what it has to give back. An error, if it could not be.
    pub(super) async fn deactivate_if_blocked(
        &self,
        new: &NewKey,
        id: &KeyId,
    ) -> Result<(), EngineError> {
        let NewKey {
            holder, user, tool, ..
        } = new;
        let blocked = self.blocked_keys(user, tool).await?;
        if blocked.is_empty() {
            return Ok(());
        }
        let engine = self.engine;
        // The block may have had nothing to do so far.
        engine
            .evaluate(vec![user.clone()], Vec::new(), Vec::new())
            .await?;
        let now = engine.effect_time();
        engine.store.request_targets(&blocked, now).await?;
        engine.dispatch(Some(&blocked)).await?;
        let keys = patiently(|| self.iam.keys(holder)).await?;
        let works = |key: &&FoundKey| key.id == *id && key.status == KeyStatus::Active;
        if keys.iter().find(works).is_some() {
            return Err(refused(format!(
                "{tool} is blocked for {user}, and its new key could not be deactivated"
            )));
        }
        Ok(())
    }

    async fn blocked_keys(
        &self,
        user: &UserId,
        tool: &ToolId,
    ) -> Result<Vec<TargetKey>, EngineError> {
        let home = Some(&self.home.account);
        self.engine.blocked_keys(user, tool, home).await
    }

    /// The key of that id, on one of somebody's IAM users, and whose calls it makes.
    async fn open_key(&self, name: &str, key: &KeyId) -> Result<(OpenKey, UserId), EngineError> {
        let UserInfo { user, keys, .. } = self.user(name).await?;
        let known: Vec<_> = keys.iter().map(|line| line.found.id.to_string()).collect();
        let line = keys.into_iter().find(|line| line.found.id == *key);
        let line = line.ok_or_else(|| {
            let known = if known.is_empty() {
                "none".to_owned()
            } else {
                known.join(", ")
            };
            EngineError::NotThere(format!("{name} has no key {key}; there are: {known}"))
        })?;
        let KeyLine { holder, found, .. } = line;
        Ok((OpenKey { holder, found }, user))
    }
}

/// A user with the group that grants what its team may call, and no other.
fn with_team_group(own: &FoundUser, rules: &Rulebook) -> FoundUser {
    let settings = &rules.settings.attribution;
    let is_of_team = |group: &&String| names_team(group, settings);
    FoundUser {
        groups: own
            .groups
            .iter()
            .find(is_of_team)
            .cloned()
            .into_iter()
            .collect(),
        ..own.clone()
    }
}

pub(super) fn lines<'f>(
    holders: impl Iterator<Item = &'f FoundUser>,
    rules: &Rulebook,
) -> Vec<KeyLine> {
    let of = |holder: &FoundUser| -> Vec<KeyLine> {
        let line = |found: &FoundKey| KeyLine {
            holder: holder.name.clone(),
            tool: rules.keys.get(&found.id).map(|owner| owner.tool.clone()),
            found: found.clone(),
        };
        holder.keys.iter().map(line).collect()
    };
    holders.flat_map(of).collect()
}

pub(super) fn tools(rules: &Rulebook) -> BTreeMap<KeyId, ToolId> {
    let keys = rules.keys.iter();
    keys.map(|(key, owner)| (key.clone(), owner.tool.clone()))
        .collect()
}

/// Access keys do not end by themselves.
fn checked_days(kind: KeyKind, days: Option<u32>) -> Result<Option<u32>, EngineError> {
    match (kind, days) {
        (_, None) => Ok(None),
        (KeyKind::AccessKey, Some(_)) => Err(refused(
            "access keys do not end by themselves: leave --expires out, or make a bedrock-api-key",
        )),
        (KeyKind::Bedrock, Some(days)) if (1..=MOST_DAYS).contains(&days) => Ok(Some(days)),
        (KeyKind::Bedrock, Some(days)) => Err(refused(format!(
            "--expires: {days} days; AWS takes 1 to {MOST_DAYS}"
        ))),
    }
}
