//! Attempts to log in, sessions and tokens.

use jiff::{SignedDuration, Timestamp};
use weir_core::audit::Entry;
use weir_core::operator::{Attempts, OperatorName};

use crate::dialect::{Conn, Dialect};
use crate::error::StoreError;
use crate::operators::{Counted, NewSession, OperatorRow, SessionRow, TokenRow};
use crate::row::operator;
use crate::sql::operators as sql;
use crate::value::args;
use crate::work::audit;
use crate::work::transact::transact;

/// Attempts older than this say nothing any more.
const FORGOTTEN: SignedDuration = SignedDuration::from_hours(24);

pub(crate) async fn count_attempt<D: Dialect>(
    db: &D,
    counted: &[Counted],
    now: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    let mut counted = counted.to_vec();
    // The one lock order.
    counted.sort_by(|a, b| a.digest.cmp(&b.digest));
    transact!(db, "login", "login", tx => count_in::<D>(&mut tx, &counted, now).await)
        .map(|(waits, _)| waits)
}

async fn count_in<D: Dialect>(
    tx: &mut D::Write,
    counted: &[Counted],
    now: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    let old = now.saturating_sub(FORGOTTEN).unwrap_or(Timestamp::MIN);
    tx.execute(sql::DROP_OLD_ATTEMPTS.into(), args![old])
        .await?;
    let mut waits = None;
    let mut after = Vec::new();
    for Counted { digest, pace } in counted {
        tx.execute(D::SQL.attempts_if_missing.into(), args![digest, now])
            .await?;
        let row = tx.one(D::SQL.attempts_locked.into(), args![digest]).await?;
        let before = match row {
            None => None,
            Some(mut row) => Some(Attempts {
                failures: row.count("login_attempts.failures")?,
                last: row.at("login_attempts.last_at")?,
            }),
        };
        waits = waits.max(before.and_then(|before| pace.waits(before, now)));
        after.push((digest, pace.after(before, now)));
    }
    if waits.is_some() {
        return Ok(waits);
    }
    for (digest, Attempts { failures, last }) in after {
        tx.execute(sql::SET_ATTEMPTS.into(), args![failures, last, digest])
            .await?;
    }
    Ok(None)
}

pub(crate) async fn begin<D: Dialect>(
    db: &D,
    login: &NewSession,
    entries: &[Entry],
) -> Result<(), StoreError> {
    transact!(db, "login", &login.digest, tx => begin_in::<D>(&mut tx, login, entries).await)
        .map(|_| ())
}

async fn begin_in<D: Dialect>(
    tx: &mut D::Write,
    login: &NewSession,
    entries: &[Entry],
) -> Result<(), StoreError> {
    let NewSession {
        operator,
        digest,
        session,
        forgotten,
        taken_back,
    } = login;
    let SessionRow {
        created_at,
        seen_at,
        expires_at,
    } = session;
    let name = operator.as_str();
    tx.execute(sql::SET_LOGIN.into(), args![*created_at, name])
        .await?;
    tx.execute(sql::DROP_OLD_SESSIONS.into(), args![*created_at])
        .await?;
    let cells = args![digest, name, *created_at, *seen_at, *expires_at];
    tx.execute(sql::ADD_SESSION.into(), cells).await?;
    if let Some(digest) = forgotten {
        tx.execute(sql::DROP_ATTEMPTS.into(), args![digest]).await?;
    }
    if let Some(digest) = taken_back {
        tx.execute(sql::TAKE_ATTEMPT_BACK.into(), args![digest])
            .await?;
    }
    audit::append::<D>(tx, entries.iter().cloned()).await
}

pub(crate) async fn session<D: Dialect>(
    db: &D,
    digest: &str,
) -> Result<Option<(SessionRow, OperatorRow)>, StoreError> {
    let mut conn = db.read().await?;
    let row = conn.one(sql::SESSION.into(), args![digest]).await?;
    row.map(|mut row| Ok((operator::read_session(&mut row)?, operator::read(&mut row)?)))
        .transpose()
}

