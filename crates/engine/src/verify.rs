//! Proof of the record: every entry against the one before it (rules R2).

use serde::Serialize;
use weir_core::audit::{self, GENESIS, Replacements};
use weir_store::AuditFilter;

use crate::{Engine, EngineError};

/// Entries read in one go.
const PAGE: u32 = 1_000;

/// What was proved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// The chain holds.
    pub ok: bool,
    /// Entries that fit, from the first.
    pub entries: u64,
    /// Number and hash of the last entry: an anchor to write down.
    pub head: String,
    /// Entries in which a pseudonym stands for somebody who was forgotten.
    pub replaced: u64,
    /// Whether the anchor that was given is in the chain.
    pub anchor_found: Option<bool>,
    /// What does not hold.
    pub problem: Option<String>,
    /// What this cannot prove.
    pub caveat: &'static str,
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
        let head = self.store.audit_head().await?;
        let mut at = (0, GENESIS.to_owned());
        let mut problem = None;
        let mut replacements = Replacements::default();
        let mut found = anchor.as_ref().map(|_| false);
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
                at = (next.seq, next.hash);
                if anchor.as_ref() == Some(&at) {
                    found = Some(true);
                }
            }
        }
        // Entries may have been added since the head was read; none may be missing before it.
        if problem.is_none() && at.0 < head.seq {
            problem = Some(format!(
                "the head says {} entries, and the last found is {}",
                head.seq, at.0
            ));
        }
        if problem.is_none() && at.0 == head.seq && head.seq > 0 && at.1 != head.hash {
            problem = Some("the head has another hash than the last entry".to_owned());
        }
        let replaced = match replacements.check() {
            Ok(entries) => entries,
            Err(broken) => {
                problem = problem.or_else(|| Some(broken.to_string()));
                0
            }
        };
        if problem.is_none() && found == Some(false) {
            problem = Some("the anchor is not in the chain".to_owned());
        }
        Ok(Verified {
            ok: problem.is_none(),
            entries: at.0,
            head: format!("{}:{}", at.0, at.1),
            replaced,
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
