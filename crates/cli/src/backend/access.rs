//! Blocks and protections, given and ended.

use weir_core::admin::{Command, Verb};
use weir_core::block::Until;
use weir_server::forms::{Blocked, NewBlock, NewProtection, Now, Unblock};

use super::{Backend, Server};
use crate::exit::CliError;
use crate::remote::Ask;

impl Backend {
    /// Carries out a command about one user; `force` lets a block reach whom automation never denies.
    pub(crate) async fn administer(&self, command: Command, force: bool) -> Result<Now, CliError> {
        match self {
            Self::Database(engine) => Ok(Now::of(engine.administer(command, force).await?)),
            Self::Server(server) => server.administer(command, force).await,
        }
    }
}

impl Server {
    /// The actor of the command is whoever the server knows us as.
    async fn administer(&self, command: Command, force: bool) -> Result<Now, CliError> {
        let Command {
            user,
            reason,
            verb,
            actor: _,
            claimed_by: _,
        } = command;
        let user = user.as_str();
        let ask = match verb {
            Verb::Block { until } => return self.block(user, reason, until, force).await,
            Verb::Unblock { protect_until } => {
                Ask::post(&["users", user, "unblock"]).body(&Unblock {
                    reason: Some(reason),
                    protect_until: protect_until.and_then(written),
                    no_protect: protect_until.is_none(),
                })?
            }
            Verb::EndBlock { id } => Ask::delete(&["blocks", id.as_str()]).with("reason", reason),
            Verb::Protect {
                until,
                up_to_percent,
            } => Ask::put(&["users", user, "protection"]).body(&NewProtection {
                reason,
                for_: None,
                until: written(until),
                indefinite: until == Until::Indefinite,
                up_to_percent,
            })?,
            Verb::Unprotect => Ask::delete(&["users", user, "protection"]).with("reason", reason),
            Verb::ApplyHeld | Verb::DiscardHeld { .. } => {
                return Err(CliError::Usage(
                    "held blocks are decided on with the database".to_owned(),
                ));
            }
        };
        self.client.answer(ask).await
    }

    async fn block(
        &self,
        user: &str,
        reason: String,
        until: Until,
        force: bool,
    ) -> Result<Now, CliError> {
        let ask = Ask::post(&["blocks"]).body(&NewBlock {
            user: Some(user.to_owned()),
            team: None,
            reason,
            for_: None,
            until: written(until),
            indefinite: until == Until::Indefinite,
            force,
        })?;
        let Blocked { users, .. } = self.client.answer(ask).await?;
        let first = users.into_iter().next();
        first.ok_or_else(|| {
            CliError::Failed("the server blocked nobody, and says not why".to_owned())
        })
    }
}

fn written(until: Until) -> Option<String> {
    until.instant().map(|at| at.to_string())
}
