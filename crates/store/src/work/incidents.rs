//! Incidents: each step with the message that tells of it, in one transaction.

use jiff::Timestamp;
use weir_core::incident::{Change, Incident, Step};

use crate::dialect::{Conn, Dialect};
use crate::error::StoreError;
use crate::sql::portable;
use crate::value::args;
use crate::work::mail;
use crate::work::transact::transact;

/// Incidents that are not over, the oldest first.
pub(crate) async fn open<D: Dialect>(db: &D) -> Result<Vec<Incident>, StoreError> {
    let mut conn = db.read().await?;
    let rows = conn.query(portable::INCIDENTS.into(), Vec::new()).await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(Incident {
                kind: row.word("incidents.kind")?,
                key: row.text("incidents.subject")?,
                opened_at: row.at("incidents.opened_at")?,
                reminded_at: row.at("incidents.reminded_at")?,
            })
        })
        .collect()
}

/// Takes a step and writes what is told of it; false if somebody else has taken it.
pub(crate) async fn step<D: Dialect>(
    db: &D,
    change: &Change,
    now: Timestamp,
) -> Result<bool, StoreError> {
    transact!(db, "incident", &change.key, tx => step_in::<D>(&mut tx, change, now).await)
        .map(|(taken, _)| taken)
}

async fn step_in<D: Dialect>(
    tx: &mut D::Write,
    change: &Change,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let Change {
        kind,
        key,
        step,
        message,
    } = change;
    let kind = kind.as_str();
    let (sql, cells) = match step {
        Step::Open => {
            let cells = args![kind, key];
            tx.execute(D::SQL.incident_if_missing.into(), cells).await?;
            (portable::OPEN_INCIDENT, args![now, now, kind, key])
        }
        Step::Remind(last) => (portable::REMIND_INCIDENT, args![now, kind, key, *last]),
        Step::Close => (portable::CLOSE_INCIDENT, args![now, kind, key]),
    };
    if tx.execute(sql.into(), cells).await? == 0 {
        return Ok(false);
    }
    mail::add::<D>(tx, message, now.as_microsecond()).await?;
    Ok(true)
}
