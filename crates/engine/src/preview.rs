//! What a change of quotas would do: the pure decision over everybody it concerns, with the changed
//! rules, written nowhere (rules Q9).

use std::collections::BTreeSet;

use weir_core::block::Block;
use weir_core::calendar::Window;
use weir_core::counter::CounterScope;
use weir_core::decide::decide;
use weir_core::ids::{BlockId, TeamId, UserId};
use weir_core::plan::Plan;
use weir_core::quota::{Quota, Scope};
use weir_core::rulebook::{Rulebook, StoredRules};
use weir_core::standing::{Situation, Usage};
use weir_store::{GroupBy, RuleChange, UsageFilter};

use crate::decision::Shift;
use crate::jobs::CHUNK;
use crate::reattribute::Moved;
use crate::report::Preview;
use crate::{Engine, EngineError};

/// Whom a change of rules concerns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Concerned {
    pub(crate) everybody: bool,
    pub(crate) users: BTreeSet<UserId>,
    /// Teams whose total is judged anew; their members follow.
    pub(crate) teams: BTreeSet<TeamId>,
    /// Teams whose members are judged anew.
    pub(crate) members_of: BTreeSet<TeamId>,
}

impl Concerned {
    pub(crate) fn by(changes: &[RuleChange]) -> Self {
        let mut concerned = Self::default();
        for change in changes {
            let scope = match change {
                RuleChange::SetQuota(quota) => &quota.scope,
                RuleChange::UnsetQuota(scope, ..) => scope,
                RuleChange::SetPerson(user, _) | RuleChange::Link(_, user) => {
                    concerned.users.insert(user.clone());
                    continue;
                }
                _ => continue,
            };
            match scope {
                Scope::User(user) => _ = concerned.users.insert(user.clone()),
                Scope::Team(team) => _ = concerned.teams.insert(team.clone()),
                Scope::TeamDefaults(team) => _ = concerned.members_of.insert(team.clone()),
                Scope::Defaults | Scope::Tool(_) | Scope::Model(_) => concerned.everybody = true,
                Scope::Organisation => {}
            }
        }
        concerned
    }
}

/// Blocks of teams that would begin, end, or be applied.
#[derive(Default)]
pub(crate) struct TeamChanges {
    pub(crate) gone: BTreeSet<BlockId>,
    pub(crate) begun: Vec<Block>,
    /// The blocks the teams have now.
    pub(crate) blocks: Vec<Block>,
    /// Who would be in another team.
    pub(crate) joins: Option<(UserId, TeamId)>,
}

impl TeamChanges {
    fn of(plan: Plan) -> Self {
        Self {
            gone: plan.lifted.into_iter().map(|lift| lift.id).collect(),
            begun: plan
                .opened
                .into_iter()
                .filter(|block| block.denies.team().is_some())
                .collect(),
            ..Self::default()
        }
    }
}

impl Engine {
    /// Who would lose and who would regain access if the rules were changed like this.
    ///
    /// Provisional counts are taken as they are, so the preview may name a user some minutes before
    /// the block. Hourly quotas of a tool or model that had no quota yet are not foreseen.
    pub async fn preview(&self, changes: &[RuleChange]) -> Result<Preview, EngineError> {
        self.preview_moving(changes, None).await
    }

