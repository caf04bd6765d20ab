//! Who users are, as far as administrators say it; and who was meant by a name nobody has.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::json;
use weir_core::attribution::{self, Principal};
use weir_core::audit::Entry;
use weir_core::block::Denies;
use weir_core::decide;
use weir_core::ids::{KeyId, TeamId, UserId};
use weir_core::rulebook::{KeyOwner, KeyState, Person, Rulebook};
use weir_store::{RuleChange, UserRow};

use crate::options::Actor;
use crate::{Engine, EngineError};

/// Users read in one go.
const PAGE: u32 = 500;
/// Names proposed instead of one that nobody has.
const PROPOSALS: usize = 3;

/// What a link does to whoever calls by the principal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkEffect {
    /// Whose its calls are now.
    pub before: UserId,
    /// Whose they would be.
    pub after: UserId,
    /// The user whose they are is blocked.
    pub was_blocked: bool,
    /// The user whose they would be is blocked.
    pub is_blocked: bool,
    /// Tools and models that they would be denied, `tool cline`; nothing if all is denied anyway.
    pub denied_in_part: BTreeSet<String>,
    /// Tools and models that they would be given back.
    pub released_in_part: BTreeSet<String>,
}

/// What blocks keep from somebody.
#[derive(Default)]
struct Denied {
    everything: bool,
    parts: BTreeSet<String>,
}

impl LinkEffect {
    /// Whether somebody would lose access.
    pub fn denies(&self) -> bool {
        (self.is_blocked && !self.was_blocked) || !self.denied_in_part.is_empty()
    }
}

impl Engine {
    /// The user of that name, or an error that names similar ones.
    pub async fn known(&self, user: &UserId) -> Result<UserRow, EngineError> {
        if let Some(row) = self.store.user(user).await? {
            return Ok(row);
        }
        let similar = self.similar(user).await?;
        Err(EngineError::NoUser {
            user: user.clone(),
            similar,
        })
    }

    /// Users with a name like this one, nearest first.
    async fn similar(&self, wanted: &UserId) -> Result<Vec<UserId>, EngineError> {
        let wanted = wanted.as_str().to_lowercase();
        let most = 1 + wanted.chars().count() / 4;
        let mut near = Vec::new();
        let mut after = None;
        loop {
            let page = self.store.users(None, after.as_ref(), PAGE).await?;
            after = page.last().map(|row| row.user.clone());
            let full = page.len() >= PAGE as usize;
            for row in page {
                let name = row.user.as_str().to_lowercase();
                let last = name.rsplit('/').next().unwrap_or(&name);
                let steps = distance(&wanted, &name).min(distance(&wanted, last));
                if steps <= most || name.contains(&wanted) {
                    near.push((steps, row.user));
                }
            }
            if !full {
                near.sort();
                return Ok(near
                    .into_iter()
                    .take(PROPOSALS)
                    .map(|(_, user)| user)
                    .collect());
            }
        }
    }

    /// Sets who gets the messages about a team; nobody, without an address.
    pub async fn set_team_owner(
        &self,
        team: &TeamId,
        owner: Option<String>,
        by: &Actor,
    ) -> Result<(), EngineError> {
        self.set_team_owner_as_of(team, owner, None, by).await
    }

    /// The same, bound to a version of the rules, if one is given: after another change of any of them nothing,
    /// and [`weir_store::StoreError::StaleRules`].
    pub async fn set_team_owner_as_of(
        &self,
        team: &TeamId,
        owner: Option<String>,
        version: Option<u64>,
        by: &Actor,
    ) -> Result<(), EngineError> {
        let before = self.store.team_owners(Some(team)).await?;
        let of = |owner: Option<&str>| json!({ "owner": owner }).to_string();
        let mut entry = self.entry("team-set", format!("team:{team}"), String::new(), by);
        entry.before = Some(of(before.first().map(|known| known.email.as_str())));
        entry.after = Some(of(owner.as_deref()));
        let change = RuleChange::SetTeamOwner(team.clone(), owner);
        let changes = RuleChange::bound_to(version, [change]);
        self.store.change_rules(changes, vec![entry]).await?;
        Ok(())
    }

