//! The hot path on `SQLite`: statements are cheap, one connection writes.

use super::connect::Writer;
use super::statements as sql;
use crate::dialect::{Conn, Facts};
use crate::error::StoreError;
use crate::row::invocation::Wide;
use crate::sql::{Many, portable};
use crate::value::{Arg, Doc, args, json};
use crate::work::docs::{AuditDocs, CountDocs, LookDocs, PLAN_DOCS, PlanDocs};

/// How many rows go into one statement: few different texts, so that they stay prepared, and
/// fewer than 32 766 placeholders.
const CHUNKS: [usize; 4] = [250, 50, 10, 1];

async fn many(
    tx: &mut Writer,
    statement: &Many,
    mut rows: &[Vec<Arg<'_>>],
) -> Result<u64, StoreError> {
    let mut touched = 0;
    for size in CHUNKS {
        while rows.len() >= size {
            let (chunk, rest) = rows.split_at(size);
            let cells = chunk.iter().flatten().cloned().collect();
            touched += tx.execute(statement.rows(size), cells).await?;
            rows = rest;
        }
    }
    Ok(touched)
}

/// Inserts those that are missing; how many there were already.
pub(crate) async fn insert_requests(tx: &mut Writer, rows: &[Wide<'_>]) -> Result<u64, StoreError> {
    let inserted = many(tx, &sql::INSERT_REQUESTS, rows).await?;
    let all = rows.len() as u64;
    if inserted < all {
        // Whatever brings records raises `updated_at`, as the upsert of MySQL does.
        let touched: Doc<'_> = rows
            .iter()
            .map(|row| {
                [&row[0], &row[sql::SETTLE_ID], &row[sql::UPDATED_AT]]
                    .map(Clone::clone)
                    .into()
            })
            .collect();
        tx.execute(sql::TOUCH_REQUESTS.into(), args![json(&touched)?])
            .await?;
    }
    Ok(all - inserted)
}

/// Writes changed invocations back.
pub(crate) async fn rewrite_requests(tx: &mut Writer, rows: &[Wide<'_>]) -> Result<(), StoreError> {
    many(tx, &sql::REWRITE_REQUESTS, rows).await.map(|_| ())
}

/// Subjects, the version of the rules, totals; then the standing.
pub(crate) async fn count(tx: &mut Writer, docs: &CountDocs<'_>) -> Result<Facts, StoreError> {
    let CountDocs {
        settle_id,
        now,
        version,
        users,
        principals,
        teams,
        counters,
        hourly,
        emptied,
        look,
    } = docs;
    let moved = tx.query(sql::MOVED_VERSION.into(), args![*version]).await?;
    if !moved.is_empty() {
        return Ok(Facts {
            version: moved,
            ..Facts::default()
        });
    }
    let version = tx.query(portable::RULES_VERSION.into(), Vec::new()).await?;
    let mut new_users = Vec::new();
    let mut changed_ids = Vec::new();
    if !users.is_empty() {
        let users = json(users)?;
        let made = tx
            .execute(sql::ADD_USERS.into(), args![&users, *settle_id, *now, *now])
            .await?;
        if made > 0 {
            new_users = tx
                .query(sql::NEW_USERS.into(), args![&users, *settle_id])
                .await?;
        }
        tx.execute(sql::SEE_USERS.into(), args![*now, &users])
            .await?;
        // Users and principals are seen together.
        let principals = json(principals)?;
        changed_ids = tx
            .query(sql::CHANGED_IDS.into(), args![&principals])
            .await?;
        tx.execute(sql::PASS_NAMES.into(), args![&principals])
            .await?;
        tx.execute(sql::SEE_PRINCIPALS.into(), args![&principals])
            .await?;
        tx.execute(sql::CLASSIFY_USERS.into(), args![*now, &users])
            .await?;
    }
    if !teams.is_empty() {
        tx.execute(sql::ADD_TEAMS.into(), args![*now, *now, json(teams)?])
            .await?;
    }
    many(tx, &sql::ADD_COUNTERS, counters).await?;
    many(tx, &sql::ADD_HOURLY, hourly).await?;
    if !emptied.is_empty() {
        tx.execute(sql::DROP_EMPTY_HOURLY.into(), args![json(emptied)?])
            .await?;
    }
    let facts = standing(tx, look).await?;
    Ok(Facts {
        version,
        new_users,
        changed_ids,
        ..facts
    })
}

/// The rows of the standing.
pub(crate) async fn standing(conn: &mut impl Conn, look: &LookDocs) -> Result<Facts, StoreError> {
    let LookDocs {
        users,
        teams,
        scopes,
        subjects,
        windows,
        ended_since,
    } = look;
    let counters = conn
        .query(sql::LOOK_COUNTERS.into(), args![scopes, windows])
        .await?;
    let warnings = conn
        .query(sql::LOOK_WARNINGS.into(), args![subjects, windows])
        .await?;
    let blocks = conn
        .query(sql::LOOK_BLOCKS.into(), args![*ended_since, users, teams])
        .await?;
    let mut facts = Facts {
        counters,
        blocks,
        warnings,
        ..Facts::default()
    };
    if users != "[]" {
        facts.users = conn.query(sql::LOOK_USERS.into(), args![users]).await?;
        facts.principals = conn
            .query(sql::LOOK_PRINCIPALS.into(), args![users])
            .await?;
        facts.protections = conn
            .query(sql::LOOK_PROTECTIONS.into(), args![users])
            .await?;
        facts.access = conn.query(sql::LOOK_ACCESS.into(), args![users]).await?;
        facts.keys = conn.query(sql::LOOK_KEYS.into(), args![users]).await?;
    }
    Ok(facts)
}

/// Writes a plan, document by document.
pub(crate) async fn write_plan(tx: &mut Writer, docs: &PlanDocs<'_>) -> Result<(), StoreError> {
    const WRITES: [&[&str]; PLAN_DOCS] = [
        &[sql::PROJECT],
        &[sql::OPEN_BLOCKS],
        &[sql::REVISE_BLOCKS],
        &[sql::LIFT_BLOCKS],
        &[sql::PROTECT],
        &[sql::UNPROTECT],
        &[sql::FORGET_WARNINGS],
        &[sql::REMEMBER_WARNINGS],
        &[sql::WRITE_MEMBERS],
        &[sql::ADD_TARGETS, sql::RAISE_TARGETS, sql::RECORD_TARGETS],
        &[sql::FOLLOW_BLOCKS],
        &[sql::DENIED],
        &[sql::LEAKED],
        &[sql::ADD_DEAD_LETTERS],
        &[sql::ADD_OUTBOX],
        &[sql::FINISH_OUTBOX],
    ];
    for (doc, statements) in docs.in_order().into_iter().zip(WRITES) {
        if doc.is_empty() {
            continue;
        }
        let text = json(doc)?;
        for statement in statements {
            tx.execute((*statement).into(), args![&text, docs.now])
                .await?;
        }
    }
    Ok(())
}

/// Appends chained entries and moves the head.
pub(crate) async fn append_audit(tx: &mut Writer, docs: &AuditDocs<'_>) -> Result<(), StoreError> {
    let AuditDocs { entries, seq, hash } = docs;
    many(tx, &sql::ADD_ENTRIES, entries).await?;
    tx.execute(sql::MOVE_HEAD.into(), args![*seq, *hash])
        .await
        .map(|_| ())
}
