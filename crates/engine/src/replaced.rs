//! Taking over the system that Weir replaces: history, limits, blocks and what was done
//! (`docs/decisions/0024-taking-over-the-replaced-system.md`).
//!
//! Every step may be stopped and begun again: calls are known by their request id, what was done by the number that
//! the record keeps, limits and blocks by what is there.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};
use weir_core::admin::{Command, Verb};
use weir_core::audit::Entry;
use weir_core::block::Until;
use weir_core::evidence::Evidence;
use weir_core::ids::{AccountId, RequestId, UserId};
use weir_core::quota::{Limit, Quota};
use weir_core::replaced::{self, Call, CallRow, OldBlock, OldUser, Terms};
use weir_store::{AuditFilter, Cursor, DeadLetter, OperationRow, ReplacedDatabase, RuleChange};

use crate::options::Actor;
use crate::{Engine, EngineError};

mod denies;

pub use denies::{Instead, OldDeny, OldDenyDone, Unneeded};

/// The operation of entries that tell what the replaced system did.
const TOLD: &str = "replaced-operation";
/// Rows that are read in one go.
const PAGE: u32 = 500;

/// What there is to take over.
#[derive(Clone, Debug, Serialize)]
pub struct ImportPlan {
    /// `HOST/NAME` of the old database.
    pub database: String,
    /// The account that its calls are counted for.
    pub account: AccountId,
    /// Calls that were not read yet.
    pub calls: u64,
    /// What the replaced system thought that all its calls cost, dollars.
    pub cost: Option<String>,
    /// Operations that are not in the record yet.
    pub operations: u64,
    /// Limits that would become quotas: those of which Weir has none yet.
    pub quotas: Vec<String>,
    /// Blocks that would be taken over.
    pub blocks: Vec<PlannedBlock>,
    /// Users that cannot be read.
    pub bad: Vec<BadRow>,
    #[serde(skip)]
    changes: Vec<RuleChange>,
    #[serde(skip)]
    users: Vec<OldUser>,
}

/// A block that would be taken over, and the Deny of the replaced system that is left.
#[derive(Clone, Debug, Serialize)]
pub struct PlannedBlock {
    /// Whom.
    pub user: UserId,
    /// Why.
    pub reason: String,
    /// RFC 3339; `null` has no end.
    pub until: Option<String>,
    /// The inline policy of the IAM user that may still deny them.
    pub old_policy: String,
    /// The statement in it.
    pub old_statement: &'static str,
}

/// A row that cannot be taken over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BadRow {
    /// The table.
    pub table: &'static str,
    /// Its key there.
    pub key: String,
    /// What is wrong with it.
    pub why: String,
}

/// What became of the history.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ImportedCalls {
    /// Rows that were read.
    pub read: u64,
    /// Calls that count now.
    pub counted: u64,
    /// Calls that Weir knew already.
    pub known: u64,
    /// Calls that are older than invocations are kept.
    pub too_old: u64,
    /// Calls without a request id that may have been counted already.
    pub unnumbered: u64,
    /// Rows that cannot be read; each is a dead letter, too.
    pub bad: Vec<BadRow>,
}

impl Engine {
    /// Reads what there is to take over, and refuses what it does not understand.
    pub async fn plan_import(
        &self,
        old: &ReplacedDatabase,
        terms: &Terms,
        (by, anew): (&Actor, bool),
    ) -> Result<ImportPlan, EngineError> {
        replaced::check(&old.columns().await?).map_err(EngineError::Refused)?;
        let whose = whose(old, terms);
        let call = if anew { 0 } else { self.read_to(&whose).await? };
        let operation = self.told_to(&whose).await?;
        let counts = old.counts(call, operation).await?;
        self.check_times(counts.latest.as_deref(), terms)?;
        let stored = self.store.rules().await?;
        let is_set = |quota: &Quota| {
            let key = |quota: &Quota| (quota.scope.clone(), quota.metric, quota.window);
            stored.quotas.iter().any(|known| key(known) == key(quota))
        };
        let mut plan = ImportPlan {
            database: format!("{}/{}", old.host(), old.database()),
            account: terms.account.clone(),
            calls: counts.calls,
            cost: counts.cost,
            operations: counts.operations,
            quotas: Vec::new(),
            blocks: Vec::new(),
            bad: Vec::new(),
            changes: Vec::new(),
            users: Vec::new(),
        };
        for row in old.users().await? {
            match replaced::old_user(&row, terms, &by.name, self.now()) {
                Ok(mut user) => {
                    user.quotas.retain(|quota| !is_set(quota));
                    if let Some(block) = &user.block
                        && self.was_taken_over(&user.user, block).await?
                    {
                        user.block = None;
                    }
                    plan.add(user);
                }
                Err(why) => plan.bad.push(BadRow {
                    table: "users",
                    key: row.user.unwrap_or_default(),
                    why,
                }),
            }
        }
        Ok(plan)
    }