    /// Sets what an administrator says about a user; what is `None` stays as it was said before.
    /// The user is created if nobody has seen them yet. Calls of the past keep their team.
    pub async fn set_person(
        &self,
        user: &UserId,
        said: Person,
        by: &Actor,
    ) -> Result<(), EngineError> {
        self.set_person_as_of(user, said, None, by).await
    }

    /// The same, bound to a version of the rules, if one is given: after another change of any of them nothing,
    /// and [`weir_store::StoreError::StaleRules`].
    pub async fn set_person_as_of(
        &self,
        user: &UserId,
        said: Person,
        version: Option<u64>,
        by: &Actor,
    ) -> Result<(), EngineError> {
        let rules = self.reload_rules().await?;
        let before = rules.people.get(user).cloned().unwrap_or_default();
        let person = merged(&before, &said);
        let mut entry = self.entry("user-set", format!("user:{user}"), String::new(), by);
        entry.before = Some(person_json(&before));
        entry.after = Some(person_json(&person));
        let change = RuleChange::SetPerson(user.clone(), person);
        let changes = RuleChange::bound_to(version, [change]);
        self.change_about(user, changes, entry).await
    }

    /// Notes an identity that has not called yet as the user's: whoever is blocked before the first
    /// call is denied there.
    pub(crate) async fn introduce(
        &self,
        principal: &Principal,
        user: &UserId,
        by: &Actor,
    ) -> Result<(), EngineError> {
        let (subject, reason) = (format!("user:{user}"), principal.to_string());
        let entry = self.entry("user-introduce", subject, reason, by);
        let change = RuleChange::Introduce(principal.clone(), user.clone());
        self.change_about(user, vec![change], entry).await
    }

    /// Changes rules that are about a user, and decides about them anew.
    async fn change_about(
        &self,
        user: &UserId,
        changes: Vec<RuleChange>,
        entry: Entry,
    ) -> Result<(), EngineError> {
        self.store.change_rules(changes, vec![entry]).await?;
        self.reload_rules().await?;
        self.evaluate(vec![user.clone()], Vec::new(), Vec::new())
            .await?;
        self.drain().await?;
        Ok(())
    }

    /// What a link would do to whoever calls by the principal.
    pub async fn foresee_link(
        &self,
        principal: &Principal,
        user: &UserId,
    ) -> Result<LinkEffect, EngineError> {
        let rules = self.reload_rules().await?;
        let before = attribution::user_of(principal, None, Timestamp::MAX, &rules);
        let was = self.denied_of(&before, &rules).await?;
        let is = self.denied_of(user, &rules).await?;
        // What is said of everything says it of the parts.
        let in_part = !was.everything && !is.everything;
        let beyond = |this: &Denied, that: &Denied| {
            let parts = this.parts.difference(&that.parts);
            parts.filter(|_| in_part).cloned().collect()
        };
        Ok(LinkEffect {
            denied_in_part: beyond(&is, &was),
            released_in_part: beyond(&was, &is),
            was_blocked: was.everything,
            is_blocked: is.everything,
            before,
            after: user.clone(),
        })
    }

