//! What AWS counted beside what we did, what one of several servers does for all, and how the work
//! goes.

use std::collections::BTreeMap;

use jiff::Timestamp;
use weir_core::audit::Entry;
use weir_core::calendar::Window;
use weir_core::counter::{CounterKey, Sums};
use weir_core::coverage::{Called, HourCoverage};
use weir_core::ids::{AccountId, Region};

use crate::dialect::{Conn, Dialect};
use crate::error::StoreError;
use crate::row::sums;
use crate::sql::portable;
use crate::store::Lease;
use crate::value::{args, unreadable};
use crate::watch::{Duty, DutyRow, Pulse};
use crate::work::audit;
use crate::work::transact::transact;

/// How many arrivals tell how late records come.
const ARRIVALS: u32 = 100;

/// Takes a duty in hand, if it is free and was last done before `due`.
pub(crate) async fn take<D: Dialect>(
    db: &D,
    duty: Duty,
    now: Timestamp,
    due: Timestamp,
    lease: &Lease,
) -> Result<bool, StoreError> {
    let name = duty.as_str();
    transact!(db, "take-duty", &lease.owner, tx => {
        let cells = args![&lease.owner, lease.until, name, now, due];
        tx.execute(portable::TAKE_DUTY.into(), cells).await
    })
    .map(|(taken, _)| taken > 0)
}

/// Gives a duty back, done.
pub(crate) async fn end<D: Dialect>(
    db: &D,
    duty: Duty,
    lease: &Lease,
    at: Timestamp,
    problems: &[String],
) -> Result<(), StoreError> {
    let problems = serde_json::json!(problems).to_string();
    transact!(db, "end-duty", &lease.owner, tx => {
        let cells = args![at, &problems, duty.as_str(), &lease.owner];
        tx.execute(portable::END_DUTY.into(), cells).await
    })
    .map(|_| ())
}

/// How a duty ended last.
pub(crate) async fn duty<D: Dialect>(db: &D, duty: Duty) -> Result<DutyRow, StoreError> {
    let mut conn = db.read().await?;
    let row = conn
        .one(portable::DUTY.into(), args![duty.as_str()])
        .await?;
    let mut row = row.ok_or_else(|| unreadable("duties.name", duty.as_str(), "is missing"))?;
    let done_at = row.maybe_at("duties.done_at")?;
    let problems = match row.maybe_text("duties.problems")? {
        None => Vec::new(),
        Some(text) => serde_json::from_str(&text)
            .map_err(|error| unreadable("duties.problems", &text, &error.to_string()))?,
    };
    Ok(DutyRow { done_at, problems })
}

/// Calls made in a stretch of time, what is alike together.
pub(crate) async fn called<D: Dialect>(
    db: &D,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<Called>, StoreError> {
    let mut conn = db.read().await?;
    let rows = conn.query(portable::CALLED.into(), args![from, to]).await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(Called {
                account: row.id("bedrock_requests.account_id")?,
                region: row.id("bedrock_requests.region")?,
                operation: row.text("bedrock_requests.request_type")?,
                failed: row.text("bedrock_requests.status")? == "failed",
                error: row.maybe_text("bedrock_requests.error_code")?,
                calls: row.count("bedrock_requests")?,
            })
        })
        .collect()
}

/// Where calls were counted since a local hour.
pub(crate) async fn places<D: Dialect>(
    db: &D,
    since: &Window,
) -> Result<Vec<(AccountId, Region)>, StoreError> {
    let mut conn = db.read().await?;
    let rows = conn
        .query(portable::PLACES.into(), args![since.to_string()])
        .await?;
    rows.into_iter()
        .map(|mut row| {
            Ok((
                row.id("usage_hourly.account_id")?,
                row.id("usage_hourly.region")?,
            ))
        })
        .collect()
}

/// Writes hours down, in place of what was known of them, and drops those that began before.
pub(crate) async fn record<D: Dialect>(
    db: &D,
    hours: &[HourCoverage],
    kept_from: Timestamp,
) -> Result<(), StoreError> {
    transact!(db, "coverage", "coverage", tx => record_in::<D>(&mut tx, hours, kept_from).await)
        .map(|_| ())
}

