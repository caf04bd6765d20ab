//! Which mails the e-mail function sent, and which it is sending.

use jiff::Timestamp;

use crate::dialect::{Conn, Dialect};
use crate::error::StoreError;
use crate::sql::portable;
use crate::store::MailClaim;
use crate::value::{args, unreadable};
use crate::work::transact::transact;

/// Takes a mail in hand.
pub(crate) async fn hold<D: Dialect>(
    db: &D,
    mail: &str,
    now: Timestamp,
    until: Timestamp,
) -> Result<MailClaim, StoreError> {
    transact!(db, "hold-mail", mail, tx => hold_in::<D>(&mut tx, mail, now, until).await)
        .map(|(claim, _)| claim)
}

async fn hold_in<D: Dialect>(
    tx: &mut D::Write,
    mail: &str,
    now: Timestamp,
    until: Timestamp,
) -> Result<MailClaim, StoreError> {
    tx.execute(D::SQL.mail_if_missing.into(), args![mail, now])
        .await?;
    let row = tx.one(D::SQL.mail_locked.into(), args![mail]).await?;
    let mut row = row.ok_or_else(|| unreadable("mails_sent.mail", mail, "is missing"))?;
    match row.maybe_at("mails_sent.held_until")? {
        None => return Ok(MailClaim::Sent),
        Some(held_until) if held_until > now => return Ok(MailClaim::Held),
        Some(_) => {}
    }
    tx.execute(portable::HOLD_MAIL.into(), args![now, until, mail])
        .await?;
    Ok(MailClaim::Free)
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

pub(crate) async fn give_back<D: Dialect>(db: &D, mail: &str) -> Result<(), StoreError> {
    transact!(db, "give-mail-back", mail, tx => {
        tx.execute(portable::GIVE_MAIL_BACK.into(), args![mail]).await
    })
    .map(|_| ())
}
