//! The installation kept in order: the mode of enforcement, the daily reset, what leaves after its term.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use weir_core::ids::UserId;
use weir_core::rulebook::{Mode, ModeInForce};
use weir_engine::{Actor, Leaving, ModePreview, ModeView};
use weir_server::forms::{
    Kept, ModeChanged, ModeNow, NewMode, Removed, ResetDone, ResetsRun, RunResets, Term,
};

use super::Backend;
use crate::exit::CliError;
use crate::remote::Ask;

/// A change of the mode of enforcement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ModeEdit<'a> {
    pub(crate) mode: Mode,
    /// What becomes of Denies that are in AWS.
    pub(crate) leaving: Option<Leaving>,
    /// Why, for the record.
    pub(crate) reason: &'a str,
}

impl ModeEdit<'_> {
    fn ask(&self) -> Result<Ask, CliError> {
        let leaving = self.leaving.map(|leaving| match leaving {
            Leaving::Release => "release",
            Leaving::Keep => "keep",
        });
        let ask = Ask::put(&["mode"]).body(&NewMode {
            mode: self.mode.as_str().to_owned(),
            leaving: leaving.map(str::to_owned),
            reason: Some(self.reason.to_owned()),
        });
        Ok(ask?.long())
    }
}

/// The mode in which a server says that it is.
pub(super) fn mode(word: &str) -> Result<Mode, CliError> {
    word.parse().map_err(|_| {
        CliError::Failed(format!(
            "the server is in a mode `{word}` that is not known here"
        ))
    })
}

impl Backend {
    /// Whether denials are written to AWS, and whether the configuration asks for something else; of a server, its own.
    pub(crate) async fn mode(&self) -> Result<ModeView, CliError> {
        match self {
            Self::Database(engine) => Ok(engine.mode().await?),
            Self::Server(server) => {
                let now: ModeNow = server.client.answer(Ask::get(&["mode"])).await?;
                let configured = now.configured.as_deref().map(mode).transpose()?;
                Ok(ModeView {
                    in_force: ModeInForce {
                        mode: mode(&now.in_force)?,
                        keeps: now.keeps,
                        commanded: true,
                    },
                    configured,
                })
            }
        }
    }

    /// Whom a change of mode would concern.
    pub(crate) async fn foresee_mode(&self, edit: &ModeEdit<'_>) -> Result<ModePreview, CliError> {
        match self {
            Self::Database(engine) => {
                let next = engine.next_mode(edit.mode, edit.leaving).await?;
                Ok(engine.preview_mode(next).await?)
            }
            Self::Server(server) => {
                let ask = edit.ask()?.with("dry_run", true);
                let foreseen: ModeChanged = server.client.answer(ask).await?;
                let users = |names: &[String]| -> BTreeSet<UserId> {
                    names.iter().map(UserId::new).collect()
                };
                Ok(ModePreview {
                    denied: users(&foreseen.denied),
                    released: users(&foreseen.released),
                })
            }
        }
    }

    /// Puts a mode in force, once that was agreed to.
    pub(crate) async fn change_mode(
        &self,
        edit: &ModeEdit<'_>,
        by: &Actor,
    ) -> Result<ModeChanged, CliError> {
        match self {
            Self::Database(engine) => {
                let next = engine.next_mode(edit.mode, edit.leaving).await?;
                let done = Box::pin(engine.change_mode(next, edit.reason, by)).await?;
                Ok(ModeChanged::of(engine.mode().await?, done))
            }
            Self::Server(server) => {
                let ask = edit.ask()?.with("yes", true);
                server.client.answer(ask).await
            }
        }
    }

    /// Runs the resets that are due, or the one of a date; or only says what that would do.
    pub(crate) async fn run_resets(
        &self,
        date: Option<Date>,
        dry_run: bool,
        by: &Actor,
    ) -> Result<Vec<ResetDone>, CliError> {
        let ResetsRun { resets } = match self {
            Self::Database(engine) => Box::pin(ResetsRun::of(engine, date, dry_run, by)).await?,
            Self::Server(server) => {
                let ask = Ask::post(&["resets"]).body(&RunResets {
                    date: date.map(|date| date.to_string()),
                })?;
                let ask = ask.with("dry_run", dry_run).long();
                server.client.answer(ask).await?
            }
        };
        Ok(resets)
    }

    /// How long what is kept.
    pub(crate) async fn retention(&self) -> Result<Vec<Term>, CliError> {
        let Kept { terms } = match self {
            Self::Database(engine) => Kept::read(engine).await?,
            Self::Server(server) => server.client.answer(Ask::get(&["retention"])).await?,
        };
        Ok(terms)
    }

    /// Removes what is older than its term; how many rows left, by kind.
    pub(crate) async fn run_retention(
        &self,
        by: &Actor,
    ) -> Result<BTreeMap<String, u64>, CliError> {
        let Removed { removed } = match self {
            Self::Database(engine) => Removed::of(engine.run_retention(by).await?),
            Self::Server(server) => {
                let ask = Ask::post(&["retention", "run"]).long();
                server.client.answer(ask).await?
            }
        };
        Ok(removed)
    }
}
