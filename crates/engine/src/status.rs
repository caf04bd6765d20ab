//! One user, for people: state, reasons, protection, quotas (rules B8).

use weir_core::access::{Desired, TargetState};
use weir_core::block::{Block, Denies, Force};
use weir_core::calendar::Window;
use weir_core::counter::{CounterScope, Sums};
use weir_core::decide;
use weir_core::ids::UserId;
use weir_core::money::Usd;
use weir_core::quota::{Action, Metric, Quota, Scope};
use weir_core::rulebook::{Mode, Rulebook};
use weir_core::standing::{GroupStanding, Situation, Standing, Usage};

use crate::report::{Amount, EnforcementRow, ProtectionView, QuotaView, StatusReport, rfc3339};
use crate::{Engine, EngineError};

impl Engine {
    /// The state of a user now: read, not decided.
    pub async fn status(&self, user: &UserId) -> Result<StatusReport, EngineError> {
        let row = self.known(user).await?;
        let rules = self.rules().await?;
        let users = std::slice::from_ref(user);
        let teams = std::slice::from_ref(&row.team);
        let situation = self
            .store
            .situation(users, teams, self.now(), &rules)
            .await?;
        let standing = situation
            .users
            .iter()
            .find(|standing| standing.user == *user);
        let standing = standing.ok_or_else(|| {
            EngineError::Inconsistent(format!("user `{user}` has a row and no standing"))
        })?;
        let protection = decide::active_protection(&standing.protections, self.now());
        let blocks = self.active_blocks(standing, protection.is_some(), &rules);
        let applied: Vec<_> = blocks
            .iter()
            .copied()
            .filter(|block| block.is_in_force() && is_whole(block))
            .collect();
        let state = match (applied.as_slice(), &protection) {
            ([], None) => "ACTIVE",
            ([], Some(_)) => "ACTIVE_ADM",
            (blocks, _) if blocks.iter().any(|block| !block.is_automatic()) => "BLOCKED_ADM",
            _ => "BLOCKED",
        };
        let until = applied.iter().map(|block| block.until).max();
        Ok(StatusReport {
            user_id: user.clone(),
            team: row.team,
            person: row.person,
            state,
            enforcement: enforcement(standing, &rules, blocks.iter().any(|block| block.is_held())),
            blocked_until: until
                .and_then(weir_core::block::Until::instant)
                .map(rfc3339),
            reasons: blocks.iter().map(|block| reason(block)).collect(),
            protection: protection.map(ProtectionView::from),
            quotas: self.quota_views(&situation, standing, &rules),
        })
    }

    /// Blocks that are not over: the user's own, and those of the team that reach the user.
    fn active_blocks<'a>(
        &self,
        standing: &'a Standing,
        protected: bool,
        rules: &Rulebook,
    ) -> Vec<&'a Block> {
        let team =
            !protected && standing.is_deniable_human(rules) && !standing.principals.is_empty();
        standing
            .blocks
            .iter()
            .chain(standing.team_blocks.iter().filter(|_| team))
            .filter(|block| !block.until.is_over(self.now()))
            .collect()
    }

    /// Every quota that applies to the user, in the order user, tools, models, team.
    fn quota_views(
        &self,
        situation: &Situation,
        standing: &Standing,
        rules: &Rulebook,
    ) -> Vec<QuotaView> {
        let quotas = &rules.quotas;
        let user = &standing.user;
        let view = |quota: &Quota, scope: &CounterScope, usage: &[Usage]| {
            self.quota_view(quota, scope, usage, standing, rules)
        };
        let own = CounterScope::User(user.clone());
        let mut views: Vec<_> = quotas
            .of_user(user, &standing.team)
            .map(|quota| view(quota, &own, &standing.usage))
            .collect();
        let mut tools: Vec<_> = quotas.tools().collect();
        tools.sort();
        for tool in tools {
            let scope = CounterScope::Tool(user.clone(), tool.clone());
            views.extend(
                quotas
                    .of_tool(tool)
                    .iter()
                    .map(|quota| view(quota, &scope, &standing.usage)),
            );
        }
        let mut models: Vec<_> = quotas.models().collect();
        models.sort();
        for model in models {
            let scope = CounterScope::Model(user.clone(), model.clone());
            views.extend(
                quotas
                    .of_model(model)
                    .iter()
                    .map(|quota| view(quota, &scope, &standing.usage)),
            );
        }
        let group = situation
            .groups
            .iter()
            .find(|group| group.team.as_ref() == Some(&standing.team));
        let usage = group.map_or(&[][..], |group: &GroupStanding| &group.usage);
        let scope = CounterScope::Team(standing.team.clone());
        let of_team = quotas.of_team_in_force(&standing.team);
        views.extend(of_team.iter().map(|quota| view(quota, &scope, usage)));
        views
    }

    fn quota_view(
        &self,
        quota: &Quota,
        scope: &CounterScope,
        usage: &[Usage],
        standing: &Standing,
        rules: &Rulebook,
    ) -> QuotaView {
        let window = Window::containing(quota.window, self.now(), &rules.zone);
        let sums: Sums = usage
            .iter()
            .find(|usage| usage.scope == *scope && usage.window == window)
            .map(|usage| usage.sums)
            .unwrap_or_default();
        let used = quota.metric.used(&sums);
        let limit = quota.limit_at(self.now());
        // What is inherited only notifies about those who are not people (rules A10).
        let inherited = !matches!(quota.scope, Scope::User(_));
        let spared = inherited && !standing.is_deniable_human(rules);
        let action = if spared { Action::Notify } else { quota.action };
        QuotaView {
            scope: quota.scope.to_string(),
            metric: quota.metric.as_str(),
            window: quota.window.as_str(),
            limit: limit.map(|limit| Amount::of(quota.metric, limit)),
            used: Amount::of(quota.metric, used),
            percent: limit.map(|limit| percent(used, limit)),
            resets_at: rfc3339(window.end(&rules.zone)),
            action: action.as_str(),
        }
    }

    /// How far every denial has come; with `all`, targets without one too.
    pub async fn enforcement(&self, all: bool) -> Result<Vec<EnforcementRow>, EngineError> {
        let rows = self.store.targets(&[]).await?;
        let shown = rows.into_iter().filter(|row| {
            let settled = row.target.state == TargetState::None;
            all || !settled || !Desired::of(row.members.iter().cloned()).is_allowed()
        });
        Ok(shown
            .map(|row| {
                let denied = row.members.iter().filter(|member| !member.denial.is_none());
                EnforcementRow {
                    denied: denied.map(|member| member.user.clone()).collect(),
                    target: row.target.key,
                    state: row.target.state,
                    generation: row.target.generation,
                    requested_at: row.target.requested_at.map(rfc3339),
                    verified_at: row.target.verified_at.map(rfc3339),
                    first_denied_at: row.target.first_denied_at.map(rfc3339),
                    attempts: row.target.attempts,
                    next_attempt_at: row.target.next_attempt_at.map(rfc3339),
                    last_error: row.target.last_error,
                }
            })
            .collect())
    }
}

