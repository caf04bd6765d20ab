//! Requests that bring a key of their own: claimed by one, answered alike ever after.

use jiff::{SignedDuration, Timestamp};

use crate::dialect::{Conn, Dialect};
use crate::error::StoreError;
use crate::operators::{Claim, ClaimedRequest};
use crate::sql::operators as sql;
use crate::value::args;
use crate::work::transact::transact;

/// How long a key is remembered.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// Takes a request in hand, or tells what became of it.
pub(crate) async fn claim<D: Dialect>(
    db: &D,
    request: &ClaimedRequest,
    now: Timestamp,
    lease_until: Timestamp,
) -> Result<Claim, StoreError> {
    let claimed = transact!(db, "claim-request", &request.digest, tx => {
        claim_in::<D>(&mut tx, request, now, lease_until).await
    });
    match claimed {
        // Somebody else was first, in the same moment.
        Err(StoreError::Database(sqlx::Error::Database(error))) if error.is_unique_violation() => {
            Ok(Claim::AtWork)
        }
        claimed => claimed.map(|(claim, _)| claim),
    }
}

async fn claim_in<D: Dialect>(
    tx: &mut D::Write,
    request: &ClaimedRequest,
    now: Timestamp,
    lease_until: Timestamp,
) -> Result<Claim, StoreError> {
    let ClaimedRequest { digest, request } = request;
    let old = now.saturating_sub(KEPT).unwrap_or(Timestamp::MIN);
    tx.execute(sql::DROP_OLD_REQUESTS.into(), args![old])
        .await?;
    let known = tx.one(sql::REQUEST.into(), args![digest]).await?;
    let Some(mut row) = known else {
        let cells = args![digest, request, now, lease_until];
        tx.execute(sql::ADD_REQUEST.into(), cells).await?;
        return Ok(Claim::New);
    };
    let same = row.text("idempotency_keys.request")? == *request;
    let status = row.maybe_count("idempotency_keys.status")?;
    let body = row.maybe_text("idempotency_keys.body")?;
    let leased = row.at("idempotency_keys.lease_until")?;
    if !same {
        return Ok(Claim::Different);
    }
    if let Some(status) = status {
        return Ok(Claim::Answered { status, body });
    }
    // Whoever had it in hand died before it was answered.
    let cells = args![lease_until, digest, leased, now];
    let taken = tx.execute(sql::TAKE_REQUEST.into(), cells).await?;
    Ok(if taken > 0 { Claim::New } else { Claim::AtWork })
}

/// Writes down how it was answered; without a status, forgets it, so that it may be sent again.
pub(crate) async fn end<D: Dialect>(
    db: &D,
    digest: &str,
    answer: Option<(u16, Option<&str>)>,
) -> Result<(), StoreError> {
    transact!(db, "end-request", digest, tx => {
        match answer {
            Some((status, body)) => {
                let cells = args![u32::from(status), body, digest];
                tx.execute(sql::END_REQUEST.into(), cells).await
            }
            None => tx.execute(sql::DROP_REQUEST.into(), args![digest]).await,
        }
    })
    .map(|_| ())
}