    /// What blocks keep from a user now: their own, and those of the team that reach them.
    async fn denied_of(&self, user: &UserId, rules: &Rulebook) -> Result<Denied, EngineError> {
        let mut denied = Denied::default();
        let Some(row) = self.store.user(user).await? else {
            return Ok(denied);
        };
        let (users, teams) = (std::slice::from_ref(user), std::slice::from_ref(&row.team));
        let situation = self
            .store
            .situation(users, teams, self.now(), rules)
            .await?;
        let mut standings = situation.users.iter();
        let Some(standing) = standings.find(|standing| standing.user == *user) else {
            return Ok(denied);
        };
        let protection = decide::active_protection(&standing.protections, self.now());
        let by_team = protection.is_none() && standing.is_deniable_human(rules);
        let of_team = standing.team_blocks.iter().filter(|_| by_team);
        for block in standing.blocks.iter().chain(of_team) {
            if block.until.is_over(self.now()) || !block.is_in_force() {
                continue;
            }
            match &block.denies {
                Denies::User(_) | Denies::Team(_) => denied.everything = true,
                Denies::Tool(_, tool) => drop(denied.parts.insert(format!("tool {tool}"))),
                Denies::Model(_, model) => drop(denied.parts.insert(format!("model {model}"))),
            }
        }
        Ok(denied)
    }

    /// Makes a principal part of a user, for its calls from now on; where several bore its name, the
    /// newest of them.
    pub async fn link(
        &self,
        principal: &Principal,
        user: &UserId,
        by: &Actor,
    ) -> Result<(), EngineError> {
        let rules = self.reload_rules().await?;
        let before = attribution::user_of(principal, None, Timestamp::MAX, &rules);
        let mut entry = self.entry(
            "user-link",
            format!("user:{user}"),
            principal.to_string(),
            by,
        );
        entry.before = Some(serde_json::json!({ "user": before.as_str() }).to_string());
        let change = RuleChange::Link(principal.clone(), user.clone());
        self.store.change_rules(vec![change], vec![entry]).await?;
        let home = rules.settings.attribution.home_account.as_ref();
        let alone = attribution::user_id(principal, home);
        self.reload_rules().await?;
        self.evaluate(vec![user.clone(), before, alone], Vec::new(), Vec::new())
            .await?;
        self.drain().await?;
        Ok(())
    }

    /// Binds a key to a user and a tool. Never the secret. Where the tool is blocked, the key is to be deactivated like
    /// the others, by the next dispatch.
    pub async fn set_key(
        &self,
        key: &KeyId,
        owner: KeyOwner,
        by: &Actor,
    ) -> Result<(), EngineError> {
        let reason = format!("belongs to {} for {}", owner.user, owner.tool);
        let before = self.reload_rules().await?.keys.get(key).map(key_json);
        let mut entry = self.entry("key-set", format!("key:{key}"), reason, by);
        entry.before = before;
        entry.after = Some(key_json(&owner));
        let change = RuleChange::SetKey(key.clone(), owner.clone());
        self.store.change_rules(vec![change], vec![entry]).await?;
        let rules = self.reload_rules().await?;
        if owner.state == KeyState::Active {
            let home = rules.settings.attribution.home_account.as_ref();
            let blocked = self.blocked_keys(&owner.user, &owner.tool, home).await?;
            self.store
                .request_targets(&blocked, self.effect_time())
                .await?;
        }
        Ok(())
    }
}

/// What is said now; where nothing is, what was said before.
pub(crate) fn merged(before: &Person, said: &Person) -> Person {
    let Person {
        team,
        person,
        email,
        language,
        class,
    } = said.clone();
    Person {
        team: team.or_else(|| before.team.clone()),
        person: person.or_else(|| before.person.clone()),
        email: email.or_else(|| before.email.clone()),
        language: language.or_else(|| before.language.clone()),
        class: class.or(before.class),
    }
}

fn key_json(owner: &KeyOwner) -> String {
    json!({
        "user": owner.user.as_str(),
        "tool": owner.tool.as_str(),
        "iam_user": owner.iam_user,
        "state": owner.state.as_str(),
    })
    .to_string()
}

pub(crate) fn person_json(person: &Person) -> String {
    serde_json::json!({
        "team": person.team.as_ref().map(|team| team.as_str().to_owned()),
        "person": person.person,
        "email": person.email,
        "language": person.language,
        "class": person.class.map(weir_core::rulebook::UserClass::as_str),
    })
    .to_string()
}

/// How many letters have to be changed, added or left out.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
