//! Commands of administrators and changes of rules.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use weir_core::admin::{Command, Verb};
use weir_core::block::{Denies, Until};
use weir_core::model::Class;
use weir_core::money::Price;
use weir_core::pricing::{PriceRow, PriceSource, RegionMatch, Tier, TokenClass};
use weir_core::quota::{Action, DEFAULT_WARN, Limit, Metric, Quota, Scope as CoreScope};
use weir_core::rulebook::Person;
use weir_engine::{EngineError, HeldOf, QuotaRaise, Reattribute};
use weir_store::RuleChange;

use super::cast::{Model as Called, Team, Who};
use super::model::QuotaKey;
use super::op::{Nth, Op, Scope};
use super::world::{Broken, World, operator, unexpected};

const NANOS_PER_DOLLAR: i64 = 1_000_000_000;

impl World {
    pub(super) async fn administer(&mut self, op: &Op) -> Result<(), Broken> {
        let now = self.now();
        match op {
            Op::BlockUser(..)
            | Op::UnblockUser(..)
            | Op::Protect(..)
            | Op::Unprotect(_)
            | Op::ApplyHeld(_)
            | Op::DiscardHeld(_) => self.command(op).await,
            Op::SetQuota(scope, metric, window, limit, action) => {
                let (key, limit) = ((*scope, *metric, *window), Limit::Of(*limit));
                self.model.set_quota(key, limit, *action);
                self.change_quota(set(key, limit, *action)).await
            }
            Op::SetUnlimited(who, metric, window) => {
                let key = (Scope::User(*who), *metric, *window);
                self.model.set_quota(key, Limit::Unlimited, Action::Block);
                self.change_quota(set(key, Limit::Unlimited, Action::Block))
                    .await
            }
            Op::UnsetQuota(scope, metric, window) => {
                self.model.unset_quota((*scope, *metric, *window));
                self.change_quota(RuleChange::UnsetQuota(core(*scope), *metric, *window))
                    .await
            }
            Op::Raise(who, metric, window, amount, minutes) => {
                let until = later(now, SignedDuration::from_mins(*minutes));
                self.raise(*who, (*metric, *window), *amount, until).await
            }
            Op::SetPrice(model, dollars, hours) => {
                let since = later(now, SignedDuration::from_hours(-*hours));
                self.set_price(*model, *dollars, since).await
            }
            Op::ApplyHeldTeam(team) => self.decide_held(*team, true).await,
            Op::DiscardHeldTeam(team) => self.decide_held(*team, false).await,
            Op::SetTeam(who, team) => self.set_team(*who, *team).await,
            Op::SetTeamSince(who, team, days) => self.set_team_since(*who, *team, *days).await,
            Op::Link(who, user) => self.link(*who, *user).await,
            Op::Confirm(who) => self.confirm(*who).await,
            _ => Ok(()),
        }
    }

