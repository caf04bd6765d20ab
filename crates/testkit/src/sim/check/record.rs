//! What is watched while the story goes on: the audit log grows without a gap and verifies, every
//! block has one entry, and nothing is told twice.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use weir_core::audit::{Entry, GENESIS, hash};
use weir_core::message::{Kind, Message};
use weir_core::standing::WarningKey;
use weir_store::{AuditFilter, BlockFilter, Store};

use super::mail::is_about_everything;
use super::{broken, ensure};
use crate::sim::spy::Commit;
use crate::sim::world::{Broken, World, unexpected};

/// What has been seen so far.
pub(crate) struct Witness {
    told: BTreeSet<WarningKey>,
    seq: u64,
    hash: String,
    /// When what each entry tells of happened, by number.
    times: Vec<Timestamp>,
    /// Entries about the beginning and the end of a block.
    entries: BTreeMap<String, (u32, u32)>,
    /// Blocks that did not end, and whether each denies anything.
    blocks: BTreeMap<String, bool>,
    /// Whether who was last told of all access was told of its loss.
    lost: BTreeMap<String, bool>,
}

impl Default for Witness {
    fn default() -> Self {
        Self {
            told: BTreeSet::new(),
            seq: 0,
            hash: GENESIS.to_owned(),
            times: Vec::new(),
            entries: BTreeMap::new(),
            blocks: BTreeMap::new(),
            lost: BTreeMap::new(),
        }
    }
}

impl Witness {
    /// At most one warning is told per subject, quota, threshold, window and limit, unless it was
    /// armed again in between (rules Q5).
    pub(crate) fn observe(&mut self, commits: &[Commit]) -> Result<(), Broken> {
        for commit in commits {
            for key in &commit.plan.rearmed {
                self.told.remove(key);
            }
            for warning in commit.plan.warned.iter().filter(|warning| warning.told) {
                let first = self.told.insert(warning.key.clone());
                ensure!(
                    first,
                    "told twice, now at {}: {:?}",
                    commit.now,
                    warning.key
                );
            }
            for message in &commit.plan.told {
                self.hear(message)?;
            }
        }
        Ok(())
    }

    /// A loss of access is one message, however many blocks there are, and so is its end. What an
    /// administrator does is told beside another, and its end may be that of a tool's block.
    fn hear(&mut self, message: &Message) -> Result<(), Broken> {
        if !is_about_everything(&message.news) {
            return Ok(());
        }
        let subject = message.about.subject();
        let known = self.lost.get(&subject).copied();
        let kind = message.kind();
        ensure!(
            known != Some(kind.is_loss())
                || matches!(
                    kind,
                    Kind::BlockedByAdministrator | Kind::UnblockedByAdministrator
                ),
            "{subject} was without access: {known:?}, and is told: {message:?}"
        );
        if kind == Kind::UnblockedByAdministrator {
            self.lost.remove(&subject);
        } else {
            self.lost.insert(subject, kind.is_loss());
        }
        Ok(())
    }

    /// Reads on in the audit log: no gap, every hash follows from the one before (rules R2).
    pub(crate) async fn read_audit(&mut self, store: &dyn Store) -> Result<(), Broken> {
        let filter = AuditFilter {
            after: self.seq,
            ..AuditFilter::default()
        };
        for chained in store.audit(&filter).await.map_err(broken)? {
            ensure!(
                chained.seq == self.seq + 1,
                "audit {} follows {}",
                chained.seq,
                self.seq
            );
            ensure!(
                chained.prev_hash == self.hash,
                "audit {} is not chained",
                chained.seq
            );
            let computed = hash(chained.seq, &self.hash, &chained.entry, &chained.seals);
            ensure!(
                chained.hash == computed,
                "audit {} has another hash",
                chained.seq
            );
            self.seq = chained.seq;
            self.hash = chained.hash;
            let entry = chained.entry;
            self.times.push(entry.at);
            self.follow_block(&entry)?;
        }
        let head = store.audit_head().await.map_err(broken)?;
        ensure!(
            (head.seq, &head.hash) == (self.seq, &self.hash),
            "the audit ends at {head:?}"
        );
        Ok(())
    }

