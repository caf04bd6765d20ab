//! Which mails the e-mail function sent.

use jiff::Timestamp;

use crate::dialect::{Conn, Dialect};
use crate::error::StoreError;
use crate::sql::portable;
use crate::value::args;
use crate::work::transact::transact;

pub(crate) async fn was_sent<D: Dialect>(db: &D, mail: &str) -> Result<bool, StoreError> {
    let mut conn = db.read().await?;
    let row = conn.one(portable::MAIL_SENT.into(), args![mail]).await?;
    Ok(row.is_some())
}

pub(crate) async fn remember<D: Dialect>(
    db: &D,
    mail: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    transact!(db, "mail", mail, tx => {
        tx.execute(portable::REMEMBER_MAIL.into(), args![mail, at]).await
    })
    .map(|_| ())
}
