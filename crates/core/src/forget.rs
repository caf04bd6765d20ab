//! Forgetting a user (rules P2): a pseudonym in place of every name.

use serde_json::Value;

use crate::attribution::{Attribution, PrincipalKind};
use crate::evidence::{Evidence, Lookup};
use crate::ids::UserId;
use crate::invocation::Invocation;
use crate::record::{Client, Failure, Identity};

/// How a pseudonym begins. No identity of AWS has a `/` in its name.
const PREFIX: &str = "forgotten/";

/// JSON keys whose values are never the name of a person.
const NO_PEOPLE: [&str; 10] = [
    "team",
    "tool",
    "model",
    "metric",
    "window",
    "class",
    "mode",
    "zone",
    "language",
    "operation",
];

/// What stands before a name that is not a user's.
const NO_USERS: [&str; 2] = ["team:", "team-defaults:"];

/// The pseudonym for a number that was drawn at random.
pub fn pseudonym(drawn: u32) -> UserId {
    UserId::new(format!("{PREFIX}{drawn:08x}"))
}

/// Whether this is no user but what one left behind.
pub fn is_forgotten(user: &UserId) -> bool {
    user.as_str().starts_with(PREFIX)
}

/// A user that is forgotten, and the names it goes by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    user: UserId,
    pseudonym: UserId,
    /// Longest first, so that an address goes as a whole.
    list: Vec<String>,
}

impl Names {
    /// A user, what takes its place, and names, e-mail addresses and ids; the user's own id is one of
    /// them.
    pub fn new(user: &UserId, pseudonym: &UserId, names: impl IntoIterator<Item = String>) -> Self {
        let mut list: Vec<String> = names
            .into_iter()
            .chain([user.to_string()])
            .map(|name| name.trim().to_owned())
            .filter(|name| !name.is_empty())
            .collect();
        list.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        list.dedup();
        Self {
            user: user.clone(),
            pseudonym: pseudonym.clone(),
            list,
        }
    }

    /// Who is forgotten.
    pub fn user(&self) -> &UserId {
        &self.user
    }

    /// What takes its place.
    pub fn pseudonym(&self) -> &UserId {
        &self.pseudonym
    }

    /// The names, longest first.
    pub fn list(&self) -> &[String] {
        &self.list
    }

    /// The text with the pseudonym for every name that stands there as a word of its own, in any case;
    /// `None` if there is none. In JSON only texts are looked at, and keys.
    pub fn replace(&self, text: &str) -> Option<String> {
        if text.starts_with(['{', '[', '"'])
            && let Ok(mut json) = serde_json::from_str::<Value>(text)
        {
            return self.replace_json(&mut json).then(|| json.to_string());
        }
        self.replace_plain(text)
    }

