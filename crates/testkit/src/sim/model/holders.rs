//! Who bears a name: users and roles that are deleted and made again (rules A9).

use std::collections::BTreeMap;

use jiff::Timestamp;
use weir_core::attribution::{Principal, PrincipalKind};
use weir_core::ids::UserId;

use super::Model;
use crate::sim::cast::{NORAS_ID, Who};
use crate::sim::op::Call;

/// One who bore a name.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    id: String,
    user: UserId,
    since: Timestamp,
    confirmed: bool,
}

/// What is on file of a name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Name {
    /// The immutable id, once a record told it.
    pub(crate) id: Option<String>,
    first: Option<Timestamp>,
    /// Everybody who bore it, by first call, where there were several.
    holders: Vec<Held>,
}

/// A call as it tells of a name: whose, by which id, when.
pub(super) struct Sight {
    pub(super) principal: Principal,
    pub(super) who: Who,
    pub(super) id: Option<String>,
    pub(super) at: Timestamp,
}

/// What IAM deletes and makes again: a user, or a role with all its sessions.
fn thing(who: Who) -> Option<(&'static str, String)> {
    let principal = who.principal();
    match principal.kind {
        PrincipalKind::IamUser => Some(("AIDA", principal.name)),
        PrincipalKind::Role | PrincipalKind::RoleSession | PrincipalKind::SourceIdentity => {
            Some(("AROA", principal.name))
        }
        _ => None,
    }
}

impl Model {
    /// The user or role is deleted and made again, after all of its calls that were made so far.
    /// Whether there is anything to delete.
    pub(crate) fn make_again(&mut self, who: Who, now: Timestamp) -> bool {
        let Some(thing) = thing(who) else {
            return false;
        };
        let whole = |at: Timestamp| Timestamp::from_second(at.as_second() + 1).unwrap_or(at);
        let mut since = whole(now);
        for (by, at) in self.times.values() {
            if self::thing(*by).as_ref() == Some(&thing) {
                since = since.max(whole(*at));
            }
        }
        self.made_again.entry(thing).or_default().push(since);
        true
    }

    /// The immutable id of who made a call.
    pub(crate) fn id_of(&self, call: Call, at: Timestamp) -> Option<String> {
        if call.by == Who::Nora {
            return Some(NORAS_ID.to_owned());
        }
        let (prefix, name) = thing(call.by)?;
        let again = self.made_again.get(&(prefix, name.clone()));
        let times = again.map_or(0, |all| all.iter().filter(|since| **since <= at).count());
        let first = format!("{prefix}{}", name.to_uppercase());
        Some(match times {
            0 => first,
            times => format!("{first}{times}"),
        })
    }

    /// What a batch tells of names: whoever is not the first that was seen under a name is somebody else.
    pub(super) fn see_names(&mut self, sights: &[Sight]) {
        let mut seen: BTreeMap<Principal, (Who, BTreeMap<String, Timestamp>)> = BTreeMap::new();
        for sight in sights {
            let (_, ids) = seen
                .entry(sight.principal.clone())
                .or_insert_with(|| (sight.who, BTreeMap::new()));
            if let Some(id) = &sight.id {
                let first = ids.entry(id.clone()).or_insert(sight.at);
                *first = sight.at.min(*first);
            }
        }
        for (principal, (who, ids)) in seen {
            self.succeed(&principal, who, ids);
            let newest = self.bears(&principal).cloned();
            let name = self.names.entry(principal.clone()).or_default();
            let at_once = sights.iter().filter(|sight| sight.principal == principal);
            let first = at_once.map(|sight| sight.at).chain(name.first).min();
            name.first = first;
            if let Some(newest) = newest {
                name.id = Some(newest.id);
                self.bore.insert(newest.user);
            } else {
                let ids = sights.iter().filter(|sight| sight.principal == principal);
                let id = ids.filter_map(|sight| sight.id.clone()).next_back();
                name.id = name.id.take().or(id);
                let owner = self.owner(&principal, who);
                self.bore.insert(owner);
            }
        }
    }

