//! What IAM says about people, beside what Weir knows: differences, and steps that remove them.

use std::collections::{BTreeMap, HashSet};

use futures_util::future::try_join_all;
use weir_core::attribution::{AttributionSettings, Principal, team_name, team_of_group};
use weir_core::ids::{KeyId, ToolId, UserId};
use weir_core::provision::{FoundUser, KeyKind, KeyStatus, Plan, Said, is_companion};
use weir_core::rulebook::{KeyOwner, KeyState, Person, Rulebook, UserClass};

use super::{Provisioner, patiently};
use crate::EngineError;
use crate::users::merged;

/// Of so many users keys are asked for at once: one after the other, a thousand would take minutes.
const AT_ONCE: usize = 8;
/// Users read in one go.
const PAGE: u32 = 500;

/// A difference between IAM and Weir.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Whom it is about.
    pub user: UserId,
    /// What.
    pub field: &'static str,
    /// What Weir knows.
    pub weir: Option<String>,
    /// What IAM says.
    pub iam: Option<String>,
}

/// What a look at IAM found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Synced {
    /// IAM users with a sign of a person or a team.
    pub users: usize,
    /// IAM users without any, which are left alone.
    pub others: usize,
    /// What differs.
    pub differences: Vec<Difference>,
    /// What makes Weir say as IAM does.
    pub plan: Plan,
}

impl Provisioner<'_> {
    /// Reads users, tags, groups and keys, and plans what Weir has to be told. Writes nothing to AWS.
    pub async fn compare_with_iam(&self) -> Result<Synced, EngineError> {
        let rules = self.engine.reload_rules().await?;
        let found = patiently(|| self.iam.users()).await?;
        let mut synced = Synced::default();
        let (mut compared, mut people) = (Vec::new(), Vec::new());
        for user in &found {
            if let Some(owner) = owner_of(user, &found) {
                let of = self.user_of(owner, &rules);
                self.compare_companion(user, &of, &rules, &mut synced);
                compared.push((user, of));
            } else if let Some(said) = said_by(user, &rules.settings.attribution) {
                let of = self.user_of(user, &rules);
                people.push((user, of.clone(), said));
                compared.push((user, of));
            } else {
                synced.others += 1;
            }
        }
        self.compare_people(people, &rules, &mut synced).await?;
        synced.users = compared.len();
        let switched_off = self.switched_off().await?;
        for some in compared.chunks(AT_ONCE) {
            let ask = |(user, _): &(&FoundUser, UserId)| {
                let name = user.name.clone();
                async move { patiently(|| self.iam.keys(&name)).await }
            };
            let keys = try_join_all(some.iter().map(ask)).await?;
            for ((user, of), keys) in some.iter().zip(keys) {
                let user = FoundUser {
                    keys,
                    ..(*user).clone()
                };
                compare_keys((&user, of), (&rules, &switched_off), &mut synced);
            }
        }
        self.compare_gone(&found, &rules, &mut synced);
        let by_user = |a: &Difference, b: &Difference| a.user.cmp(&b.user);
        synced.differences.sort_by(by_user);
        Ok(synced)
    }

    /// What is said of people, once of each: several IAM users may count for one, and then the one of
    /// the user's own name says who that is.
    async fn compare_people(
        &self,
        mut people: Vec<(&FoundUser, UserId, Person)>,
        rules: &Rulebook,
        to: &mut Synced,
    ) -> Result<(), EngineError> {
        let known = self.known_identities().await?;
        let is_other =
            |found: &FoundUser, user: &UserId| self.by_itself(&found.name, rules) != *user;
        people.sort_by_cached_key(|(found, user, _)| (user.clone(), is_other(found, user)));
        let mut last = None;
        for (found, user, said) in people {
            if last.as_ref() != Some(&user) {
                compare_person(&user, said, rules, to);
            }
            let principal = self.principal(&found.name);
            // One whose name had several holders has called.
            if !known.contains(&principal) && rules.holders_of(&principal).is_empty() {
                to.differences.push(Difference {
                    user: user.clone(),
                    field: "iam user",
                    weir: None,
                    iam: Some(found.name.clone()),
                });
                let user = user.clone();
                to.plan.say(Said::Introduce { principal, user });
            }
            last = Some(user);
        }
        Ok(())
    }

    /// All identities that have called, or that Weir was told of.
    async fn known_identities(&self) -> Result<HashSet<Principal>, EngineError> {
        let (mut known, mut after) = (HashSet::new(), None);
        loop {
            let page = self.engine.store.users(None, after.as_ref(), PAGE).await?;
            after = page.last().map(|row| row.user.clone());
            let full = page.len() >= PAGE as usize;
            let all = page.into_iter().flat_map(|row| row.principals);
            known.extend(all.map(|(principal, ..)| principal));
            if !full {
                return Ok(known);
            }
        }
    }

    /// Keys that blocks of tools have deactivated.
    async fn switched_off(&self) -> Result<HashSet<KeyId>, EngineError> {
        let rows = self.engine.store.targets(&[]).await?;
        let keys = rows.into_iter().flat_map(|row| row.keys);
        Ok(keys.map(|key| key.key).collect())
    }

    /// The IAM user of a tool counts for the person.
    fn compare_companion(
        &self,
        found: &FoundUser,
        user: &UserId,
        rules: &Rulebook,
        to: &mut Synced,
    ) {
        let is = self.user_of(found, rules);
        if is == *user {
            return;
        }
        let principal = self.principal(&found.name);
        let is_linked = rules.links.contains_key(&principal);
        to.differences.push(Difference {
            user: user.clone(),
            field: "iam user of a tool",
            weir: is_linked.then(|| is.to_string()),
            iam: Some(found.name.clone()),
        });
        let user = user.clone();
        to.plan.say(Said::Link { principal, user });
    }

    /// Keys on IAM users that are gone.
    fn compare_gone(&self, found: &[FoundUser], rules: &Rulebook, to: &mut Synced) {
        let lost: BTreeMap<_, _> = rules
            .keys
            .iter()
            .filter(|(_, owner)| owner.state != KeyState::Revoked)
            .filter(|(_, owner)| {
                let holder = owner.iam_user.as_deref();
                holder.is_some_and(|holder| found.iter().all(|user| user.name != holder))
            })
            .collect();
        for (key, owner) in lost {
            note_gone(to, key, owner);
        }
        let account = &self.home.account;
        tracing::debug!(%account, users = found.len(), "compared with IAM");
    }
}