    fn replace_json(&self, json: &mut Value) -> bool {
        match json {
            Value::String(text) => match self.replace_plain(text) {
                Some(now) => {
                    *text = now;
                    true
                }
                None => false,
            },
            Value::Array(list) => list
                .iter_mut()
                .fold(false, |changed, item| self.replace_json(item) | changed),
            Value::Object(fields) => {
                let mut changed = false;
                *fields = std::mem::take(fields)
                    .into_iter()
                    .map(|(key, mut value)| {
                        if !NO_PEOPLE.contains(&key.as_str()) || !value.is_string() {
                            changed |= self.replace_json(&mut value);
                        }
                        match self.replace_plain(&key) {
                            Some(now) => {
                                changed = true;
                                (now, value)
                            }
                            None => (key, value),
                        }
                    })
                    .collect();
                changed
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }

    fn replace_plain(&self, text: &str) -> Option<String> {
        let mut now = String::new();
        let (mut kept, mut at) = (0, 0);
        while at < text.len() {
            let found = self.list.iter().find_map(|name| {
                let end = at + length_of(name, &text[at..])?;
                stands_alone(text, at, end).then_some(end)
            });
            if let Some(end) = found {
                now.push_str(&text[kept..at]);
                now.push_str(self.pseudonym.as_str());
                (kept, at) = (end, end);
            } else {
                at += text[at..].chars().next().map_or(1, char::len_utf8);
            }
        }
        (kept > 0).then(|| {
            now.push_str(&text[kept..]);
            now
        })
    }

    /// An invocation as it stays: one of the user is the pseudonym's and tells nothing of who called,
    /// from where and with what; one of somebody else only names the user no more.
    pub fn erase(&self, counted: &Invocation, evidence: &Evidence) -> (Invocation, Evidence) {
        let (mut invocation, mut evidence) = (counted.clone(), evidence.clone());
        let is_own = invocation.user == self.user;
        let Evidence {
            api_call,
            log,
            completion,
            sighting,
        } = &mut evidence;
        for record in [api_call, log, completion].into_iter().flatten() {
            self.erase_identity(&mut record.identity, is_own);
            self.erase_texts(&mut record.metadata.values_mut());
            self.erase_failure(&mut record.failure, is_own);
            if is_own {
                erase_client(&mut record.client);
            }
        }
        match &mut sighting.caller {
            caller if is_own => *caller = Lookup::NotAsked,
            Lookup::Found(facts) => {
                self.erase_texts(&mut facts.person.iter_mut().chain(&mut facts.email));
            }
            Lookup::NotAsked | Lookup::Failed => {}
        }
        self.erase_failure(&mut invocation.failure, is_own);
        if is_own {
            erase_client(&mut invocation.client);
            invocation.user = self.pseudonym.clone();
            // Nobody will answer any more.
            invocation.unresolved = false;
        }
        self.erase_caller(&mut invocation.caller, is_own);
        (invocation, evidence)
    }

    fn erase_caller(&self, caller: &mut Attribution, is_own: bool) {
        let Attribution {
            user,
            principal,
            stable_id,
            team: _,
            person,
            email,
            class: _,
            exempt: _,
            unresolved,
        } = caller;
        self.erase_texts(&mut person.iter_mut().chain(email.iter_mut()));
        self.erase_texts(&mut principal.session.iter_mut());
        if !is_own {
            return;
        }
        *user = self.pseudonym.clone();
        (*stable_id, *person, *email) = (None, None, None);
        *unresolved = false;
        match principal.kind {
            PrincipalKind::IamUser | PrincipalKind::Unknown => {
                principal.name = self.pseudonym.to_string();
            }
            PrincipalKind::IdentityCenter
            | PrincipalKind::RoleSession
            | PrincipalKind::SourceIdentity => principal.session = Some(self.pseudonym.to_string()),
            PrincipalKind::Role | PrincipalKind::Root | PrincipalKind::Service => {}
        }
    }

    fn erase_identity(&self, identity: &mut Identity, is_own: bool) {
        let goes = |name: &str| is_own || self.replace_plain(name).is_some();
        let instead = || self.pseudonym.to_string();
        match identity {
            Identity::IamUser { name, stable_id } if goes(name) => {
                (*name, *stable_id) = (instead(), None);
            }
            Identity::IdentityCenter {
                role: _,
                session,
                directory_id,
            } if goes(session) => (*session, *directory_id) = (instead(), None),
            Identity::RoleSession {
                role: _,
                session,
                stable_id: _,
                source_identity,
            } => {
                for name in [session].into_iter().chain(source_identity) {
                    if goes(name) {
                        *name = instead();
                    }
                }
            }
            Identity::Unknown { seen } if is_own => *seen = instead(),
            Identity::Unknown { seen } => self.erase_texts(&mut [seen].into_iter()),
            Identity::IamUser { .. }
            | Identity::IdentityCenter { .. }
            | Identity::Root
            | Identity::Service { .. } => {}
        }
    }

    fn erase_failure(&self, failure: &mut Option<Failure>, is_own: bool) {
        let Some(Failure { code: _, message }) = failure else {
            return;
        };
        if is_own {
            *message = None;
        }
        self.erase_texts(&mut message.iter_mut());
    }

    fn erase_texts(&self, texts: &mut dyn Iterator<Item = &mut String>) {
        for text in texts {
            if let Some(now) = self.replace_plain(text) {
                *text = now;
            }
        }
    }
}

fn erase_client(client: &mut Client) {
    let Client {
        source_ip,
        user_agent,
        access_key,
        bearer: _,
    } = client;
    (*source_ip, *user_agent, *access_key) = (None, None, None);
}

/// How much of the text is that name, whatever the case of its letters.
fn length_of(name: &str, text: &str) -> Option<usize> {
    let mut rest = text.chars();
    for wanted in name.chars() {
        let found = rest.next()?;
        if found != wanted && !found.to_lowercase().eq(wanted.to_lowercase()) {
            return None;
        }
    }
    Some(text.len() - rest.as_str().len())
}

/// Whether nothing around it makes it a part of a longer name: `ana` is in `user/ana`, and not in
/// `hanna`, `ana.diaz` or `ana@example.com`.
fn stands_alone(text: &str, from: usize, to: usize) -> bool {
    let (before, after) = (&text[..from], &text[to..]);
    if NO_USERS.iter().any(|kind| before.ends_with(kind)) {
        return false;
    }
    let mut back = before.chars().rev();
    let mut on = after.chars();
    !goes_on(back.next(), back.next()) && !goes_on(on.next(), on.next())
}

fn goes_on(next: Option<char>, one_further: Option<char>) -> bool {
    let is_letter = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let joins = next.is_some_and(|c| matches!(c, '.' | '-' | '+' | '=' | '~' | '@' | '%' | ','));
    is_letter(next) || joins && is_letter(one_further)
}

#[cfg(test)]
mod tests;
