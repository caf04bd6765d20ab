//! Commands of administrators: one settle each, decided by `weir_core::admin`, then effects.

use std::collections::BTreeSet;

use weir_core::admin::{Command, Verb, end_of_day};
use weir_core::block::{Denies, Until};
use weir_core::decide;
use weir_core::ids::UserId;
use weir_core::plan::Plan;
use weir_store::{Batch, BlockFilter, BlockRow};

use crate::options::Actor;
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
            Verb::Unblock { .. } => "unblock",
            Verb::Protect { .. } => "protect",
            Verb::Unprotect => "unprotect",
            Verb::ApplyHeld | Verb::DiscardHeld { .. } => "held",
        };
        let (settled, _) = self
            .settle_deciding(
                |rules| Batch {
                    users: users.to_vec(),
                    ..self.batch(name, rules)
                },
                |situation, context| decide::decide_with(situation, Some(&command), context),
            )
            .await?;
        let dispatch = self.drain().await?;
        let after_protection = self.after_protection(&command.user).await?;
        let status = self.status(&command.user).await?;
        Ok(Administered {
            status,
            plan: settled.plan,
            after_protection,
            dispatch,
        })
    }

    /// Blocks that the breaker holds.
    pub async fn held(&self) -> Result<Vec<BlockRow>, EngineError> {
        let filter = BlockFilter {
            held: true,
            ..BlockFilter::default()
        };
        Ok(self.store.blocks(&filter).await?)
    }

    /// Applies all held blocks of users, or drops them and protects for the rest of the local day.
    /// Returns what was done for whom, and the held blocks of teams, which are left alone.
    pub async fn decide_held(
        &self,
        apply: bool,
        reason: &str,
        by: &Actor,
    ) -> Result<(Vec<Administered>, Vec<BlockRow>), EngineError> {
        let rules = self.rules().await?;
        let held = self.held().await?;
        let users: BTreeSet<UserId> = held
            .iter()
            .filter_map(|row| row.block.denies.user().cloned())
            .collect();
        let mut done = Vec::new();
        for user in users {
            let end = end_of_day(self.now(), &rules.zone);
            let verb = if apply {
                Verb::ApplyHeld
            } else {
                Verb::DiscardHeld {
                    protect_until: Until::At(end),
                }
            };
            let command = Command {
                user,
                actor: by.name.clone(),
                claimed_by: by.claimed.clone(),
                reason: reason.to_owned(),
                verb,
            };
            done.push(self.administer(command, true).await?);
        }
        let teams = held
            .into_iter()
            .filter(|row| matches!(row.block.denies, Denies::Team(_)))
            .collect();
        Ok((done, teams))
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