fn compare_person(user: &UserId, said: Person, rules: &Rulebook, to: &mut Synced) {
    let before = rules.people.get(user).cloned().unwrap_or_default();
    let rows = [
        (
            "team",
            before.team.as_ref().map(ToString::to_string),
            said.team.as_ref().map(ToString::to_string),
        ),
        ("person", before.person.clone(), said.person.clone()),
        ("email", before.email.clone(), said.email.clone()),
    ];
    for (field, weir, iam) in rows {
        // A tag cannot hold every name: what Weir knows is the same if its tag would be.
        let as_tag = weir.as_deref().map(weir_core::provision::tag_value);
        if iam.is_some() && weir != iam && as_tag != iam {
            to.differences.push(Difference {
                user: user.clone(),
                field,
                weir,
                iam,
            });
        }
    }
    let differs = |field: &str| {
        to.differences
            .iter()
            .any(|one| one.user == *user && one.field == field)
    };
    let said = Person {
        team: said.team.filter(|_| differs("team")),
        person: said.person.filter(|_| differs("person")),
        email: said.email.filter(|_| differs("email")),
        class: said.class.filter(|_| before.class.is_none()),
        language: None,
    };
    if merged(&before, &said) != before {
        to.plan.say(Said::Person {
            user: user.clone(),
            person: said,
        });
    }
}

