//! A run of the daily reset, as `weir reset history --json` prints it.

use serde::Serialize;
use serde_json::Value;
use weir_store::ResetRow;

#[derive(Debug, Serialize)]
pub(crate) struct ResetView {
    /// The local date that began.
    pub(crate) date: String,
    /// When the latest run began, RFC 3339.
    pub(crate) started_at: String,
    /// When a run last came to its end, RFC 3339; null until one did.
    pub(crate) finished_at: Option<String>,
    /// How many runs came to their end.
    pub(crate) runs: u32,
    /// What the latest did.
    pub(crate) counts: Value,
    /// What went wrong without stopping the rest.
    pub(crate) errors: Vec<String>,
    /// The summary of the day before.
    pub(crate) summary: Value,
}

impl From<ResetRow> for ResetView {
    fn from(row: ResetRow) -> Self {
        let ResetRow {
            date,
            started_at,
            finished_at,
            runs,
            counts,
            errors,
            summary,
        } = row;
        Self {
            date: date.to_string(),
            started_at: started_at.to_string(),
            finished_at: finished_at.map(|at| at.to_string()),
            runs,
            counts: json(counts),
            errors,
            summary: json(summary),
        }
    }
}

/// What we stored ourselves; null if there is nothing.
fn json(text: Option<String>) -> Value {
    text.and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or(Value::Null)
}