    /// Every block begins once and ends once, and none is held that denies only what its subject was
    /// denied already: nobody loses access by it (rules Q10).
    fn follow_block(&mut self, entry: &Entry) -> Result<(), Broken> {
        let (begins, ends) = (entry.before.is_none(), entry.after.is_none());
        match entry.operation.as_str() {
            "block" | "block-held" | "block-discarded" => {
                let (id, in_force) = block_facts(entry.after.as_deref());
                if begins {
                    let covering = self.blocks.iter().find(|(known, denies)| {
                        **denies
                            && (lost_by(known) == lost_by(&id) || lost_by(known) == entry.subject)
                    });
                    ensure!(
                        in_force || covering.is_none(),
                        "{id} is held, and {covering:?} denies that already"
                    );
                    self.entries.entry(id.clone()).or_default().0 += 1;
                }
                self.blocks.insert(id, in_force);
            }
            "unblock" if ends => {
                let (id, _) = block_facts(entry.before.as_deref());
                self.blocks.remove(&id);
                self.entries.entry(id).or_default().1 += 1;
            }
            _ => {}
        }
        Ok(())
    }

    /// The end of the audit log.
    pub(crate) fn audit_end(&self) -> u64 {
        self.seq
    }
}

/// Which block, and whether it denies anything.
fn block_facts(facts: Option<&str>) -> (String, bool) {
    let facts: serde_json::Value = facts
        .and_then(|facts| serde_json::from_str(facts).ok())
        .unwrap_or_default();
    let id = facts["id"].as_str().unwrap_or_default().to_owned();
    (id, facts["force"] == "in-force")
}

/// What a block of that id denies: the id without occasion and instant.
fn lost_by(id: &str) -> &str {
    id.rsplitn(3, ':').nth(2).unwrap_or(id)
}

impl World {
    /// The record is proved, and nothing left it before its term (rules R2).
    pub(super) async fn check_record(&self) -> Result<(), Broken> {
        let proof = self.auditor.verify_audit(None).await;
        let proof = proof.map_err(|error| unexpected("audit verify", &error))?;
        ensure!(proof.ok, "the record is not proved: {:?}", proof.problem);
        let gone = self.gone().await?;
        let before = self.auditor.audit_kept_from();
        let young = self.witness.times[..gone].iter().find(|at| **at >= before);
        ensure!(
            young.is_none(),
            "{gone} entries left the record, one of them of {young:?}"
        );
        Ok(())
    }

    /// Of the old end nothing is left.
    pub(crate) async fn check_nothing_old(&self) -> Result<(), Broken> {
        let oldest = self.witness.times.get(self.gone().await?);
        let before = self.auditor.audit_kept_from();
        ensure!(
            oldest.is_none_or(|at| *at >= before),
            "the record still has an entry of {oldest:?}, and is kept from {before}"
        );
        Ok(())
    }

    /// How many entries left.
    async fn gone(&self) -> Result<usize, Broken> {
        let start = self.store.audit_start().await.map_err(broken)?;
        usize::try_from(start.seq).map_err(|error| error.to_string())
    }

    /// Every block has exactly one entry for its beginning, and one for its end if it ended.
    pub(super) async fn check_audit_of_blocks(&self) -> Result<(), Broken> {
        let filter = BlockFilter {
            history: true,
            ..BlockFilter::default()
        };
        let blocks = self.store.blocks(&filter).await.map_err(broken)?;
        for row in &blocks {
            let (id, ended) = (row.block.id.as_str(), u32::from(row.lifted.is_some()));
            let entries = self.witness.entries.get(id).copied().unwrap_or_default();
            ensure!(
                entries == (1, ended),
                "block {id} has (began, ended) entries {entries:?}"
            );
        }
        let known = self.witness.entries.len();
        ensure!(
            known == blocks.len(),
            "{known} blocks are in the audit, {} on file",
            blocks.len()
        );
        Ok(())
    }
}
