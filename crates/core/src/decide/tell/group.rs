//! What the owner of a team is told, and of everybody together the administrators.

use jiff::Timestamp;

use crate::block::Force;
use crate::decide::Context;
use crate::ids::UserId;
use crate::message::{About, Message, News, Quoted};
use crate::plan::{Plan, Warning};
use crate::quota::{Action, Quota};
use crate::rulebook::Mode;
use crate::standing::GroupStanding;

/// Tells of everything that the plan for a team or the organisation means for its owner.
pub(in crate::decide) fn of_group(
    standing: &GroupStanding,
    quotas: &[&Quota],
    context: Context<'_>,
    plan: &mut Plan,
) {
    let team = standing.team.clone();
    let message = |news| Message {
        about: team.clone().map_or(About::Organisation, About::Team),
        at: context.now,
        news,
    };
    let warned = plan.warned.iter().filter(|warning| warning.told);
    let warned = warned.map(|warning| message(group_warning(standing, quotas, warning, context)));
    let held: Vec<_> = standing
        .blocks
        .iter()
        .filter(|block| block.is_held())
        .collect();
    let applied = plan.revised.iter().filter(|revision| {
        let was_held = held.iter().any(|block| block.id == revision.id);
        was_held && revision.force == Force::InForce
    });
    let opened = plan.opened.iter().filter(|block| block.is_in_force());
    let blocked = opened
        .map(|block| (&block.evidence, block.until))
        .chain(applied.map(|revision| (&revision.evidence, revision.until)));
    let blocked = blocked.map(|(evidence, until)| {
        message(News::TeamQuotaExceeded {
            quotas: evidence.iter().map(Quoted::from).collect(),
            blocked: is_enforced(standing, context),
            members: standing.members,
            resets_at: until.instant().unwrap_or(Timestamp::MAX),
        })
    });
    let told: Vec<Message> = warned.chain(blocked).collect();
    plan.told.extend(told);
}

fn group_warning(
    standing: &GroupStanding,
    quotas: &[&Quota],
    warning: &Warning,
    context: Context<'_>,
) -> News {
    let key = &warning.key;
    let resets_at = key.window.end(&context.rules.zone);
    if key.threshold >= 100 {
        return News::TeamQuotaExceeded {
            quotas: vec![Quoted::of(warning)],
            blocked: false,
            members: standing.members,
            resets_at,
        };
    }
    let mut quotas = quotas.iter();
    let blocks = quotas.any(|quota| {
        (quota.metric, quota.window) == (key.metric, key.window.kind())
            && quota.action == Action::Block
    });
    News::TeamQuotaWarning {
        quota: Quoted::of(warning),
        threshold: key.threshold,
        blocks: blocks && is_enforced(standing, context),
        resets_at,
    }
}

/// Whether a block of the team denies its members anything (rules E8, Q1).
fn is_enforced(standing: &GroupStanding, context: Context<'_>) -> bool {
    let enforcement = &context.rules.settings.enforcement;
    let covers = |team| enforcement.covers(&UserId::new(""), team);
    context.rules.mode.mode == Mode::Iam && standing.team.as_ref().is_some_and(covers)
}
