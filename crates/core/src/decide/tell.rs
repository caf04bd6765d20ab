//! What people are told of a decision (rules 8).
//!
//! Loss and return of access are read off the denials that are to be in AWS, not off the blocks: so
//! one loss is told once however many blocks there are, and in `dry-run`, in `off` and outside of the
//! scope, where nothing is to be in AWS, nobody is told of any.

mod group;

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Case, Context, denial};
use crate::access::{Member, TargetKind};
use crate::admin::{Command, Verb};
use crate::block::{Block, Cause, Denies, Until, Violation};
use crate::ids::{BlockId, ModelId, ToolId};
use crate::message::{About, Denied, Message, News, Quoted};
use crate::plan::{Lift, LiftReason, Warning};
use crate::quota::Quota;
use crate::rulebook::Mode;
use crate::standing::{PROTECTED_OVER, Standing};

pub(super) use group::of_group;

/// What somebody cannot use.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Lost {
    Everything,
    Tool(ToolId),
    Model(ModelId),
}

/// What is lost, and until when.
type Losses = BTreeMap<Lost, Until>;

/// Tells of everything that the plan for a user means for people.
pub(super) fn of_user(case: &mut Case<'_>, command: Option<&Command>) {
    // The ordinary case: nothing is or was denied, and nothing happens.
    if case.standing.access.is_empty() && case.plan.is_empty() {
        return;
    }
    let mut told = Vec::new();
    if case.standing.is_spoken_to(case.context) {
        told.extend(warnings(case));
    }
    let before = losses(case.standing.access.iter().map(|(_, member)| member));
    let after = losses(members_after(case).iter());
    let restored = returns(case, command, &before, &after);
    if case.standing.is_spoken_to(case.context) {
        told.extend(protections(case, command, &before, &after, &restored));
    }
    told.extend(restored);
    told.extend(begins(case, command, &before, &after));
    let message = |news| about(case.standing, news, case.context);
    let told: Vec<Message> = told.into_iter().map(message).collect();
    case.plan.told.extend(told);
}

/// A message about a user.
pub(super) fn about(standing: &Standing, news: News, context: Context<'_>) -> Message {
    Message {
        about: About::User {
            user: standing.user.clone(),
            team: Some(standing.team.clone()),
        },
        at: context.now,
        news,
    }
}

/// Somebody is seen for the first time.
pub(super) fn newcomer(standing: &Standing, context: Context<'_>) -> Message {
    let principal = standing.principals.first();
    let news = News::NewUser {
        principal: principal.map_or_else(String::new, |known| known.principal.to_string()),
        class: standing.class,
    };
    about(standing, news, context)
}

impl Standing {
    /// Whether limits are enforced for this user, so that it is told about them (rules E8).
    fn is_spoken_to(&self, context: Context<'_>) -> bool {
        context.rules.mode.mode == Mode::Iam
            && context
                .rules
                .settings
                .enforcement
                .covers(&self.user, &self.team)
    }
}

/// What of these denials is to be in AWS.
fn losses<'a>(members: impl Iterator<Item = &'a Member>) -> Losses {
    let mut losses = Losses::new();
    let mut add = |lost, until: Until| {
        let known = losses.entry(lost).or_insert(until);
        *known = until.max(*known);
    };
    for member in members.filter(|member| member.is_denied()) {
        let Member { target, denial, .. } = member;
        match (target.kind, denial.everything) {
            (TargetKind::ToolKeys, Some(until)) => {
                if let Some(tool) = tool_of(member) {
                    add(Lost::Tool(tool), until);
                }
            }
            (_, Some(until)) => add(Lost::Everything, until),
            (_, None) => {}
        }
        for (model, until) in &denial.models {
            add(Lost::Model(model.clone()), *until);
        }
    }
    losses
}

/// What a member is denied: everything, or the tool whose keys the target is.
pub(crate) fn covers(member: &Member, lost: &Lost) -> bool {
    let is_keys = member.target.kind == TargetKind::ToolKeys;
    match lost {
        Lost::Everything | Lost::Model(_) => !is_keys,
        Lost::Tool(tool) => is_keys && tool_of(member).as_ref() == Some(tool),
    }
}

