//! Warnings: one per subject, quota, threshold and window (rules Q5, B7).

use std::collections::BTreeSet;

use super::quotas::{Evaluated, Reading};
use super::{Case, Context};
use crate::plan::{Plan, Warning};
use crate::quota::{Quota, Scope};
use crate::standing::{PROTECTED_OVER, WarningKey};

/// The threshold at which a quota that does not block tells that it is reached.
const REACHED: u32 = 100;

pub(super) fn of_user(case: &mut Case<'_>, evaluated: &Evaluated<'_>) {
    if !case.standing.warned.is_empty() {
        let quotas = &case.context.rules.quotas;
        let all = quotas
            .of_user(&case.standing.user, &case.standing.team)
            .chain(quotas.tools().flat_map(|tool| quotas.of_tool(tool)))
            .chain(quotas.models().flat_map(|model| quotas.of_model(model)))
            .collect::<Vec<_>>();
        rearm(
            &case.standing.warned,
            &all,
            evaluated,
            case.context,
            &mut case.plan,
        );
    }
    if evaluated.readings.is_empty() {
        return;
    }
    let subject = format!("user:{}", case.standing.user);
    for reading in &evaluated.readings {
        warn(&subject, reading, &case.standing.warned, &mut case.plan);
    }
}

/// Gives the highest threshold that was reached and not yet told; lower ones that were jumped over
/// are remembered in silence.
pub(super) fn warn(
    subject: &str,
    reading: &Reading<'_>,
    warned: &BTreeSet<WarningKey>,
    plan: &mut Plan,
) {
    let key = |threshold| WarningKey {
        subject: subject.to_owned(),
        scope: reading.quota.scope.clone(),
        metric: reading.quota.metric,
        window: reading.window,
        threshold,
        limit: reading.limit,
    };
    if reading.blocks {
        return; // the block is told instead
    }
    if reading.used <= 0 {
        return; // a limit of nothing is reached by nothing, anew in every window: no news
    }
    let told_under_another_limit = |threshold| {
        warned
            .iter()
            .any(|known| known.threshold == threshold && is_about(known, reading.quota))
    };
    if reading.protected {
        let key = key(PROTECTED_OVER);
        if !warned.contains(&key) {
            plan.warned.push(Warning {
                key,
                told: !told_under_another_limit(PROTECTED_OVER),
                used: reading.used,
            });
        }
        return;
    }
    let percent = reading.percent();
    let reached = reading
        .quota
        .warn
        .iter()
        .copied()
        .chain([REACHED])
        .filter(|threshold| *threshold <= percent);
    let unknown: BTreeSet<u32> = reached
        .filter(|threshold| !warned.contains(&key(*threshold)))
        .collect();
    for threshold in &unknown {
        let told = Some(threshold) == unknown.last() && !told_under_another_limit(*threshold);
        plan.warned.push(Warning {
            key: key(*threshold),
            told,
            used: reading.used,
        });
    }
}

/// Forgets warnings given for another limit whose threshold is above today's percentage.
pub(super) fn rearm(
    warned: &BTreeSet<WarningKey>,
    quotas: &[&Quota],
    evaluated: &Evaluated<'_>,
    context: Context<'_>,
    plan: &mut Plan,
) {
    for known in warned {
        let limit = quotas
            .iter()
            .find(|quota| is_about(known, quota))
            .and_then(|quota| quota.limit_at(context.now));
        if limit == Some(known.limit) {
            continue;
        }
        // A quota that was not read is below its first threshold.
        let percent = evaluated
            .readings
            .iter()
            .find(|reading| reading.window == known.window && is_about(known, reading.quota))
            .map_or(0, Reading::percent);
        let threshold = match known.threshold {
            PROTECTED_OVER => REACHED,
            threshold => threshold,
        };
        if threshold > percent {
            plan.rearmed.push(known.clone());
        }
    }
}

/// Whether a warning is about this quota. A user's own setting takes the place of an inherited one,
/// so the three user-level scopes are one.
fn is_about(known: &WarningKey, quota: &Quota) -> bool {
    let user_level = |scope: &Scope| {
        matches!(
            scope,
            Scope::User(_) | Scope::TeamDefaults(_) | Scope::Defaults
        )
    };
    let same_scope =
        known.scope == quota.scope || (user_level(&known.scope) && user_level(&quota.scope));
    same_scope && known.metric == quota.metric && known.window.kind() == quota.window
}
