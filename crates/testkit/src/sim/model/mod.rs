//! The reference: simple, slow, and written from the rules rather than from the code.
//!
//! It remembers every record and every command, and computes everything anew whenever it is asked:
//! totals by adding up all calls, windows by walking along the clock, blocks by looking at every
//! quota. Nothing here knows of transactions, jobs, targets or generations.

mod calls;
mod clock;
mod holders;
mod totals;
mod wants;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use weir_core::attribution::Principal;
use weir_core::block::Until;
use weir_core::calendar::WindowKind;
use weir_core::ids::{TeamId, UserId};
use weir_core::quota::{Action, Limit, Metric};

use super::cast::Model as Called;
use super::cast::{Team, Who};
use super::op::{Rec, Scope, Setup};

pub(crate) use calls::{Counted, Known, draft, request};
pub(crate) use clock::{Clock, Win};
use holders::Name;
pub(crate) use wants::{Need, Wants};

/// A quota as somebody set it.
#[derive(Clone, Debug)]
pub(crate) struct Quota {
    pub(crate) limit: Limit,
    pub(crate) action: Action,
    /// More, until then.
    pub(crate) additions: Vec<(i64, Timestamp)>,
}

/// A protection as somebody gave it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Protection {
    pub(crate) until: Timestamp,
    pub(crate) cap: Option<u32>,
}

/// Which quota.
pub(crate) type QuotaKey = (Scope, Metric, WindowKind);

/// Everything that ever happened, as far as it matters.
pub(crate) struct Model {
    pub(crate) clock: Clock,
    settle_after: SignedDuration,
    batch: usize,
    pub(crate) calls: BTreeMap<u32, Known>,
    /// When calls were made, fixed once a record of them is on its way.
    times: BTreeMap<u32, (Who, Timestamp)>,
    pub(crate) quotas: BTreeMap<QuotaKey, Quota>,
    /// Additions to what a user inherits.
    pub(crate) raises: BTreeMap<QuotaKey, Vec<(i64, Timestamp)>>,
    /// Model, nano-dollars per million tokens of every class, since.
    prices: Vec<(weir_core::ids::ModelId, i64, Timestamp)>,
    teams: BTreeMap<UserId, TeamId>,
    links: BTreeMap<Principal, UserId>,
    /// Users and roles that were deleted and made again, and since when they are others.
    made_again: BTreeMap<(&'static str, String), Vec<Timestamp>>,
    /// What is known of names, and of those who bore them.
    pub(crate) names: BTreeMap<Principal, Name>,
    /// Users who bore a name at some time; the others were past when they were first seen.
    bore: BTreeSet<UserId>,
    /// Users of whom AWS has told.
    told: BTreeSet<UserId>,
    /// Blocks by hand, and until when.
    manual: BTreeMap<UserId, Until>,
    protections: BTreeMap<UserId, Protection>,
    /// Held blocks of teams that were discarded: when, and until when nothing follows them.
    discards: BTreeMap<Team, (Timestamp, Timestamp)>,
    /// Unblocked without protection: not evaluated until the next counted call.
    reprieved: BTreeSet<UserId>,
    /// Users that exist.
    pub(crate) users: BTreeSet<UserId>,
    /// Users that a call proved or an administrator spoke of; the others may be somebody else.
    confirmed: BTreeSet<UserId>,
    /// Principals that were seen.
    pub(crate) principals: BTreeMap<Principal, Who>,
}

impl Model {
    pub(crate) fn new(setup: Setup) -> Self {
        let notify = |limit| Quota {
            limit: Limit::Of(limit),
            action: Action::Notify,
            additions: Vec::new(),
        };
        let built_in = [(WindowKind::Day, 350), (WindowKind::Month, 5_000)];
        let quotas = built_in
            .into_iter()
            .map(|(window, limit)| ((Scope::Defaults, Metric::Requests, window), notify(limit)));
        Self {
            clock: Clock::madrid(),
            settle_after: SignedDuration::from_mins(setup.settle_after),
            batch: setup.batch,
            calls: BTreeMap::new(),
            times: BTreeMap::new(),
            quotas: quotas.collect(),
            raises: BTreeMap::new(),
            prices: Vec::new(),
            teams: BTreeMap::new(),
            links: BTreeMap::new(),
            made_again: BTreeMap::new(),
            names: BTreeMap::new(),
            bore: BTreeSet::new(),
            told: BTreeSet::new(),
            manual: BTreeMap::new(),
            protections: BTreeMap::new(),
            discards: BTreeMap::new(),
            reprieved: BTreeSet::new(),
            users: BTreeSet::new(),
            confirmed: BTreeSet::new(),
            principals: BTreeMap::new(),
        }
    }

    /// Records arrive, some at a time.
    pub(crate) fn deliver(&mut self, records: &[Rec], now: Timestamp) {
        for batch in records.chunks(self.batch.max(1)) {
            let news: BTreeSet<u32> = batch
                .iter()
                .filter(|record| self.arrive(**record, now))
                .map(|r| r.call.id)
                .collect();
            let sights: Vec<_> = news.iter().filter_map(|id| self.sight(*id)).collect();
            self.see_names(&sights);
            self.look_up(&news);
            for id in news {
                self.recount(id, now);
            }
        }
    }