fn tool_of(member: &Member) -> Option<ToolId> {
    let rest = member.target.id.strip_prefix(member.user.as_str())?;
    rest.strip_prefix(' ').map(ToolId::new)
}

/// The memberships as the plan leaves them.
fn members_after(case: &Case<'_>) -> Vec<Member> {
    let changed = |member: &Member| {
        let mut changes = case.plan.access.iter().map(|change| &change.member);
        changes.any(|new| new.target == member.target && new.reach == member.reach)
    };
    let known = case.standing.access.iter().map(|(_, member)| member);
    let kept = known.filter(|member| !changed(member)).cloned();
    let new = case.plan.access.iter().map(|change| change.member.clone());
    kept.chain(new).collect()
}

fn warnings(case: &Case<'_>) -> Vec<News> {
    let told = case.plan.warned.iter().filter(|warning| warning.told);
    told.filter_map(|warning| warning_of(case, warning))
        .collect()
}

fn warning_of(case: &Case<'_>, warning: &Warning) -> Option<News> {
    let quota = Quoted::of(warning);
    if warning.key.threshold == PROTECTED_OVER {
        let protection = case.protection.as_ref()?;
        return Some(News::ProtectedOverLimit {
            quota,
            protected_by: protection.author.clone(),
            protected_until: protection.until,
        });
    }
    Some(News::QuotaWarning {
        threshold: warning.key.threshold,
        blocks: case.warning_may_block(warning),
        resets_at: warning.key.window.end(&case.context.rules.zone),
        quota,
    })
}

impl Case<'_> {
    fn warning_may_block(&self, warning: &Warning) -> bool {
        let key = &warning.key;
        let (user, team) = (&self.standing.user, &self.standing.team);
        let quotas = &self.context.rules.quotas;
        let mut all = quotas
            .of_user(user, team)
            .chain(quotas.tools().flat_map(|tool| quotas.of_tool(tool)))
            .chain(quotas.models().flat_map(|model| quotas.of_model(model)));
        let is_it = |quota: &&Quota| {
            (&quota.scope, quota.metric, quota.window)
                == (&key.scope, key.metric, key.window.kind())
        };
        all.find(is_it)
            .is_some_and(|quota| self.standing.may_be_blocked_by(quota, self.context.rules))
    }
}

impl Quoted {
    pub(super) fn of(warning: &Warning) -> Self {
        let Warning { key, told: _, used } = warning;
        Self {
            scope: key.scope.clone(),
            metric: key.metric,
            window: key.window,
            used: *used,
            limit: key.limit,
        }
    }
}

fn protections(
    case: &Case<'_>,
    command: Option<&Command>,
    before: &Losses,
    after: &Losses,
    restored: &[News],
) -> Vec<News> {
    let mut told = Vec::new();
    let loses = !before.contains_key(&Lost::Everything) && after.contains_key(&Lost::Everything);
    let replaced = !case.plan.protected.is_empty();
    for end in case.plan.unprotected.iter().filter(|_| !replaced) {
        let all = &case.standing.protections;
        if let Some(known) = all.iter().find(|known| known.id == end.id) {
            told.push(News::ProtectionEnded {
                protection: end.id.clone(),
                by: end.by.clone(),
                since: known.since,
                blocks: loses,
            });
        }
    }
    // Whoever gets access back reads there how long it is protected; of a held block nobody knew.
    let known = !restored.is_empty()
        || command.is_some_and(|command| matches!(command.verb, Verb::DiscardHeld { .. }));
    for protection in case.plan.protected.iter().filter(|_| !known) {
        told.push(News::ProtectionGranted {
            protection: protection.id.clone(),
            by: protection.author.clone(),
            reason: protection.reason.clone(),
            since: protection.since,
            until: protection.until,
            up_to_percent: protection.up_to_percent,
        });
    }
    told
}

