//! What calls show about a Deny: that it works, or that one slipped through (rules B8, E13).

use super::{Case, denial, entries};
use crate::access::{Denial, Target, TargetState};
use crate::plan::Observation;
use crate::standing::{CallSeen, KnownPrincipal};

pub(super) fn observe(case: &mut Case<'_>) {
    for call in &case.standing.calls {
        let known = KnownPrincipal {
            principal: call.principal.clone(),
            stable_id: None,
        };
        let at = denial::target_of(&known).0;
        // A role id or directory id may be unknown here: compare what both know.
        let held = case.standing.access.iter().find(|(target, member)| {
            member.is_denied() && (target.key == at || same_holder(case, target, call))
        });
        let Some((target, member)) = held else {
            continue;
        };
        if call.denied {
            let since = target
                .requested_at
                .is_some_and(|requested| call.at >= requested);
            if since && target.first_denied_at.is_none() {
                case.plan.observed.push(Observation::Denied {
                    target: target.key.clone(),
                    at: call.at,
                });
            }
        } else if !call.failed && covers(&member.denial, call) && is_leak(case, target, call) {
            case.plan.observed.push(Observation::Leak {
                target: target.key.clone(),
            });
            case.plan.audit.push(entries::leak(
                case.standing,
                call,
                &target.key,
                case.context,
            ));
        }
    }
}

/// Whether the call's principal is one whose target this is.
fn same_holder(case: &Case<'_>, target: &Target, call: &CallSeen) -> bool {
    case.standing
        .principals
        .iter()
        .filter(|known| known.principal == call.principal)
        .any(|known| denial::target_of(known).0 == target.key)
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
