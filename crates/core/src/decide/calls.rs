//! What calls show about a Deny: that it works, or that one slipped through (rules B8, E13).

use jiff::Timestamp;

use super::{Case, denial, entries};
use crate::access::{Denial, Target, TargetKey, TargetState};
use crate::block::{Block, Denies};
use crate::leak::Leak;
use crate::plan::Observation;
use crate::standing::{CallSeen, KnownPrincipal};

pub(super) fn observe(case: &mut Case<'_>) {
    for call in &case.standing.calls {
        let at = target_of(case, call);
        // A role id or directory id may be unknown here: compare what both know.
        let held = case.standing.access.iter().find(|(target, member)| {
            member.is_denied() && (target.key == at || same_holder(case, target, call))
        });
        if call.denied {
            proved(case, call, held.map(|(target, _)| target));
            continue;
        }
        if call.failed {
            continue;
        }
        match held {
            Some((target, member))
                if covers(&member.denial, call) && is_leak(case, target, call) =>
            {
                note_leak(case, call, &target.key);
                let leak = Observation::Leak {
                    target: target.key.clone(),
                };
                if !case.plan.observed.contains(&leak) {
                    case.plan.observed.push(leak);
                }
            }
            // The record of a call comes late: what denied it may have ended since.
            _ if is_late_leak(case, call) => note_leak(case, call, &at),
            _ => {}
        }
    }
}

/// A denied call shows that the Deny works, and so does every block that asked for it.
fn proved(case: &mut Case<'_>, call: &CallSeen, held: Option<&Target>) {
    let standing = case.standing;
    let ended = standing.ended.iter();
    let mut blocks: Vec<_> = ended.map(|e| (&e.block, Some(e.lifted_at))).collect();
    if let Some(target) = held {
        let since = target
            .requested_at
            .is_some_and(|requested| call.at >= requested);
        if since && target.first_denied_at.is_none() {
            case.plan.observed.push(Observation::Denied {
                target: target.key.clone(),
                at: call.at,
            });
        }
        let active = standing.blocks.iter().chain(&standing.team_blocks);
        blocks.extend(active.map(|block| (block, None)));
    }
    for (block, lifted_at) in blocks {
        let before = block.deny.first_denied_at;
        if is_within(block, lifted_at, call) && before.is_none_or(|first| call.at < first) {
            case.plan.observed.push(Observation::Explained {
                block: block.id.clone(),
                at: call.at,
            });
        }
    }
}

/// Whether a call was made while a block's Deny was asked for, and is one of those that it denies.
fn is_within(block: &Block, lifted_at: Option<Timestamp>, call: &CallSeen) -> bool {
    let denies = match &block.denies {
        Denies::User(_) | Denies::Team(_) => true,
        Denies::Model(_, model) => *model == call.model,
        // Keys of a tool are deactivated: no policy denies their calls.
        Denies::Tool(..) => false,
    };
    denies
        && block
            .deny
            .requested_at
            .is_some_and(|asked| call.at >= asked)
        && lifted_at.is_none_or(|lifted| call.at < lifted)
        && !block.until.is_over(call.at)
}

/// Whether a call went through the Deny of a block that has ended since.
fn is_late_leak(case: &Case<'_>, call: &CallSeen) -> bool {
    let grace = case.context.rules.settings.enforcement.grace;
    case.standing.ended.iter().any(|ended| {
        let verified_at = ended.block.deny.verified_at;
        is_within(&ended.block, Some(ended.lifted_at), call)
            && verified_at.is_some_and(|verified| call.at.duration_since(verified) > grace)
    })
}

/// Puts a leak on record; administrators are told of it as an incident ([`crate::leak::alarms`]).
fn note_leak(case: &mut Case<'_>, call: &CallSeen, target: &TargetKey) {
    let entry = entries::leak(case.standing, &Leak::of(call, target), case.context);
    case.plan.audit.push(entry);
}

/// Where the caller's Deny would be.
fn target_of(case: &Case<'_>, call: &CallSeen) -> TargetKey {
    let known = KnownPrincipal {
        principal: call.principal.clone(),
        stable_id: None,
    };
    denial::target_of(&known, case.standing, case.context.rules).0
}

/// Whether the call's principal is one whose target this is.
fn same_holder(case: &Case<'_>, target: &Target, call: &CallSeen) -> bool {
    case.standing
        .principals
        .iter()
        .filter(|known| known.principal == call.principal)
        .any(|known| denial::target_of(known, case.standing, case.context.rules).0 == target.key)
}

/// Whether the denial was about this call, at its time.
fn covers(denial: &Denial, call: &CallSeen) -> bool {
    denial
        .everything
        .is_some_and(|until| !until.is_over(call.at))
        || denial
            .models
            .get(&call.model)
            .is_some_and(|until| !until.is_over(call.at))
}

fn is_leak(case: &Case<'_>, target: &Target, call: &CallSeen) -> bool {
    let grace = case.context.rules.settings.enforcement.grace;
    target.state == TargetState::Verified
        && target.denies
        && target
            .verified_at
            .is_some_and(|verified| call.at.duration_since(verified) > grace)
}
