//! Proof of the record: every entry against the one before it (rules R2).

use serde::Serialize;
use weir_core::audit::{self, Replacements, Start, Trims};
use weir_store::{AuditFilter, AuditHead};

use crate::{Engine, EngineError};

/// Entries read in one go.
const PAGE: u32 = 1_000;

/// What was proved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// The chain holds.
    pub ok: bool,
    /// Entries that fit, from the first that is there.
    pub entries: u64,
    /// Number and hash of the last entry: an anchor to write down.
    pub head: String,
    /// Entries in which a pseudonym stands for somebody who was forgotten.
    pub replaced: u64,
    /// Entries that left after their term, as the record says.
    pub trimmed: Option<TrimmedEntries>,
    /// Whether the anchor that was given is in the chain.
    pub anchor_found: Option<bool>,
    /// What does not hold.
    pub problem: Option<String>,
    /// What this cannot prove.
    pub caveat: &'static str,
}

/// Entries that left after their term.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TrimmedEntries {
    /// The first so many.
    pub entries: u64,
    /// They were older than this, RFC 3339.
    pub older_than: String,
    /// When they left last, RFC 3339.
    pub at: String,
}

const NO_ANCHOR: &str = "without --anchor this proves that the entries fit each other, not that \
                         nobody who can write to the database made the whole chain anew or cut off \
                         its end";
const ANCHORED: &str = "entries after the anchor could have been made anew or cut off by somebody \
                        who can write to the database";

impl Engine {
    /// Walks the chain from its first entry, and looks for an anchor if one is given.
    pub async fn verify_audit(
        &self,
        anchor: Option<(u64, String)>,
    ) -> Result<Verified, EngineError> {
        let mut start = self.store.audit_start().await?;
        loop {
            let verified = self.walk(&start, anchor.as_ref()).await?;
            let now = self.store.audit_start().await?;
            // Entries left while it was read: once more from where the record begins now.
            if verified.ok || now == start {
                return Ok(verified);
            }
            start = now;
        }
    }

    async fn walk(
        &self,
        start: &Start,
        anchor: Option<&(u64, String)>,
    ) -> Result<Verified, EngineError> {
        let head = self.store.audit_head().await?;
        let mut at = (start.seq, start.hash.clone());
        let mut problem = None;
        let (mut replacements, mut trims) = (Replacements::default(), Trims::default());
        let mut found = anchor.map(|anchor| *anchor == at);
        'pages: loop {
            let filter = AuditFilter {
                after: at.0,
                limit: PAGE,
                ..AuditFilter::default()
            };
            let page = self.store.audit(&filter).await?;
            if page.is_empty() {
                break;
            }
            for next in page {
                if let Err(broken) = audit::verify((at.0, &at.1), &next) {
                    problem = Some(broken.to_string());
                    break 'pages;
                }
                replacements.read(&next);
                trims.read(&next);
                at = (next.seq, next.hash);
                if anchor == Some(&at) {
                    found = Some(true);
                }
            }
        }
        problem = problem.or_else(|| of_head(&at, &head));
        let replaced = replacements.check().unwrap_or_else(|broken| {
            problem.get_or_insert_with(|| broken.to_string());
            0
        });
        let trimmed = trims.check(start).unwrap_or_else(|broken| {
            problem.get_or_insert_with(|| broken.to_string());
            None
        });
        if found == Some(false) {
            let left = anchor.filter(|anchor| anchor.0 < start.seq);
            problem.get_or_insert_with(|| of_anchor(left, start));
        }
        Ok(Verified {
            ok: problem.is_none(),
            entries: at.0 - start.seq,
            head: format!("{}:{}", at.0, at.1),
            replaced,
            trimmed: trimmed.map(|trimmed| TrimmedEntries {
                entries: trimmed.to.seq,
                older_than: trimmed.older_than.to_string(),
                at: trimmed.at.to_string(),
            }),
            anchor_found: found,
            problem,
            caveat: if anchor.is_some() {
                ANCHORED
            } else {
                NO_ANCHOR
            },
        })
    }
}

/// Entries may have been added since the head was read; none may be missing before it.
fn of_head(at: &(u64, String), head: &AuditHead) -> Option<String> {
    if at.0 < head.seq {
        return Some(format!(
            "the head says {} entries, and the last found is {}",
            head.seq, at.0
        ));
    }
    let other = at.0 == head.seq && head.seq > 0 && at.1 != head.hash;
    other.then(|| "the head has another hash than the last entry".to_owned())
}

/// Of an anchor that is not there; `left` if its entry is older than the record.
fn of_anchor(left: Option<&(u64, String)>, start: &Start) -> String {
    match left {
        None => "the anchor is not in the chain".to_owned(),
        Some((seq, _)) => format!(
            "the anchor is of entry {seq}, which left after its term; take one of entry {} or later",
            start.seq
        ),
    }
}

/// Reads an anchor: `SEQ:HASH`.
pub fn parse_anchor(text: &str) -> Result<(u64, String), String> {
    let wrong = || format!("`{text}` is not SEQ:HASH, as `weir audit verify` prints it");
    let (seq, hash) = text.split_once(':').ok_or_else(wrong)?;
    let hex = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    match (seq.parse(), hex) {
        (Ok(seq), true) => Ok((seq, hash.to_lowercase())),
        _ => Err(wrong()),
    }
}
