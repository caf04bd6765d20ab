//! People of the directory behind Identity Center, beside what Weir knows of them: differences, and
//! what removes them. The directory ranks after what an administrator said (rules A7), so it is kept
//! apart from that, and found by id, user name or address when somebody calls.

use std::collections::BTreeMap;

use serde_json::json;
use weir_core::attribution::{AttributionSettings, team_of_group};
use weir_core::audit::Entry;
use weir_core::people::DirectoryPerson;
use weir_store::RuleChange;

use crate::jobs::CHUNK;
use crate::options::Actor;
use crate::ports::People;
use crate::{Engine, EngineError};

/// A difference between the directory and what Weir knows of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonDifference {
    /// The directory user id.
    pub id: String,
    /// What they sign in as.
    pub user_name: String,
    /// What differs.
    pub field: &'static str,
    /// What Weir knows.
    pub weir: Option<String>,
    /// What the directory says.
    pub directory: Option<String>,
}

/// What a look at the directory found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DirectorySync {
    /// Everybody in the directory.
    pub people: usize,
    /// Those whose groups name a team.
    pub with_team: usize,
    /// What differs.
    pub differences: Vec<PersonDifference>,
    changes: Vec<Change>,
}

/// One person to be noted or forgotten, and which fields differ.
#[derive(Clone, Debug, PartialEq)]
struct Change {
    rule: RuleChange,
    id: String,
    fields: Vec<&'static str>,
}

impl DirectorySync {
    /// Whether Weir knows what the directory says.
    pub fn is_done(&self) -> bool {
        self.changes.is_empty()
    }

    /// How many people would be noted anew or otherwise, and how many forgotten.
    pub fn counts(&self) -> (usize, usize) {
        let changes = self.changes.iter();
        let gone =
            changes.filter(|change| matches!(change.rule, RuleChange::DropDirectoryPerson(_)));
        let gone = gone.count();
        (self.changes.len() - gone, gone)
    }
}

impl Engine {
    /// Reads the directory, and finds what Weir does not know. Writes nothing.
    pub async fn compare_with_directory(
        &self,
        directory: &dyn People,
    ) -> Result<DirectorySync, EngineError> {
        let rules = self.reload_rules().await?;
        let settings = &rules.settings.attribution;
        let found = crate::provision::patiently(|| directory.people()).await?;
        let mut known: BTreeMap<&str, &DirectoryPerson> = rules
            .directory
            .all()
            .map(|person| (person.id.as_str(), person))
            .collect();
        let mut sync = DirectorySync {
            people: found.len(),
            with_team: found
                .iter()
                .filter(|one| team(one, settings).is_some())
                .count(),
            ..DirectorySync::default()
        };
        for person in &found {
            let before = known.remove(person.id.as_str());
            if before == Some(person) {
                continue;
            }
            let differences = differences(before, person, settings);
            sync.changes.push(Change {
                rule: RuleChange::SetDirectoryPerson(person.clone()),
                id: person.id.clone(),
                fields: differences.iter().map(|one| one.field).collect(),
            });
            sync.differences.extend(differences);
        }
        for (id, person) in known {
            sync.differences.push(PersonDifference {
                id: id.to_owned(),
                user_name: person.user_name.clone(),
                field: "in the directory",
                weir: Some("yes".to_owned()),
                directory: None,
            });
            sync.changes.push(Change {
                rule: RuleChange::DropDirectoryPerson(id.to_owned()),
                id: id.to_owned(),
                fields: Vec::new(),
            });
        }
        Ok(sync)
    }

    /// Notes what was found, in chunks of one transaction each; broken off, the same again does the
    /// rest. Whoever is denied by another name than the directory's id is denied by the id from now on.
    pub async fn note_directory(
        &self,
        sync: &DirectorySync,
        by: &Actor,
    ) -> Result<(), EngineError> {
        for chunk in sync.changes.chunks(CHUNK as usize) {
            let rules = chunk.iter().map(|change| change.rule.clone()).collect();
            let entries = chunk.iter().map(|change| self.directory_entry(change, by));
            self.store.change_rules(rules, entries.collect()).await?;
        }
        self.reload_rules().await?;
        self.align().await?;
        self.drain().await?;
        Ok(())
    }

    /// The audit names people of the directory by their id, and what changed by its name alone.
    fn directory_entry(&self, change: &Change, by: &Actor) -> Entry {
        let operation = match change.rule {
            RuleChange::DropDirectoryPerson(_) => "directory-person-gone",
            _ => "directory-person-set",
        };
        let subject = format!("directory:{}", change.id);
        let reason = "read from Identity Center".to_owned();
        Entry {
            evidence: Some(json!({ "changed": change.fields }).to_string()),
            ..self.entry(operation, subject, reason, by)
        }
    }
}

fn differences(
    before: Option<&DirectoryPerson>,
    now: &DirectoryPerson,
    settings: &AttributionSettings,
) -> Vec<PersonDifference> {
    let of = |person: &DirectoryPerson| {
        let DirectoryPerson {
            id: _,
            user_name,
            person: name,
            email,
            groups,
        } = person;
        let groups = (!groups.is_empty()).then(|| groups.join(", "));
        [
            ("user name", Some(user_name.clone())),
            ("person", name.clone()),
            ("email", email.clone()),
            ("team", team(person, settings)),
            ("groups", groups),
        ]
    };
    let known = before.map(&of);
    let fields = of(now).into_iter().enumerate();
    fields
        .filter_map(|(at, (field, directory))| {
            let weir = known.as_ref().and_then(|known| known[at].1.clone());
            (weir != directory).then(|| PersonDifference {
                id: now.id.clone(),
                user_name: now.user_name.clone(),
                field,
                weir,
                directory,
            })
        })
        .collect()
}

/// The team that somebody's groups name.
fn team(person: &DirectoryPerson, settings: &AttributionSettings) -> Option<String> {
    let mut groups = person.groups.iter();
    let team = groups.find_map(|group| team_of_group(group, settings))?;
    Some(team.to_string())
}
