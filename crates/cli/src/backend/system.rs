//! The installation: what it was told, what arrives, what it tells, how it is.

use jiff::Timestamp;
use jiff::civil::Date;
use weir_core::calendar::Zone;
use weir_engine::Actor;
use weir_server::forms::{
    Check, Checks, Coverage, CoverageRead, DeadLetter, DeadLetters, LettersRetried, Message,
    Messages, ReadCoverage, Reset, Resets, RetryLetters, stretch,
};
use weir_store::MailFilter;

use super::Backend;
use crate::exit::CliError;
use crate::remote::Ask;

/// The stretch of time that two local days are.
fn days(
    days: (Option<Date>, Option<Date>),
    zone: &Zone,
    now: Timestamp,
) -> Result<(Timestamp, Timestamp), CliError> {
    stretch(days, zone, now)
        .ok_or_else(|| CliError::Usage("--from is later than --to, or not yet begun".to_owned()))
}

impl Backend {
    /// What could not be read, newest first.
    pub(crate) async fn dead_letters(&self, limit: u32) -> Result<Vec<DeadLetter>, CliError> {
        match self {
            Self::Database(engine) => {
                let rows = engine.store().dead_letters(limit).await?;
                Ok(rows.into_iter().map(DeadLetter::of).collect())
            }
            Self::Server(server) => {
                let ask = || Ask::get(&["dead-letters"]);
                let rows = |DeadLetters { dead_letters, next }| (dead_letters, next);
                server.list(limit as usize, ask, rows).await
            }
        }
    }

    /// Sends letters again, of a message or all that were given up; `None` if there is no such message.
    pub(crate) async fn retry_mail(
        &self,
        message: Option<&str>,
        by: &Actor,
    ) -> Result<Option<LettersRetried>, CliError> {
        match self {
            Self::Database(engine) => Ok(LettersRetried::of(engine, message, by).await?),
            Self::Server(server) => {
                let ask = Ask::post(&["outbox", "retry"]).body(&RetryLetters {
                    message: message.map(str::to_owned),
                    failed: message.is_none(),
                })?;
                server.client.answer_if_there(ask).await
            }
        }
    }

    /// Runs of the daily reset, newest date first.
    pub(crate) async fn resets(&self, limit: u32) -> Result<Vec<Reset>, CliError> {
        match self {
            Self::Database(engine) => {
                let rows = engine.resets(limit).await?;
                Ok(rows.into_iter().map(Reset::of).collect())
            }
            Self::Server(server) => {
                let ask = || Ask::get(&["resets"]);
                let rows = |Resets { resets, next }| (resets, next);
                server.list(limit as usize, ask, rows).await
            }
        }
    }

    /// What arrived on some days.
    pub(crate) async fn coverage(
        &self,
        from: Option<Date>,
        to: Option<Date>,
    ) -> Result<Coverage, CliError> {
        let between = days((from, to), &self.zone().await?, self.now())?;
        match self {
            Self::Database(engine) => Ok(Coverage::read(engine, between).await?),
            Self::Server(server) => {
                let ask = Ask::get(&["coverage"]).maybe("from", from).maybe("to", to);
                server.client.answer(ask).await
            }
        }
    }

    /// Reads what AWS itself counted on those days now; what could not be read.
    pub(crate) async fn read_coverage(
        &self,
        from: Option<Date>,
        to: Option<Date>,
    ) -> Result<Vec<String>, CliError> {
        match self {
            Self::Database(engine) => {
                let zone = engine.rules().await?.zone.clone();
                let (from, to) = days((from, to), &zone, engine.now())?;
                Ok(Box::pin(engine.read_coverage(from, to)).await?)
            }
            Self::Server(server) => {
                let ask = Ask::post(&["coverage", "read"]).body(&ReadCoverage {
                    from: from.map(|day| day.to_string()),
                    to: to.map(|day| day.to_string()),
                });
                let CoverageRead { problems } = server.client.answer(ask?.long()).await?;
                Ok(problems)
            }
        }
    }

    /// Messages, newest first.
    pub(crate) async fn messages(
        &self,
        user: Option<&str>,
        state: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Message>, CliError> {
        match self {
            Self::Database(engine) => {
                let filter = MailFilter {
                    subject: user.map(|user| format!("user:{user}")),
                    state: state.map(str::to_owned),
                    limit,
                    ..MailFilter::default()
                };
                let rows = engine.store().mail(&filter).await?;
                Ok(rows.into_iter().map(Message::of).collect())
            }
            Self::Server(server) => {
                let ask = || {
                    Ask::get(&["outbox"])
                        .maybe("user", user)
                        .maybe("state", state)
                };
                let rows = |Messages { messages, next }| (messages, next);
                server.list(limit as usize, ask, rows).await
            }
        }
    }

    /// One message.
    pub(crate) async fn message(&self, id: &str) -> Result<Message, CliError> {
        let none = || {
            CliError::NotFound(format!(
                "there is no message `{id}`; `weir outbox list` names them"
            ))
        };
        match self {
            Self::Database(engine) => {
                let filter = MailFilter {
                    id: Some(id.to_owned()),
                    limit: 1,
                    ..MailFilter::default()
                };
                let rows = engine.store().mail(&filter).await?;
                rows.into_iter().next().map(Message::of).ok_or_else(none)
            }
            Self::Server(server) => {
                let found = server.client.answer(Ask::get(&["outbox", id])).await;
                found.map_err(|error| match error {
                    CliError::NotFound(_) => none(),
                    other => other,
                })
            }
        }
    }

    /// All checks.
    pub(crate) async fn doctor(&self) -> Result<Vec<Check>, CliError> {
        match self {
            Self::Database(engine) => {
                Ok(engine.doctor().await.into_iter().map(Check::of).collect())
            }
            Self::Server(server) => {
                let Checks { checks } = server.client.answer(Ask::get(&["doctor"])).await?;
                Ok(checks)
            }
        }
    }
}
