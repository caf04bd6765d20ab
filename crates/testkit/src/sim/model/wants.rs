//! Who must be blocked now, and who may be (rules C3, C6, Q1-Q8, B1-B7, E10).

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use weir_core::attribution::Principal;
use weir_core::block::Denies;
use weir_core::calendar::WindowKind;
use weir_core::counter::Sums;
use weir_core::ids::{TeamId, UserId};
use weir_core::quota::{Action, Limit, Metric};

use super::holders::played_by;
use super::{Known, Model, Protection, Quota, Win};
use crate::sim::cast::{Team, Who};
use crate::sim::op::Scope;

/// Whether something is certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Need {
    /// The rules leave it open: counts may still settle, or nobody is evaluated for now.
    May,
    /// It follows from the rules.
    Must,
}

/// An automatic block that there must, or may, be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    pub(crate) need: Need,
    pub(crate) until: Timestamp,
}

/// What is denied, and over which window.
pub(crate) type Wants = BTreeMap<(Denies, Win), Wanted>;

impl Model {
    /// The automatic blocks of a user.
    pub(crate) fn wants(&self, user: &UserId, now: Timestamp) -> Wants {
        // Whoever only the log of a role session names may be somebody else (rules C3): not even a
        // limit of 0 denies them, until a call proves that they exist.
        if !self.confirmed.contains(user) {
            return Wants::new();
        }
        let teams = self.teams_of(user);
        let mut all: Vec<Wants> = teams
            .iter()
            .map(|team| self.wants_in(user, team, now))
            .collect();
        let mut wants = all.pop().unwrap_or_default();
        // Where nobody can say which team a user of several principals is in, both answers hold.
        for other in &all {
            for (key, wanted) in other {
                let open = Wanted {
                    need: Need::May,
                    ..*wanted
                };
                wants.entry(key.clone()).or_insert(open);
            }
            for (key, wanted) in &mut wants {
                if other.get(key).is_none_or(|other| other.need == Need::May) {
                    wanted.need = Need::May;
                }
            }
        }
        if self.is_reprieved(user) {
            for wanted in wants.values_mut() {
                wanted.need = Need::May;
            }
        }
        wants
    }

    /// The automatic blocks of a team.
    pub(crate) fn team_wants(&self, team: Team, now: Timestamp) -> Wants {
        let mut wants = Wants::new();
        for ((scope, metric, window), quota) in &self.quotas {
            if *scope == Scope::Team(team) && quota.action == Action::Block {
                let fits = |known: &Known| known.counted.team == team.id();
                let reach = self.reached(*metric, *window, quota, None, now, &fits);
                self.want(&mut wants, Denies::Team(team.id()), *window, reach, now);
            }
        }
        wants
    }

    /// The teams a user may be said to be in now.
    pub(crate) fn teams_of(&self, user: &UserId) -> Vec<TeamId> {
        if let Some(team) = self.teams.get(user) {
            return vec![team.clone()];
        }
        let principals = self.principals.iter();
        let own: Vec<_> = principals
            .filter(|(principal, who)| self.owner(principal, **who) == *user)
            .collect();
        let mut teams: Vec<TeamId> = own.iter().map(|(_, who)| who.home_team()).collect();
        // Of whoever bore a name no more when the first calls came, AWS has told nothing: also not once confirmed,
        // until the next call.
        let untold = if own.is_empty() {
            // All principals went to others: what was known last stays.
            teams.extend(played_by(user).map(Who::home_team));
            !self.bore.contains(user)
        } else {
            own.iter().any(|(principal, _)| self.is_shared(principal))
        };
        if teams.is_empty() || (untold && !self.told.contains(user)) {
            teams.push(TeamId::unassigned());
        }
        teams.sort();
        teams.dedup();
        teams
    }

    /// Whether the user bears a name: others may bear all of them by now.
    pub(crate) fn exists(&self, user: &UserId) -> bool {
        let mut principals = self.principals.iter();
        principals.any(|(principal, who)| self.owner(principal, *who) == *user)
    }

    /// Whether inherited quotas may deny this user: one of the principals is a person's, or, where all
    /// went to others, was.
    pub(crate) fn is_deniable_human(&self, user: &UserId) -> bool {
        let own = |(principal, who): &(&Principal, &Who)| self.owner(principal, **who) == *user;
        let mut own = self.principals.iter().filter(own).peekable();
        if own.peek().is_some() {
            return own.any(|(_, who)| who.is_deniable_human());
        }
        self.bore.contains(user) && played_by(user).is_some_and(Who::is_deniable_human)
    }

    fn wants_in(&self, user: &UserId, team: &TeamId, now: Timestamp) -> Wants {
        let human = self.is_deniable_human(user);
        let protection = self.protection(user, now);
        let mut wants = Wants::new();
        for (metric, window, quota, own) in self.quotas_of(user, team) {
            let may = if own { *user != Who::Vip.user() } else { human };
            if quota.action == Action::Block && may {
                let fits = |known: &Known| known.counted.user == *user;
                let reach = self.reached(metric, window, &quota, protection, now, &fits);
                self.want(&mut wants, Denies::User(user.clone()), window, reach, now);
            }
        }
        for ((scope, metric, window), quota) in &self.quotas {
            if quota.action != Action::Block || !human {
                continue;
            }
            let (denies, reach) = match scope {
                Scope::Tool(tool) => {
                    let fits = |known: &Known| {
                        known.counted.user == *user && known.counted.tool == tool.id()
                    };
                    let reach = self.reached(*metric, *window, quota, protection, now, &fits);
                    (Denies::Tool(user.clone(), tool.id()), reach)
                }
                Scope::Model(model) => {
                    let fits = |known: &Known| {
                        known.counted.user == *user && known.counted.model == model.id()
                    };
                    let reach = self.reached(*metric, *window, quota, protection, now, &fits);
                    (Denies::Model(user.clone(), model.id()), reach)
                }
                _ => continue,
            };
            self.want(&mut wants, denies, *window, reach, now);
        }
        wants
    }

