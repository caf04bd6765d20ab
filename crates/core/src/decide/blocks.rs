//! Automatic blocks follow the quotas that are reached: one per violated window, re-evaluated,
//! never duplicated (rules B1).

use super::breaker::Allowance;
use super::quotas::{Evaluated, Reading};
use super::{Case, Context, denial, entries};
use crate::block::{Block, Cause, Denies, DenyTimes, Force, Until, Violation};
use crate::calendar::Window;
use crate::ids::BlockId;
use crate::plan::{Lift, LiftReason, Plan, Revision};
use crate::quota::Metric;

/// What the quotas ask for.
pub(super) struct Wanted {
    pub denies: Denies,
    pub window: Window,
    pub evidence: Vec<Violation>,
}

pub(super) fn end_expired(case: &mut Case<'_>) {
    let now = case.context.now;
    let (over, active): (Vec<_>, Vec<_>) = std::mem::take(&mut case.blocks)
        .into_iter()
        .partition(|block| block.until.is_over(now));
    for block in over {
        lift(&mut case.plan, &block, LiftReason::Expired, case.context);
    }
    case.blocks = active;
}

pub(super) fn match_quotas(
    case: &mut Case<'_>,
    evaluated: &Evaluated<'_>,
    breaker: &mut Allowance,
) {
    let unmatched = if case.protection.is_some() {
        LiftReason::Protected
    } else {
        LiftReason::NoLongerHolds
    };
    let before = Before::of(case, breaker);
    let wanted = wanted(&evaluated.readings);
    let opened = matched(
        &mut case.blocks,
        wanted,
        unmatched,
        &mut case.plan,
        case.context,
    );
    // However many quotas are passed at once, it is one user who loses access.
    let mut admitted: Option<bool> = None;
    for mut block in opened {
        if !before.denies(&block.denies) && !*admitted.get_or_insert_with(|| breaker.admits_user())
        {
            block.force = Force::Held;
        }
        open(&mut case.plan, &block, case.context);
        case.blocks.push(block);
    }
}

/// What a user was denied before the quotas were read: to lose it once more is no new loss (rules Q10).
struct Before {
    everything: bool,
    parts: Vec<Denies>,
}

impl Before {
    fn of(case: &Case<'_>, breaker: &Allowance) -> Self {
        let own = case.blocks.iter().filter(|block| block.is_in_force());
        let parts: Vec<Denies> = own.map(|block| block.denies.clone()).collect();
        let is_everything = |denies: &Denies| matches!(denies, Denies::User(_));
        let everything = parts.iter().any(is_everything)
            || denial::team_blocks(case).any(Block::is_in_force)
            || breaker.has_admitted(&case.standing.team) && denial::follows_team(case);
        Self { everything, parts }
    }

    fn denies(&self, part: &Denies) -> bool {
        self.everything || self.parts.contains(part)
    }
}

/// Reached quotas by what they deny and over which window.
pub(super) fn wanted(readings: &[Reading<'_>]) -> Vec<Wanted> {
    let mut wanted: Vec<Wanted> = Vec::new();
    for reading in readings.iter().filter(|reading| reading.blocks) {
        let violation = reading.violation();
        match wanted
            .iter_mut()
            .find(|w| w.denies == reading.denies && w.window == reading.window)
        {
            Some(same) => same.evidence.push(violation),
            None => wanted.push(Wanted {
                denies: reading.denies.clone(),
                window: reading.window,
                evidence: vec![violation],
            }),
        }
    }
    for wanted in &mut wanted {
        wanted.evidence.sort_by_key(Violation::precedence);
    }
    wanted
}

/// Revises automatic blocks that go on, lifts those that nothing asks for any more, and returns
/// those that are new.
pub(super) fn matched(
    blocks: &mut Vec<Block>,
    mut wanted: Vec<Wanted>,
    unmatched: LiftReason,
    plan: &mut Plan,
    context: Context<'_>,
) -> Vec<Block> {
    blocks.retain_mut(|block| {
        let Some(window) = block.window() else {
            return true;
        };
        let at = wanted
            .iter()
            .position(|w| w.denies == block.denies && w.window == window);
        let Some(still) = at.map(|at| wanted.remove(at)) else {
            lift(plan, block, unmatched, context);
            return false;
        };
        if quotas_of(&still.evidence) != quotas_of(&block.evidence) {
            block.reason = headline(&still.evidence);
            block.evidence = still.evidence;
            plan.revised.push(Revision::of(block));
        }
        true
    });
    wanted
        .into_iter()
        .map(|wanted| automatic(wanted, context))
        .collect()
}

fn automatic(wanted: Wanted, context: Context<'_>) -> Block {
    let Wanted {
        denies,
        window,
        evidence,
    } = wanted;
    Block {
        id: id(&denies, &window.to_string(), context),
        reason: headline(&evidence),
        until: Until::At(window.end(&context.rules.zone)),
        cause: Cause::Automatic(window),
        author: entries::WEIR.to_owned(),
        since: context.now,
        force: Force::InForce,
        deny: DenyTimes::default(),
        denies,
        evidence,
    }
}

/// Subject, occasion and instant: unique, and the same when the decision is taken again.
pub(crate) fn id(denies: &Denies, occasion: &str, context: Context<'_>) -> BlockId {
    let subject = match denies {
        Denies::User(user) => format!("user:{user}"),
        Denies::Team(team) => format!("team:{team}"),
        Denies::Tool(user, tool) => format!("tool:{user}:{tool}"),
        Denies::Model(user, model) => format!("model:{user}:{model}"),
    };
    BlockId::new(format!(
        "{subject}:{occasion}:{}",
        context.wall.as_microsecond()
    ))
}

pub(super) fn open(plan: &mut Plan, block: &Block, context: Context<'_>) {
    plan.audit.push(entries::blocked(block, None, context));
    plan.opened.push(block.clone());
}

pub(super) fn lift(plan: &mut Plan, block: &Block, why: LiftReason, context: Context<'_>) {
    plan.audit
        .push(entries::unblocked(block, why, None, entries::WEIR, context));
    plan.lifted.push(Lift {
        id: block.id.clone(),
        by: entries::WEIR.to_owned(),
        why,
        note: None,
    });
}

/// What a revision is about: which quotas, and how high. Usage goes on growing and is no news.
fn quotas_of(evidence: &[Violation]) -> Vec<(&crate::quota::Scope, Metric, i64)> {
    evidence
        .iter()
        .map(|v| (&v.scope, v.metric, v.limit))
        .collect()
}

/// The first violation in one line: `requests per day: 350 of 350`.
pub fn headline(evidence: &[Violation]) -> String {
    let Some(first) = evidence.first() else {
        return String::new();
    };
    let amount = |n: i64| match first.metric {
        Metric::Cost => crate::money::Usd::from_nanos(n).to_string(),
        _ => n.to_string(),
    };
    let whose = match &first.scope {
        scope @ (crate::quota::Scope::Tool(_)
        | crate::quota::Scope::Model(_)
        | crate::quota::Scope::Team(_)) => format!(" ({scope})"),
        _ => String::new(),
    };
    let (metric, kind) = (first.metric, first.window.kind());
    format!(
        "{metric} per {kind}{whose}: {} of {}",
        amount(first.used),
        amount(first.limit)
    )
}

impl Revision {
    /// The facts of a block as they are now.
    pub fn of(block: &Block) -> Self {
        Self {
            id: block.id.clone(),
            reason: block.reason.clone(),
            author: block.author.clone(),
            evidence: block.evidence.clone(),
            until: block.until,
            force: block.force,
        }
    }
}
