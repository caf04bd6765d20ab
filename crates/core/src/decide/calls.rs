//! What calls show about a Deny: that it works, or that one slipped through (rules B8, E13).

use super::{Case, denial, entries, tell};
use crate::access::{Denial, Target, TargetState};
use crate::message::News;
use crate::plan::Observation;
use crate::standing::{CallSeen, KnownPrincipal};

pub(super) fn observe(case: &mut Case<'_>) {
    for call in &case.standing.calls {
        let known = KnownPrincipal {
            principal: call.principal.clone(),
            stable_id: None,
        };
        let at = denial::target_of(&known, case.standing, case.context.rules).0;
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
            let leak = Observation::Leak {
                target: target.key.clone(),
            };
            // One message for all that went through at once; each is on record.
            if !case.plan.observed.contains(&leak) {
                let news = leaked(call, target);
                let message = tell::about(case.standing, news, case.context);
                case.plan.told.push(message);
            }
            case.plan.observed.push(leak);
            case.plan.audit.push(entries::leak(
                case.standing,
                call,
                &target.key,
                case.context,
            ));
        }
    }
}

fn leaked(call: &CallSeen, target: &Target) -> News {
    News::Leak {
        target: target.key.to_string(),
        request: call.request.clone(),
        called_at: call.at,
        operation: call.operation.clone(),
        model: call.model.clone(),
        key: call.key.clone(),
    }
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
