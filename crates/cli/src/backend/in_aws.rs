//! What is asked of AWS itself, by whoever has the rights: this process, or the server.

use std::time::Duration;

use tokio::sync::Notify;
use weir_core::ids::UserId;
use weir_engine::Actor;
use weir_server::forms::{Compare, DenialTried, Reconciled, TargetTried, TryDenial};

use super::Backend;
use crate::exit::CliError;
use crate::remote::Ask;

fn check(user: &UserId, hold: Duration) -> Result<Ask, CliError> {
    let ask = Ask::post(&["users", user.as_str(), "check"]).body(&TryDenial {
        hold: hold.as_secs(),
    });
    Ok(ask?.long())
}

impl Backend {
    /// Whether anything is written to AWS.
    pub(crate) fn reaches_aws(&self) -> bool {
        match self {
            Self::Database(engine) => engine.reaches_aws(),
            Self::Server(_) => true,
        }
    }

    /// Compares AWS with the ledger, and repairs what differs.
    pub(crate) async fn reconcile(&self, all: bool, dry_run: bool) -> Result<Reconciled, CliError> {
        match self {
            Self::Database(engine) => {
                let report = Box::pin(engine.reconcile(all, dry_run)).await?;
                Ok(Reconciled::of(report))
            }
            Self::Server(server) => {
                let ask = Ask::post(&["targets", "reconcile"]).body(&Compare { all })?;
                let ask = ask.with("dry_run", dry_run).long();
                server.client.answer(ask).await
            }
        }
    }

    /// Where a denial would be tried.
    pub(crate) async fn foresee_check(&self, user: &UserId) -> Result<Vec<String>, CliError> {
        match self {
            Self::Database(engine) => {
                let targets = engine.canary_targets(user).await?;
                Ok(targets.iter().map(ToString::to_string).collect())
            }
            Self::Server(server) => {
                let ask = check(user, Duration::ZERO)?.with("dry_run", true);
                let DenialTried { targets, .. } = server.client.answer(ask).await?;
                Ok(targets)
            }
        }
    }

    /// Denies a user for a moment and allows them again; `stop` ends that early, where it is done here.
    pub(crate) async fn check(
        &self,
        user: &UserId,
        (hold, stop): (Duration, &Notify),
        by: &Actor,
    ) -> Result<Vec<TargetTried>, CliError> {
        match self {
            Self::Database(engine) => {
                let lines = Box::pin(engine.canary(user, (hold, stop), by)).await?;
                Ok(lines.into_iter().map(TargetTried::of).collect())
            }
            Self::Server(server) => {
                let ask = check(user, hold)?.with("yes", true);
                let DenialTried { lines, .. } = server.client.answer(ask).await?;
                Ok(lines)
            }
        }
    }
}