/// What is lost by the plan, and what an administrator changed of a loss that goes on.
fn begins(
    case: &Case<'_>,
    command: Option<&Command>,
    before: &Losses,
    after: &Losses,
) -> Vec<News> {
    if let Some(until) = after.get(&Lost::Everything) {
        return if before.contains_key(&Lost::Everything) {
            by_command(case, command, *until).into_iter().collect()
        } else {
            loss_of_everything(case, *until).into_iter().collect()
        };
    }
    let part = |(lost, until): (&Lost, &Until)| {
        let known = before.contains_key(lost) && !begun_meanwhile(case, before, lost);
        (!known).then(|| loss_of_part(case, lost, *until)).flatten()
    };
    after.iter().filter_map(part).collect()
}

/// Whether a part was lost while everything was: then nobody was told of it.
fn begun_meanwhile(case: &Case<'_>, before: &Losses, lost: &Lost) -> bool {
    let begun = reasons_for(case, lost).map(|block| block.since).min();
    before.contains_key(&Lost::Everything) && begun >= lost_since(case.standing, &Lost::Everything)
}

/// An administrator's block over one that is there: told, because whom to ask is another.
fn by_command(case: &Case<'_>, command: Option<&Command>, until: Until) -> Option<News> {
    command.filter(|command| matches!(command.verb, Verb::Block { .. }))?;
    let is_manual = |block: &&Block| block.cause == Cause::Manual && block.is_in_force();
    let block = case.blocks.iter().find(is_manual)?;
    let mut known = case.standing.blocks.iter();
    let is_same = |known: &Block| {
        (&known.id, &known.reason, known.until) == (&block.id, &block.reason, block.until)
    };
    (!known.any(is_same)).then(|| manual(block, true, until, case.context))
}

fn manual(block: &Block, already: bool, until: Until, context: Context<'_>) -> News {
    News::BlockedByAdministrator {
        already,
        block: block.id.clone(),
        by: block.author.clone(),
        reason: block.reason.clone(),
        since: context.now,
        until,
    }
}

fn loss_of_everything(case: &Case<'_>, until: Until) -> Option<News> {
    let reasons: Vec<&Block> = reasons_for(case, &Lost::Everything).collect();
    if let Some(block) = reasons.iter().find(|block| !block.is_automatic()) {
        return Some(manual(block, false, until, case.context));
    }
    let longest = reasons.iter().max_by_key(|block| block.until)?;
    let denied = match &longest.denies {
        Denies::Team(team) => Denied::Team(team.clone()),
        _ => Denied::Everything,
    };
    Some(News::Blocked {
        block: longest.id.clone(),
        denied,
        quotas: quotas(&reasons),
        since: case.context.now,
        until,
    })
}

fn loss_of_part(case: &Case<'_>, lost: &Lost, until: Until) -> Option<News> {
    let reasons: Vec<&Block> = reasons_for(case, lost).collect();
    Some(News::Blocked {
        block: reasons.iter().max_by_key(|block| block.until)?.id.clone(),
        denied: lost.denied(),
        quotas: quotas(&reasons),
        since: case.context.now,
        until,
    })
}

/// What is given back by the plan.
fn returns(
    case: &Case<'_>,
    command: Option<&Command>,
    before: &Losses,
    after: &Losses,
) -> Vec<News> {
    let whole = &Lost::Everything;
    let ended = before
        .iter()
        .filter(|(lost, _)| !after.contains_key(lost))
        // Whoever loses or gets back everything is told of that.
        .filter(|(lost, _)| {
            *lost == whole || !(before.contains_key(whole) || after.contains_key(whole))
        });
    ended
        .map(|(lost, until)| restored(case, command, lost, *until))
        .collect()
}

