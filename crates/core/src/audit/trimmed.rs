//! The old end of the record that left after its term (rules P1, R2), and the proof that the record says so.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Broken, Chained, Entry, GENESIS};

/// The operation of an entry that says what left.
pub const TRIM: &str = "audit-trim";

/// The last entry that left: what the first that stays follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// Its number; 0 if none left.
    pub seq: u64,
    /// Its hash.
    pub hash: String,
}

impl Default for Start {
    fn default() -> Self {
        Self {
            seq: 0,
            hash: GENESIS.to_owned(),
        }
    }
}

/// Entries that left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trimmed {
    /// The last of them; all before it left, too.
    pub to: Start,
    /// They are older than this.
    pub older_than: Timestamp,
    /// When they left last.
    pub at: Timestamp,
    /// The entry that says so.
    pub said_by: u64,
}

/// What the entry says that announces that all after `from`, up to `to`, left.
pub fn announce_trim(entry: Entry, from: &Start, to: &Start, older_than: Timestamp) -> Entry {
    Entry {
        operation: TRIM.to_owned(),
        before: Some(json!({ "seq": from.seq, "hash": from.hash }).to_string()),
        after: Some(
            json!({ "seq": to.seq, "hash": to.hash, "older_than": older_than.to_string() })
                .to_string(),
        ),
        ..entry
    }
}

/// What the record says of entries that left.
#[derive(Debug, Default)]
pub struct Trims {
    last: Option<Trimmed>,
}

impl Trims {
    /// Looks at an entry that follows the one before it.
    pub fn read(&mut self, chained: &Chained) {
        if chained.entry.operation == TRIM {
            self.last = said(chained).or(self.last.take());
        }
    }

    /// What left, if the record says that it begins where it does.
    pub fn check(&self, start: &Start) -> Result<Option<Trimmed>, Broken> {
        let told = self.last.as_ref().map(|last| &last.to);
        if *told.unwrap_or(&Start::default()) == *start {
            Ok(self.last.clone())
        } else {
            Err(Broken::Start {
                first: start.seq + 1,
            })
        }
    }
}

fn said(chained: &Chained) -> Option<Trimmed> {
    let Chained { seq, entry, .. } = chained;
    let said: Value = serde_json::from_str(entry.after.as_deref()?).ok()?;
    Some(Trimmed {
        to: Start {
            seq: said["seq"].as_u64()?,
            hash: said["hash"].as_str()?.to_owned(),
        },
        older_than: said["older_than"].as_str()?.parse().ok()?,
        at: entry.at,
        said_by: *seq,
    })
}