/// The worst state of the user's targets. A shared target that denies only others says nothing.
fn enforcement(standing: &Standing, rules: &Rulebook, held: bool) -> TargetState {
    let parts = standing.access.iter();
    let parts = parts.map(|(target, member)| Part {
        state: target.state,
        allowed: member.denial.is_none(),
        enforced: member.enforced,
    });
    worst(parts, rules, held)
}

/// A user's part in a target: how far that has come, and what it means for the user.
pub(crate) struct Part {
    pub(crate) state: TargetState,
    pub(crate) allowed: bool,
    pub(crate) enforced: bool,
}

/// The worst of a user's parts in targets.
pub(crate) fn worst(
    parts: impl Iterator<Item = Part>,
    rules: &Rulebook,
    held: bool,
) -> TargetState {
    let recorded = match rules.mode.mode {
        Mode::Off => TargetState::Off,
        Mode::Iam | Mode::DryRun => TargetState::DryRun,
    };
    let of_targets = parts.map(|part| match (part.allowed, part.enforced) {
        (true, _) if !is_pending(part.state) => TargetState::None,
        (false, false) if !is_pending(part.state) => recorded,
        _ => part.state,
    });
    let held = if held {
        TargetState::Held
    } else {
        TargetState::None
    };
    of_targets.fold(held, TargetState::max)
}

/// A removal that is under way, or failed.
fn is_pending(state: TargetState) -> bool {
    matches!(
        state,
        TargetState::Requested | TargetState::Applied | TargetState::Failed
    )
}

fn is_whole(block: &Block) -> bool {
    matches!(block.denies, Denies::User(_) | Denies::Team(_))
}

fn reason(block: &Block) -> String {
    let what = match &block.denies {
        Denies::User(_) => String::new(),
        Denies::Team(team) => format!("team {team}: "),
        Denies::Tool(_, tool) => format!("tool {tool}: "),
        Denies::Model(_, model) => format!("model {model}: "),
    };
    let force = match block.force {
        Force::InForce => "",
        Force::Held => " (held)",
        Force::Discarded => " (discarded)",
    };
    format!("{what}{}{force}", block.reason)
}

/// Used, in whole percent of the limit, rounded down; a limit of zero is always reached.
pub(crate) fn percent(used: i64, limit: i64) -> u32 {
    if limit <= 0 {
        return 100;
    }
    let percent = i128::from(used.max(0)) * 100 / i128::from(limit);
    u32::try_from(percent).unwrap_or(u32::MAX)
}

impl Amount {
    /// An amount of that metric.
    pub fn of(metric: Metric, amount: i64) -> Self {
        match metric {
            Metric::Cost => Self::Usd(Usd::from_nanos(amount).to_decimal()),
            Metric::Requests | Metric::Tokens | Metric::TokensAll => Self::Count(amount),
        }
    }
}
