//! What a batch tells of callers: users, the principals they consist of, and who bears a name.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use weir_core::attribution::{self, Holder, Principal, Succession};
use weir_core::evidence::Lookup;
use weir_core::ids::{TeamId, UserId};
use weir_core::rulebook::{Rulebook, UserClass};

use crate::error::StoreError;
use crate::row::rules as rule_rows;
use crate::value::{Arg, Doc, Row, args};
use crate::work::count::Derived;

/// Everybody who called in a batch.
#[derive(Debug, Default)]
pub(crate) struct Callers {
    users: BTreeMap<UserId, Seen>,
    principals: BTreeMap<Principal, Identity>,
}

/// What the batch tells of a user.
#[derive(Debug)]
struct Seen {
    at: Timestamp,
    team: TeamId,
    exempt: bool,
    /// Whether AWS answered; else only what is certain replaces what is on file (rules A8).
    asked: bool,
    person: Option<String>,
    email: Option<String>,
    /// Whether a call proves that the user exists (rules C3).
    confirmed: bool,
}

/// What the batch tells of a principal.
#[derive(Debug)]
struct Identity {
    /// Whose the latest call is.
    user: UserId,
    first: Timestamp,
    last: Timestamp,
    /// The stable ids it had, each with its first and its last call.
    ids: BTreeMap<String, (Timestamp, Timestamp)>,
    /// The class of each of them (`None`: calls that tell no id), and the latest call for which it
    /// was certain.
    classes: BTreeMap<Option<String>, (Timestamp, UserClass)>,
}

/// How the stable ids of a principal are held against what is on file.
#[derive(Clone, Copy)]
enum Check {
    /// There is none, or the rules know all of them.
    No = 0,
    /// There is one: whether it is another one than on file.
    One = 1,
    /// There are several: which one is on file.
    Several = 2,
}

impl Callers {
    /// What is learnt about the caller of an invocation.
    pub(crate) fn observe(&mut self, one: &Derived) {
        let invocation = &one.invocation;
        let caller = &invocation.caller;
        self.principals
            .entry(caller.principal.clone())
            .or_insert_with(|| Identity {
                user: invocation.user.clone(),
                first: invocation.at,
                last: invocation.at,
                ids: BTreeMap::new(),
                classes: BTreeMap::new(),
            })
            .see(one);
        let mut seen = Seen {
            at: invocation.at,
            team: invocation.team.clone(),
            exempt: caller.exempt,
            asked: matches!(one.evidence.sighting.caller, Lookup::Found(_)),
            person: caller.person.clone(),
            email: caller.email.clone(),
            confirmed: !invocation.tentative,
        };
        match self.users.get_mut(&invocation.user) {
            Some(known) => {
                seen.confirmed |= known.confirmed;
                known.confirmed = seen.confirmed;
                if !known.supersedes(&seen) {
                    *known = seen;
                }
            }
            None => {
                self.users.insert(invocation.user.clone(), seen);
            }
        }
    }

    /// Cells of `users`.
    pub(crate) fn users(&self) -> Doc<'_> {
        self.users
            .iter()
            .map(|(user, seen)| seen.cells(user))
            .collect()
    }

    /// Cells of `user_principals`.
    pub(crate) fn principals<'a>(&'a self, rules: &'a Rulebook) -> Doc<'a> {
        self.principals
            .iter()
            .map(|(principal, identity)| identity.cells(principal, rules.holders_of(principal)))
            .collect()
    }

    /// Those who bore the names that were seen, as far as a name may just have passed from one to the
    /// other: what is denied at a shared target follows the ledger of whoever bears the name now.
    pub(crate) fn successors(&self, rules: &Rulebook) -> BTreeSet<UserId> {
        let mut users = BTreeSet::new();
        for (principal, identity) in &self.principals {
            let holders = rules.holders_of(principal);
            for (place, holder) in holders.iter().enumerate() {
                let is_newest = place + 1 == holders.len();
                if is_newest || identity.ids.contains_key(&holder.stable_id) {
                    users.insert(holder.user.clone());
                    let before = place.checked_sub(1).map(|place| &holders[place]);
                    users.extend(before.map(|holder| holder.user.clone()));
                }
            }
        }
        users
    }

    /// Identities that came under a name that was another's (rules A9); `on_file` has the stable id of
    /// the principals where it must be known.
    pub(crate) fn successions(
        &self,
        on_file: Vec<Row>,
        rules: &Rulebook,
    ) -> Result<Vec<Succession>, StoreError> {
        let mut known = BTreeMap::new();
        for mut row in on_file {
            let principal = rule_rows::read_principal(&mut row)?;
            let stable_id = row.maybe_text("user_principals.stable_id")?;
            let since = row.at("user_principals.first_seen")?;
            if let Some(stable_id) = stable_id {
                known.insert(principal, (stable_id, since));
            }
        }
        let mut found = Vec::new();
        for (principal, identity) in &self.principals {
            found.extend(identity.successions(principal, known.remove(principal), rules));
        }
        Ok(found)
    }
}

