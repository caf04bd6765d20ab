//! Which quotas are reached over the windows that contain `now` (rules Q3-Q8, C6).

use jiff::Timestamp;

use super::Context;
use crate::block::{Denies, Protection, Violation};
use crate::calendar::Window;
use crate::counter::{CounterScope, Sums};
use crate::quota::{Action, Metric, Quota};
use crate::rulebook::Rulebook;
use crate::standing::{Standing, Usage};

/// One quota, held against what was used.
#[derive(Clone, Debug)]
pub struct Reading<'a> {
    /// The quota.
    pub quota: &'a Quota,
    /// What reaching it denies.
    pub denies: Denies,
    /// The window that contains `now`.
    pub window: Window,
    /// The limit now.
    pub limit: i64,
    /// Everything counted.
    pub used: i64,
    /// Reached, and it blocks.
    pub blocks: bool,
    /// Reached, and only the protection keeps it from blocking.
    pub protected: bool,
}

/// All quotas of a user, read.
#[derive(Clone, Debug, Default)]
pub struct Evaluated<'a> {
    /// Quotas that have a limit.
    pub readings: Vec<Reading<'a>>,
    /// Whether young provisional counts decide and are not known yet.
    pub ask_young: bool,
    /// When to look again because provisional counts will have settled.
    pub recheck_at: Option<Timestamp>,
}

/// Reads every quota that applies to the user.
pub fn evaluate<'a>(
    standing: &Standing,
    protection: Option<&Protection>,
    context: Context<'a>,
) -> Evaluated<'a> {
    let rules = context.rules;
    let windows = Window::all_containing(context.now, &rules.zone);
    let human = standing.is_deniable_human(rules);
    let exempt = standing.is_exempt(rules);
    let mut evaluated = Evaluated::default();
    let mut read = |quota: &'a Quota, scope: &CounterScope, denies: &dyn Fn() -> Denies| {
        let may_block = quota.action == Action::Block
            && standing.confirmed
            && if quota.is_own() { !exempt } else { human };
        let total = Total {
            usage: &standing.usage,
            young: standing.young.as_deref(),
            scope,
            window: windows[quota.window as usize],
        };
        total.read(
            quota,
            may_block,
            protection,
            denies,
            context,
            &mut evaluated,
        );
    };
    let own = CounterScope::User(standing.user.clone());
    for quota in rules.quotas.of_user(&standing.user, &standing.team) {
        read(quota, &own, &|| Denies::User(standing.user.clone()));
    }
    for tool in rules.quotas.tools() {
        let scope = CounterScope::Tool(standing.user.clone(), tool.clone());
        for quota in rules.quotas.of_tool(tool) {
            read(quota, &scope, &|| {
                Denies::Tool(standing.user.clone(), tool.clone())
            });
        }
    }
    for model in rules.quotas.models() {
        let scope = CounterScope::Model(standing.user.clone(), model.clone());
        for quota in rules.quotas.of_model(model) {
            read(quota, &scope, &|| {
                Denies::Model(standing.user.clone(), model.clone())
            });
        }
    }
    evaluated
}

impl Standing {
    /// Whether reaching this quota may deny the user anything, unless a protection holds.
    pub(super) fn may_be_blocked_by(&self, quota: &Quota, rules: &Rulebook) -> bool {
        quota.action == Action::Block
            && self.confirmed
            && if quota.is_own() {
                !self.is_exempt(rules)
            } else {
                self.is_deniable_human(rules)
            }
    }
}

/// One total in one window.
pub(super) struct Total<'s> {
    pub usage: &'s [Usage],
    pub young: Option<&'s [Usage]>,
    pub scope: &'s CounterScope,
    pub window: Window,
}

impl Total<'_> {
    /// Holds a quota against the total.
    pub(super) fn read<'a>(
        &self,
        quota: &'a Quota,
        may_block: bool,
        protection: Option<&Protection>,
        denies: &dyn Fn() -> Denies,
        context: Context<'a>,
        evaluated: &mut Evaluated<'a>,
    ) {
        let Some(limit) = quota.limit_at(context.now) else {
            return;
        };
        let sums = self.sums(self.usage);
        let used = quota.metric.used(sums);
        let reached = used >= limit;
        if !reached && percent(used, limit) < quota.warn.first().copied().unwrap_or(u32::MAX) {
            return; // the ordinary case: nothing to say
        }
        let mut blocks = reached && may_block;
        let mut protected = false;
        if blocks && let Some(protection) = protection {
            let capped = protection
                .up_to_percent
                .is_some_and(|cap| percent(used, limit) >= cap);
            protected = !capped;
            blocks = capped;
        }
        if blocks && !self.is_firm(quota.metric, used, limit, sums, context, evaluated) {
            blocks = false;
        }
        evaluated.readings.push(Reading {
            quota,
            denies: denies(),
            window: self.window,
            limit,
            used,
            blocks,
            protected,
        });
    }

    /// Whether the limit is reached by counts that will not change any more, or are old enough.
    fn is_firm(
        &self,
        metric: Metric,
        used: i64,
        limit: i64,
        sums: &Sums,
        context: Context<'_>,
        evaluated: &mut Evaluated<'_>,
    ) -> bool {
        let settle_after = context.rules.settings.settle_after;
        let provisional = metric.provisional(sums);
        if settle_after.is_zero() || provisional == 0 || used - provisional >= limit {
            return true;
        }
        let Some(young) = self.young else {
            evaluated.ask_young = true;
            return false;
        };
        if used - metric.provisional(self.sums(young)) >= limit {
            return true;
        }
        let at = context
            .now
            .saturating_add(settle_after)
            .unwrap_or(Timestamp::MAX);
        let at = next_minute(at);
        evaluated.recheck_at = Some(at);
        false
    }

    fn sums<'u>(&self, usage: &'u [Usage]) -> &'u Sums {
        let is_it = |usage: &&Usage| usage.window == self.window && usage.scope == *self.scope;
        usage
            .iter()
            .find(is_it)
            .map_or(&Sums::NONE, |usage| &usage.sums)
    }
}

impl Reading<'_> {
    /// As evidence.
    pub fn violation(&self) -> Violation {
        Violation {
            scope: self.quota.scope.clone(),
            metric: self.quota.metric,
            window: self.window,
            used: self.used,
            limit: self.limit,
        }
    }

    /// Used, in percent of the limit, rounded down.
    pub fn percent(&self) -> u32 {
        percent(self.used, self.limit)
    }
}

/// The next whole minute: one look a minute is enough for one user.
fn next_minute(at: Timestamp) -> Timestamp {
    let second = at.as_second() + i64::from(at.subsec_nanosecond() > 0);
    Timestamp::from_second(second + (-second).rem_euclid(60)).unwrap_or(at)
}

/// Used, in percent of the limit, rounded down; a limit of zero is always reached.
pub(crate) fn percent(used: i64, limit: i64) -> u32 {
    if limit <= 0 {
        return 100;
    }
    let used = used.max(0);
    // The slow division, in 128 bits, is hardly ever needed.
    let percent = if let Some(hundredfold) = used.checked_mul(100) {
        i128::from(hundredfold / limit)
    } else {
        i128::from(used) * 100 / i128::from(limit)
    };
    u32::try_from(percent).unwrap_or(u32::MAX)
}
