//! People's IAM users, and what Weir knows about them.

use std::collections::{BTreeMap, BTreeSet};

use weir_core::attribution::Principal;
use weir_core::ids::UserId;
use weir_core::provision::{
    self, FoundUser, Plan, Said, WantedUser, check_user, is_companion, plan_user,
    plan_user_deletion, plan_user_update, tag_value,
};
use weir_core::rulebook::{KeyState, Person, Rulebook, UserClass};

use super::groups::no_group;
use super::keys::lines;
use super::{KeyLine, Provisioner, patiently, refused};
use crate::EngineError;
use crate::users::merged;

/// Somebody who is to get an IAM user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewUser {
    /// The name of the IAM user.
    pub name: String,
    /// The person's name.
    pub person: String,
    /// The team, however it is written.
    pub team: String,
    /// The e-mail address.
    pub email: Option<String>,
    /// The language of messages.
    pub language: Option<String>,
    /// A password for the console.
    pub login: bool,
}

/// What is to change; `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserUpdate {
    /// The person's name.
    pub person: Option<String>,
    /// The team.
    pub team: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// A password for the console, or none.
    pub login: Option<bool>,
}

/// What IAM and Weir know about somebody.
#[derive(Clone, Debug, PartialEq)]
pub struct UserInfo {
    /// Weir's name.
    pub user: UserId,
    /// What administrators said.
    pub said: Person,
    /// The IAM user of that name.
    pub found: Option<FoundUser>,
    /// Other IAM users whose calls count for the user.
    pub others: Vec<FoundUser>,
    /// All keys of theirs.
    pub keys: Vec<KeyLine>,
}

