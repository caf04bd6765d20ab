//! What the breaker holds, and decisions on it.

use std::collections::BTreeSet;

use weir_core::ids::{TeamId, UserId};
use weir_engine::{Actor, HeldOf, Preview};
use weir_server::forms::{Block, Decision, HeldDecided, HeldDecision};

use super::{Backend, BlocksAsked};
use crate::exit::CliError;
use crate::remote::Ask;

/// A decision on held blocks.
#[derive(Debug)]
pub(crate) struct Held {
    /// Whose.
    pub(crate) whose: BTreeSet<HeldOf>,
    /// They deny from now on; or they are dropped.
    pub(crate) apply: bool,
    /// Why, for the record.
    pub(crate) reason: String,
}

impl Held {
    fn ask(&self) -> Result<Ask, CliError> {
        Ask::post(&["blocks", "held"]).body(&HeldDecision {
            whose: self.whose.iter().map(HeldOf::to_string).collect(),
            decision: if self.apply {
                Decision::Apply
            } else {
                Decision::Discard
            },
            reason: Some(self.reason.clone()),
        })
    }
}

impl Backend {
    /// The blocks that the breaker holds.
    pub(crate) async fn held(&self) -> Result<Vec<Block>, CliError> {
        let held = BlocksAsked {
            held: true,
            ..BlocksAsked::default()
        };
        self.blocks(&held).await
    }

    /// Who would lose and who would regain access.
    pub(crate) async fn foresee_held(&self, held: &Held) -> Result<Preview, CliError> {
        match self {
            Self::Database(engine) => Ok(engine.preview_held(&held.whose, held.apply).await?),
            Self::Server(server) => {
                let ask = held.ask()?.with("dry_run", true);
                let foreseen: HeldDecided = server.client.answer(ask).await?;
                let users = |names: &[String]| names.iter().map(UserId::new).collect();
                Ok(Preview {
                    blocked: users(&foreseen.blocked),
                    released: users(&foreseen.released),
                    held: BTreeSet::new(),
                    teams: foreseen.teams.iter().map(TeamId::new).collect(),
                    blocked_in_part: foreseen.blocked_in_part.into_iter().collect(),
                    released_in_part: foreseen.released_in_part.into_iter().collect(),
                    held_in_part: BTreeSet::new(),
                })
            }
        }
    }

    /// Carries out a decision that was agreed to.
    pub(crate) async fn decide_held(
        &self,
        held: &Held,
        by: &Actor,
    ) -> Result<HeldDecided, CliError> {
        let Held {
            whose,
            apply,
            reason,
        } = held;
        match self {
            Self::Database(engine) => Ok(HeldDecided::of(
                engine.decide_held(whose, *apply, reason, by).await?,
            )),
            Self::Server(server) => {
                let ask = held.ask()?.with("yes", true);
                server.client.answer(ask).await
            }
        }
    }
}
