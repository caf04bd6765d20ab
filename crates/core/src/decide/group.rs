//! Teams and the organisation: totals of many (rules Q1, Q2).

use std::borrow::Cow;

use jiff::Timestamp;

use super::breaker::Allowance;
use super::quotas::{Evaluated, Total};
use super::{Context, blocks, entries, tell, warnings};
use crate::admin::TeamCommand;
use crate::block::{Block, Denies, Force};
use crate::calendar::Window;
use crate::counter::CounterScope;
use crate::ids::TeamId;
use crate::outbox::{Job, OutboxRow};
use crate::plan::{LiftReason, Plan};
use crate::quota::{Action, Quota};
use crate::standing::GroupStanding;

pub(super) fn decide(
    standing: &GroupStanding,
    command: Option<&TeamCommand>,
    breaker: &mut Allowance,
    context: Context<'_>,
) -> Plan {
    let book = &context.rules.quotas;
    let (scope, subject, in_force) = if let Some(team) = &standing.team {
        (
            CounterScope::Team(team.clone()),
            format!("team:{team}"),
            book.of_team_in_force(team),
        )
    } else {
        (
            CounterScope::Organisation,
            "organisation".to_owned(),
            book.of_organisation().iter().map(Cow::Borrowed).collect(),
        )
    };
    let quotas: Vec<&Quota> = in_force.iter().map(Cow::as_ref).collect();
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
        let active = blocks_in_hand(standing, command, context, &mut plan);
        let begins = matched(standing, active, &evaluated, breaker, context, &mut plan);
        for block in begins {
            blocks::open(&mut plan, &block, context);
        }
        follow(team, command, &evaluated, context, &mut plan);
    }
    warnings::rearm(&standing.warned, &quotas, &evaluated, context, &mut plan);
    for reading in &evaluated.readings {
        warnings::warn(&subject, reading, &standing.warned, &mut plan);
    }
    tell::of_group(standing, &quotas, context, &mut plan);
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

/// The team's blocks after those that are over have ended, and the command was obeyed.
fn blocks_in_hand(
    standing: &GroupStanding,
    command: Option<&TeamCommand>,
    context: Context<'_>,
    plan: &mut Plan,
) -> Vec<Block> {
    let (over, mut active): (Vec<Block>, Vec<Block>) = standing
        .blocks
        .iter()
        .cloned()
        .partition(|block| block.until.is_over(context.now));
    for block in &over {
        blocks::lift(plan, block, LiftReason::Expired, context);
    }
    if let Some(command) = command {
        command.obey(&mut active, plan, context);
    }
    active
}

/// Revises and lifts the team's blocks to match the quotas; returns those that begin. While a
/// discarded one is on file, none does.
fn matched(
    standing: &GroupStanding,
    active: Vec<Block>,
    evaluated: &Evaluated<'_>,
    breaker: &mut Allowance,
    context: Context<'_>,
    plan: &mut Plan,
) -> Vec<Block> {
    let (discarded, mut active): (Vec<Block>, Vec<Block>) = active
        .into_iter()
        .partition(|block| block.force == Force::Discarded);
    let denied_before = active.iter().any(Block::is_in_force);
    let wanted = blocks::wanted(&evaluated.readings);
    let no_longer = LiftReason::NoLongerHolds;
    let mut begins = blocks::matched(&mut active, wanted, no_longer, plan, context);
    if !discarded.is_empty() {
        begins.clear();
    }
    // However many quotas are passed at once, and whenever: the members lose access once.
    let admitted = begins.is_empty()
        || denied_before
        || standing
            .team
            .as_ref()
            .is_some_and(|team| breaker.admits_team(team, standing.members));
    if !admitted {
        for block in &mut begins {
            block.force = Force::Held;
        }
    }
    begins
}

/// The members follow, in chunks: once a block has begun, ended or been applied, and once more when
/// provisional counts will have settled.
fn follow(
    team: &TeamId,
    command: Option<&TeamCommand>,
    evaluated: &Evaluated<'_>,
    context: Context<'_>,
    plan: &mut Plan,
) {
    let wall = context.wall.as_microsecond();
    let opened = plan.opened.iter().map(|block| ("begun", &block.id));
    let lifted = plan.lifted.iter().map(|lift| ("ended", &lift.id));
    let applied = plan
        .revised
        .iter()
        .filter(|revision| command.is_some() && revision.force == Force::InForce)
        .map(|revision| ("applied", &revision.id));
    let mut rows: Vec<OutboxRow> = opened
        .chain(lifted)
        .chain(applied)
        .map(|(what, block)| evaluation(team, &format!("{block}:{what}:{wall}"), context.now))
        .collect();
    if let Some(at) = evaluated.recheck_at {
        rows.push(evaluation(
            team,
            &format!("recheck:{}", entries::minute(at)),
            at,
        ));
    }
    plan.outbox.extend(rows);
}

fn evaluation(team: &TeamId, occasion: &str, not_before: Timestamp) -> OutboxRow {
    OutboxRow {
        id: format!("evaluate-team:{team}:{occasion}"),
        subject: format!("team:{team}"),
        not_before,
        job: Job::EvaluateTeam {
            team: team.clone(),
            after: None,
        },
    }
}
