//! Commands of administrators: one settle each, decided by `weir_core::admin`, then effects.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use weir_core::admin::{Command, Verb};
use weir_core::block::Block;
use weir_core::decide;
use weir_core::ids::UserId;
use weir_core::plan::Plan;
use weir_core::standing::Situation;
use weir_store::Batch;

use crate::decision::Shift;
use crate::report::{DispatchReport, ProtectionView, StatusReport};
use crate::{Engine, EngineError};

/// What a command did.
#[derive(Clone, Debug, PartialEq)]
pub struct Administered {
    /// The user as they stand now: what remains in force is in `reasons`.
    pub status: StatusReport,
    /// What was decided; nothing in `opened`, `revised`, `lifted` and the protections if the
    /// command found everything done.
    pub plan: Plan,
    /// Quotas that would block at once without the protection, one line each (rules B6).
    pub after_protection: Vec<String>,
    /// What became of the effects.
    pub dispatch: DispatchReport,
}

/// Whether the protection that holds, or none, is the one that is meant.
pub type Meant<'a> = dyn Fn(Option<&ProtectionView>) -> bool + Send + Sync + 'a;

/// What must be so for a command to be carried out; it is looked at in the transaction that does it.
#[derive(Clone, Copy)]
pub(crate) enum Provided<'a> {
    Nothing,
    /// No manual block is lifted or replaced but those of whoever gives the command.
    OwnBlocks,
    /// The protection is the one that is meant.
    Protection(&'a Meant<'a>),
}

impl Provided<'_> {
    /// Why the command is not carried out.
    fn refuses(
        self,
        situation: &Situation,
        command: &Command,
        now: Timestamp,
    ) -> Option<EngineError> {
        let user = || command.user.clone();
        match self {
            Self::Nothing => None,
            Self::OwnBlocks => {
                let author = in_the_way(situation, command)?;
                let user = user();
                Some(EngineError::OthersBlock { user, author })
            }
            Self::Protection(is_meant) => {
                let mut standings = situation.users.iter();
                let standing = standings.find(|standing| standing.user == command.user);
                let held = standing
                    .and_then(|standing| decide::active_protection(&standing.protections, now));
                let is_meant = is_meant(held.map(ProtectionView::from).as_ref());
                (!is_meant).then(|| EngineError::OtherProtection(user()))
            }
        }
    }
}

/// Who decided the manual block of somebody else that a command would lift or replace.
fn in_the_way(situation: &Situation, command: &Command) -> Option<String> {
    let standing = situation.users.iter();
    let standing = standing.filter(|standing| standing.user == command.user);
    let mut blocks = standing.flat_map(|standing| &standing.blocks);
    let concerns = |block: &&Block| match &command.verb {
        Verb::Block { .. } | Verb::Unblock { .. } => true,
        Verb::EndBlock { id } => block.id == *id,
        _ => false,
    };
    let others = |block: &&Block| !block.is_automatic() && block.author != command.actor;
    let block = blocks.find(|block| concerns(block) && others(block))?;
    Some(block.author.clone())
}

impl Engine {
    /// Carries out a command about one user. `force` lets a manual block reach workloads and
    /// those who are never denied (rules E10).
    pub async fn administer(
        &self,
        command: Command,
        force: bool,
    ) -> Result<Administered, EngineError> {
        let done = self.administer_telling(command, force, Provided::Nothing);
        Ok(done.await?.0)
    }

    /// The same by somebody who lifts and replaces no manual block but their own: against that of somebody
    /// else nothing is done. It is looked at in the transaction that would do it.
    pub async fn administer_own(
        &self,
        command: Command,
        force: bool,
    ) -> Result<Administered, EngineError> {
        let done = self.administer_telling(command, force, Provided::OwnBlocks);
        Ok(done.await?.0)
    }

    /// The same of a command about a protection, while the one that holds, or none, is the one that is meant:
    /// with another nothing is done, and it is [`EngineError::OtherProtection`]. It is looked at in the
    /// transaction that would do it.
    pub async fn administer_protection(
        &self,
        command: Command,
        is_meant: &Meant<'_>,
    ) -> Result<Administered, EngineError> {
        let done = self.administer_telling(command, false, Provided::Protection(is_meant));
        Ok(done.await?.0)
    }

