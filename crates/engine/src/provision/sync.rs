//! What IAM says about people, beside what Weir knows: differences, and steps that remove them.

use std::collections::BTreeMap;

use futures_util::future::try_join_all;
use weir_core::attribution::team_name;
use weir_core::ids::{ToolId, UserId};
use weir_core::provision::{
    FoundUser, KeyKind, KeyStatus, Plan, Said, is_companion, team_of_group,
};
use weir_core::rulebook::{KeyOwner, KeyState, Person, Rulebook, UserClass};

use super::{Provisioner, patiently};
use crate::EngineError;
use crate::users::merged;

/// Of so many users keys are asked for at once: one after the other, a thousand would take minutes.
const AT_ONCE: usize = 8;

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
        let mut compared = Vec::new();
        for user in &found {
            if let Some(owner) = owner_of(user, &found) {
                self.compare_companion(user, owner, &rules, &mut synced);
            } else if let Some(said) = said_by(user) {
                self.compare_person(user, said, &rules, &mut synced);
            } else {
                synced.others += 1;
                continue;
            }
            compared.push(user);
        }
        synced.users = compared.len();
        for some in compared.chunks(AT_ONCE) {
            let ask = |user: &&FoundUser| {
                let name = user.name.clone();
                async move { patiently(|| self.iam.keys(&name)).await }
            };
            let keys = try_join_all(some.iter().map(ask)).await?;
            for (user, keys) in some.iter().zip(keys) {
                let user = FoundUser {
                    keys,
                    ..(*user).clone()
                };
                self.compare_keys(&user, &rules, &mut synced);
            }
        }
        self.compare_gone(&found, &rules, &mut synced);
        let by_user = |a: &Difference, b: &Difference| a.user.cmp(&b.user);
        synced.differences.sort_by(by_user);
        Ok(synced)
    }

    fn compare_person(&self, found: &FoundUser, said: Person, rules: &Rulebook, to: &mut Synced) {
        let user = self.user_id(&found.name, rules);
        let before = rules.people.get(&user).cloned().unwrap_or_default();
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
                .any(|one| one.user == user && one.field == field)
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
                user,
                person: said,
                identity: self.principal(&found.name),
            });
        }
    }

    /// The IAM user of a tool counts for the person.
    fn compare_companion(&self, found: &FoundUser, owner: &str, rules: &Rulebook, to: &mut Synced) {
        let (principal, user) = (self.principal(&found.name), self.user_id(owner, rules));
        let linked = rules.links.get(&principal);
        if linked == Some(&user) {
            return;
        }
        to.differences.push(Difference {
            user: user.clone(),
            field: "iam user of a tool",
            weir: linked.map(ToString::to_string),
            iam: Some(found.name.clone()),
        });
        to.plan.say(Said::Link { principal, user });
    }

    /// Bedrock API keys of a tool's IAM user belong to that tool; of other keys only their maker knows.
    fn compare_keys(&self, found: &FoundUser, rules: &Rulebook, to: &mut Synced) {
        let user = self.user_id(found.tag("WeirUser").unwrap_or(&found.name), rules);
        let tool = found.tag("WeirTool").map(ToolId::new);
        for key in &found.keys {
            let known = rules.keys.get(&key.id);
            let state = if key.status == KeyStatus::Active {
                KeyState::Active
            } else {
                KeyState::Inactive
            };
            let owner = match (known, &tool) {
                (Some(owner), _) if owner.state == state => continue,
                (Some(owner), _) => KeyOwner {
                    state,
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
                weir: known.map(|owner| format!("{} {}", key.id, owner.state.as_str())),
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

fn note_gone(to: &mut Synced, key: &weir_core::ids::KeyId, owner: &KeyOwner) {
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
fn owner_of<'f>(user: &'f FoundUser, all: &[FoundUser]) -> Option<&'f str> {
    let owner = user.tag("WeirUser")?;
    let exists = all.iter().any(|other| other.name == owner);
    (exists && is_companion(&user.name, owner)).then_some(owner)
}

/// What tags and groups say about a person; `None` where nothing does.
fn said_by(found: &FoundUser) -> Option<Person> {
    let tag = |key: &str| {
        found
            .tag(key)
            .map(str::trim)
            .filter(|value| !value.is_empty())
    };
    let by_group = || found.groups.iter().find_map(|group| team_of_group(group));
    let person = Person {
        team: tag("Team").map(team_name).or_else(by_group),
        person: tag("Person").map(ToOwned::to_owned),
        email: tag("Email").map(ToOwned::to_owned),
        language: None,
        class: (tag("Person").is_some() || tag("Email").is_some()).then_some(UserClass::Human),
    };
    (person != Person::default()).then_some(person)
}
