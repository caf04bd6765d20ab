//! The record of everything: entries, and the hash that chains them (rules 10).

use std::fmt::Write;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// The version of the hashed form.
pub const VERSION: u32 = 1;

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
}

/// The hash of an entry at its place: over version, seq, previous hash and the length-prefixed
/// fields as stored.
pub fn hash(seq: u64, prev_hash: &str, entry: &Entry) -> String {
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
    let at = at.as_microsecond().to_string();
    let expires_at = expires_at.map(|at| at.as_microsecond().to_string());
    let fields: [Option<&str>; 11] = [
        Some(operation),
        Some(subject),
        Some(reason),
        Some(actor),
        claimed_by.as_deref(),
        Some(&at),
        Some(origin),
        expires_at.as_deref(),
        before.as_deref(),
        after.as_deref(),
        evidence.as_deref(),
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
    let mut hex = String::with_capacity(64);
    for byte in sha.finalize() {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

/// Puts entries into the chain after `head`.
pub fn chain(head: (u64, &str), entries: Vec<Entry>) -> Vec<Chained> {
    let (mut seq, mut prev) = (head.0, head.1.to_owned());
    entries
        .into_iter()
        .map(|entry| {
            seq += 1;
            let hash = hash(seq, &prev, &entry);
            let prev_hash = std::mem::replace(&mut prev, hash.clone());
            Chained {
                seq,
                entry,
                prev_hash,
                hash,
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
    if hash(next.seq, &next.prev_hash, &next.entry) != next.hash {
        return Err(Broken::Altered { seq: next.seq });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(n: usize) -> Vec<Entry> {
        (0..n)
            .map(|i| Entry {
                operation: "block".into(),
                reason: i.to_string(),
                ..Entry::default()
            })
            .collect()
    }

    fn check(chain: &[Chained]) -> Result<(), Broken> {
        let mut head = (0, GENESIS.to_owned());
        for next in chain {
            verify((head.0, &head.1), next)?;
            head = (next.seq, next.hash.clone());
        }
        Ok(())
    }

    #[test]
    fn any_change_of_the_past_is_seen() {
        let good = chain((0, GENESIS), entries(4));
        assert_eq!(check(&good), Ok(()));

        let mut altered = good.clone();
        altered[1].entry.reason = "other".into();
        assert_eq!(check(&altered), Err(Broken::Altered { seq: 2 }));

        let mut removed = good.clone();
        removed.remove(2);
        assert_eq!(
            check(&removed),
            Err(Broken::Gap {
                expected: 3,
                found: 4
            })
        );

        let mut rehashed = good.clone();
        rehashed[1].entry.reason = "other".into();
        rehashed[1].hash = hash(2, &rehashed[1].prev_hash, &rehashed[1].entry);
        assert_eq!(check(&rehashed), Err(Broken::Link { seq: 3 }));
    }

    #[test]
    fn fields_do_not_run_into_each_other() {
        let a = Entry {
            operation: "ab".into(),
            subject: "c".into(),
            ..Entry::default()
        };
        let b = Entry {
            operation: "a".into(),
            subject: "bc".into(),
            ..Entry::default()
        };
        let none = Entry {
            before: None,
            ..Entry::default()
        };
        let empty = Entry {
            before: Some(String::new()),
            ..Entry::default()
        };
        assert_ne!(hash(1, GENESIS, &a), hash(1, GENESIS, &b));
        assert_ne!(hash(1, GENESIS, &none), hash(1, GENESIS, &empty));
    }
}