fn restored(case: &Case<'_>, command: Option<&Command>, lost: &Lost, until: Until) -> News {
    let standing = case.standing;
    let ended = |lift: &&Lift| {
        let block = standing.blocks.iter().find(|block| block.id == lift.id)?;
        lost.is_denied_by(block).then_some((*lift).clone())
    };
    let longest = standing
        .blocks
        .iter()
        .chain(&standing.team_blocks)
        .filter(|block| lost.is_denied_by(block))
        .max_by_key(|block| (block.is_in_force(), block.until));
    let block = longest.map_or_else(
        || BlockId::new(format!("team:{}", standing.team)),
        |block| block.id.clone(),
    );
    let since = lost_since(standing, lost).unwrap_or(case.context.now);
    let gives_back = |command: &&Command| {
        let Command { verb, .. } = command;
        matches!(
            verb,
            Verb::Unblock { .. } | Verb::EndBlock { .. } | Verb::Protect { .. }
        )
    };
    if let Some(Command { actor, reason, .. }) = command.filter(gives_back) {
        return News::UnblockedByAdministrator {
            block,
            by: actor.clone(),
            reason: reason.trim().to_owned(),
            since,
            protected_until: case.protection.as_ref().and_then(|p| p.until.instant()),
        };
    }
    let reasons_go_on = reasons_for(case, lost).next().is_some();
    if reasons_go_on {
        // The mode was left, or the scope: the blocks are only on record now.
        return News::UnblockedByAdministrator {
            block,
            by: super::entries::WEIR.to_owned(),
            reason: "enforcement.mode, enforcement.scope".to_owned(),
            since,
            protected_until: None,
        };
    }
    let mut lifts = case.plan.lifted.iter().rev();
    let lift = lifts.find_map(|lift| ended(&lift));
    let why = match lift {
        Some(lift) => lift.why,
        None if case.protection.is_some() => LiftReason::Protected,
        None if until.is_over(case.context.now) => LiftReason::Expired,
        None => LiftReason::NoLongerHolds,
    };
    News::Unblocked {
        block,
        why,
        denied: match longest.map(|block| &block.denies) {
            Some(Denies::Team(team)) => Denied::Team(team.clone()),
            _ => lost.denied(),
        },
        quotas: longest.map(|block| quotas(&[block])).unwrap_or_default(),
        reason: longest.map_or_else(
            || format!("team:{}", standing.team),
            |block| block.reason.clone(),
        ),
        since,
    }
}

/// Blocks in force, after the plan, that take this away.
fn reasons_for<'a>(case: &'a Case<'_>, lost: &'a Lost) -> impl Iterator<Item = &'a Block> {
    case.blocks
        .iter()
        .chain(denial::team_blocks(case))
        .filter(|block| block.is_in_force() && lost.is_denied_by(block))
}

/// Since when it had been lost, before the plan: as the blocks say, else the target.
fn lost_since(standing: &Standing, lost: &Lost) -> Option<Timestamp> {
    let blocks = standing.blocks.iter().chain(&standing.team_blocks);
    let of_blocks = blocks
        .filter(|block| block.is_in_force() && lost.is_denied_by(block))
        .map(|block| block.since)
        .min();
    let of_targets = standing
        .access
        .iter()
        .filter(|(_, member)| member.is_denied() && covers(member, lost))
        .filter_map(|(target, _)| target.requested_at)
        .min();
    of_blocks.or(of_targets)
}

fn quotas(blocks: &[&Block]) -> Vec<Quoted> {
    let mut evidence: Vec<&Violation> = blocks.iter().flat_map(|block| &block.evidence).collect();
    evidence.sort_by_key(|violation| violation.precedence());
    evidence.into_iter().map(Quoted::from).collect()
}

impl Lost {
    fn is_denied_by(&self, block: &Block) -> bool {
        match (self, &block.denies) {
            (Self::Everything, Denies::User(_) | Denies::Team(_)) => true,
            (Self::Tool(lost), Denies::Tool(_, tool)) => lost == tool,
            (Self::Model(lost), Denies::Model(_, model)) => lost == model,
            _ => false,
        }
    }

    fn denied(&self) -> Denied {
        match self {
            Self::Everything => Denied::Everything,
            Self::Tool(tool) => Denied::Tool(tool.clone()),
            Self::Model(model) => Denied::Model(model.clone()),
        }
    }
}
