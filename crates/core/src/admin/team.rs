//! What administrators decide about one team: its held blocks (rules Q10).
//!
//! Discarding a user's held blocks protects the user for the rest of the day. Teams have no
//! protections; what stands for one is the discarded block itself. It stays on file until the end
//! of the day, denies nobody, and while it is there no other block of the team begins: not the same
//! one at the very next call, and not that of the next hour.

use super::{Refused, check_end, check_reason};
use crate::block::{Block, Force, Until};
use crate::decide::Context;
use crate::ids::TeamId;
use crate::plan::{Plan, Revision};

/// A decision about one team, by a named administrator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamCommand {
    /// Which.
    pub team: TeamId,
    /// Who, by what can be proved: STS ARN or OS user and host.
    pub actor: String,
    /// Who, by their own word.
    pub claimed_by: Option<String>,
    /// Why.
    pub reason: String,
    /// What.
    pub verb: TeamVerb,
}

/// What an administrator does about a team.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TeamVerb {
    /// Applies the blocks that the breaker holds.
    ApplyHeld,
    /// Drops the blocks that the breaker holds, and keeps others from beginning until then.
    DiscardHeld {
        /// The end.
        until: Until,
    },
}

impl TeamCommand {
    /// Checks what can be checked before anything is locked (rules B2).
    pub fn check(&self, context: Context<'_>) -> Result<(), Refused> {
        check_reason(&self.reason)?;
        match self.verb {
            TeamVerb::DiscardHeld {
                until: Until::At(end),
            } => check_end(end, context.now),
            TeamVerb::DiscardHeld { .. } | TeamVerb::ApplyHeld => Ok(()),
        }
    }

    /// Does what the command says to the held ones of these blocks.
    pub(crate) fn obey(&self, blocks: &mut [Block], plan: &mut Plan, context: Context<'_>) {
        for block in blocks.iter_mut().filter(|block| block.is_held()) {
            let before = block.clone();
            let operation = match self.verb {
                TeamVerb::ApplyHeld => {
                    block.force = Force::InForce;
                    "block"
                }
                TeamVerb::DiscardHeld { until } => {
                    block.force = Force::Discarded;
                    block.until = until;
                    "block-discarded"
                }
            };
            plan.revised.push(Revision::of(block));
            let mut entry = crate::decide::revised(&before, block, operation, context);
            entry.actor.clone_from(&self.actor);
            entry.claimed_by.clone_from(&self.claimed_by);
            self.reason.trim().clone_into(&mut entry.reason);
            plan.audit.push(entry);
        }
    }
}