    /// Times that lie ahead are wall times: nobody can have called then.
    fn check_times(&self, latest: Option<&str>, terms: &Terms) -> Result<(), EngineError> {
        let latest = CallRow {
            at: latest.map(ToOwned::to_owned),
            ..CallRow::default()
        };
        let latest = replaced::time_of(&latest, terms).ok().flatten();
        match latest {
            Some(latest) if latest.duration_since(self.now()) > self.options.future => {
                Err(EngineError::Refused(format!(
                    "the latest call of the old database is dated {latest}, which is ahead of now: its times are wall \
                     times. Say of which zone: --written-in Europe/Madrid"
                )))
            }
            _ => Ok(()),
        }
    }

    /// Counts the calls that were not read yet, or all of them anew. What was counted before an error stays.
    pub async fn import_calls(
        &self,
        old: &ReplacedDatabase,
        (terms, anew): (&Terms, bool),
        progress: &(dyn Fn(&ImportedCalls) + Send + Sync),
    ) -> Result<ImportedCalls, EngineError> {
        let mut done = ImportedCalls::default();
        let whose = whose(old, terms);
        let mut after = if anew { 0 } else { self.read_to(&whose).await? };
        loop {
            let rows = old.calls(after, PAGE).await?;
            let Some(last) = rows.last().map(|row| row.id) else {
                break;
            };
            done.read += rows.len() as u64;
            self.count_page(&rows, terms, &mut done).await?;
            let cursor = Cursor {
                position: last.to_string(),
                at: self.wall(),
            };
            self.store.set_cursor(&source(&whose), &cursor).await?;
            after = last;
            progress(&done);
        }
        self.drain().await?;
        Ok(done)
    }

    async fn count_page(
        &self,
        rows: &[CallRow],
        terms: &Terms,
        done: &mut ImportedCalls,
    ) -> Result<(), EngineError> {
        let mut found: BTreeMap<RequestId, Evidence> = BTreeMap::new();
        let mut letters = Vec::new();
        for row in rows {
            match replaced::call(row, terms) {
                Ok(Call::Taken(evidence)) => {
                    let Some(record) = evidence.records().next() else {
                        continue;
                    };
                    let request = record.request.clone();
                    if self.out_of_time(record).is_some() {
                        done.too_old += 1;
                    } else if let Some(known) = found.get_mut(&request) {
                        known.merge(*evidence);
                        done.known += 1;
                    } else {
                        found.insert(request, *evidence);
                    }
                }
                Ok(Call::Unnumbered) => done.unnumbered += 1,
                Err(why) => {
                    let (table, key) = ("bedrock_requests", row.id.to_string());
                    letters.push(DeadLetter {
                        source: "the replaced system".to_owned(),
                        reason: format!("{table} {key}: {why}"),
                        shape: String::new(),
                    });
                    done.bad.push(BadRow { table, key, why });
                }
            }
        }
        // What Weir counted itself says more than what the replaced system wrote down.
        let requests: Vec<_> = found.keys().cloned().collect();
        for known in self.store.evidence(&requests).await? {
            for record in known.records() {
                done.known += u64::from(found.remove(&record.request).is_some());
            }
        }
        if found.is_empty() && letters.is_empty() {
            return Ok(());
        }
        done.counted += found.len() as u64;
        self.settle_looked_up(found.into_values().collect(), letters)
            .await?;
        Ok(())
    }

    /// Puts what the replaced system did into the record, as what it told; how many entries.
    pub async fn import_operations(
        &self,
        old: &ReplacedDatabase,
        terms: &Terms,
        by: &Actor,
    ) -> Result<u64, EngineError> {
        let whose = whose(old, terms);
        let mut told = 0;
        loop {
            // The record itself says how far it is: entries and place are written in one transaction.
            let after = self.told_to(&whose).await?;
            let rows = old.operations(after, PAGE).await?;
            if rows.is_empty() {
                return Ok(told);
            }
            told += rows.len() as u64;
            let entries = rows
                .into_iter()
                .map(|row| self.told(&whose, row, by))
                .collect();
            self.store.append_audit(entries).await?;
        }
    }

    fn told(&self, whose: &str, row: OperationRow, by: &Actor) -> Entry {
        let OperationRow {
            id,
            user,
            operation,
            reason,
            by: performed_by,
            expires_at,
            at,
        } = row;
        let subject = format!("user:{}", user.unwrap_or_default());
        let evidence = json!({
            "database": whose, "table": "blocking_operations", "id": id, "operation": operation,
            "created_at": at, "expires_at": expires_at, "performed_by": performed_by,
        });
        Entry {
            evidence: Some(evidence.to_string()),
            ..self.entry(TOLD, subject, reason.unwrap_or_default(), by)
        }
    }

