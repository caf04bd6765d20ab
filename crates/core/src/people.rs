//! People of the directory behind Identity Center: what it says about who somebody is, and by which
//! immutable id a Deny finds them (rules A7, E5).

use std::collections::HashMap;

/// Somebody in the directory.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct DirectoryPerson {
    /// The directory user id: what `identitystore:userId` and `onBehalfOf` say. Never another's.
    pub id: String,
    /// The name they sign in with, as the directory writes it.
    pub user_name: String,
    /// The person's name.
    pub person: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// Names of the groups they are in, sorted.
    pub groups: Vec<String>,
}

/// The directory as it was read last, found by id, user name or e-mail address.
#[derive(Clone, Debug, Default)]
pub struct PeopleBook {
    people: HashMap<String, DirectoryPerson>,
    /// Ids by what a session may be called, lower case; `None` where several are called that.
    names: HashMap<String, Option<String>>,
}

impl PeopleBook {
    /// The people, each once.
    pub fn new(people: impl IntoIterator<Item = DirectoryPerson>) -> Self {
        let people: HashMap<String, DirectoryPerson> = people
            .into_iter()
            .map(|person| (person.id.clone(), person))
            .collect();
        let mut names: HashMap<String, Option<String>> = HashMap::new();
        let mut addresses: HashMap<String, Option<String>> = HashMap::new();
        for person in people.values() {
            name(&mut names, &person.user_name, &person.id);
            if let Some(email) = &person.email {
                name(&mut addresses, email, &person.id);
            }
        }
        // A user name goes before somebody else's address.
        for (address, id) in addresses {
            names.entry(address).or_insert(id);
        }
        Self { people, names }
    }

    /// Everybody, by id.
    pub fn all(&self) -> impl Iterator<Item = &DirectoryPerson> {
        self.people.values()
    }

    /// Who has this id; without one, whom a session of that name (lower case) can only be.
    pub fn find(&self, id: Option<&str>, session: &str) -> Option<&DirectoryPerson> {
        let id = match id {
            Some(id) => id,
            None => self.names.get(session)?.as_deref()?,
        };
        self.people.get(id)
    }
}

fn name(names: &mut HashMap<String, Option<String>>, text: &str, id: &str) {
    let text = text.trim().to_lowercase();
    if text.is_empty() {
        return;
    }
    names
        .entry(text)
        .and_modify(|known| {
            if known.as_deref() != Some(id) {
                *known = None;
            }
        })
        .or_insert_with(|| Some(id.to_owned()));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(id: &str, user_name: &str, email: Option<&str>) -> DirectoryPerson {
        DirectoryPerson {
            id: id.to_owned(),
            user_name: user_name.to_owned(),
            email: email.map(str::to_owned),
            ..DirectoryPerson::default()
        }
    }

    #[test]
    fn a_session_is_found_by_id_user_name_or_address_and_never_guessed() {
        let book = PeopleBook::new([
            person("1", "Ana", Some("ana@example.com")),
            person("2", "bob", Some("team@example.com")),
            person("3", "eva", Some("Team@example.com")),
            person("4", "ana@example.com", None),
        ]);
        for (id, session, found) in [
            (None, "ana", Some("1")),
            (None, "ana@example.com", Some("4")),
            (None, "team@example.com", None),
            (None, "bob", Some("2")),
            (None, "nobody", None),
            (None, "", None),
            (Some("3"), "bob", Some("3")),
            (Some("9"), "bob", None),
        ] {
            let who = book.find(id, session).map(|person| person.id.as_str());
            assert_eq!(who, found, "{id:?} {session}");
        }
    }
}
