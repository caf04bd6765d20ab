//! Commands about users under an operator's name, and what is answered: one place for who may.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_core::admin::{Command, Verb};
use weir_core::ids::UserId;
use weir_core::operator::Permission;
use weir_engine::Administered;
use weir_store::{BlockFilter, UserRow};

use super::users::status::Status;
use super::{Api, SignedIn, users};
use crate::problem::Problem;

/// A user after a command.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Now {
    /// How the user stands.
    #[serde(flatten)]
    pub status: Status,
    /// What may block again when the protection ends, a line each.
    pub after_protection: Vec<String>,
    /// False if everything was so already.
    pub changed: bool,
    /// Blocks that it lifted.
    pub blocks_lifted: usize,
    /// Protections that it ended.
    pub protections_ended: usize,
}

impl Now {
    /// What a command came to.
    pub fn of(done: Administered) -> Self {
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
        Self {
            status: Status::of(status),
            after_protection,
            changed,
            blocks_lifted: plan.lifted.len(),
            protections_ended: plan.unprotected.len(),
        }
    }
}

/// A user whom the caller may block, unblock and protect.
pub(crate) async fn governed(api: &Api, who: &SignedIn, user: &str) -> Result<UserRow, Problem> {
    let within = who.may(Permission::Block)?;
    users::within_reach(api, &within, &UserId::new(user)).await
}

/// Refuses whoever may not touch the manual blocks of others, if this user has one. It is said before anything
/// else is; the transaction looks again.
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

/// A command under an operator's name.
pub(crate) fn command(who: &SignedIn, user: UserId, reason: &str, verb: Verb) -> Command {
    let actor = who.caller.actor();
    Command {
        user,
        actor: actor.name,
        claimed_by: actor.claimed,
        reason: reason.trim().to_owned(),
        verb,
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
    let command = command(who, user, reason, verb);
    let done = match who.may(Permission::LiftOthersBlock) {
        Ok(_) => api.engine.administer(command, force).await,
        Err(_) => api.engine.administer_own(command, force).await,
    };
    done.map(Now::of)
        .map_err(|error| Problem::of_engine(&error))
}
