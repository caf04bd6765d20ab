//! What administrators decide about one user: block, unblock, protect, unprotect, and the breaker's
//! held blocks (rules 6, Q10). A command changes the case, then the ordinary decision follows.

mod team;

use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::block::{Block, Cause, Denies, DenyTimes, Force, Protection, Until};
use crate::calendar::Zone;
use crate::decide::Context;
use crate::ids::{BlockId, ProtectionId, UserId};
use crate::plan::{Lift, LiftReason, ProtectionEnd, Revision};
use crate::rulebook::UserClass;
use crate::standing::Standing;

pub use team::{TeamCommand, TeamVerb};

/// A decision about one user, by a named administrator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Whom.
    pub user: UserId,
    /// Who, by what can be proved: STS ARN or OS user and host.
    pub actor: String,
    /// Who, by their own word.
    pub claimed_by: Option<String>,
    /// Why.
    pub reason: String,
    /// What.
    pub verb: Verb,
}

/// What an administrator does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Denies until then. A second one replaces reason and end.
    Block {
        /// The end.
        until: Until,
    },
    /// Lifts all active blocks.
    Unblock {
        /// Protects until then; `None` does not protect, and does not evaluate until the next
        /// counted call.
        protect_until: Option<Until>,
    },
    /// Ends one manual block. Quotas are evaluated at once, and may go on to deny.
    EndBlock {
        /// Which.
        id: BlockId,
    },
    /// Keeps automatic blocks away.
    Protect {
        /// The end.
        until: Until,
        /// Percent of a limit beyond which blocks apply again.
        up_to_percent: Option<u32>,
    },
    /// Ends protections; evaluation may block at once.
    Unprotect,
    /// Applies the blocks that the breaker holds.
    ApplyHeld,
    /// Drops the blocks that the breaker holds, and protects for the rest of the day.
    DiscardHeld {
        /// The end of the protection.
        protect_until: Until,
    },
}

/// Why a command is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// B2.
    #[error("a reason of 3 to 500 characters is needed: `{0}` has {1}")]
    Reason(String, usize),
    /// B2.
    #[error("the end {0} is in the past")]
    PastEnd(Timestamp),
    /// B2.
    #[error("the end {0} is more than ten years ahead")]
    FarEnd(Timestamp),
    /// E10.
    #[error(
        "`{0}` is on enforcement.never or tagged WeirExempt: use --force to block it all the same"
    )]
    Exempt(UserId),
    /// E10.
    #[error("`{0}` is a {1}, not a person: use --force to block it all the same")]
    NotHuman(UserId, &'static str),
}

impl Command {
    /// Whom it is about.
    pub fn user(&self) -> &UserId {
        &self.user
    }

    /// Checks what can be checked before anything is locked (rules B2, E10).
    pub fn check(
        &self,
        standing: &Standing,
        force: bool,
        context: Context<'_>,
    ) -> Result<(), Refused> {
        check_reason(&self.reason)?;
        let ends = match &self.verb {
            Verb::Block { until } | Verb::Protect { until, .. } => Some(*until),
            Verb::Unblock { protect_until } => *protect_until,
            Verb::EndBlock { .. }
            | Verb::Unprotect
            | Verb::ApplyHeld
            | Verb::DiscardHeld { .. } => None,
        };
        if let Some(Until::At(end)) = ends {
            check_end(end, context.now)?;
        }
        if matches!(self.verb, Verb::Block { .. }) && !force {
            if standing.is_exempt(context.rules) {
                return Err(Refused::Exempt(self.user.clone()));
            }
            if matches!(standing.class, UserClass::Workload | UserClass::Service) {
                return Err(Refused::NotHuman(
                    self.user.clone(),
                    standing.class.as_str(),
                ));
            }
        }
        Ok(())
    }
}

fn check_reason(reason: &str) -> Result<(), Refused> {
    let length = reason.trim().chars().count();
    if (3..=500).contains(&length) {
        return Ok(());
    }
    Err(Refused::Reason(reason.chars().take(20).collect(), length))
}

fn check_end(end: Timestamp, now: Timestamp) -> Result<(), Refused> {
    if end <= now {
        return Err(Refused::PastEnd(end));
    }
    let ten_years = SignedDuration::from_hours(24 * 3653);
    if end.duration_since(now) > ten_years {
        return Err(Refused::FarEnd(end));
    }
    Ok(())
}

/// The end of the local day: how long an unblock protects by default (rules B6).
pub fn end_of_day(now: Timestamp, zone: &Zone) -> Timestamp {
    let tomorrow = zone.day(now).checked_add(1.day());
    tomorrow.map_or(Timestamp::MAX, |day| zone.first_instant(day.at(0, 0, 0, 0)))
}

