//! A row of `weir dead-letters`.

use serde::Serialize;
use weir_store::{DeadLetter, DeadLetterRow};

/// Something that could not be read.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct DeadLetterView {
    pub(crate) id: u64,
    pub(crate) source: String,
    pub(crate) reason: String,
    pub(crate) shape: String,
    pub(crate) first_seen: String,
    pub(crate) count: u64,
}

impl From<DeadLetterRow> for DeadLetterView {
    fn from(row: DeadLetterRow) -> Self {
        let DeadLetterRow {
            id,
            letter:
                DeadLetter {
                    source,
                    reason,
                    shape,
                },
            first_seen,
            count,
        } = row;
        Self {
            id,
            source,
            reason,
            shape,
            first_seen: first_seen.to_string(),
            count,
        }
    }
}
