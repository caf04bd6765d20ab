//! The record of everything.

use weir_engine::parse_anchor;
use weir_server::forms::{Audit, AuditEntry, Proof};
use weir_store::AuditFilter;

use super::{Backend, PAGE, Server};
use crate::exit::CliError;
use crate::remote::Ask;

/// Which entries; all that is left out is any.
#[derive(Clone, Debug, Default)]
pub(crate) struct EntriesAsked {
    pub(crate) subject: Option<String>,
    pub(crate) operation: Option<String>,
    /// What subject, reason or the names of who did it hold.
    pub(crate) text: Option<String>,
}

impl Backend {
    /// The latest entries, ascending.
    pub(crate) async fn audit(
        &self,
        last: u32,
        asked: EntriesAsked,
    ) -> Result<Vec<AuditEntry>, CliError> {
        match self {
            Self::Database(engine) => {
                let EntriesAsked {
                    subject,
                    operation,
                    text,
                } = asked;
                let filter = AuditFilter {
                    subject,
                    operation,
                    text,
                    last: Some(last),
                    ..AuditFilter::default()
                };
                let entries = engine.store().audit(&filter).await?;
                Ok(entries.into_iter().map(AuditEntry::of).collect())
            }
            Self::Server(server) => server.audit(last as usize, &asked).await,
        }
    }

    /// The entries after a number, ascending, some at a time; none after the last.
    pub(crate) async fn audit_after(&self, after: u64) -> Result<Vec<AuditEntry>, CliError> {
        match self {
            Self::Database(engine) => {
                let filter = AuditFilter {
                    after,
                    limit: u32::try_from(PAGE).unwrap_or(u32::MAX),
                    ..AuditFilter::default()
                };
                let entries = engine.store().audit(&filter).await?;
                Ok(entries.into_iter().map(AuditEntry::of).collect())
            }
            Self::Server(server) => {
                let ask = Ask::get(&["audit"])
                    .with("after", after)
                    .with("limit", PAGE);
                let Audit { entries, .. } = server.client.answer(ask).await?;
                Ok(entries)
            }
        }
    }

    /// Whether the chain holds, and an anchor is in it.
    pub(crate) async fn verify_audit(&self, anchor: Option<&str>) -> Result<Proof, CliError> {
        let parsed = anchor.map(parse_anchor).transpose();
        let parsed = parsed.map_err(|error| CliError::Usage(format!("--anchor: {error}")))?;
        match self {
            Self::Database(engine) => Ok(Proof::of(engine.verify_audit(parsed).await?)),
            Self::Server(server) => {
                let ask = Ask::get(&["audit", "verify"]).maybe("anchor", anchor);
                server.client.answer(ask).await
            }
        }
    }
}

impl Server {
    /// Pages are read backwards, and turned round.
    async fn audit(&self, last: usize, asked: &EntriesAsked) -> Result<Vec<AuditEntry>, CliError> {
        let mut found = Vec::new();
        let mut before: Option<String> = None;
        while found.len() < last {
            let wanted = PAGE.min(last - found.len());
            let ask = Ask::get(&["audit"])
                .with("limit", wanted)
                .maybe("subject", asked.subject.as_ref())
                .maybe("operation", asked.operation.as_ref())
                .maybe("text", asked.text.as_ref())
                .maybe("older", before.as_ref());
            let Audit { entries, older, .. } = self.client.answer(ask).await?;
            let is_last = entries.len() < wanted;
            found.extend(entries.into_iter().rev());
            before = older;
            if is_last || before.is_none() {
                break;
            }
        }
        found.reverse();
        Ok(found)
    }
}
