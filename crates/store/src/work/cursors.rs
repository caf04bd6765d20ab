//! How far sources have been read.

use crate::dialect::{Conn, Dialect};
use crate::error::StoreError;
use crate::rows::Cursor;
use crate::sql::portable;
use crate::value::args;
use crate::work::transact::transact;

pub(crate) async fn read<D: Dialect>(db: &D, source: &str) -> Result<Option<Cursor>, StoreError> {
    let mut conn = db.read().await?;
    let row = conn.one(portable::CURSOR.into(), args![source]).await?;
    row.map(|mut row| {
        Ok(Cursor {
            position: row.text("intake_cursors.position")?,
            at: row.at("intake_cursors.updated_at")?,
        })
    })
    .transpose()
}

pub(crate) async fn set<D: Dialect>(
    db: &D,
    source: &str,
    cursor: &Cursor,
) -> Result<(), StoreError> {
    let Cursor { position, at } = cursor;
    transact!(db, "cursor", source, tx => {
        tx.execute(portable::SET_CURSOR.into(), args![source, position, *at]).await
    })
    .map(|_| ())
}

pub(crate) async fn drop<D: Dialect>(db: &D, source: &str) -> Result<(), StoreError> {
    transact!(db, "cursor", source, tx => {
        tx.execute(portable::DROP_CURSOR.into(), args![source]).await
    })
    .map(|_| ())
}