impl Provisioner<'_> {
    /// Makes somebody an IAM user in the team's group, and known to Weir with default quotas.
    pub async fn plan_user(&self, new: &NewUser) -> Result<Plan, EngineError> {
        check_user(&new.name).map_err(refused)?;
        let (team, group) = provision::group_name(&new.team).map_err(refused)?;
        if patiently(|| self.iam.group(&group)).await?.is_none() {
            return Err(no_group(&group, &team));
        }
        self.plan_user_in(new, &group).await
    }

    /// The same, where the group is about to be made.
    pub(super) async fn plan_user_in(
        &self,
        new: &NewUser,
        group: &str,
    ) -> Result<Plan, EngineError> {
        check_user(&new.name).map_err(refused)?;
        let (team, _) = provision::group_name(&new.team).map_err(refused)?;
        let person = new.person.trim();
        if person.is_empty() {
            return Err(refused("PERSON: the name is empty"));
        }
        let mut wanted = WantedUser {
            name: new.name.clone(),
            tags: BTreeMap::new(),
            group: Some(group.to_owned()),
            login: new.login.then_some(true),
        };
        let mut notes = Vec::new();
        tag(&mut wanted, &mut notes, "Person", person);
        tag(&mut wanted, &mut notes, "Team", team.as_str());
        if let Some(email) = &new.email {
            tag(&mut wanted, &mut notes, "Email", checked_email(email)?);
        }
        let found = self.outline(&new.name, new.login).await?;
        let mut plan = plan_user(&wanted, found.as_ref());
        plan.notes.extend(notes);
        let said = Person {
            team: Some(team),
            person: Some(person.to_owned()),
            email: new.email.as_deref().map(|email| email.trim().to_owned()),
            language: new.language.clone(),
            class: Some(UserClass::Human),
        };
        let rules = self.engine.reload_rules().await?;
        let user = self.user_id(&new.name, &rules);
        plan.notes
            .extend(self.calls_before(&user, new, &rules).await?);
        say_who(&mut plan, &rules, self.principal(&new.name), &user, said);
        if found.is_none() && rules.people.contains_key(&user) {
            plan.notes.push(format!(
                "Weir knows a user {user} already: if that was another IAM user of this name, its \
                 history stays with it until `weir user confirm`"
            ));
        }
        Ok(plan)
    }

    /// What becomes of calls that were made by the name before anybody said whose it is.
    async fn calls_before(
        &self,
        user: &UserId,
        new: &NewUser,
        rules: &Rulebook,
    ) -> Result<Option<String>, EngineError> {
        let has_team = |known: &Person| known.team.is_some();
        if rules.people.get(user).is_some_and(has_team) {
            return Ok(None);
        }
        let row = self.engine.store.user(user).await?;
        let (team, _) = provision::group_name(&new.team).map_err(refused)?;
        Ok(row.filter(|row| row.team != team).map(|row| {
            format!(
                "{user} has called before: those calls stay with the team {}, and {team} has what is called from now \
                 on; `weir user set {user} --team {team} --since DATE` moves them",
                row.team
            )
        }))
    }

    /// Changes tags, team, login and what Weir knows.
    pub async fn plan_user_update(
        &self,
        name: &str,
        update: &UserUpdate,
    ) -> Result<Plan, EngineError> {
        check_user(name).map_err(refused)?;
        let found = patiently(|| self.iam.user(name)).await?;
        let found = found.ok_or_else(|| no_user(name))?;
        let mut wanted = WantedUser {
            name: name.to_owned(),
            login: update.login,
            ..WantedUser::default()
        };
        let (mut notes, mut said) = (Vec::new(), Person::default());
        if let Some(team) = &update.team {
            let (team, group) = provision::group_name(team).map_err(refused)?;
            if patiently(|| self.iam.group(&group)).await?.is_none() {
                return Err(no_group(&group, &team));
            }
            tag(&mut wanted, &mut notes, "Team", team.as_str());
            wanted.group = Some(group);
            said.team = Some(team);
        }
        if let Some(person) = update.person.as_deref().map(str::trim) {
            tag(&mut wanted, &mut notes, "Person", person);
            said.person = Some(person.to_owned());
        }
        if let Some(email) = &update.email {
            let email = checked_email(email)?;
            tag(&mut wanted, &mut notes, "Email", email);
            said.email = Some(email.to_owned());
        }
        let rules = self.engine.reload_rules().await?;
        let user = self.user_id(name, &rules);
        let mut plan = plan_user_update(&wanted, &found);
        // The tools' IAM users follow.
        for other in self.others(name, &user, &rules).await? {
            if is_companion(&other.name, name) {
                let wanted = WantedUser {
                    name: other.name.clone(),
                    login: None,
                    ..wanted.clone()
                };
                plan.then(plan_user_update(&wanted, &other));
            }
        }
        plan.notes.extend(notes);
        if said != Person::default() {
            say_who(&mut plan, &rules, self.principal(name), &user, said);
        }
        Ok(plan)
    }

    /// Removes somebody's IAM user and those of the tools. Weir keeps the history.
    pub async fn plan_user_deletion(&self, name: &str) -> Result<Plan, EngineError> {
        check_user(name).map_err(refused)?;
        let rules = self.engine.reload_rules().await?;
        let user = self.user_id(name, &rules);
        let found = patiently(|| self.iam.user(name)).await?;
        let mut plan = Plan::default();
        let mut gone = BTreeSet::from([name.to_owned()]);
        for other in self.others(name, &user, &rules).await? {
            if is_companion(&other.name, name) {
                gone.insert(other.name.clone());
                plan.then(plan_user_deletion(&other));
            } else {
                plan.notes.push(format!(
                    "the IAM user {} counts for {user} too, and stays: it was linked by hand",
                    other.name
                ));
            }
        }
        match &found {
            Some(found) => plan.then(plan_user_deletion(found)),
            None => plan.notes.push(format!(
                "there is no IAM user {name} in account {}",
                self.home.account
            )),
        }
        let mut keys: Vec<_> = rules.keys.iter().collect();
        keys.sort_by_key(|(key, _)| *key);
        for (key, owner) in keys {
            let held = owner
                .iam_user
                .as_ref()
                .is_some_and(|holder| gone.contains(holder));
            if held && owner.state != KeyState::Revoked {
                let mut owner = owner.clone();
                owner.state = KeyState::Revoked;
                let key = key.clone();
                plan.say(Said::Key { key, owner });
            }
        }
        if !plan.is_done() {
            plan.notes.push(format!(
                "usage, quotas, blocks and the record of {user} stay in Weir"
            ));
        }
        Ok(plan)
    }

    /// What is known about somebody.
    pub async fn user(&self, name: &str) -> Result<UserInfo, EngineError> {
        let rules = self.engine.reload_rules().await?;
        let user = self.user_id(name, &rules);
        let found = patiently(|| self.iam.user(name)).await?;
        let others = self.others(name, &user, &rules).await?;
        let said = rules.people.get(&user).cloned();
        let known = said.is_some() || self.engine.store.user(&user).await?.is_some();
        if found.is_none() && !known {
            // Names who may have been meant.
            self.engine.known(&user).await?;
        }
        let keys = lines(found.iter().chain(&others), &rules);
        let said = said.unwrap_or_default();
        Ok(UserInfo {
            user,
            said,
            found,
            others,
            keys,
        })
    }

    /// IAM users of this account whose calls count for the user, beside the one of the name: those
    /// of tools, and those linked by hand.
    pub(super) async fn others(
        &self,
        name: &str,
        user: &UserId,
        rules: &Rulebook,
    ) -> Result<Vec<FoundUser>, EngineError> {
        let linked = rules.links.iter().filter(|(_, of)| *of == user);
        let linked = linked
            .map(|(principal, _)| principal)
            .filter(|one| **one == self.principal(&one.name))
            .map(|one| one.name.clone());
        let holders = rules.keys.values().filter(|owner| owner.user == *user);
        let mut names: BTreeSet<String> = linked
            .chain(holders.filter_map(|owner| owner.iam_user.clone()))
            .collect();
        names.remove(name);
        let mut found = Vec::new();
        for other in names {
            found.extend(self.outline_with_keys(&other).await?);
        }
        Ok(found)
    }
}

pub(super) fn no_user(name: &str) -> EngineError {
    EngineError::NotThere(format!(
        "there is no IAM user {name}: `weir user create` makes it"
    ))
}

fn checked_email(text: &str) -> Result<&str, EngineError> {
    let email = text.trim();
    let parts = email.rsplit_once('@');
    if parts.is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
        && !email.contains(char::is_whitespace)
    {
        return Ok(email);
    }
    Err(refused(format!("`{text}` is not an e-mail address")))
}

fn tag(wanted: &mut WantedUser, notes: &mut Vec<String>, key: &str, value: &str) {
    let fit = tag_value(value);
    if fit != value {
        notes.push(format!(
            "the tag {key} becomes `{fit}`: tags cannot hold all of `{value}`, Weir does"
        ));
    }
    wanted.tags.insert(key.to_owned(), fit);
}

fn say_who(plan: &mut Plan, rules: &Rulebook, identity: Principal, user: &UserId, said: Person) {
    let before = rules.people.get(user).cloned().unwrap_or_default();
    if merged(&before, &said) == before {
        plan.exists.push(format!("Weir knows who {user} is"));
    } else {
        plan.say(Said::Person {
            user: user.clone(),
            person: said,
            identity,
        });
    }
}
