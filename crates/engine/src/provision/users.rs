//! People's IAM users, and what Weir knows about them.

use std::collections::{BTreeMap, BTreeSet};

use weir_core::ids::{TeamId, UserId};
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
        let rules = self.engine.reload_rules().await?;
        let found = self.outline(&new.name, new.login).await?;
        let user = self.user_named(&new.name, found.as_ref(), &rules);
        let known = rules.people.get(&user).cloned().unwrap_or_default();
        let mut notes = Vec::new();
        let said = Person {
            team: Some(team.clone()),
            person: Some(person.to_owned()),
            email: new.email.as_deref().map(|email| email.trim().to_owned()),
            language: new.language.clone(),
            class: Some(UserClass::Human),
        };
        let said = unless_said(said, &known, (&new.name, &user), &mut notes);
        let is_there = found.is_some();
        let mut wanted = WantedUser {
            name: new.name.clone(),
            tags: BTreeMap::new(),
            group: (!is_there || said.team.is_some()).then(|| group.to_owned()),
            login: new.login.then_some(true),
        };
        if !is_there || said.person.is_some() {
            tag(&mut wanted, &mut notes, "Person", person);
        }
        if !is_there || said.team.is_some() {
            tag(&mut wanted, &mut notes, "Team", team.as_str());
        }
        let email = new.email.as_deref().map(checked_email).transpose()?;
        if let Some(email) = email.filter(|_| !is_there || said.email.is_some()) {
            tag(&mut wanted, &mut notes, "Email", email);
        }
        let mut plan = plan_user(&wanted, found.as_ref());
        plan.notes.extend(notes);
        if user != self.by_itself(&new.name, &rules) {
            plan.notes.push(format!(
                "the calls of the IAM user {} count for {user}, so what is said here is said of {user}",
                new.name
            ));
        }
        plan.notes
            .extend(self.calls_before(&user, new, &rules).await?);
        say_who(&mut plan, &rules, &user, said);
        self.introduce(&mut plan, &rules, &new.name, &user).await?;
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
        let user = self.user_of(&found, &rules);
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
            say_who(&mut plan, &rules, &user, said);
        }
        self.introduce(&mut plan, &rules, name, &user).await?;
        Ok(plan)
    }

    /// Removes somebody's IAM user and those of the tools. Weir keeps the history.
    pub async fn plan_user_deletion(&self, name: &str) -> Result<Plan, EngineError> {
        check_user(name).map_err(refused)?;
        let rules = self.engine.reload_rules().await?;
        let found = patiently(|| self.iam.user(name)).await?;
        let user = self.user_named(name, found.as_ref(), &rules);
        let mut plan = Plan::default();
        let mut gone = BTreeSet::from([name.to_owned()]);
        for other in self.others_with_tagged(name, &user, &rules).await? {
            if is_companion(&other.name, name) {
                gone.insert(other.name.clone());
                plan.then(plan_user_deletion(&other));
            } else {
                plan.notes.push(format!(
                    "the IAM user {} counts for {user} too, and stays",
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
        let found = patiently(|| self.iam.user(name)).await?;
        let user = self.user_named(name, found.as_ref(), &rules);
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

    /// Notes an IAM user that Weir has not heard of as the user's: whoever is blocked before the first
    /// call is denied there.
    async fn introduce(
        &self,
        plan: &mut Plan,
        rules: &Rulebook,
        name: &str,
        user: &UserId,
    ) -> Result<(), EngineError> {
        let principal = self.principal(name);
        let row = self.engine.store.user(user).await?;
        let known = row.iter().flat_map(|row| &row.principals);
        let is_known = known
            .map(|(known, ..)| known)
            .any(|known| *known == principal);
        // One whose name had several holders has called.
        if !is_known && rules.holders_of(&principal).is_empty() {
            let user = user.clone();
            plan.say(Said::Introduce { principal, user });
        }
        Ok(())
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
        let row = self.engine.store.user(user).await?;
        let seen = row.iter().flat_map(|row| &row.principals);
        let here = linked
            .map(|(principal, _)| principal)
            .chain(seen.map(|(principal, ..)| principal))
            .filter(|one| **one == self.principal(&one.name))
            .map(|one| one.name.clone());
        let holders = rules.keys.values().filter(|owner| owner.user == *user);
        let mut names: BTreeSet<String> = here
            .chain(holders.filter_map(|owner| owner.iam_user.clone()))
            .collect();
        names.remove(name);
        let mut found = Vec::new();
        for other in names {
            found.extend(self.outline_with_keys(&other).await?);
        }
        // A name, or a key of the past, may be of somebody else by now.
        found
            .retain(|other| is_companion(&other.name, name) || self.user_of(other, rules) == *user);
        Ok(found)
    }

    /// The same, with IAM users of tools that say by their tag whose they are and that Weir does not
    /// know: of a database that was lost, or made half.
    async fn others_with_tagged(
        &self,
        name: &str,
        user: &UserId,
        rules: &Rulebook,
    ) -> Result<Vec<FoundUser>, EngineError> {
        let mut others = self.others(name, user, rules).await?;
        for found in patiently(|| self.iam.users()).await? {
            let is_tools = found.tag("WeirUser") == Some(name) && is_companion(&found.name, name);
            if is_tools && others.iter().all(|known| known.name != found.name) {
                others.extend(patiently(|| self.iam.user(&found.name)).await?);
            }
        }
        Ok(others)
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

/// What is said of somebody, without what Weir says otherwise: that stays until it is updated.
fn unless_said(
    said: Person,
    known: &Person,
    (name, user): (&str, &UserId),
    notes: &mut Vec<String>,
) -> Person {
    let mut keep = |what: &str, known: &str, wanted: &str| {
        notes.push(format!(
            "Weir says that the {what} of {user} is `{known}`, not `{wanted}`: `weir user update {name} --{what} …` \
             changes it"
        ));
    };
    let Person {
        team,
        person,
        email,
        language,
        class,
    } = said;
    let mut unless =
        |what: &str, wanted: Option<String>, known: Option<&str>| match (&wanted, known) {
            (Some(wanted), Some(known)) if wanted != known => {
                keep(what, known, wanted);
                None
            }
            _ => wanted,
        };
    let team = team.map(|team| team.to_string());
    let known_team = known.team.as_ref().map(TeamId::as_str);
    Person {
        team: unless("team", team, known_team).map(TeamId::new),
        person: unless("person", person, known.person.as_deref()),
        email: unless("email", email, known.email.as_deref()),
        language: language.filter(|_| known.language.is_none()),
        class: class.filter(|_| known.class.is_none()),
    }
}

fn say_who(plan: &mut Plan, rules: &Rulebook, user: &UserId, said: Person) {
    let before = rules.people.get(user).cloned().unwrap_or_default();
    if merged(&before, &said) == before {
        plan.exists.push(format!("Weir knows who {user} is"));
    } else {
        plan.say(Said::Person {
            user: user.clone(),
            person: said,
        });
    }
}