    /// Sets the limits of which Weir has none.
    pub async fn import_quotas(&self, plan: &ImportPlan, by: &Actor) -> Result<usize, EngineError> {
        let changes = plan.changes.clone();
        self.change_quotas(changes, "taken over from the replaced system", by)
            .await?;
        Ok(plan.changes.len())
    }

    /// Blocks whoever is blocked there; whom it could not, and why.
    pub async fn import_blocks(
        &self,
        plan: &ImportPlan,
        by: &Actor,
    ) -> Result<(BTreeSet<UserId>, Vec<BadRow>), EngineError> {
        let (mut blocked, mut bad) = (BTreeSet::new(), Vec::new());
        for user in &plan.users {
            let Some(block) = &user.block else {
                continue;
            };
            let command = Command {
                user: user.user.clone(),
                actor: by.name.clone(),
                claimed_by: block.by.clone().or_else(|| by.claimed.clone()),
                reason: block.reason.clone(),
                verb: Verb::Block { until: block.until },
            };
            if self.store.user(&user.user).await?.is_none() {
                // Without calls that are young enough nobody is known yet, and whoever is blocked is denied all the same.
                self.link(&user.principal, &user.user, by).await?;
            }
            // The replaced system blocked workloads like everybody else.
            match self.administer(command, true).await {
                Ok(_) => {
                    blocked.insert(user.user.clone());
                }
                Err(error @ EngineError::Refused(_)) => {
                    bad.push(BadRow {
                        table: "users",
                        key: user.user.to_string(),
                        why: format!("the block was not taken over: {error}"),
                    });
                }
                Err(error) => return Err(error),
            }
        }
        Ok((blocked, bad))
    }

    /// What would be blocked and released by the limits.
    pub async fn preview_import(&self, plan: &ImportPlan) -> Result<crate::Preview, EngineError> {
        self.preview(&plan.changes).await
    }

    /// The number of the last call that was read.
    async fn read_to(&self, whose: &str) -> Result<i64, EngineError> {
        let cursor = self.store.cursor(&source(whose)).await?;
        Ok(cursor
            .and_then(|cursor| cursor.position.parse().ok())
            .unwrap_or_default())
    }

    /// The number of the last operation that is in the record.
    async fn told_to(&self, whose: &str) -> Result<i64, EngineError> {
        let mut before = None;
        loop {
            let filter = AuditFilter {
                operation: Some(TOLD.to_owned()),
                last: Some(PAGE),
                before,
                ..AuditFilter::default()
            };
            let page = self.store.audit(&filter).await?;
            for entry in page.iter().rev() {
                let evidence = entry.entry.evidence.as_deref().unwrap_or_default();
                let told: Value = serde_json::from_str(evidence).unwrap_or_default();
                if told["database"] == whose {
                    return Ok(told["id"].as_i64().unwrap_or_default());
                }
            }
            match page.first() {
                Some(first) if page.len() == PAGE as usize => before = Some(first.seq),
                _ => return Ok(0),
            }
        }
    }

    /// Whether this very block was taken over before, whatever became of it.
    async fn was_taken_over(&self, user: &UserId, block: &OldBlock) -> Result<bool, EngineError> {
        let filter = AuditFilter {
            subject: Some(format!("user:{user}")),
            operation: Some("block".to_owned()),
            ..AuditFilter::default()
        };
        let entries = self.store.audit(&filter).await?;
        Ok(entries.iter().any(|chained| {
            chained.entry.reason == block.reason
                && chained.entry.expires_at == block.until.instant()
        }))
    }
}

impl ImportPlan {
    fn add(&mut self, user: OldUser) {
        let OldUser {
            user: name,
            principal,
            quotas,
            block,
        } = &user;
        for quota in quotas {
            self.quotas.push(format!(
                "{} {} {}: {}",
                quota.scope,
                quota.metric,
                quota.window,
                match quota.limit {
                    Limit::Of(limit) => limit.to_string(),
                    Limit::Unlimited => "unlimited".to_owned(),
                }
            ));
            self.changes.push(RuleChange::SetQuota(quota.clone()));
        }
        if let Some(block) = block {
            let (old_policy, old_statement) = replaced::old_deny(&principal.name);
            self.blocks.push(PlannedBlock {
                user: name.clone(),
                reason: block.reason.clone(),
                until: match block.until {
                    Until::At(at) => Some(at.to_string()),
                    Until::Indefinite => None,
                },
                old_policy,
                old_statement,
            });
        }
        self.users.push(user);
    }

    /// Whether nothing is left to take over.
    pub fn is_done(&self) -> bool {
        self.calls == 0 && self.operations == 0 && self.changes.is_empty() && self.blocks.is_empty()
    }
}

/// What the old system is known by: its database and account, whatever its server is called from here.
fn whose(old: &ReplacedDatabase, terms: &Terms) -> String {
    format!("{}/{}", terms.account, old.database())
}

/// Under which name it is remembered how far the calls were read.
fn source(whose: &str) -> String {
    format!("replaced:{whose}")
}