    /// The same where usage of a user moves to another team with the change.
    pub(crate) async fn preview_moving(
        &self,
        changes: &[RuleChange],
        moved: Option<&Moved>,
    ) -> Result<Preview, EngineError> {
        let stored = changed(self.store.rules().await?, changes);
        let rules = self.rulebook(stored)?;
        let before = self.reload_rules().await?;
        let mut concerned = Concerned::by(changes);
        concerned
            .teams
            .extend(moved.iter().flat_map(|moved| moved.teams()));
        let mut shift = Shift::default();
        let teams: Vec<_> = concerned.teams.iter().cloned().collect();
        let mut of_teams = TeamChanges::default();
        if !teams.is_empty() {
            let mut situation = self
                .store
                .situation(&[], &teams, self.now(), &rules)
                .await?;
            if let Some(moved) = moved {
                moved.apply(
                    &mut situation,
                    Window::all_containing(self.now(), &rules.zone),
                );
            }
            let blocks = situation.groups.iter().flat_map(|group| &group.blocks);
            let blocks = blocks.cloned().collect();
            let (plan, teams) = self.foresee(situation, &rules);
            shift.extend(teams);
            of_teams = TeamChanges {
                blocks,
                joins: moved.map(|moved| (moved.user.clone(), moved.to.clone())),
                ..TeamChanges::of(plan)
            };
        }
        let fresh = self.fresh_usage(&before, &rules).await?;
        if concerned.everybody {
            self.foresee_pages(None, &rules, &of_teams, &fresh, &mut shift)
                .await?;
        } else {
            let of_members = concerned.members_of.union(&concerned.teams);
            for team in of_members {
                self.foresee_pages(Some(team), &rules, &of_teams, &fresh, &mut shift)
                    .await?;
            }
            let users: Vec<_> = concerned.users.into_iter().collect();
            for chunk in users.chunks(CHUNK as usize) {
                self.foresee_some(chunk, &rules, &of_teams, &fresh, &mut shift)
                    .await?;
            }
        }
        Ok(shift.into())
    }

    /// Who would lose and who regain access if these users were evaluated now.
    pub(crate) async fn foresee_evaluation(
        &self,
        users: BTreeSet<UserId>,
    ) -> Result<Shift, EngineError> {
        let rules = self.rules().await?;
        let mut shift = Shift::default();
        let users: Vec<_> = users.into_iter().collect();
        for chunk in users.chunks(CHUNK as usize) {
            self.foresee_some(chunk, &rules, &TeamChanges::default(), &[], &mut shift)
                .await?;
        }
        Ok(shift)
    }

    pub(crate) async fn foresee_pages(
        &self,
        team: Option<&TeamId>,
        rules: &Rulebook,
        of_teams: &TeamChanges,
        fresh: &[Usage],
        shift: &mut Shift,
    ) -> Result<(), EngineError> {
        let mut after: Option<UserId> = None;
        loop {
            let page = self.store.users(team, after.as_ref(), CHUNK).await?;
            let users: Vec<_> = page.into_iter().map(|row| row.user).collect();
            self.foresee_some(&users, rules, of_teams, fresh, shift)
                .await?;
            if users.len() < CHUNK as usize {
                return Ok(());
            }
            after = users.last().cloned();
        }
    }

    async fn foresee_some(
        &self,
        users: &[UserId],
        rules: &Rulebook,
        of_teams: &TeamChanges,
        fresh: &[Usage],
        shift: &mut Shift,
    ) -> Result<(), EngineError> {
        if users.is_empty() {
            return Ok(());
        }
        let mut situation = self.store.situation(users, &[], self.now(), rules).await?;
        // What earlier chunks would have blocked counts against the breaker.
        let so_far = u32::try_from(shift.losers().len()).unwrap_or(u32::MAX);
        situation.breaker.recent = situation.breaker.recent.saturating_add(so_far);
        for standing in &mut situation.users {
            if let Some((_, to)) = of_teams
                .joins
                .as_ref()
                .filter(|(user, _)| *user == standing.user)
            {
                standing.team = to.clone();
                let of_team = of_teams.blocks.iter();
                let of_team = of_team.filter(|block| block.denies.team() == Some(to));
                standing.team_blocks = of_team.cloned().collect();
            }
            let gone = &of_teams.gone;
            standing
                .team_blocks
                .retain(|block| !gone.contains(&block.id));
            let begun = of_teams.begun.iter();
            let own = begun.filter(|block| block.denies.team() == Some(&standing.team));
            standing.team_blocks.extend(own.cloned());
            let of_user = fresh
                .iter()
                .filter(|usage| is_of(&usage.scope, &standing.user));
            for usage in of_user {
                standing
                    .usage
                    .retain(|known| (&known.scope, known.window) != (&usage.scope, usage.window));
                standing.usage.push(usage.clone());
            }
        }
        shift.extend(self.foresee(situation, rules).1);
        Ok(())
    }

    /// Decides; where young provisional counts would decide, as if there were none.
    fn foresee(&self, mut situation: Situation, rules: &Rulebook) -> (Plan, Shift) {
        let mut plan = decide(&situation, self.context(rules));
        if !plan.ask_young.is_empty() || !plan.ask_young_teams.is_empty() {
            for standing in &mut situation.users {
                standing.young.get_or_insert_default();
            }
            for standing in &mut situation.groups {
                standing.young.get_or_insert_default();
            }
            plan = decide(&situation, self.context(rules));
        }
        let shift = Shift::of(&situation, &plan);
        (plan, shift)
    }