async fn record_in<D: Dialect>(
    tx: &mut D::Write,
    hours: &[HourCoverage],
    kept_from: Timestamp,
) -> Result<(), StoreError> {
    for one in hours {
        let HourCoverage {
            account,
            region,
            hour,
            counted,
            reported,
            read_at,
        } = one;
        let (account, region) = (account.as_str(), region.as_str());
        let cells = args![*hour, account, region, *counted, *reported, *read_at];
        tx.execute(portable::SET_COVERAGE.into(), cells).await?;
    }
    tx.execute(portable::DROP_COVERAGE.into(), args![kept_from])
        .await?;
    Ok(())
}

/// Hours that began in a stretch of time, by hour, account and Region.
pub(crate) async fn hours<D: Dialect>(
    db: &D,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<HourCoverage>, StoreError> {
    let mut conn = db.read().await?;
    let rows = conn
        .query(portable::COVERAGE_HOURS.into(), args![from, to])
        .await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(HourCoverage {
                hour: row.at("coverage.hour_start")?,
                account: row.id("coverage.account_id")?,
                region: row.id("coverage.region")?,
                counted: row.count("coverage.counted")?,
                reported: row.count("coverage.reported")?,
                read_at: row.at("coverage.read_at")?,
            })
        })
        .collect()
}

/// Leaks that came on record after an instant, newest first.
pub(crate) async fn leaks<D: Dialect>(
    db: &D,
    after: Timestamp,
    limit: u32,
) -> Result<Vec<Entry>, StoreError> {
    let mut conn = db.read().await?;
    let rows = conn
        .query(portable::LEAKS.into(), args![after, limit])
        .await?;
    rows.into_iter()
        .map(|mut row| Ok(audit::read(&mut row)?.entry))
        .collect()
}

/// What comes in and what waits to go out.
pub(crate) async fn pulse<D: Dialect>(
    db: &D,
    now: Timestamp,
    since: Timestamp,
) -> Result<Pulse, StoreError> {
    let missing = || unreadable("outbox", "", "answers nothing");
    let mut conn = db.read().await?;
    let arrivals = conn
        .query(portable::ARRIVALS.into(), args![ARRIVALS])
        .await?;
    let arrivals = arrivals
        .into_iter()
        .map(|mut row| {
            let called = row.at("bedrock_requests.request_timestamp")?;
            Ok((called, row.at("bedrock_requests.created_at")?))
        })
        .collect::<Result<_, StoreError>>()?;
    let mut letters = conn
        .one(portable::DEAD_LETTER_COUNT.into(), Vec::new())
        .await?
        .ok_or_else(missing)?;
    let mut waiting = conn
        .one(portable::OUTBOX_WAITING.into(), args![now])
        .await?
        .ok_or_else(missing)?;
    let mut leaks = conn
        .one(portable::LEAKS_SINCE.into(), args![since])
        .await?
        .ok_or_else(missing)?;
    Ok(Pulse {
        arrivals,
        last_dead_letter: letters.maybe_at("dead_letters.last_seen")?,
        dead_letters: letters.count("dead_letters.seen")?,
        outbox_due: waiting.count("outbox")?,
        outbox_oldest: waiting.maybe_at("outbox.not_before")?,
        outbox_failing: waiting.count("outbox.attempts")?,
        leaks: leaks.count("blocking_operations")?,
    })
}

/// Totals of users, teams and everybody; what was never counted is left out.
pub(crate) async fn totals<D: Dialect>(
    db: &D,
    keys: &[CounterKey],
) -> Result<BTreeMap<CounterKey, Sums>, StoreError> {
    let mut conn = db.read().await?;
    let mut found = BTreeMap::new();
    for key in keys {
        let (kind, id, part) = key.scope.parts();
        let window = &key.window;
        let cells = args![kind, id, window.kind().as_str(), window.to_string(), part];
        if let Some(mut row) = conn.one(portable::COUNTER.into(), cells).await? {
            found.insert(key.clone(), sums::read(&mut row)?);
        }
    }
    Ok(found)
}
