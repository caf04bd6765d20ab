//! Forgetting a user (rules P2): foreseen, then done in steps that may be begun again after any of them
//! (`docs/decisions/0021-forgetting-people.md`).

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

use serde::Serialize;
use serde_json::json;
use weir_core::forget::{Names, is_forgotten, pseudonym};
use weir_core::ids::{RequestId, UserId};
use weir_core::plan::Plan;
use weir_store::{Anew, Batch, End, Kept, Obstacle, Traces};

use crate::options::Actor;
use crate::{Engine, EngineError};

/// Invocations that are looked through in one go for the name of somebody else's user.
const LOOKED_THROUGH: u32 = 20_000;
/// How often somebody may come back while being forgotten.
const ROUNDS: u32 = 20;

/// What forgetting would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ForgetPlan {
    /// Who.
    pub user_id: UserId,
    /// It has begun before and did not end.
    pub begun: bool,
    /// What is looked for in texts.
    pub names: Vec<String>,
    /// What is not, because another user goes by it too.
    pub shared: Vec<String>,
    /// What becomes of how much.
    pub rows: Vec<ForgetRow>,
    /// Why it cannot be done now.
    pub obstacle: Option<String>,
}

/// What becomes of rows of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ForgetRow {
    /// Which table.
    pub table: String,
    /// How many rows.
    pub rows: u64,
    /// What becomes of them.
    pub fate: &'static str,
}

/// What forgetting did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Forgotten {
    /// What stands for the user now.
    pub pseudonym: UserId,
    /// Invocations that are the pseudonym's now, or name the user no more.
    pub invocations: u64,
    /// Rows that were removed, or given to the pseudonym.
    pub rows: u64,
    /// Rows in whose texts the pseudonym stands now.
    pub texts: u64,
    /// Entries of the record in which it stands now.
    pub entries: u64,
}

const STAYS: &str = "stay, under a pseudonym";
const ERASED: &str = "stay, under a pseudonym, without address, program, key and error text";
const LEAVES: &str = "leave";
const NAMES: &str = "name the user: the pseudonym instead";
const CALLS_NAME: &str = "of others may name the user: the pseudonym instead";

fn fate(table: &str) -> &'static str {
    match table {
        "bedrock_requests" => ERASED,
        "usage_counters" | "usage_hourly" | "blocks" | "protections" => STAYS,
        _ => LEAVES,
    }
}

impl Engine {
    /// What there is of a user, and what would become of it. Changes nothing.
    pub async fn plan_forgetting(&self, user: &UserId) -> Result<ForgetPlan, EngineError> {
        let (traces, begun) = self.traces_of(user).await?;
        let store = self.store.forget();
        // What is searched for is told beforehand, with a stand-in for the pseudonym.
        let names = match &begun {
            Some(names) => names.clone(),
            None => Names::new(user, &pseudonym(0), traces.names),
        };
        let mut rows: Vec<ForgetRow> = traces
            .rows
            .into_iter()
            .map(|(table, rows)| row(table, rows, fate(table)))
            .collect();
        let others = self.calls_of_others(&names, false).await?;
        rows.push(row("bedrock_requests", others, CALLS_NAME));
        for table in store.tables() {
            let texts = self.replace_texts(&names, table, false).await?;
            rows.push(row(table, texts, NAMES));
        }
        let (entries, _) = self.replace_audit(&names, None).await?;
        rows.push(row("blocking_operations", entries, NAMES));
        rows.retain(|row| row.rows > 0);
        Ok(ForgetPlan {
            user_id: user.clone(),
            begun: begun.is_some(),
            names: names.list().to_vec(),
            shared: traces.shared,
            rows,
            obstacle: traces.obstacle.map(|obstacle| in_the_way(user, obstacle)),
        })
    }