    async fn command(&mut self, op: &Op) -> Result<(), Broken> {
        let now = self.now();
        let until = |hours: i64| later(now, SignedDuration::from_hours(hours));
        let (who, verb) = match op {
            Op::BlockUser(who, hours) => {
                let until = hours.map_or(Until::Indefinite, |hours| Until::At(until(hours)));
                (*who, Verb::Block { until })
            }
            Op::UnblockUser(who, hours) => {
                let protect_until = hours.map(|hours| Until::At(until(hours)));
                (*who, Verb::Unblock { protect_until })
            }
            Op::Protect(who, hours, up_to_percent) => {
                let (until, up_to_percent) = (Until::At(until(*hours)), *up_to_percent);
                (
                    *who,
                    Verb::Protect {
                        until,
                        up_to_percent,
                    },
                )
            }
            Op::Unprotect(who) => (*who, Verb::Unprotect),
            Op::ApplyHeld(who) => (*who, Verb::ApplyHeld),
            Op::DiscardHeld(who) => (
                *who,
                Verb::DiscardHeld {
                    protect_until: Until::At(until(1)),
                },
            ),
            _ => return Ok(()),
        };
        let user = who.user();
        let command = Command {
            user: user.clone(),
            actor: "root@sim".to_owned(),
            claimed_by: Some("Eva".to_owned()),
            reason: "the story says so".to_owned(),
            verb,
        };
        let done = loop {
            let command = command.clone();
            let done = self
                .try_with(async |engine| engine.administer(command, true).await)
                .await;
            if let Some(done) = done {
                break done;
            }
        };
        match (done, self.model.users.contains(&user)) {
            (Err(EngineError::NoUser { .. }), false) => return Ok(()),
            (Err(error), _) => return Err(unexpected("administer", &error)),
            (Ok(_), false) => return Err(format!("`{user}` was obeyed, whom nobody has seen")),
            (Ok(_), true) => {}
        }
        match op {
            Op::BlockUser(_, hours) => {
                let end = hours.map_or(Until::Indefinite, |hours| Until::At(until(hours)));
                self.model.block(&user, end);
            }
            Op::UnblockUser(_, hours) => self.model.unblock(&user, hours.map(until)),
            Op::Protect(_, hours, cap) => self.model.protect(&user, until(*hours), *cap),
            Op::Unprotect(_) => self.model.unprotect(&user),
            Op::DiscardHeld(_) => self.model.protect(&user, until(1), None),
            _ => {}
        }
        Ok(())
    }

    /// Applies or discards what is held of a team. What is held is the breaker's affair, so the
    /// model is told by what is on file.
    async fn decide_held(&mut self, team: Team, apply: bool) -> Result<(), Broken> {
        let now = self.now();
        let rows = self.blocks().await?;
        let held = rows.iter().map(|row| &row.block).any(|block| {
            block.denies == Denies::Team(team.id()) && block.is_held() && !block.until.is_over(now)
        });
        if held && !apply {
            self.model.discard(team, now);
        }
        let whose = BTreeSet::from([HeldOf::Team(team.id())]);
        loop {
            let whose = whose.clone();
            let done = self
                .try_with(async |engine| {
                    engine
                        .decide_held(&whose, apply, "the story says so", &operator())
                        .await
                })
                .await;
            match done {
                Some(Err(error)) => return Err(unexpected("held", &error)),
                Some(Ok(_)) => return Ok(()),
                None => {}
            }
        }
    }

    /// A change of quotas; once it is stored, a crash is no reason to repeat it.
    async fn change_quota(&mut self, change: RuleChange) -> Result<(), Broken> {
        let before = self.spy.rule_changes();
        loop {
            let changes = vec![change.clone()];
            let done = self
                .try_with(async |engine| {
                    engine
                        .change_quotas(changes, "the story says so", &operator())
                        .await
                })
                .await;
            match done {
                Some(Err(error)) => return Err(unexpected("quotas", &error)),
                None if self.spy.rule_changes() == before => {}
                _ => return Ok(()),
            }
        }
    }

    async fn raise(
        &mut self,
        who: Who,
        (metric, window): (Metric, weir_core::calendar::WindowKind),
        amount: i64,
        until: Timestamp,
    ) -> Result<(), Broken> {
        let user = who.user();
        let reason = "the story says so".to_owned();
        let raise = QuotaRaise {
            user: user.clone(),
            metric,
            window,
            amount,
            until,
            reason,
        };
        self.gate.disarm();
        let change = match self.engine(Nth::First).raise(&raise).await {
            Ok(change) => change,
            // Nobody of that name, or nothing to raise.
            Err(EngineError::NoUser { .. } | EngineError::Refused(_)) => return Ok(()),
            Err(error) => return Err(unexpected("raise", &error)),
        };
        let RuleChange::SetQuota(quota) = &change else {
            return Err(format!("a raise is {change:?}"));
        };
        let key = (Scope::User(who), metric, window);
        self.model.raise(key, quota, amount, until, self.now())?;
        self.change_quota(change).await
    }

