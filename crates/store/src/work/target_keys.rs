//! Keys that the block of a tool deactivates (rules E6): noted before the call to AWS, forgotten in the
//! transaction that records that they are active again, so that a crash in between forgets none.

use std::collections::BTreeMap;

use weir_core::access::TargetKey;
use weir_core::audit::Entry;
use weir_core::ids::KeyId;

use crate::dialect::{Conn, Dialect};
use crate::error::StoreError;
use crate::row::access;
use crate::rows::TargetKeyRow;
use crate::sql::portable;
use crate::store::Lease;
use crate::value::Row;
use crate::work::audit;
use crate::work::targets;
use crate::work::transact::transact;

/// Notes keys, if the lease holds.
pub(crate) async fn note<D: Dialect>(
    db: &D,
    lease: &Lease,
    target: &TargetKey,
    keys: &[TargetKeyRow],
    entries: &[Entry],
) -> Result<bool, StoreError> {
    transact!(db, "note-keys", &lease.owner, tx => note_in::<D>(&mut tx, lease, target, keys, entries).await)
        .map(|(held, _)| held)
}

async fn note_in<D: Dialect>(
    tx: &mut D::Write,
    lease: &Lease,
    target: &TargetKey,
    keys: &[TargetKeyRow],
    entries: &[Entry],
) -> Result<bool, StoreError> {
    if targets::held::<D>(tx, lease, target).await?.is_none() {
        return Ok(false);
    }
    for TargetKeyRow { iam_user, key } in keys {
        let mut cells = Vec::from(access::key(target));
        cells.extend([key.as_str().into(), iam_user.into()]);
        tx.execute(portable::NOTE_KEY.into(), cells).await?;
    }
    audit::append::<D>(tx, entries.to_vec()).await?;
    Ok(true)
}

/// Forgets keys that were given back.
pub(crate) async fn forget(
    tx: &mut impl Conn,
    target: &TargetKey,
    keys: &[KeyId],
) -> Result<(), StoreError> {
    for key in keys {
        let mut cells = Vec::from(access::key(target));
        cells.push(key.as_str().into());
        tx.execute(portable::FORGET_KEY.into(), cells).await?;
    }
    Ok(())
}

/// The keys of one target.
pub(crate) async fn of(
    conn: &mut impl Conn,
    target: &TargetKey,
) -> Result<Vec<TargetKeyRow>, StoreError> {
    let cells = access::key(target).into();
    let rows = conn.query(portable::TARGET_KEYS.into(), cells).await?;
    rows.into_iter().map(|mut row| read(&mut row)).collect()
}

/// The keys of all targets.
pub(crate) async fn all(
    conn: &mut impl Conn,
) -> Result<BTreeMap<TargetKey, Vec<TargetKeyRow>>, StoreError> {
    let mut keys: BTreeMap<TargetKey, Vec<TargetKeyRow>> = BTreeMap::new();
    let rows = conn
        .query(portable::ALL_TARGET_KEYS.into(), Vec::new())
        .await?;
    for mut row in rows {
        let target = access::read_key(&mut row)?;
        keys.entry(target).or_default().push(read(&mut row)?);
    }
    Ok(keys)
}

fn read(row: &mut Row) -> Result<TargetKeyRow, StoreError> {
    Ok(TargetKeyRow {
        iam_user: row.text("access_target_keys.iam_user")?,
        key: row.id("access_target_keys.key_id")?,
    })
}
