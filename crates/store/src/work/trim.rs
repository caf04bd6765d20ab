//! The old end of the audit chain leaves after its term.

use jiff::Timestamp;
use weir_core::audit::{self as chain, Entry, Start};

use crate::dialect::{Conn, Dialect};
use crate::error::StoreError;
use crate::sql::portable;
use crate::value::{Row, args};
use crate::work::audit;
use crate::work::transact::transact;

/// The last entry that left.
pub(crate) async fn start<D: Dialect>(db: &D) -> Result<Start, StoreError> {
    let mut conn = db.read().await?;
    start_of(conn.one(portable::AUDIT_START.into(), Vec::new()).await?)
}

fn start_of(row: Option<Row>) -> Result<Start, StoreError> {
    let mut row = row.ok_or_else(|| {
        StoreError::Schema("audit_start has no row: the audit log was tampered with".to_owned())
    })?;
    Ok(Start {
        seq: row.count("audit_start.seq")?,
        hash: row.text("audit_start.hash")?,
    })
}

/// Removes entries from before the instant, from the first, at most so many, and appends the one that says so;
/// how many left.
pub(crate) async fn trim<D: Dialect>(
    db: &D,
    before: Timestamp,
    limit: u32,
    say: Entry,
) -> Result<u64, StoreError> {
    transact!(db, "retention", "audit", tx => trim_in::<D>(&mut tx, before, limit, &say).await)
        .map(|(gone, _)| gone)
}

async fn trim_in<D: Dialect>(
    tx: &mut D::Write,
    before: Timestamp,
    limit: u32,
    say: &Entry,
) -> Result<u64, StoreError> {
    let from = start_of(tx.one(D::SQL.audit_start_locked.into(), Vec::new()).await?)?;
    let asked = args![from.seq, limit];
    let mut to = from.clone();
    for mut row in tx.query(portable::AUDIT_OLDEST.into(), asked).await? {
        let next = audit::read(&mut row)?;
        if next.entry.at >= before {
            break;
        }
        // What does not fit is evidence of somebody's doing, and stays.
        chain::verify((to.seq, &to.hash), &next).map_err(|broken| {
            StoreError::Refused(format!(
                "{broken}: nothing leaves the audit log; ask `weir audit verify`"
            ))
        })?;
        to = Start {
            seq: next.seq,
            hash: next.hash,
        };
    }
    if to == from {
        return Ok(0);
    }
    tx.execute(portable::SET_AUDIT_START.into(), args![to.seq, &to.hash])
        .await?;
    let gone = tx
        .execute(portable::DROP_ENTRIES.into(), args![to.seq])
        .await?;
    let said = chain::announce_trim(say.clone(), &from, &to, before);
    audit::append::<D>(tx, [said]).await?;
    Ok(gone)
}
