//! The decision: from the situation, the rules and an instant to a complete plan. Pure.
//!
//! A user is decided in fixed steps: what is over ends, quotas are evaluated over the windows that
//! contain `now`, automatic blocks are opened, revised or lifted to match, warnings are given, and
//! what is denied where follows from the blocks that remain. Deciding twice changes nothing.

mod blocks;
mod breaker;
mod calls;
mod denial;
mod entries;
mod group;
mod never;
mod protections;
mod quotas;
pub(crate) mod tell;
mod warnings;

use jiff::Timestamp;

use crate::admin::{Command, TeamCommand};
use crate::block::Block;
use crate::forget::is_forgotten;
use crate::plan::Plan;
use crate::rulebook::{Rulebook, UserClass};
use crate::standing::{Situation, Standing};

pub use blocks::headline;
pub(crate) use blocks::id as block_id;
pub use denial::{is_aligned, memberships, target_of};
pub(crate) use entries::{blocked, protected, revised, unblocked, unprotected};
pub use never::is_only_a_path;
pub use protections::active as active_protection;
pub(crate) use quotas::percent;
pub use quotas::{Evaluated, evaluate};

/// What every decision goes by.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The rules.
    pub rules: &'a Rulebook,
    /// The instant to evaluate at.
    pub now: Timestamp,
    /// Wall time, for the audit log; differs from `now` under `--as-of`.
    pub wall: Timestamp,
    /// Where the decision is made: `ingest`, `serve`, `cli`.
    pub origin: &'a str,
}

/// Decides over everybody in the situation.
pub fn decide(situation: &Situation, context: Context<'_>) -> Plan {
    decide_with(situation, None, context)
}

/// Decides with an administrator's command in hand; the command names the one user it is about.
pub fn decide_with(situation: &Situation, command: Option<&Command>, context: Context<'_>) -> Plan {
    decide_whole(situation, command, None, context)
}

/// Decides with an administrator's command about a team in hand.
pub fn decide_with_team(
    situation: &Situation,
    command: &TeamCommand,
    context: Context<'_>,
) -> Plan {
    decide_whole(situation, None, Some(command), context)
}

fn decide_whole(
    situation: &Situation,
    command: Option<&Command>,
    of_team: Option<&TeamCommand>,
    context: Context<'_>,
) -> Plan {
    let mut plan = Plan::default();
    let mut breaker = breaker::Allowance::new(situation.breaker, context.rules);
    for standing in &situation.groups {
        let command = of_team.filter(|command| standing.team.as_ref() == Some(&command.team));
        plan.extend(group::decide(standing, command, &mut breaker, context));
    }
    for standing in &situation.users {
        // What is left of somebody who was forgotten is nobody to decide about.
        if is_forgotten(&standing.user) {
            continue;
        }
        let command = command.filter(|command| *command.user() == standing.user);
        if situation.newcomers.contains(&standing.user) {
            plan.told.push(tell::newcomer(standing, context));
        }
        plan.extend(decide_user(standing, command, &mut breaker, context));
    }
    plan
}

/// One user's decision in the making.
pub(crate) struct Case<'a> {
    pub(crate) standing: &'a Standing,
    pub(crate) context: Context<'a>,
    /// Blocks as they are after the steps so far.
    pub(crate) blocks: Vec<Block>,
    /// Whether an unexpired protection holds, and how far.
    pub(crate) protection: Option<crate::block::Protection>,
    pub(crate) plan: Plan,
}

fn decide_user(
    standing: &Standing,
    command: Option<&Command>,
    breaker: &mut breaker::Allowance,
    context: Context<'_>,
) -> Plan {
    let mut case = Case {
        standing,
        context,
        blocks: standing.blocks.clone(),
        protection: None,
        plan: Plan::default(),
    };
    calls::observe(&mut case);
    protections::end_expired(&mut case);
    blocks::end_expired(&mut case);
    let evaluate = command.is_none_or(|command| case.obey(command));
    if evaluate {
        let evaluated = quotas::evaluate(standing, case.protection.as_ref(), context);
        if evaluated.ask_young {
            return Plan {
                ask_young: vec![standing.user.clone()],
                ..Plan::default()
            };
        }
        if let Some(at) = evaluated.recheck_at {
            case.plan.recheck.push((standing.user.clone(), at));
        }
        blocks::match_quotas(&mut case, &evaluated, breaker);
        warnings::of_user(&mut case, &evaluated);
    }
    denial::follow(&mut case);
    tell::of_user(&mut case, command);
    case.plan
}

impl Standing {
    /// Whether inherited quotas and team blocks may deny this user (rules A10, E10).
    pub fn is_deniable_human(&self, rules: &Rulebook) -> bool {
        self.class == UserClass::Human && !self.is_exempt(rules)
    }

    /// Whether automation never denies this user: tagged `WeirExempt`, or on `enforcement.never`.
    pub fn is_exempt(&self, rules: &Rulebook) -> bool {
        let never = &rules.settings.enforcement.never;
        self.exempt
            || never
                .iter()
                .any(|pattern| never::names(pattern, &self.user, &self.principals))
    }
}

/// `*` matches any run of characters; everything else is literal.
pub fn matches_pattern(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests;
