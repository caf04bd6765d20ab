//! The daily reset's record, and rows that leave after a while.

use jiff::Timestamp;
use jiff::civil::Date;
use weir_core::audit::Entry;
use weir_core::reset::again_at;

use crate::dialect::{Conn, Dialect};
use crate::error::StoreError;
use crate::reset::{ResetClaim, ResetOutcome, ResetRow, Retained};
use crate::sql::portable;
use crate::store::Lease;
use crate::value::{Row, args, unreadable};
use crate::work::transact::transact;
use crate::work::{audit, mail};

/// How far client facts are gone, in `retention_marks`.
const CLIENT_FACTS: &str = "client-facts";
/// Before which instant invocations are gone, in `retention_marks`.
pub(crate) const INVOCATIONS: &str = "invocations";
const OUTBOX: &str = "outbox";

/// Takes the reset of a date in hand.
pub(crate) async fn begin<D: Dialect>(
    db: &D,
    date: Date,
    now: Timestamp,
    lease: &Lease,
    again: bool,
) -> Result<ResetClaim, StoreError> {
    transact!(db, "begin-reset", &lease.owner, tx => begin_in::<D>(&mut tx, date, now, lease, again).await)
        .map(|(claim, _)| claim)
}

async fn begin_in<D: Dialect>(
    tx: &mut D::Write,
    date: Date,
    now: Timestamp,
    lease: &Lease,
    again: bool,
) -> Result<ResetClaim, StoreError> {
    let key = date.to_string();
    tx.execute(D::SQL.reset_if_missing.into(), args![&key, now])
        .await?;
    let row = tx.one(D::SQL.reset_locked.into(), args![&key]).await?;
    let mut row = row.ok_or_else(|| unreadable("reset_runs.local_date", &key, "is missing"))?;
    let finished = row.maybe_at("reset_runs.finished_at")?;
    let held_until = row.maybe_at("reset_runs.lease_until")?;
    let runs = row.count("reset_runs.runs")?;
    let errors = errors(row.maybe_text("reset_runs.errors")?)?;
    if held_until.is_some_and(|until| until > now) {
        return Ok(ResetClaim::Held);
    }
    // One that met errors is to be done again, after a pause.
    let rests = |at| errors.is_empty() || now < again_at(at, runs);
    if finished.is_some_and(rests) && !again {
        return Ok(ResetClaim::Finished);
    }
    tx.execute(
        portable::RESET_BEGINS.into(),
        args![now, &lease.owner, lease.until, &key],
    )
    .await?;
    Ok(ResetClaim::Begun)
}

/// Records a run and what is to be audited of it, if the lease still holds.
pub(crate) async fn finish<D: Dialect>(
    db: &D,
    lease: &Lease,
    outcome: &ResetOutcome,
    entries: &[Entry],
) -> Result<bool, StoreError> {
    transact!(db, "finish-reset", &lease.owner, tx => finish_in::<D>(&mut tx, lease, outcome, entries).await)
        .map(|(ours, _)| ours)
}

async fn finish_in<D: Dialect>(
    tx: &mut D::Write,
    lease: &Lease,
    outcome: &ResetOutcome,
    entries: &[Entry],
) -> Result<bool, StoreError> {
    let ResetOutcome {
        date,
        at,
        counts,
        errors,
        summary,
        told,
    } = outcome;
    let errors = serde_json::json!(errors).to_string();
    let cells = args![
        *at,
        counts,
        errors,
        summary.as_deref(),
        date.to_string(),
        &lease.owner
    ];
    if tx.execute(portable::RESET_ENDS.into(), cells).await? == 0 {
        return Ok(false);
    }
    for message in told {
        mail::add::<D>(tx, message, at.as_microsecond()).await?;
    }
    audit::append::<D>(tx, entries.iter().cloned()).await?;
    Ok(true)
}

/// The latest runs, or the latest of those of earlier dates; newest date first.
pub(crate) async fn list<D: Dialect>(
    db: &D,
    before: Option<Date>,
    limit: u32,
) -> Result<Vec<ResetRow>, StoreError> {
    let before = before.map(|date| date.to_string());
    let before = before.as_deref();
    let mut conn = db.read().await?;
    let rows = conn
        .query(portable::RESETS.into(), args![before, before, limit])
        .await?;
    rows.into_iter().map(|mut row| read(&mut row)).collect()
}

/// The runs that came to their end with errors, newest date first.
pub(crate) async fn failed<D: Dialect>(db: &D, limit: u32) -> Result<Vec<ResetRow>, StoreError> {
    let mut conn = db.read().await?;
    let rows = conn
        .query(portable::FAILED_RESETS.into(), args![limit])
        .await?;
    rows.into_iter().map(|mut row| read(&mut row)).collect()
}

