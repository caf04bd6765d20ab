//! Commands of administrators: one settle each, decided by `weir_core::admin`, then effects.

use weir_core::admin::{Command, Verb};
use weir_core::decide;
use weir_core::ids::UserId;
use weir_core::plan::Plan;
use weir_store::Batch;

use crate::decision::Shift;
use crate::report::{DispatchReport, StatusReport};
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

impl Engine {
    /// Carries out a command about one user. `force` lets a manual block reach workloads and
    /// those who are never denied (rules E10).
    pub async fn administer(
        &self,
        command: Command,
        force: bool,
    ) -> Result<Administered, EngineError> {
        Ok(self.administer_telling(command, force).await?.0)
    }

    /// The same, telling who lost and who regained access.
    pub(crate) async fn administer_telling(
        &self,
        command: Command,
        force: bool,
    ) -> Result<(Administered, Shift), EngineError> {
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
        let (settled, mut shift) = self
            .settle_deciding(
                |rules| Batch {
                    users: users.to_vec(),
                    ..self.batch(name, rules)
                },
                |situation, context| decide::decide_with(situation, Some(&command), context),
            )
            .await?;
        let (dispatch, moved) = self.drain_telling(DispatchReport::default()).await?;
        shift.extend(moved);
        let after_protection = self.after_protection(&command.user).await?;
        let status = self.status(&command.user).await?;
        let done = Administered {
            status,
            plan: settled.plan,
            after_protection,
            dispatch,
        };
        Ok((done, shift))
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