pub(crate) async fn see_session<D: Dialect>(
    db: &D,
    digest: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    transact!(db, "session", digest, tx => {
        tx.execute(sql::SEE_SESSION.into(), args![at, digest, at]).await
    })
    .map(|_| ())
}

pub(crate) async fn end_session<D: Dialect>(
    db: &D,
    digest: &str,
    entries: &[Entry],
) -> Result<bool, StoreError> {
    transact!(db, "session", digest, tx => end_in::<D>(&mut tx, digest, entries).await)
        .map(|(ended, _)| ended)
}

async fn end_in<D: Dialect>(
    tx: &mut D::Write,
    digest: &str,
    entries: &[Entry],
) -> Result<bool, StoreError> {
    if tx.execute(sql::END_SESSION.into(), args![digest]).await? == 0 {
        return Ok(false);
    }
    audit::append::<D>(tx, entries.iter().cloned()).await?;
    Ok(true)
}

pub(crate) async fn add_token<D: Dialect>(
    db: &D,
    digest: &str,
    token: &TokenRow,
    entries: &[Entry],
) -> Result<(), StoreError> {
    transact!(db, "token", &token.id, tx => {
        add_token_in::<D>(&mut tx, digest, token, entries).await
    })
    .map(|_| ())
}

async fn add_token_in<D: Dialect>(
    tx: &mut D::Write,
    digest: &str,
    token: &TokenRow,
    entries: &[Entry],
) -> Result<(), StoreError> {
    let TokenRow {
        id,
        operator,
        label,
        role,
        created_at,
        expires_at,
        revoked_at: _,
        used_at: _,
    } = token;
    let cells = args![
        digest,
        id,
        operator.as_str(),
        label,
        role.as_str(),
        *created_at,
        *expires_at
    ];
    tx.execute(sql::ADD_TOKEN.into(), cells).await?;
    audit::append::<D>(tx, entries.iter().cloned()).await
}

pub(crate) async fn token<D: Dialect>(
    db: &D,
    digest: &str,
) -> Result<Option<(TokenRow, OperatorRow)>, StoreError> {
    let mut conn = db.read().await?;
    let row = conn.one(sql::TOKEN.into(), args![digest]).await?;
    row.map(|mut row| Ok((operator::read_token(&mut row)?, operator::read(&mut row)?)))
        .transpose()
}

pub(crate) async fn token_of_id<D: Dialect>(
    db: &D,
    id: &str,
) -> Result<Option<TokenRow>, StoreError> {
    let mut conn = db.read().await?;
    let row = conn.one(sql::TOKEN_OF_ID.into(), args![id]).await?;
    row.map(|mut row| operator::read_token(&mut row))
        .transpose()
}

pub(crate) async fn tokens<D: Dialect>(
    db: &D,
    of: Option<&OperatorName>,
) -> Result<Vec<TokenRow>, StoreError> {
    let of = of.map(OperatorName::as_str);
    let mut conn = db.read().await?;
    let rows = conn.query(sql::TOKENS.into(), args![of, of]).await?;
    rows.into_iter()
        .map(|mut row| operator::read_token(&mut row))
        .collect()
}

pub(crate) async fn revoke_token<D: Dialect>(
    db: &D,
    id: &str,
    at: Timestamp,
    entries: &[Entry],
) -> Result<bool, StoreError> {
    transact!(db, "token", id, tx => revoke_in::<D>(&mut tx, id, at, entries).await)
        .map(|(revoked, _)| revoked)
}

async fn revoke_in<D: Dialect>(
    tx: &mut D::Write,
    id: &str,
    at: Timestamp,
    entries: &[Entry],
) -> Result<bool, StoreError> {
    let revoked = tx.execute(sql::REVOKE_TOKEN.into(), args![at, id]).await?;
    if revoked == 0 {
        return Ok(false);
    }
    audit::append::<D>(tx, entries.iter().cloned()).await?;
    Ok(true)
}

pub(crate) async fn see_token<D: Dialect>(
    db: &D,
    digest: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    transact!(db, "token", digest, tx => {
        tx.execute(sql::SEE_TOKEN.into(), args![at, digest, at]).await
    })
    .map(|_| ())
}
