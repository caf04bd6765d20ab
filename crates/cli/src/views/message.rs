//! A row of `weir outbox`.

use std::collections::BTreeMap;

use serde::Serialize;
use weir_server::Letter;
use weir_store::MailRow;

/// A message and what became of it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct MessageView {
    #[serde(skip)]
    pub(crate) seq: u64,
    pub(crate) id: String,
    pub(crate) subject: String,
    pub(crate) event_type: String,
    pub(crate) state: String,
    /// Why it is not sent.
    pub(crate) reason: Option<String>,
    pub(crate) created_at: String,
    pub(crate) message: serde_json::Value,
    pub(crate) letters: Vec<Letter>,
}

impl MessageView {
    /// `2 sent, 1 skipped`, or why there are none.
    pub(crate) fn outcome(&self) -> String {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for letter in &self.letters {
            *counts.entry(&letter.state).or_default() += 1;
        }
        if counts.is_empty() {
            return self.reason.clone().unwrap_or_default();
        }
        let counts = counts
            .iter()
            .map(|(state, count)| format!("{count} {state}"));
        counts.collect::<Vec<_>>().join(", ")
    }
}

impl From<MailRow> for MessageView {
    fn from(row: MailRow) -> Self {
        let MailRow {
            seq,
            id,
            subject,
            kind,
            state,
            reason,
            created_at,
            payload,
            deliveries,
        } = row;
        Self {
            seq,
            id,
            subject,
            event_type: kind,
            state,
            reason,
            created_at: created_at.to_string(),
            message: serde_json::from_str(&payload).unwrap_or_default(),
            letters: deliveries.into_iter().map(Letter::from).collect(),
        }
    }
}
