//! A row of `weir outbox`.

use std::collections::BTreeMap;

use serde::Serialize;
use weir_store::{DeliveryRow, MailRow};

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
    pub(crate) letters: Vec<LetterView>,
}

/// A letter.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct LetterView {
    pub(crate) channel: String,
    pub(crate) recipient: Option<String>,
    pub(crate) audience: String,
    pub(crate) language: String,
    pub(crate) state: String,
    pub(crate) attempts: u32,
    pub(crate) error: Option<String>,
    pub(crate) next_attempt_at: Option<String>,
    pub(crate) ended_at: Option<String>,
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
            letters: deliveries.into_iter().map(LetterView::from).collect(),
        }
    }
}

impl From<DeliveryRow> for LetterView {
    fn from(row: DeliveryRow) -> Self {
        let DeliveryRow {
            channel,
            recipient,
            audience,
            language,
            state,
            attempts,
            error,
            not_before,
            ended_at,
        } = row;
        let waits = state == "waiting";
        Self {
            channel,
            recipient: (!recipient.is_empty()).then_some(recipient),
            audience,
            language,
            state,
            attempts,
            error,
            next_attempt_at: waits.then(|| not_before.to_string()),
            ended_at: ended_at.map(|at| at.to_string()),
        }
    }
}
