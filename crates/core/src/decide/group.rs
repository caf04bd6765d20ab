//! Teams and the organisation: totals of many (rules Q1, Q2).

use super::breaker::Allowance;
use super::quotas::{Evaluated, Total};
use super::{Context, blocks, entries, warnings};
use crate::block::{Block, Denies};
use crate::calendar::{Window, WindowKind};
use crate::counter::CounterScope;
use crate::ids::TeamId;
use crate::outbox::{Job, OutboxRow};
use crate::plan::{LiftReason, Plan};
use crate::quota::{
    Action, BUILT_IN_TEAM_REQUESTS_PER_MONTH, DEFAULT_WARN, Limit, Metric, Quota, Scope,
};
use crate::standing::GroupStanding;

pub(super) fn decide(
    standing: &GroupStanding,
    breaker: &mut Allowance,
    context: Context<'_>,
) -> Plan {
    let book = &context.rules.quotas;
    let built_in = standing
        .team
        .as_ref()
        .and_then(|team| built_in_of(team, book.of_team(team)));
    let (scope, subject, set) = if let Some(team) = &standing.team {
        (
            CounterScope::Team(team.clone()),
            format!("team:{team}"),
            book.of_team(team),
        )
    } else {
        (
            CounterScope::Organisation,
            "organisation".to_owned(),
            book.of_organisation(),
        )
    };
    let quotas: Vec<&Quota> = set.iter().chain(&built_in).collect();
    let evaluated = evaluate(standing, &scope, &quotas, context);
    if evaluated.ask_young {
        return match &standing.team {
            Some(team) => Plan {
                ask_young_teams: vec![team.clone()],
                ..Plan::default()
            },
            None => Plan::default(),
        };
    }
    let mut plan = Plan::default();
    if let Some(team) = &standing.team {
        match_blocks(standing, team, &evaluated, breaker, context, &mut plan);
    }
    warnings::rearm(&standing.warned, &quotas, &evaluated, context, &mut plan);
    for reading in &evaluated.readings {
        warnings::warn(&subject, reading, &standing.warned, &mut plan);
    }
    plan
}

fn evaluate<'a>(
    standing: &GroupStanding,
    scope: &CounterScope,
    quotas: &[&'a Quota],
    context: Context<'a>,
) -> Evaluated<'a> {
    let windows = Window::all_containing(context.now, &context.rules.zone);
    let mut evaluated = Evaluated::default();
    for quota in quotas {
        let total = Total {
            usage: &standing.usage,
            young: standing.young.as_deref(),
            scope,
            window: windows[quota.window as usize],
        };
        let may_block = quota.action == Action::Block && standing.team.is_some();
        // The organisation only notifies; its `denies` is never used.
        let team = standing.team.clone().unwrap_or_else(TeamId::unassigned);
        let denies = || Denies::Team(team.clone());
        total.read(quota, may_block, None, &denies, context, &mut evaluated);
    }
    evaluated
}

fn match_blocks(
    standing: &GroupStanding,
    team: &TeamId,
    evaluated: &Evaluated<'_>,
    breaker: &mut Allowance,
    context: Context<'_>,
    plan: &mut Plan,
) {
    let (over, mut active): (Vec<Block>, Vec<Block>) = standing
        .blocks
        .iter()
        .cloned()
        .partition(|block| block.until.is_over(context.now));
    for block in &over {
        blocks::lift(plan, block, LiftReason::Expired, context);
    }
    let wanted = blocks::wanted(&evaluated.readings);
    let opened = blocks::matched(
        &mut active,
        wanted,
        LiftReason::NoLongerHolds,
        plan,
        context,
    );
    for mut block in opened {
        block.held = !breaker.admits(standing.members);
        blocks::open(plan, &block, context);
    }
    let changed = plan
        .opened
        .iter()
        .map(|b| &b.id)
        .chain(plan.lifted.iter().map(|l| &l.id));
    let rows: Vec<OutboxRow> = changed
        .map(|block| OutboxRow {
            id: format!(
                "evaluate-team:{team}:{block}:{}",
                context.wall.as_microsecond()
            ),
            subject: format!("team:{team}"),
            not_before: context.now,
            job: Job::EvaluateTeam {
                team: team.clone(),
                after: None,
            },
        })
        .collect();
    plan.outbox.extend(rows);
    if let Some(at) = evaluated.recheck_at {
        plan.outbox.push(OutboxRow {
            id: format!("evaluate-team:{team}:recheck:{}", entries::minute(at)),
            subject: format!("team:{team}"),
            not_before: at,
            job: Job::EvaluateTeam {
                team: team.clone(),
                after: None,
            },
        });
    }
}

/// The quota every team has until somebody sets one for the same metric and window.
fn built_in_of(team: &TeamId, set: &[Quota]) -> Option<Quota> {
    let (metric, window) = (Metric::Requests, WindowKind::Month);
    let is_set = set
        .iter()
        .any(|quota| (quota.metric, quota.window) == (metric, window));
    (!is_set && *team != TeamId::unassigned()).then(|| Quota {
        scope: Scope::Team(team.clone()),
        metric,
        window,
        limit: Limit::Of(BUILT_IN_TEAM_REQUESTS_PER_MONTH),
        action: Action::Notify,
        warn: DEFAULT_WARN.to_vec(),
        author: "built-in".to_owned(),
        additions: Vec::new(),
    })
}