    fn succeed(&mut self, principal: &Principal, who: Who, ids: BTreeMap<String, Timestamp>) {
        let name = self.names.get(principal).cloned().unwrap_or_default();
        let is_new = |id: &String| name.holders.iter().all(|held| held.id != *id);
        let mut news: Vec<(Timestamp, String)> = ids
            .into_iter()
            .filter(|(id, _)| is_new(id))
            .map(|(id, first)| (first, id))
            .collect();
        news.sort();
        let mut holders = name.holders.clone();
        if holders.is_empty() {
            let on_file = name.id.zip(name.first).map(|(id, first)| (first, id));
            let Some((since, id)) = on_file.or_else(|| news.first().cloned()) else {
                return;
            };
            news.retain(|(_, new)| *new != id);
            let user = self.owner(principal, who);
            holders.push(Held {
                id,
                user,
                since,
                confirmed: true,
            });
        }
        if news.is_empty() {
            return;
        }
        for (since, id) in news {
            let user = Self::newcomer(principal, who, &id);
            self.users.insert(user.clone());
            holders.push(Held {
                id,
                user,
                since,
                confirmed: false,
            });
        }
        holders.sort_by(|a, b| (a.since, &a.id).cmp(&(b.since, &b.id)));
        self.names.entry(principal.clone()).or_default().holders = holders;
    }

    fn newcomer(principal: &Principal, who: Who, id: &str) -> UserId {
        UserId::new(format!("{}~{id}", Self::alone(principal, who)))
    }

    /// Whether several bore the name.
    pub(super) fn is_shared(&self, principal: &Principal) -> bool {
        self.bears(principal).is_some()
    }

    /// Who bears the name now, if several bore it.
    fn bears(&self, principal: &Principal) -> Option<&Held> {
        self.names.get(principal)?.holders.last()
    }

    /// The user that a principal is part of now.
    pub(crate) fn owner(&self, principal: &Principal, who: Who) -> UserId {
        match self.bears(principal) {
            Some(held) => held.user.clone(),
            None => self
                .links
                .get(principal)
                .cloned()
                .unwrap_or_else(|| Self::alone(principal, who)),
        }
    }

    /// The user whose call it is: by id, without one by time.
    pub(super) fn owner_of(&self, sight: &Sight) -> UserId {
        let Sight {
            principal,
            who,
            id,
            at,
        } = sight;
        let holders = self.names.get(principal).map(|name| &name.holders);
        let Some(holders) = holders.filter(|holders| !holders.is_empty()) else {
            return self.owner(principal, *who);
        };
        let held = match id {
            Some(id) => holders.iter().find(|held| held.id == *id),
            None => holders
                .iter()
                .rfind(|held| held.since <= *at)
                .or(holders.first()),
        };
        match (held, id) {
            (Some(held), _) => held.user.clone(),
            (None, Some(id)) => Self::newcomer(principal, *who, id),
            (None, None) => self.owner(principal, *who),
        }
    }

    /// Whether AWS, asked by name, would tell of somebody else than made the call.
    pub(super) fn is_past(&self, sight: &Sight) -> bool {
        let Some(newest) = self.bears(&sight.principal) else {
            return false;
        };
        newest.user != self.owner_of(sight)
    }

    /// The user to be confirmed, if somebody else bears that name now.
    pub(crate) fn waits(&self, who: Who) -> Option<UserId> {
        let held = self.bears(&who.principal())?;
        (!held.confirmed).then(|| held.user.clone())
    }

    /// Whoever bears the name now is the last one somebody vouched for.
    pub(crate) fn confirm(&mut self, who: Who) {
        let Some(name) = self.names.get_mut(&who.principal()) else {
            return;
        };
        let Some((newest, earlier)) = name.holders.split_last_mut() else {
            return;
        };
        if let Some(before) = earlier.iter().rfind(|held| held.confirmed) {
            newest.user = before.user.clone();
            newest.confirmed = true;
        }
    }

    /// A link by hand is about who bears the name now.
    pub(super) fn link_name(&mut self, principal: &Principal, user: &UserId) {
        let newest = self.names.get_mut(principal);
        if let Some(newest) = newest.and_then(|name| name.holders.last_mut()) {
            newest.user = user.clone();
            newest.confirmed = true;
        }
    }

    /// The user that a principal is by itself.
    fn alone(principal: &Principal, who: Who) -> UserId {
        if *principal == who.principal() {
            who.user()
        } else {
            Who::Ci.user()
        }
    }
}

/// Who of the cast a user is, or was made again from.
pub(super) fn played_by(user: &UserId) -> Option<Who> {
    let name = user.as_str().split('~').next().unwrap_or_default();
    Who::ALL.into_iter().find(|who| who.user().as_str() == name)
}