    pub(crate) fn block(&mut self, user: &UserId, until: Until) {
        self.manual.insert(user.clone(), until);
    }

    pub(crate) fn unblock(&mut self, user: &UserId, protect_until: Option<Timestamp>) {
        self.manual.remove(user);
        if let Some(until) = protect_until {
            self.protect(user, until, None);
        } else {
            self.protections.remove(user);
            self.reprieved.insert(user.clone());
        }
    }

    pub(crate) fn protect(&mut self, user: &UserId, until: Timestamp, cap: Option<u32>) {
        self.protections
            .insert(user.clone(), Protection { until, cap });
    }

    pub(crate) fn unprotect(&mut self, user: &UserId) {
        self.protections.remove(user);
    }

    pub(crate) fn discard(&mut self, team: Team, now: Timestamp) {
        let until = self.clock.end(WindowKind::Day, now);
        self.discards.insert(team, (now, until));
    }

    /// When a held block of the team was discarded, if that still holds.
    pub(crate) fn discarded(&self, team: Team, now: Timestamp) -> Option<(Timestamp, Timestamp)> {
        let (at, until) = *self.discards.get(&team)?;
        (now < until).then_some((at, until))
    }

    pub(crate) fn set_quota(&mut self, key: QuotaKey, limit: Limit, action: Action) {
        self.raises.remove(&key);
        self.quotas.insert(
            key,
            Quota {
                limit,
                action,
                additions: Vec::new(),
            },
        );
    }

    /// A raise comes as a quota of the user's with the addition in it; what is inherited stays inherited.
    pub(crate) fn raise(
        &mut self,
        key: QuotaKey,
        quota: &weir_core::quota::Quota,
        more: i64,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<(), String> {
        let (scope, metric, window) = key;
        let Scope::User(who) = scope else {
            return Err("only users are raised".to_owned());
        };
        let team = self.teams_of(&who.user());
        let inherited = |team: &TeamId| {
            let found = self.quotas_of(&who.user(), team);
            found
                .into_iter()
                .find(|(m, w, ..)| (*m, *w) == (metric, window))
                .map(|(_, _, q, is_own)| (q, is_own))
        };
        let known: Vec<(Quota, bool)> = team.iter().filter_map(inherited).collect();
        let fits = |(known, _): &&(Quota, bool)| {
            (known.limit, known.action) == (quota.limit, quota.action)
        };
        let Some((before, is_own)) = known.iter().find(fits) else {
            return Err(format!("{quota:?} was raised, and in force is {known:?}"));
        };
        let mut raised = before.clone();
        raised.additions.retain(|(_, until)| now < *until);
        raised.additions.push((more, until));
        if *is_own {
            self.quotas.insert(key, raised);
        } else {
            self.raises.insert(key, raised.additions);
        }
        Ok(())
    }

    pub(crate) fn unset_quota(&mut self, key: QuotaKey) {
        self.quotas.remove(&key);
        self.raises.remove(&key);
    }

    pub(crate) fn set_team(&mut self, user: &UserId, team: Team) {
        self.teams.insert(user.clone(), team.id());
        self.users.insert(user.clone());
        self.confirmed.insert(user.clone());
    }

    /// Calls of the past move too, into every total (rules A12).
    pub(crate) fn set_team_since(&mut self, user: &UserId, team: Team, since: Date) {
        self.set_team(user, team);
        let Self { calls, clock, .. } = self;
        for known in calls.values_mut() {
            let counted = &mut known.counted;
            if counted.user == *user && clock.date(counted.at) >= since {
                counted.team = team.id();
            }
        }
    }

    /// Denied with the user from now on, even if it has never called (rules E5).
    pub(crate) fn link(&mut self, who: Who, user: &UserId) {
        self.principals.entry(who.principal()).or_insert(who);
        self.links.insert(who.principal(), user.clone());
        self.confirmed.insert(user.clone());
        self.link_name(&who.principal(), user);
    }

    /// A price is known from then on; what had none gets it (rules M5), what had one keeps it (M2).
    pub(crate) fn set_price(&mut self, model: Called, nanos: i64, since: Timestamp) {
        self.prices.push((model.id(), nanos, since));
        let costs: Vec<(u32, Option<i64>)> = self
            .calls
            .iter()
            .filter(|(_, known)| known.counted.is_unpriced())
            .map(|(id, known)| (*id, self.cost(known)))
            .collect();
        for (id, cost) in costs {
            if let Some(known) = self.calls.get_mut(&id) {
                known.counted.cost = cost;
            }
        }
    }

    /// Whether a user has been unblocked without protection and not evaluated since.
    pub(crate) fn is_reprieved(&self, user: &UserId) -> bool {
        self.reprieved.contains(user)
    }

    /// The end of the block by hand that holds now, if there is one.
    pub(crate) fn manual(&self, user: &UserId, now: Timestamp) -> Option<Until> {
        let until = self.manual.get(user).copied()?;
        until.instant().is_none_or(|end| now < end).then_some(until)
    }

    /// The protection that holds now.
    pub(crate) fn protection(&self, user: &UserId, now: Timestamp) -> Option<Protection> {
        self.protections
            .get(user)
            .copied()
            .filter(|protection| now < protection.until)
    }
}
