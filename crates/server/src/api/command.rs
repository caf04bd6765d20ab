//! Commands about users under an operator's name, and what is answered: one place for who may.

use serde::Serialize;
use utoipa::ToSchema;
use weir_core::admin::{Command, Verb};
use weir_core::ids::UserId;
use weir_core::operator::Permission;
use weir_engine::{Administered, StatusReport};
use weir_store::{BlockFilter, UserRow};

use super::users::show::{Protection, protection};
use super::{Api, SignedIn, users};
use crate::problem::Problem;

/// A user after a command.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Now {
    /// Who.
    user_id: String,
    /// `ACTIVE`, `ACTIVE_ADM`, `BLOCKED` or `BLOCKED_ADM`.
    state: &'static str,
    /// The worst state of the user's targets in AWS: whether a Deny was read back already.
    enforcement: &'static str,
    /// The latest end of the active blocks, RFC 3339.
    blocked_until: Option<String>,
    /// What remains in force, a line each.
    reasons: Vec<String>,
    /// The protection that holds.
    protection: Option<Protection>,
    /// What may block again when the protection ends, a line each.
    after_protection: Vec<String>,
    /// False if everything was so already.
    changed: bool,
}

impl Now {
    pub(crate) fn of(done: Administered) -> Self {
        let Administered {
            status,
            plan,
            after_protection,
            dispatch: _,
        } = done;
        let changed = !(plan.opened.is_empty()
            && plan.revised.is_empty()
            && plan.lifted.is_empty()
            && plan.protected.is_empty()
            && plan.unprotected.is_empty());
        let StatusReport {
            user_id,
            team: _,
            person: _,
            state,
            enforcement,
            blocked_until,
            reasons,
            protection: held,
            quotas: _,
        } = status;
        Self {
            user_id: user_id.to_string(),
            state,
            enforcement: enforcement.as_str(),
            blocked_until,
            reasons,
            protection: held.map(protection),
            after_protection,
            changed,
        }
    }
}

/// A user whom the caller may block, unblock and protect.
pub(crate) async fn governed(api: &Api, who: &SignedIn, user: &str) -> Result<UserRow, Problem> {
    let within = who.may(Permission::Block)?;
    users::within_reach(api, &within, &UserId::new(user)).await
}

/// Refuses whoever may not touch the manual blocks of others, if this user has one.
pub(crate) async fn leaves_others_alone(
    api: &Api,
    who: &SignedIn,
    user: &UserId,
) -> Result<(), Problem> {
    let Err(refused) = who.may(Permission::LiftOthersBlock) else {
        return Ok(());
    };
    let filter = BlockFilter {
        user: Some(user.clone()),
        limit: 500,
        ..BlockFilter::default()
    };
    let blocks = api.engine.store().reports();
    let blocks = blocks.blocks_page(&filter, None, None).await;
    let own = who.caller.name.author();
    let others = blocks
        .map_err(Problem::of_store)?
        .into_iter()
        .find(|row| !row.block.is_automatic() && row.block.author != own);
    match others {
        None => Ok(()),
        Some(row) => Err(refused.because(&format!(
            "`{user}` is blocked by {}, whose block only an admin lifts or replaces",
            row.block.author
        ))),
    }
}

/// Carries a command out.
pub(crate) async fn carry_out(
    api: &Api,
    who: &SignedIn,
    user: UserId,
    reason: &str,
    verb: Verb,
    force: bool,
) -> Result<Now, Problem> {
    let actor = who.caller.actor();
    let command = Command {
        user,
        actor: actor.name,
        claimed_by: actor.claimed,
        reason: reason.trim().to_owned(),
        verb,
    };
    let done = api.engine.administer(command, force).await;
    done.map(Now::of)
        .map_err(|error| Problem::of_engine(&error))
}