    /// The most specific quota for each metric and window, and whether it is the user's own.
    pub(super) fn quotas_of(
        &self,
        user: &UserId,
        team: &TeamId,
    ) -> Vec<(Metric, WindowKind, Quota, bool)> {
        let mut found = Vec::new();
        for metric in Metric::ALL {
            for window in WindowKind::ALL {
                let of = |scope: Scope| self.quotas.get(&(scope, metric, window));
                let own = Who::ALL.into_iter().find(|who| who.user() == *user);
                let raise =
                    own.and_then(|who| self.raises.get(&(Scope::User(who), metric, window)));
                let own = own.and_then(|who| of(Scope::User(who)));
                let team = [Team::Sap, Team::Crm]
                    .into_iter()
                    .find(|known| known.id() == *team);
                let inherited = team
                    .and_then(|team| of(Scope::TeamDefaults(team)))
                    .or_else(|| of(Scope::Defaults));
                match (own, inherited) {
                    (Some(quota), _) => found.push((metric, window, quota.clone(), true)),
                    (None, Some(quota)) => {
                        let mut quota = quota.clone();
                        quota.additions.extend(raise.into_iter().flatten());
                        found.push((metric, window, quota, false));
                    }
                    (None, None) => {}
                }
            }
        }
        found
    }

    fn want(
        &self,
        wants: &mut Wants,
        denies: Denies,
        window: WindowKind,
        reached: Option<Need>,
        now: Timestamp,
    ) {
        let Some(need) = reached else { return };
        let until = self.clock.end(window, now);
        let key = (denies, self.clock.window(window, now));
        let wanted = wants.entry(key).or_insert(Wanted { need, until });
        wanted.need = wanted.need.max(need);
    }

    /// Whether a limit is reached in the window that contains `now` by calls that fit.
    fn reached(
        &self,
        metric: Metric,
        window: WindowKind,
        quota: &Quota,
        protection: Option<Protection>,
        now: Timestamp,
        fits: &dyn Fn(&Known) -> bool,
    ) -> Option<Need> {
        let Limit::Of(limit) = quota.limit else {
            return None;
        };
        let more: i64 = quota
            .additions
            .iter()
            .filter(|(_, until)| now < *until)
            .map(|(more, _)| more)
            .sum();
        let limit = limit + more;
        let now_in = self.clock.window(window, now);
        let inside =
            |known: &Known| fits(known) && self.clock.window(window, known.counted.at) == now_in;
        let total = |leave_out: &dyn Fn(&Known) -> bool| {
            used(
                metric,
                &self.total(|known| inside(known) && !leave_out(known)),
            )
        };
        let over = |used: i64| {
            used >= limit
                && match protection {
                    None => true,
                    Some(Protection { cap: None, .. }) => false,
                    // A limit of nothing is used up whole, never more.
                    Some(Protection { cap: Some(cap), .. }) if limit <= 0 => cap <= 100,
                    Some(Protection { cap: Some(cap), .. }) => {
                        i128::from(used) * 100 >= i128::from(limit) * i128::from(cap)
                    }
                }
        };
        let waits = metric != Metric::Requests && !self.settle_after.is_zero();
        let younger = |at: Timestamp, than: SignedDuration| now.duration_since(at) < than;
        // Provisional counts wait until they are old enough; somebody looks again that long after
        // the last change, so for a while nobody can say whether that has happened.
        let surely_young = |known: &Known| {
            waits && known.counted.provisional && younger(known.counted.at, self.settle_after)
        };
        let perhaps_young = |known: &Known| {
            let twice = self.settle_after + self.settle_after;
            waits
                && known.counted.provisional
                && (younger(known.counted.at, twice) || younger(known.changed, twice))
        };
        if !over(total(&|_| false)) {
            return None;
        }
        // A tentative call has nobody blocked when it arrives (rules C3). It is in the totals all the
        // same, so whoever is evaluated for another reason may be.
        let at_most = total(&surely_young);
        let not_sure =
            |known: &Known| known.counted.tentative || perhaps_young(known) || known.is_ahead();
        let at_least = total(&not_sure);
        match () {
            () if at_least >= limit => Some(Need::Must),
            () if at_most >= limit => Some(Need::May),
            () => None,
        }
    }
}

fn used(metric: Metric, sums: &Sums) -> i64 {
    let tokens = sums.input + sums.cache_write_5m + sums.cache_write_1h + sums.output;
    match metric {
        Metric::Requests => sums.requests,
        Metric::Tokens => tokens,
        Metric::TokensAll => tokens + sums.cache_read,
        Metric::Cost => sums.cost_nanos,
    }
}