fn read(row: &mut Row) -> Result<ResetRow, StoreError> {
    Ok(ResetRow {
        date: day(&row.text("reset_runs.local_date")?)?,
        started_at: row.at("reset_runs.started_at")?,
        finished_at: row.maybe_at("reset_runs.finished_at")?,
        runs: row.count("reset_runs.runs")?,
        counts: row.maybe_text("reset_runs.counts")?,
        errors: errors(row.maybe_text("reset_runs.errors")?)?,
        summary: row.maybe_text("reset_runs.summary")?,
    })
}

fn errors(text: Option<String>) -> Result<Vec<String>, StoreError> {
    let text = text.unwrap_or_else(|| "[]".to_owned());
    serde_json::from_str(&text)
        .map_err(|error| unreadable("reset_runs.errors", &text, &error.to_string()))
}

fn day(text: &str) -> Result<Date, StoreError> {
    text.parse()
        .map_err(|_| unreadable("reset_runs.local_date", text, "is not a date"))
}

/// The latest date whose reset came to its end.
pub(crate) async fn last<D: Dialect>(db: &D) -> Result<Option<Date>, StoreError> {
    let mut conn = db.read().await?;
    let row = conn.one(portable::LAST_RESET.into(), Vec::new()).await?;
    let text = match row {
        Some(mut row) => row.maybe_text("reset_runs.local_date")?,
        None => None,
    };
    text.map(|text| day(&text)).transpose()
}

/// Removes rows of that kind from before the instant, at most so many; how many left.
pub(crate) async fn remove<D: Dialect>(
    db: &D,
    what: Retained,
    before: Timestamp,
    limit: u32,
) -> Result<u64, StoreError> {
    let (sql, cells) = match what {
        Retained::Invocations => return drop_invocations(db, before, limit).await,
        Retained::DeadLetters => (D::SQL.drop_dead_letters, args![before, limit]),
        Retained::Outbox => return drop_outbox(db, before, limit).await,
        Retained::Warnings => (portable::DROP_WARNINGS, args![before]),
        Retained::ClientFacts => return forget(db, before, limit).await,
    };
    transact!(db, "retention", what.as_str(), tx => tx.execute(sql.into(), cells.clone()).await)
        .map(|(gone, _)| gone)
}

/// Messages leave after what became of them; what the e-mail function remembers, at the same age.
async fn drop_outbox<D: Dialect>(db: &D, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
    let cells = || args![before, limit];
    transact!(db, "retention", OUTBOX, tx => {
        let mails = tx.execute(portable::DROP_MAILS.into(), args![before]).await;
        let deliveries = tx.execute(D::SQL.drop_deliveries.into(), cells()).await;
        match mails.and(deliveries) {
            Ok(gone) => tx.execute(D::SQL.drop_outbox.into(), cells()).await.map(|rows| rows + gone),
            Err(error) => Err(error),
        }
    })
    .map(|(gone, _)| gone)
}

async fn drop_invocations<D: Dialect>(
    db: &D,
    before: Timestamp,
    limit: u32,
) -> Result<u64, StoreError> {
    transact!(db, "retention", INVOCATIONS, tx => drop_invocations_in::<D>(&mut tx, before, limit).await)
        .map(|(gone, _)| gone)
}

async fn drop_invocations_in<D: Dialect>(
    tx: &mut D::Write,
    before: Timestamp,
    limit: u32,
) -> Result<u64, StoreError> {
    let cells = args![before, limit];
    let gone = tx.execute(D::SQL.drop_invocations.into(), cells).await?;
    if gone > 0 {
        let mark = tx
            .one(portable::RETENTION_MARK.into(), args![INVOCATIONS])
            .await?;
        let mark = match mark {
            Some(mut row) => row.at("retention_marks.mark")?.max(before),
            None => before,
        };
        tx.execute(
            portable::SET_RETENTION_MARK.into(),
            args![INVOCATIONS, mark],
        )
        .await?;
    }
    Ok(gone)
}

/// Takes source IP, user agent and error text out of invocations, in the order of their arrival.
async fn forget<D: Dialect>(db: &D, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
    transact!(db, "retention", CLIENT_FACTS, tx => forget_in::<D>(&mut tx, before, limit).await)
        .map(|(done, _)| done)
}

async fn forget_in<D: Dialect>(
    tx: &mut D::Write,
    before: Timestamp,
    limit: u32,
) -> Result<u64, StoreError> {
    let mark = tx
        .one(portable::RETENTION_MARK.into(), args![CLIENT_FACTS])
        .await?;
    let mark = match mark {
        Some(mut row) => row.int("retention_marks.mark")?,
        None => 0,
    };
    let (mut done, mut last) = (0, mark);
    for mut row in tx
        .query(portable::REQUESTS_AFTER.into(), args![mark, limit])
        .await?
    {
        let id = row.int("bedrock_requests.id")?;
        if row.at("bedrock_requests.created_at")? >= before {
            break;
        }
        (done, last) = (done + 1, id);
    }
    if done > 0 {
        tx.execute(portable::FORGET_CLIENT_FACTS.into(), args![mark, last])
            .await?;
        tx.execute(
            portable::SET_RETENTION_MARK.into(),
            args![CLIENT_FACTS, last],
        )
        .await?;
    }
    Ok(done)
}
