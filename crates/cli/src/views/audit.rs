//! An entry of `weir audit`.

use serde::Serialize;
use weir_core::audit::{Chained, Entry};

/// An entry in its place. `before`, `after` and `evidence` are the texts as hashed.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct AuditView {
    pub(crate) seq: u64,
    pub(crate) at: String,
    pub(crate) operation: String,
    pub(crate) subject: String,
    pub(crate) reason: String,
    pub(crate) actor: String,
    pub(crate) claimed_by: Option<String>,
    pub(crate) origin: String,
    pub(crate) expires_at: Option<String>,
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
    pub(crate) evidence: Option<String>,
    pub(crate) prev_hash: String,
    pub(crate) hash: String,
}

impl From<Chained> for AuditView {
    fn from(chained: Chained) -> Self {
        let Chained {
            seq,
            entry,
            prev_hash,
            hash,
        } = chained;
        let Entry {
            operation,
            subject,
            reason,
            actor,
            claimed_by,
            at,
            origin,
            expires_at,
            before,
            after,
            evidence,
        } = entry;
        Self {
            seq,
            at: at.to_string(),
            operation,
            subject,
            reason,
            actor,
            claimed_by,
            origin,
            expires_at: expires_at.map(|at| at.to_string()),
            before,
            after,
            evidence,
            prev_hash,
            hash,
        }
    }
}