    /// Forgets a user: what it did, cost and was decided about it stays under a pseudonym, its names leave.
    /// What was stopped half-way goes on when the same is called again.
    pub async fn forget(
        &self,
        user: &UserId,
        reason: &str,
        by: &Actor,
    ) -> Result<Forgotten, EngineError> {
        let (traces, begun) = self.traces_of(user).await?;
        if let Some(obstacle) = traces.obstacle {
            return Err(EngineError::Refused(in_the_way(user, obstacle)));
        }
        let names = match begun {
            Some(names) => names,
            None => self.begin_forgetting(user, traces, reason, by).await?,
        };
        let mut done = Forgotten {
            pseudonym: names.pseudonym().clone(),
            invocations: 0,
            rows: 0,
            texts: 0,
            entries: 0,
        };
        for _ in 0..ROUNDS {
            done.invocations += self.own_calls(&names).await?;
            done.invocations += self.calls_of_others(&names, true).await?;
            let store = self.store.forget();
            let most = self.at_once();
            while store.move_totals(&names, most).await? > 0 {}
            done.rows += store.remove_own(&names, self.now()).await?;
            self.reload_rules().await?;
            for table in store.tables() {
                done.texts += self.replace_texts(&names, table, true).await?;
            }
            let (entries, audited) = self.replace_audit(&names, Some(by)).await?;
            done.entries += entries;
            let end = self.end_of(&names, by, audited, &done);
            match store.end_forgetting(&names, &end).await? {
                None => {
                    self.reload_rules().await?;
                    return Ok(done);
                }
                Some(Kept::Calls) => {}
                Some(Kept::Obstacle(obstacle)) => {
                    return Err(EngineError::Refused(in_the_way(user, obstacle)));
                }
            }
        }
        Err(EngineError::Refused(format!(
            "`{user}` keeps calling: take the access away first, then run the same command again"
        )))
    }

    /// What there is of a user who can be forgotten, and its names where that has begun.
    async fn traces_of(&self, user: &UserId) -> Result<(Traces, Option<Names>), EngineError> {
        if is_forgotten(user) {
            return Err(EngineError::Refused(format!(
                "`{user}` is what is left of somebody who was forgotten"
            )));
        }
        if matches!(user.as_str(), "root" | "unknown") {
            return Err(EngineError::Refused(format!("`{user}` is nobody")));
        }
        let store = self.store.forget();
        let begun = store.forgetting(user).await?;
        if begun.is_none() {
            self.known(user).await?;
        }
        Ok((store.traces(user, self.now()).await?, begun))
    }

    fn at_once(&self) -> u32 {
        u32::try_from(self.options.batch.clamp(1, 500)).unwrap_or(500)
    }

    /// From here on the same command goes on.
    async fn begin_forgetting(
        &self,
        user: &UserId,
        traces: Traces,
        reason: &str,
        by: &Actor,
    ) -> Result<Names, EngineError> {
        let drawn = RandomState::new().build_hasher().finish();
        let drawn = u32::try_from(drawn & u64::from(u32::MAX)).unwrap_or_default();
        let names = Names::new(user, &pseudonym(drawn), traces.names);
        let reason = names.replace(reason).unwrap_or_else(|| reason.to_owned());
        let mut entry = self.entry("user-forget", subject(&names), reason, by);
        let counts: serde_json::Map<_, _> = traces
            .rows
            .into_iter()
            .map(|(table, rows)| (table.to_owned(), json!(rows)))
            .collect();
        entry.before = Some(json!({ "rows": counts }).to_string());
        let at = self.wall();
        let store = self.store.forget();
        store.begin_forgetting(&names, at, vec![entry]).await?;
        Ok(names)
    }

    fn end_of(&self, names: &Names, by: &Actor, audited: u64, done: &Forgotten) -> End {
        let Forgotten {
            pseudonym: _,
            invocations,
            rows,
            texts,
            entries,
        } = done;
        let mut entry = self.entry("user-forgotten", subject(names), String::new(), by);
        let after = json!({
            "invocations": invocations, "rows": rows, "texts": texts, "entries": entries,
        });
        entry.after = Some(after.to_string());
        End {
            now: self.now(),
            audited,
            say: self.says_replaced(names, by),
            done: entry,
        }
    }

