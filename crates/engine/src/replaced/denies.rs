//! Whom the replaced system denies still: its functions are stopped, and nothing takes their Denies out.

use serde::Serialize;
use weir_core::ids::UserId;
use weir_core::replaced;

use super::ImportPlan;
use crate::ports::Provisioning;
use crate::{Engine, EngineError};

/// A Deny of the replaced system that is in IAM.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OldDeny {
    /// Whom it denies.
    pub user: UserId,
    /// The inline policy of the IAM user.
    pub old_policy: String,
    /// The statement in it.
    pub old_statement: &'static str,
}

impl Engine {
    /// Who of the old database has the old statement in IAM, blocked there or not, taken over or not. Reads the one
    /// policy of each, and keeps nothing of its text.
    pub async fn old_denies(
        &self,
        plan: &ImportPlan,
        hands: &dyn Provisioning,
    ) -> Result<Vec<OldDeny>, EngineError> {
        let home = hands.home().await?.account;
        if home != plan.account {
            return Err(EngineError::Refused(format!(
                "the credentials are of the account {home}, and the old Denies are in {}: ask with credentials of that \
                 account, or without --old-denies",
                plan.account
            )));
        }
        let mut found = Vec::new();
        for user in &plan.users {
            let name = &user.principal.name;
            let (old_policy, old_statement) = replaced::old_deny(name);
            let text = hands.inline_policy(name, &old_policy).await?;
            if text.as_deref().is_some_and(replaced::is_old_deny) {
                found.push(OldDeny {
                    user: user.user.clone(),
                    old_policy,
                    old_statement,
                });
            }
        }
        Ok(found)
    }
}