    /// The same, telling who lost and who regained access.
    pub(crate) async fn administer_telling(
        &self,
        command: Command,
        force: bool,
        provided: Provided<'_>,
    ) -> Result<(Administered, Shift), EngineError> {
        let user = command.user.clone();
        let (plan, mut shift) = self.settle_command(command, force, provided).await?;
        let (done, moved) = self.carry_out_telling(&user, plan).await?;
        shift.extend(moved);
        Ok((done, shift))
    }

    /// Decides a command about one user, as [`Engine::administer`] does first: once this returns, the
    /// decision is stored. [`Engine::carry_out_command`] makes it real.
    pub async fn decide_command(&self, command: Command, force: bool) -> Result<Plan, EngineError> {
        let settled = self.settle_command(command, force, Provided::Nothing);
        Ok(settled.await?.0)
    }

    /// Runs the effects of a command that was decided. What this does not bring to its end, a tick does.
    pub async fn carry_out_command(
        &self,
        user: &UserId,
        plan: Plan,
    ) -> Result<Administered, EngineError> {
        Ok(self.carry_out_telling(user, plan).await?.0)
    }

    async fn settle_command(
        &self,
        command: Command,
        force: bool,
        provided: Provided<'_>,
    ) -> Result<(Plan, Shift), EngineError> {
        let rules = self.rules().await?;
        self.known(&command.user).await?;
        let users = std::slice::from_ref(&command.user);
        let situation = self.store.situation(users, &[], self.now(), &rules).await?;
        if let Some(standing) = situation.users.first() {
            command
                .check(standing, force, self.context(&rules))
                .map_err(|refused| EngineError::Refused(refused.to_string()))?;
        }
        let name = match command.verb {
            Verb::Block { .. } => "block",
            Verb::Unblock { .. } | Verb::EndBlock { .. } => "unblock",
            Verb::Protect { .. } => "protect",
            Verb::Unprotect => "unprotect",
            Verb::ApplyHeld | Verb::DiscardHeld { .. } => "held",
        };
        let stopped_by = Mutex::new(None);
        let (settled, shift) = self
            .settle_deciding(
                |rules| Batch {
                    users: users.to_vec(),
                    ..self.batch(name, rules)
                },
                |situation, context| {
                    let refused = provided.refuses(situation, &command, context.now);
                    let command = refused.is_none().then_some(&command);
                    *stopped_by.lock().unwrap_or_else(PoisonError::into_inner) = refused;
                    decide::decide_with(situation, command, context)
                },
            )
            .await?;
        let refused = stopped_by.into_inner();
        if let Some(refused) = refused.unwrap_or_else(PoisonError::into_inner) {
            return Err(refused);
        }
        Ok((settled.plan, shift))
    }

    async fn carry_out_telling(
        &self,
        user: &UserId,
        plan: Plan,
    ) -> Result<(Administered, Shift), EngineError> {
        let (dispatch, moved) = self.drain_telling(DispatchReport::default()).await?;
        let after_protection = self.after_protection(user).await?;
        let status = self.status(user).await?;
        let done = Administered {
            status,
            plan,
            after_protection,
            dispatch,
        };
        Ok((done, moved))
    }

    /// Quotas that only the protection keeps from blocking.
    async fn after_protection(&self, user: &UserId) -> Result<Vec<String>, EngineError> {
        let rules = self.rules().await?;
        let context = self.context(&rules);
        let users = std::slice::from_ref(user);
        let situation = self.store.situation(users, &[], self.now(), &rules).await?;
        let Some(standing) = situation.users.first() else {
            return Ok(Vec::new());
        };
        let protection = decide::active_protection(&standing.protections, self.now());
        let evaluated = decide::evaluate(standing, protection, context);
        let held_back = evaluated
            .readings
            .iter()
            .filter(|reading| reading.protected);
        Ok(held_back
            .map(|reading| decide::headline(&[reading.violation()]))
            .collect())
    }
}