    /// Usage of tools and models that have no counters yet, because no quota was ever set on them.
    async fn fresh_usage(
        &self,
        before: &Rulebook,
        after: &Rulebook,
    ) -> Result<Vec<Usage>, EngineError> {
        let mut fresh = Vec::new();
        for window in Window::all_containing(self.now(), &after.zone)
            .into_iter()
            .skip(1)
        {
            let from_then = UsageFilter {
                from: Some(window.date()),
                ..UsageFilter::default()
            };
            for tool in after
                .quotas
                .tools()
                .filter(|tool| !before.quotas.governs_tool(tool))
            {
                let filter = UsageFilter {
                    tool: Some(tool.clone()),
                    ..from_then.clone()
                };
                for row in self.store.usage(GroupBy::User, &filter).await? {
                    let scope = CounterScope::Tool(UserId::new(&row.key), tool.clone());
                    fresh.push(Usage {
                        scope,
                        window,
                        sums: row.sums,
                    });
                }
            }
            for model in after
                .quotas
                .models()
                .filter(|model| !before.quotas.governs_model(model))
            {
                let filter = UsageFilter {
                    model: Some(model.clone()),
                    ..from_then.clone()
                };
                for row in self.store.usage(GroupBy::User, &filter).await? {
                    let scope = CounterScope::Model(UserId::new(&row.key), model.clone());
                    fresh.push(Usage {
                        scope,
                        window,
                        sums: row.sums,
                    });
                }
            }
        }
        Ok(fresh)
    }
}

fn is_of(scope: &CounterScope, user: &UserId) -> bool {
    matches!(scope, CounterScope::Tool(whose, _) | CounterScope::Model(whose, _) if whose == user)
}

/// The stored rules as they would be.
fn changed(mut rules: StoredRules, changes: &[RuleChange]) -> StoredRules {
    let is = |scope: &Scope, metric, window| {
        let scope = scope.clone();
        move |quota: &Quota| (&quota.scope, quota.metric, quota.window) == (&scope, metric, window)
    };
    for change in changes {
        match change {
            RuleChange::SetQuota(quota) => {
                let same = is(&quota.scope, quota.metric, quota.window);
                rules.quotas.retain(|known| !same(known));
                rules.quotas.push(quota.clone());
            }
            RuleChange::UnsetQuota(scope, metric, window) => {
                let same = is(scope, *metric, *window);
                rules.quotas.retain(|known| !same(known));
            }
            RuleChange::SetPrice(row) => rules.prices.push(row.clone()),
            RuleChange::EndPrices(end) => end.apply(&mut rules.prices),
            RuleChange::SetPerson(user, person) => {
                rules.people.retain(|(known, _)| known != user);
                rules.people.push((user.clone(), person.clone()));
            }
            RuleChange::Link(principal, user) => {
                rules.links.push((principal.clone(), user.clone()));
            }
            RuleChange::Succeed(succession, _) => {
                let name = &succession.principal;
                for holder in [&succession.before, &succession.after] {
                    rules
                        .holders
                        .retain(|(known, of)| (known, &of.stable_id) != (name, &holder.stable_id));
                    rules.holders.push((name.clone(), holder.clone()));
                }
            }
            RuleChange::SetKey(key, owner) => {
                rules.keys.retain(|(known, _)| known != key);
                rules.keys.push((key.clone(), owner.clone()));
            }
            RuleChange::SetDirectoryPerson(person) => {
                rules.directory.retain(|known| known.id != person.id);
                rules.directory.push(person.clone());
            }
            RuleChange::DropDirectoryPerson(id) => {
                rules.directory.retain(|known| known.id != *id);
            }
            RuleChange::SetMode(mode) => rules.mode = *mode,
            RuleChange::SetHomeAccount(account) => rules.home_account = Some(account.clone()),
            // Who is told decides nothing, nor does an identity that has not called.
            RuleChange::SetTeamOwner(..) | RuleChange::Introduce(..) | RuleChange::AsOf(_) => {}
        }
    }
    rules
}
