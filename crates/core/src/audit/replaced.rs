//! Texts of entries that were replaced because somebody was forgotten, and the proof that the record
//! says so.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::seals::{Digest, Salts, Seal, digest, hex};
use super::{Broken, Chained, Entry, TEXTS};
use crate::forget::Names;

/// The operation of an entry that says which texts were replaced.
pub const REPLACE: &str = "audit-replace";

/// A text that was replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replaced {
    /// In which entry.
    pub seq: u64,
    /// Which of its [`TEXTS`].
    pub field: &'static str,
    /// The digest of what stands there now, under its salt.
    digest: String,
}

impl Chained {
    /// Replaces the names in the texts of an entry, under new salts; what was replaced.
    pub fn replace(&mut self, names: &Names, salts: Salts) -> Vec<Replaced> {
        let mut replaced = Vec::new();
        for (place, salt) in salts.iter().enumerate() {
            let before = self.entry.texts()[place];
            let Some(now) = before.and_then(|text| names.replace(text)) else {
                continue;
            };
            let original = self.seals.0[place].commitment(before);
            replaced.push(Replaced {
                seq: self.seq,
                field: TEXTS[place],
                digest: hex(&digest(salt, Some(&now))),
            });
            self.seals.0[place] = Seal::Replaced(original, *salt);
            self.entry.set_text(place, now);
        }
        replaced
    }
}

/// What the entry says that announces these.
pub fn announce(entry: Entry, replaced: &[Replaced]) -> Entry {
    let list: Vec<Value> = replaced
        .iter()
        .map(|one| json!([one.seq, one.field, one.digest]))
        .collect();
    Entry {
        operation: REPLACE.to_owned(),
        after: Some(json!({ "replaced": list }).to_string()),
        ..entry
    }
}

/// Texts that are not as they were written, and what the record says of them.
#[derive(Debug, Default)]
pub struct Replacements {
    found: BTreeMap<(u64, &'static str), Digest>,
    announced: BTreeMap<(u64, String), String>,
}

impl Replacements {
    /// Looks at an entry that follows the one before it.
    pub fn read(&mut self, chained: &Chained) {
        let Chained {
            seq, entry, seals, ..
        } = chained;
        let sealed = TEXTS.into_iter().zip(&seals.0).zip(entry.texts());
        for ((field, seal), text) in sealed {
            if let Seal::Replaced(_, salt) = seal {
                self.found.insert((*seq, field), digest(salt, text));
            }
        }
        if entry.operation == REPLACE {
            for (of, field, digest) in announced(entry).into_iter().flatten() {
                self.announced.insert((of, field), digest);
            }
        }
    }

    /// How many entries hold replaced texts, if the record says of each what stands there now.
    pub fn check(&self) -> Result<u64, Broken> {
        let mut entries = 0;
        let mut last = None;
        for ((seq, field), digest) in &self.found {
            let said = self.announced.get(&(*seq, (*field).to_owned()));
            if said.is_none_or(|said| *said != hex(digest)) {
                return Err(Broken::Replaced { seq: *seq, field });
            }
            entries += u64::from(last != Some(*seq));
            last = Some(*seq);
        }
        Ok(entries)
    }
}

/// What an entry announces: number, field, digest.
fn announced(entry: &Entry) -> Option<Vec<(u64, String, String)>> {
    let said: Value = serde_json::from_str(entry.after.as_deref()?).ok()?;
    serde_json::from_value(said.get("replaced")?.clone()).ok()
}