/// Bedrock API keys of a tool's IAM user belong to that tool; of other keys only their maker knows.
fn compare_keys(
    (found, user): (&FoundUser, &UserId),
    (rules, switched_off): (&Rulebook, &HashSet<KeyId>),
    to: &mut Synced,
) {
    let tool = found.tag("WeirTool").map(ToolId::new);
    for key in &found.keys {
        let known = rules.keys.get(&key.id);
        let state = match (key.status, known) {
            (KeyStatus::Active, _) => KeyState::Active,
            // It was Weir that switched it off, and will switch it on.
            (KeyStatus::Inactive, Some(owner)) if switched_off.contains(&key.id) => owner.state,
            _ => KeyState::Inactive,
        };
        let owner = match (known, &tool) {
            (Some(owner), _) if owner.state == state && owner.user == *user => continue,
            // Whose it is follows the IAM user that holds it, which may have been linked since.
            (Some(owner), _) => KeyOwner {
                state,
                user: user.clone(),
                ..owner.clone()
            },
            (None, Some(tool)) => KeyOwner {
                iam_user: Some(found.name.clone()),
                created_at: key.created,
                expires_at: key.expires,
                state,
                ..KeyOwner::new(
                    user.clone(),
                    tool.clone(),
                    key.kind == KeyKind::Bedrock,
                    false,
                )
            },
            (None, None) => {
                let name = &found.name;
                to.plan.notes.push(format!(
                        "nobody knows the tool of the key {} ({}) of {name}: `weir user bind-key {name} {} TOOL`",
                        key.id, key.kind, key.id
                    ));
                continue;
            }
        };
        to.differences.push(Difference {
            user: user.clone(),
            field: "key",
            weir: known.map(|owner| match &owner.user {
                is if is == user => format!("{} {}", key.id, owner.state.as_str()),
                other => format!("{} {} of {other}", key.id, owner.state.as_str()),
            }),
            iam: Some(format!("{} {}", key.id, key.status)),
        });
        to.plan.say(Said::Key {
            key: key.id.clone(),
            owner,
        });
    }
    // Keys that Weir knows on this user and that are gone.
    let mut gone: BTreeMap<_, _> = rules
        .keys
        .iter()
        .filter(|(_, owner)| owner.iam_user.as_ref() == Some(&found.name))
        .filter(|(_, owner)| owner.state != KeyState::Revoked)
        .collect();
    gone.retain(|id, _| found.keys.iter().all(|key| key.id != **id));
    for (key, owner) in gone {
        note_gone(to, key, owner);
    }
}

fn note_gone(to: &mut Synced, key: &KeyId, owner: &KeyOwner) {
    to.differences.push(Difference {
        user: owner.user.clone(),
        field: "key",
        weir: Some(format!("{key} {}", owner.state.as_str())),
        iam: None,
    });
    let mut owner = owner.clone();
    owner.state = KeyState::Revoked;
    let key = key.clone();
    to.plan.say(Said::Key { key, owner });
}

/// Whose tool an IAM user is for: what its tag says, if its name bears it out.
fn owner_of<'f>(user: &FoundUser, all: &'f [FoundUser]) -> Option<&'f FoundUser> {
    let owner = user.tag("WeirUser")?;
    let found = all.iter().find(|other| other.name == owner)?;
    is_companion(&user.name, owner).then_some(found)
}

/// What tags and groups say about a person; `None` where nothing does.
fn said_by(found: &FoundUser, settings: &AttributionSettings) -> Option<Person> {
    let tag = |key: &str| {
        found
            .tag(key)
            .map(str::trim)
            .filter(|value| !value.is_empty())
    };
    let mut groups = found.groups.iter();
    let by_group = || groups.find_map(|group| team_of_group(group, settings));
    let person = Person {
        team: tag("Team").map(team_name).or_else(by_group),
        person: tag("Person").map(ToOwned::to_owned),
        email: tag("Email").map(ToOwned::to_owned),
        language: None,
        class: (tag("Person").is_some() || tag("Email").is_some()).then_some(UserClass::Human),
    };
    (person != Person::default()).then_some(person)
}