impl Seen {
    /// Whether this says as much as `other`, and later. Of two at the same instant the greater, so
    /// that the order of arrival does not matter.
    fn supersedes(&self, other: &Self) -> bool {
        let rank = |seen: &Self| (seen.asked, seen.at, seen.team.clone());
        rank(self) >= rank(other)
    }

    fn cells<'a>(&'a self, user: &'a UserId) -> Vec<Arg<'a>> {
        let Self {
            at,
            team,
            exempt,
            asked,
            person,
            email,
            confirmed,
        } = self;
        let team_known = *asked || *team != TeamId::unassigned();
        args![
            user.as_str(),
            team.as_str(),
            *exempt,
            team_known.then_some(team.as_str()),
            asked.then_some(*exempt),
            person.as_deref(),
            email.as_deref(),
            *at,
            *confirmed,
        ]
    }
}

impl Identity {
    fn see(&mut self, one: &Derived) {
        let (at, caller) = (one.invocation.at, &one.invocation.caller);
        self.first = self.first.min(at);
        if at >= self.last {
            self.last = at;
            self.user = one.invocation.user.clone();
        }
        if let Some(id) = &caller.stable_id {
            let (first, last) = self.ids.entry(id.clone()).or_insert((at, at));
            (*first, *last) = (at.min(*first), at.max(*last));
        }
        // What is known of the latest call holds. Of two at the same instant the more human, so that
        // the order of arrival does not matter.
        if let Some(class) = caller.class {
            let rank = |(at, class): (Timestamp, UserClass)| (at, Reverse(class));
            let known = self
                .classes
                .entry(caller.stable_id.clone())
                .or_insert((at, class));
            if rank((at, class)) > rank(*known) {
                *known = (at, class);
            }
        }
    }

    /// The row of the principal. Where several bore the name, the newest of them is what stands there,
    /// whoever called last.
    fn cells<'a>(&'a self, principal: &'a Principal, holders: &'a [Holder]) -> Vec<Arg<'a>> {
        let newest = holders.last();
        let latest = || {
            let ids = self.ids.iter();
            ids.max_by_key(|(id, (_, last))| (*last, *id))
                .map(|(id, _)| id)
        };
        let stable_id = newest
            .map(|holder| &holder.stable_id)
            .or_else(latest)
            .map(String::as_str);
        let user = newest.map_or(&self.user, |holder| &holder.user);
        let since = newest.map_or(Timestamp::MIN, |holder| holder.since);
        let class = self
            .classes
            .iter()
            .filter(|(id, (at, _))| match id {
                Some(id) => Some(id.as_str()) == stable_id,
                None => *at >= since,
            })
            .map(|(_, class)| *class)
            .max_by_key(|(at, class)| (*at, Reverse(*class)));
        let check = match (newest, self.ids.len()) {
            (Some(_), _) | (None, 0) => Check::No,
            (None, 1) => Check::One,
            (None, _) => Check::Several,
        };
        let mut cells = Vec::from(rule_rows::principal_key(principal));
        cells.extend(args![
            user.as_str(),
            stable_id,
            self.first,
            self.last,
            class.map(|(_, class)| class.as_str()),
            class.map_or(0, |(at, _)| at.as_microsecond()),
            newest.is_some(),
            check as i64,
        ]);
        cells
    }

    fn successions(
        &self,
        principal: &Principal,
        on_file: Option<(String, Timestamp)>,
        rules: &Rulebook,
    ) -> Vec<Succession> {
        let holders = rules.holders_of(principal);
        let is_new = |id: &str| holders.iter().all(|holder| holder.stable_id != id);
        let mut news: Vec<_> = self
            .ids
            .iter()
            .filter(|(id, _)| is_new(id))
            .map(|(id, (first, _))| (*first, id.clone()))
            .collect();
        news.sort();
        let before = holders.last().cloned().or_else(|| {
            // Whoever was seen first keeps the name.
            let first = news.first().map(|(since, id)| (id.clone(), *since));
            let (stable_id, since) = on_file.or(first)?;
            Some(Holder {
                user: attribution::user_of(principal, Some(&stable_id), since, rules),
                stable_id,
                since,
                confirmed: true,
            })
        });
        let Some(before) = before else {
            return Vec::new();
        };
        let home = rules.settings.attribution.home_account.as_ref();
        news.into_iter()
            .filter(|(_, id)| *id != before.stable_id)
            .map(|(since, id)| Succession::of(principal.clone(), before.clone(), id, since, home))
            .collect()
    }
}