impl crate::decide::Case<'_> {
    /// Does what the command says; returns whether quotas are to be evaluated now.
    pub(crate) fn obey(&mut self, command: &Command) -> bool {
        match &command.verb {
            Verb::Block { until } => {
                self.block(command, *until);
                true
            }
            Verb::Unblock { protect_until } => {
                self.lift_where(command, LiftReason::Administrator, |_| true);
                match protect_until {
                    Some(until) => self.protect(command, *until, None),
                    None => self.end_protections(command),
                }
                protect_until.is_some()
            }
            Verb::EndBlock { id } => {
                let named = |block: &Block| block.id == *id && !block.is_automatic();
                self.lift_where(command, LiftReason::Administrator, named);
                true
            }
            Verb::Protect {
                until,
                up_to_percent,
            } => {
                self.protect(command, *until, *up_to_percent);
                true
            }
            Verb::Unprotect => {
                self.end_protections(command);
                true
            }
            Verb::ApplyHeld => {
                self.apply_held(command);
                true
            }
            Verb::DiscardHeld { protect_until } => {
                self.lift_where(command, LiftReason::Discarded, Block::is_held);
                self.protect(command, *protect_until, None);
                true
            }
        }
    }

    fn block(&mut self, command: &Command, until: Until) {
        let denies = Denies::User(command.user.clone());
        let manual = |b: &&mut Block| b.cause == Cause::Manual && b.denies == denies;
        if let Some(block) = self.blocks.iter_mut().find(manual) {
            let before = block.clone();
            command.reason.trim().clone_into(&mut block.reason);
            block.author.clone_from(&command.actor);
            block.until = until;
            block.force = Force::InForce;
            self.plan.revised.push(Revision::of(block));
            let mut entry = crate::decide::revised(&before, block, "block", self.context);
            entry.claimed_by.clone_from(&command.claimed_by);
            self.plan.audit.push(entry);
            return;
        }
        let block = Block {
            id: crate::decide::block_id(&denies, "manual", self.context),
            denies,
            cause: Cause::Manual,
            reason: command.reason.trim().to_owned(),
            evidence: Vec::new(),
            author: command.actor.clone(),
            since: self.context.now,
            until,
            force: Force::InForce,
            deny: DenyTimes::default(),
        };
        let entry = crate::decide::blocked(&block, command.claimed_by.clone(), self.context);
        self.plan.audit.push(entry);
        self.plan.opened.push(block.clone());
        self.blocks.push(block);
    }

    fn lift_where(&mut self, command: &Command, why: LiftReason, which: impl Fn(&Block) -> bool) {
        let (gone, kept): (Vec<_>, Vec<_>) = std::mem::take(&mut self.blocks)
            .into_iter()
            .partition(|block| which(block));
        self.blocks = kept;
        for block in gone {
            let note = Some(command.reason.as_str());
            let mut entry =
                crate::decide::unblocked(&block, why, note, &command.actor, self.context);
            entry.claimed_by.clone_from(&command.claimed_by);
            self.plan.audit.push(entry);
            self.plan.lifted.push(Lift {
                id: block.id,
                by: command.actor.clone(),
                why,
                note: Some(command.reason.clone()),
            });
        }
    }

    /// Replaces whatever protection there was.
    fn protect(&mut self, command: &Command, until: Until, up_to_percent: Option<u32>) {
        self.end_protections(command);
        let now = self.context.wall.as_microsecond();
        let protection = Protection {
            id: ProtectionId::new(format!("protection:{}:{now}", command.user)),
            user: command.user.clone(),
            author: command.actor.clone(),
            reason: command.reason.trim().to_owned(),
            since: self.context.now,
            until,
            up_to_percent,
        };
        let mut entry = crate::decide::protected(&protection, self.context);
        entry.claimed_by.clone_from(&command.claimed_by);
        self.plan.audit.push(entry);
        self.plan.protected.push(protection.clone());
        self.protection = Some(protection);
    }

    fn end_protections(&mut self, command: &Command) {
        let now = self.context.now;
        for protection in self
            .standing
            .protections
            .iter()
            .filter(|p| !p.until.is_over(now))
        {
            let end = ProtectionEnd {
                id: protection.id.clone(),
                by: command.actor.clone(),
            };
            self.plan.unprotected.push(end);
            let mut entry = crate::decide::unprotected(
                protection,
                &command.actor,
                &command.reason,
                self.context,
            );
            entry.claimed_by.clone_from(&command.claimed_by);
            self.plan.audit.push(entry);
        }
        self.protection = None;
    }

    fn apply_held(&mut self, command: &Command) {
        for block in self.blocks.iter_mut().filter(|block| block.is_held()) {
            let before = block.clone();
            block.force = Force::InForce;
            self.plan.revised.push(Revision::of(block));
            let mut entry = crate::decide::revised(&before, block, "block", self.context);
            entry.actor.clone_from(&command.actor);
            entry.claimed_by.clone_from(&command.claimed_by);
            self.plan.audit.push(entry);
        }
    }
}
