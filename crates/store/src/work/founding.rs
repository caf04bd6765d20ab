//! What a database is given once: its business zone, the key of its pseudonyms, and the quotas that Weir
//! starts with.

use jiff::Timestamp;
use weir_core::quota;

use crate::dialect::{Conn, Dialect};
use crate::error::StoreError;
use crate::row::rules;
use crate::sql::portable;
use crate::value::args;
use crate::work::rules::head_of;
use crate::work::transact::transact;

/// Stores the business zone of a new database; refuses to change it.
pub(crate) async fn set_zone<D: Dialect>(db: &D, zone: &str) -> Result<(), StoreError> {
    transact!(db, "zone", "zone", tx => set_zone_in::<D>(&mut tx, zone).await).map(|_| ())
}

async fn set_zone_in<D: Dialect>(tx: &mut D::Write, zone: &str) -> Result<(), StoreError> {
    let mut head = head_of(tx.one(D::SQL.rules_head_locked.into(), Vec::new()).await?)?;
    let _version = head.int("rules_head.version")?;
    let stored = head.text("rules_head.zone")?;
    if stored == zone {
        return Ok(());
    }
    if !stored.is_empty() {
        return Err(StoreError::Refused(format!(
            "the business zone of this database is {stored}; it is not changed to {zone}"
        )));
    }
    tx.execute(portable::SET_ZONE.into(), args![zone]).await?;
    tx.execute(portable::RAISE_VERSION.into(), Vec::new())
        .await
        .map(|_| ())
}

/// The key of pseudonyms, stored the first time.
pub(crate) async fn pseudonym_key<D: Dialect>(db: &D, drawn: &str) -> Result<String, StoreError> {
    let mut conn = db.read().await?;
    let row = conn.one(portable::PSEUDONYM_KEY.into(), Vec::new()).await?;
    drop(conn);
    let known = head_of(row)?.text("rules_head.pseudonym_key")?;
    if !known.is_empty() {
        return Ok(known);
    }
    transact!(db, "pseudonyms", "pseudonyms", tx => pseudonym_key_in::<D>(&mut tx, drawn).await)
        .map(|(key, _)| key)
}

async fn pseudonym_key_in<D: Dialect>(
    tx: &mut D::Write,
    drawn: &str,
) -> Result<String, StoreError> {
    tx.execute(portable::SET_PSEUDONYM_KEY.into(), args![drawn])
        .await?;
    let row = tx.one(portable::PSEUDONYM_KEY.into(), Vec::new()).await?;
    head_of(row)?.text("rules_head.pseudonym_key")
}

/// Gives a new database the quotas Weir starts with.
pub(crate) async fn seed<D: Dialect>(db: &D) -> Result<(), StoreError> {
    transact!(db, "seed", "seed", tx => seed_in::<D>(&mut tx).await).map(|_| ())
}

async fn seed_in<D: Dialect>(tx: &mut D::Write) -> Result<(), StoreError> {
    let mut head = head_of(tx.one(D::SQL.rules_head_locked.into(), Vec::new()).await?)?;
    if head.int("rules_head.version")? > 0 {
        return Ok(());
    }
    let now = Timestamp::UNIX_EPOCH.as_microsecond();
    for quota in quota::built_in() {
        tx.execute(
            D::SQL.quota_if_missing.into(),
            rules::write_quota(&quota, now),
        )
        .await?;
    }
    tx.execute(portable::RAISE_VERSION.into(), Vec::new())
        .await
        .map(|_| ())
}
