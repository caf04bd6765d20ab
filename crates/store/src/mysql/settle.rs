//! The hot path on `MySQL`: round trips cost, so invocations go in one statement and all else in one
//! call that takes JSON documents (`docs/decisions/0003-hot-path.md`).

use super::connect::Writer;
use super::statements as sql;
use crate::dialect::{Conn, Facts};
use crate::error::StoreError;
use crate::row::invocation::Wide;
use crate::sql::Many;
use crate::value::{Row, args, json, unreadable};
use crate::work::docs::{AuditDocs, CountDocs, LookDocs, PlanDocs};

/// How many rows a statement takes. Each size is a text of its own that stays prepared, and a
/// prepared row costs the server 16 KiB, so there are few; a batch between two sizes repeats its
/// last row, which changes nothing twice.
const SIZES: [usize; 20] = [
    1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1_000,
];

/// Sends rows and as many repetitions of the last as fill a size: rows touched, repetitions.
async fn many(
    tx: &mut Writer,
    statement: &Many,
    rows: &[Wide<'_>],
) -> Result<(u64, u64), StoreError> {
    let (mut touched, mut repeated) = (0, 0);
    for chunk in rows.chunks(SIZES[SIZES.len() - 1]) {
        let Some(last) = chunk.last() else { break };
        let size = SIZES
            .into_iter()
            .find(|size| *size >= chunk.len())
            .unwrap_or(chunk.len());
        let filling = size - chunk.len();
        let cells = chunk
            .iter()
            .chain(std::iter::repeat_n(last, filling))
            .flatten()
            .cloned();
        touched += tx.execute(statement.rows(size), cells.collect()).await?;
        repeated += filling as u64;
    }
    Ok((touched, repeated))
}

/// Inserts those that are missing and locks all of them; how many there were already. The server
/// counts one for a row it inserts and two for a row it changes, a repetition for instance.
pub(crate) async fn insert_requests(tx: &mut Writer, rows: &[Wide<'_>]) -> Result<u64, StoreError> {
    let (touched, repeated) = many(tx, &sql::INSERT_REQUESTS, rows).await?;
    Ok(touched.saturating_sub(rows.len() as u64 + 2 * repeated))
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
    let LookDocs {
        users: who,
        teams: groups,
        scopes,
        subjects,
        windows,
        ended_since,
    } = look;
    let arguments = args![
        *settle_id,
        *now,
        *version,
        json(users)?,
        json(principals)?,
        json(teams)?,
        json(counters)?,
        json(hourly)?,
        json(emptied)?,
        who,
        groups,
        scopes,
        subjects,
        windows,
        *ended_since,
    ];
    facts(tx.query(sql::COUNT.into(), arguments).await?)
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
    facts(
        conn.query(
            sql::STANDING.into(),
            args![users, teams, scopes, subjects, windows, *ended_since],
        )
        .await?,
    )
}

/// Several results in one: the first column says which.
fn facts(rows: Vec<Row>) -> Result<Facts, StoreError> {
    let mut facts = Facts::default();
    for mut row in rows {
        let kind = row.text("standing")?;
        let slot = match kind.as_str() {
            "version" => &mut facts.version,
            "new-user" => &mut facts.new_users,
            "changed-id" => &mut facts.changed_ids,
            "user" => &mut facts.users,
            "principal" => &mut facts.principals,
            "counter" => &mut facts.counters,
            "block" => &mut facts.blocks,
            "protection" => &mut facts.protections,
            "warning" => &mut facts.warnings,
            "access" => &mut facts.access,
            "key" => &mut facts.keys,
            _ => return Err(unreadable("standing", &kind, "is not a kind of row")),
        };
        slot.push(row);
    }
    Ok(facts)
}

/// Writes a plan in one call.
pub(crate) async fn write_plan(tx: &mut Writer, docs: &PlanDocs<'_>) -> Result<(), StoreError> {
    let mut arguments = args![docs.now];
    for doc in docs.in_order() {
        arguments.push(json(doc)?.into());
    }
    tx.execute(sql::WRITE_PLAN.into(), arguments)
        .await
        .map(|_| ())
}

/// Appends chained entries and moves the head.
pub(crate) async fn append_audit(tx: &mut Writer, docs: &AuditDocs<'_>) -> Result<(), StoreError> {
    let AuditDocs { entries, seq, hash } = docs;
    tx.execute(sql::APPEND_AUDIT.into(), args![json(entries)?, *seq, *hash])
        .await
        .map(|_| ())
}