    async fn set_price(
        &mut self,
        model: Called,
        dollars: i64,
        since: Timestamp,
    ) -> Result<(), Broken> {
        let nanos = dollars * NANOS_PER_DOLLAR;
        let mut rows = Vec::new();
        for class in Class::ALL {
            rows.extend(TokenClass::ALL.map(|token_class| PriceRow {
                model: model.id(),
                class,
                region: RegionMatch::Any,
                token_class,
                tier: Tier::Standard,
                band_from: 0,
                effective_from: since,
                effective_until: None,
                price: Some(Price::from_nanos_per_mtok(nanos)),
                source: PriceSource::Administrator,
            }));
        }
        loop {
            let rows = rows.clone();
            let done = self
                .try_with(async |engine| {
                    engine
                        .set_prices(rows, "the story says so", &operator())
                        .await
                })
                .await;
            match done {
                Some(Err(error)) => return Err(unexpected("prices", &error)),
                Some(Ok(_)) => break,
                None => {}
            }
        }
        self.model.set_price(model, nanos, since);
        Ok(())
    }

    async fn set_team(&mut self, who: Who, team: Team) -> Result<(), Broken> {
        let user = who.user();
        loop {
            let said = Person {
                team: Some(team.id()),
                ..Person::default()
            };
            let done = self
                .try_with(async |engine| engine.set_person(&who.user(), said, &operator()).await)
                .await;
            match done {
                Some(Err(error)) => return Err(unexpected("set_person", &error)),
                Some(Ok(())) => break,
                None => {}
            }
        }
        self.model.set_team(&user, team);
        Ok(())
    }

    async fn link(&mut self, who: Who, to: Who) -> Result<(), Broken> {
        if !self.model.users.contains(&to.user()) {
            return Ok(());
        }
        loop {
            let done = self
                .try_with(async |engine| {
                    engine.link(&who.principal(), &to.user(), &operator()).await
                })
                .await;
            match done {
                Some(Err(error)) => return Err(unexpected("link", &error)),
                Some(Ok(())) => break,
                None => {}
            }
        }
        self.model.link(who, &to.user());
        Ok(())
    }
}

impl World {
    async fn set_team_since(&mut self, who: Who, team: Team, days: i64) -> Result<(), Broken> {
        let user = who.user();
        if !self.model.users.contains(&user) {
            return Ok(());
        }
        let since = later(self.now(), SignedDuration::from_hours(-24 * days));
        let since = self.model.clock.date(since);
        let wanted = Reattribute {
            user: user.clone(),
            said: Person {
                team: Some(team.id()),
                ..Person::default()
            },
            since,
        };
        loop {
            let done = self
                .try_with(async |engine| engine.reattribute(&wanted, &operator()).await)
                .await;
            match done {
                Some(Err(error)) => return Err(unexpected("reattribute", &error)),
                Some(Ok(_)) => break,
                None => {}
            }
        }
        self.model.set_team_since(&user, team, since);
        Ok(())
    }

    async fn confirm(&mut self, who: Who) -> Result<(), Broken> {
        let Some(user) = self.model.waits(who) else {
            return Ok(());
        };
        loop {
            let done = self
                .try_with(async |engine| engine.confirm(&user, &operator()).await)
                .await;
            match done {
                Some(Err(error)) => return Err(unexpected("confirm", &error)),
                Some(Ok(_)) => break,
                None => {}
            }
        }
        self.model.confirm(who);
        Ok(())
    }
}

fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.saturating_add(by).unwrap_or(Timestamp::MAX)
}

fn core(scope: Scope) -> CoreScope {
    match scope {
        Scope::User(who) => CoreScope::User(who.user()),
        Scope::Defaults => CoreScope::Defaults,
        Scope::TeamDefaults(team) => CoreScope::TeamDefaults(team.id()),
        Scope::Team(team) => CoreScope::Team(team.id()),
        Scope::Tool(tool) => CoreScope::Tool(tool.id()),
        Scope::Model(model) => CoreScope::Model(model.id()),
    }
}

fn set((scope, metric, window): QuotaKey, limit: Limit, action: Action) -> RuleChange {
    RuleChange::SetQuota(Quota {
        scope: core(scope),
        metric,
        window,
        limit,
        action,
        warn: DEFAULT_WARN.to_vec(),
        author: "root@sim".to_owned(),
        additions: Vec::new(),
    })
}
