//! What is due, and the outbox: rows are claimed by lease, so that no two workers hold one.

use jiff::Timestamp;
use weir_core::ids::{TeamId, UserId};
use weir_core::outbox::Job;

use crate::dialect::{Conn, Dialect};
use crate::error::StoreError;
use crate::rows::ClaimedJob;
use crate::sql::portable;
use crate::store::Lease;
use crate::value::{Arg, Row, args, unreadable};
use crate::work::transact::transact;

/// Users and teams with a block or protection that is over.
pub(crate) async fn due<D: Dialect>(
    db: &D,
    now: Timestamp,
    limit: u32,
) -> Result<(Vec<UserId>, Vec<TeamId>), StoreError> {
    let mut conn = db.read().await?;
    let users = conn
        .query(portable::DUE_USERS.into(), args![now, now, limit])
        .await?;
    let teams = conn
        .query(portable::DUE_TEAMS.into(), args![now, limit])
        .await?;
    subjects(users, teams)
}

/// Users and teams with a block that was not lifted: names only, whatever else the blocks say.
pub(crate) async fn blocked<D: Dialect>(db: &D) -> Result<(Vec<UserId>, Vec<TeamId>), StoreError> {
    let mut conn = db.read().await?;
    let users = conn
        .query(portable::BLOCKED_USERS.into(), Vec::new())
        .await?;
    let teams = conn
        .query(portable::BLOCKED_TEAMS.into(), Vec::new())
        .await?;
    subjects(users, teams)
}

fn subjects(users: Vec<Row>, teams: Vec<Row>) -> Result<(Vec<UserId>, Vec<TeamId>), StoreError> {
    Ok((
        users
            .into_iter()
            .map(|mut row| row.id("blocks.user_id"))
            .collect::<Result<_, _>>()?,
        teams
            .into_iter()
            .map(|mut row| row.id("blocks.team"))
            .collect::<Result<_, _>>()?,
    ))
}

/// When the first row that waits is due.
pub(crate) async fn next<D: Dialect>(db: &D) -> Result<Option<Timestamp>, StoreError> {
    let mut conn = db.read().await?;
    let row = conn.one(portable::NEXT_JOB.into(), Vec::new()).await?;
    row.map_or(Ok(None), |mut row| row.maybe_at("outbox.not_before"))
}

/// Claims rows that are due, oldest first.
pub(crate) async fn claim<D: Dialect>(
    db: &D,
    now: Timestamp,
    lease: &Lease,
    limit: u32,
) -> Result<Vec<ClaimedJob>, StoreError> {
    transact!(db, "claim-jobs", &lease.owner, tx => claim_in::<D>(&mut tx, now, lease, limit).await)
        .map(|(jobs, _)| jobs)
}

async fn claim_in<D: Dialect>(
    tx: &mut D::Write,
    now: Timestamp,
    lease: &Lease,
    limit: u32,
) -> Result<Vec<ClaimedJob>, StoreError> {
    let rows = tx
        .query(D::SQL.jobs_due.into(), args![now, now, now, limit])
        .await?;
    let mut jobs = Vec::with_capacity(rows.len());
    for mut row in rows {
        let id = row.text("outbox.id")?;
        let kind = row.text("outbox.kind")?;
        let about = row.text("outbox.about")?;
        let after = row.maybe_text("outbox.after_user")?;
        let attempts = row.count("outbox.attempts")?;
        let job = Job::of(&kind, &about, after.as_deref())
            .ok_or_else(|| unreadable("outbox.kind", &kind, "is not a kind of job"))?;
        tx.execute(
            portable::LEASE_JOB.into(),
            args![&lease.owner, lease.until, &id],
        )
        .await?;
        jobs.push(ClaimedJob { id, job, attempts });
    }
    Ok(jobs)
}

/// Gives a row back, to be tried again.
pub(crate) async fn retry<D: Dialect>(
    db: &D,
    id: &str,
    lease: &Lease,
    at: Timestamp,
    error: &str,
) -> Result<(), StoreError> {
    write(db, portable::RETRY_JOB, &lease.owner, || {
        args![at, error, id, &lease.owner]
    })
    .await
}

/// Goes on after a user.
pub(crate) async fn go_on<D: Dialect>(
    db: &D,
    id: &str,
    lease: &Lease,
    after: &UserId,
) -> Result<(), StoreError> {
    write(db, portable::CONTINUE_JOB, &lease.owner, || {
        args![after.as_str(), id, &lease.owner]
    })
    .await
}

/// Marks a row done.
pub(crate) async fn finish<D: Dialect>(db: &D, id: &str, lease: &Lease) -> Result<(), StoreError> {
    write(db, portable::FINISH_JOB, &lease.owner, || {
        args![id, &lease.owner]
    })
    .await
}

/// One statement in a transaction of its own.
pub(crate) async fn write<'a, D: Dialect>(
    db: &D,
    sql: &'static str,
    salt: &str,
    arguments: impl Fn() -> Vec<Arg<'a>> + Send + Sync,
) -> Result<(), StoreError> {
    transact!(db, "queue", salt, tx => tx.execute(sql.into(), arguments()).await).map(|_| ())
}
