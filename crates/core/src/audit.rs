//! The record of everything: entries, and the hash that chains them (rules 10).

mod replaced;
mod seals;
mod trimmed;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

pub use replaced::{REPLACE, Replaced, Replacements, announce};
pub use seals::{FIELDS, Salt, Salts, Seal, Seals};
pub use trimmed::{Start, TRIM, Trimmed, Trims, announce_trim};

/// The version of the hashed form.
pub const VERSION: u32 = 2;

/// The fields that may name people, in the order of their seals. The others are words of ours, and times.
pub const TEXTS: [&str; FIELDS] = [
    "subject",
    "reason",
    "actor",
    "claimed_by",
    "before",
    "after",
    "evidence",
];

/// The hash before the first entry.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// One entry, before it has a place in the chain. All fields are text as stored; `before`, `after`
/// and `evidence` are JSON texts that nothing re-encodes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// What was done: `block`, `unblock`, `quota-set`, …
    pub operation: String,
    /// To whom: `user:ana`, `quota:defaults/requests/day`, `target:…`.
    pub subject: String,
    /// Why.
    pub reason: String,
    /// Who, by what can be proved: operator, STS ARN, or OS user and host; `weir` for decisions.
    pub actor: String,
    /// Who, by their own word (`--by`).
    pub claimed_by: Option<String>,
    /// Wall time, also under `--as-of`.
    pub at: Timestamp,
    /// From where: `cli`, `server`, `ingest`, …
    pub origin: String,
    /// When what was done ends.
    pub expires_at: Option<Timestamp>,
    /// State before.
    pub before: Option<String>,
    /// State after.
    pub after: Option<String>,
    /// What the decision rests on.
    pub evidence: Option<String>,
}

/// An entry in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chained {
    /// Gap-free, from 1.
    pub seq: u64,
    /// What happened.
    pub entry: Entry,
    /// The hash of the entry before.
    pub prev_hash: String,
    /// The hash of this entry.
    pub hash: String,
    /// What holds its texts.
    pub seals: Seals,
}

impl Entry {
    /// The texts, in the order of [`TEXTS`].
    pub fn texts(&self) -> [Option<&str>; FIELDS] {
        let Self {
            operation: _,
            subject,
            reason,
            actor,
            claimed_by,
            at: _,
            origin: _,
            expires_at: _,
            before,
            after,
            evidence,
        } = self;
        [
            Some(subject),
            Some(reason),
            Some(actor),
            claimed_by.as_deref(),
            before.as_deref(),
            after.as_deref(),
            evidence.as_deref(),
        ]
    }

    fn set_text(&mut self, place: usize, text: String) {
        match TEXTS.get(place) {
            Some(&"subject") => self.subject = text,
            Some(&"reason") => self.reason = text,
            Some(&"actor") => self.actor = text,
            Some(&"claimed_by") => self.claimed_by = Some(text),
            Some(&"before") => self.before = Some(text),
            Some(&"after") => self.after = Some(text),
            Some(&"evidence") => self.evidence = Some(text),
            _ => {}
        }
    }
}

/// The hash of an entry at its place: over version, seq, previous hash, the length-prefixed fields as
/// stored, and of its texts what their seals commit to.
pub fn hash(seq: u64, prev_hash: &str, entry: &Entry, seals: &Seals) -> String {
    let at = entry.at.as_microsecond().to_string();
    let expires_at = entry.expires_at.map(|at| at.as_microsecond().to_string());
    let fields: [Option<&str>; 4] = [
        Some(&entry.operation),
        Some(&at),
        Some(&entry.origin),
        expires_at.as_deref(),
    ];
    let mut sha = Sha256::new();
    sha.update(VERSION.to_be_bytes());
    sha.update(seq.to_be_bytes());
    sha.update(prev_hash.as_bytes());
    for field in fields {
        match field {
            // The length of a missing field is one that no text can have.
            None => sha.update(u64::MAX.to_be_bytes()),
            Some(text) => {
                sha.update((text.len() as u64).to_be_bytes());
                sha.update(text.as_bytes());
            }
        }
    }
    for (seal, text) in seals.0.iter().zip(entry.texts()) {
        sha.update(seal.commitment(text));
    }
    seals::hex(&sha.finalize())
}

/// Puts entries into the chain after `head`, each under salts of its own.
pub fn chain(head: (u64, &str), entries: impl IntoIterator<Item = (Entry, Salts)>) -> Vec<Chained> {
    let (mut seq, mut prev) = (head.0, head.1.to_owned());
    entries
        .into_iter()
        .map(|(entry, salts)| {
            seq += 1;
            let seals = Seals::whole(salts);
            let hash = hash(seq, &prev, &entry, &seals);
            let prev_hash = std::mem::replace(&mut prev, hash.clone());
            Chained {
                seq,
                entry,
                prev_hash,
                hash,
                seals,
            }
        })
        .collect()
}

/// What is wrong with a chain, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// A number is missing or comes twice.
    #[error("audit entry {expected} is missing: found {found} in its place")]
    Gap {
        /// Which should have come.
        expected: u64,
        /// Which came.
        found: u64,
    },
    /// An entry does not follow the one before it.
    #[error("audit entry {seq} does not follow entry {}", seq - 1)]
    Link {
        /// Which.
        seq: u64,
    },
    /// An entry was altered.
    #[error("audit entry {seq} was altered: its hash does not fit its fields")]
    Altered {
        /// Which.
        seq: u64,
    },
    /// A text was replaced, and the record does not say so.
    #[error(
        "`{field}` of audit entry {seq} was replaced, and no `audit-replace` entry says by what stands there"
    )]
    Replaced {
        /// Which.
        seq: u64,
        /// Which of its texts.
        field: &'static str,
    },
    /// Entries left from the old end, and the record does not say so.
    #[error(
        "the record begins with entry {first}, and the last `audit-trim` entry in it does not say so: entries before \
         it were removed by hand, or where the record begins was"
    )]
    Start {
        /// The first that is there, by where the record is said to begin.
        first: u64,
    },
}

/// Checks that `next` follows `(seq, hash)` of the entry before it.
pub fn verify(before: (u64, &str), next: &Chained) -> Result<(), Broken> {
    let expected = before.0 + 1;
    if next.seq != expected {
        return Err(Broken::Gap {
            expected,
            found: next.seq,
        });
    }
    if next.prev_hash != before.1 {
        return Err(Broken::Link { seq: next.seq });
    }
    if hash(next.seq, &next.prev_hash, &next.entry, &next.seals) != next.hash {
        return Err(Broken::Altered { seq: next.seq });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