    fn says_replaced(&self, names: &Names, by: &Actor) -> weir_core::audit::Entry {
        let reason = "a pseudonym in place of names".to_owned();
        self.entry("audit-replace", subject(names), reason, by)
    }

    /// Every chunk is one transaction, in which the differences enter every total; nobody is judged.
    async fn erase(&self, names: &Names, requests: &[RequestId]) -> Result<u64, EngineError> {
        let evidence = self.store.evidence(requests).await?;
        let (settled, _) = self
            .settle_deciding(
                |rules| Batch {
                    evidence: evidence.clone(),
                    anew: Some(Anew::Forgotten(names.clone())),
                    ..self.batch("forget", rules)
                },
                |_, _| Plan::default(),
            )
            .await?;
        Ok(settled.completed)
    }

    /// Moves the user's invocations to the pseudonym.
    async fn own_calls(&self, names: &Names) -> Result<u64, EngineError> {
        let mut moved = 0;
        loop {
            let chunk = self
                .store
                .requests_since(
                    names.user(),
                    jiff::Timestamp::UNIX_EPOCH,
                    None,
                    self.at_once(),
                )
                .await?;
            if chunk.is_empty() {
                return Ok(moved);
            }
            let requests: Vec<_> = chunk.into_iter().map(|(_, request)| request).collect();
            let erased = self.erase(names, &requests).await?;
            if erased == 0 {
                return Err(EngineError::Inconsistent(format!(
                    "invocation `{}` does not move to a pseudonym",
                    requests[0]
                )));
            }
            moved += erased;
        }
    }

    /// Invocations of others that name the user: a session by that name of a role, for instance. How many
    /// were changed; without `write`, how many may have to be.
    async fn calls_of_others(&self, names: &Names, write: bool) -> Result<u64, EngineError> {
        let (mut found, mut after) = (0, Some(0));
        while let Some(from) = after {
            let store = self.store.forget();
            let (requests, rest) = store.calls_naming(names, from, LOOKED_THROUGH).await?;
            for chunk in requests.chunks(self.at_once() as usize) {
                found += if write {
                    self.erase(names, chunk).await?
                } else {
                    chunk.len() as u64
                };
            }
            after = rest;
        }
        Ok(found)
    }

    async fn replace_texts(
        &self,
        names: &Names,
        table: &'static str,
        write: bool,
    ) -> Result<u64, EngineError> {
        let (mut rows, mut after) = (0, None);
        loop {
            let page =
                self.store
                    .forget()
                    .replace_texts(names, table, after, self.at_once(), write);
            let page = page.await?;
            rows += page.rows;
            match page.rest {
                Some(rest) => after = Some(rest),
                None => return Ok(rows),
            }
        }
    }

    /// How many entries, and up to which number.
    async fn replace_audit(
        &self,
        names: &Names,
        by: Option<&Actor>,
    ) -> Result<(u64, u64), EngineError> {
        let (mut entries, mut after) = (0, 0);
        loop {
            let head = self.store.audit_head().await?.seq;
            let say = by.map(|by| self.says_replaced(names, by));
            let page = self
                .store
                .forget()
                .replace_audit(names, after, self.at_once(), say)
                .await?;
            entries += page.rows;
            match page.rest {
                Some(rest) => after = rest,
                None => return Ok((entries, head)),
            }
        }
    }
}

fn row(table: &str, rows: u64, fate: &'static str) -> ForgetRow {
    ForgetRow {
        table: table.to_owned(),
        rows,
        fate,
    }
}

fn subject(names: &Names) -> String {
    format!("user:{}", names.pseudonym())
}

fn in_the_way(user: &UserId, obstacle: Obstacle) -> String {
    match obstacle {
        Obstacle::Blocked => format!(
            "`{user}` is blocked, and nobody could say afterwards whom the denial is for: `weir unblock {user}` \
             first, or wait for the end of the block"
        ),
        Obstacle::Denied => format!(
            "AWS denies `{user}` something, or did so within the last quarter of an hour: a denial must not \
             outlive the name it is for; `weir enforce status --all` says where; try again then"
        ),
    }
}
