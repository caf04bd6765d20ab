//! What readers ask for.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use weir_core::attribution::Principal;
use weir_core::calendar::{Window, WindowKind};
use weir_core::counter::Sums;
use weir_core::evidence::Evidence;
use weir_core::history::Repricing;
use weir_core::ids::{ModelId, Region, RequestId, TeamId, UserId};
use weir_core::standing::WarningKey;

use crate::dialect::{Conn, Dialect};
use crate::error::StoreError;
use crate::filter::{GroupBy, UsageFilter};
use crate::reports::LetterPlace;
use crate::row::invocation::{self, Known};
use crate::row::{block, rules, sums};
use crate::rows::{
    CoverageRow, DeadLetter, DeadLetterRow, Health, InvocationRow, ProtectionRow, SessionRoleRow,
    UsageRow, UserRow,
};
use crate::sql::portable;
use crate::value::{Row, args, json};
use crate::work::narrowed::Narrowed;
use crate::work::spans;

/// One user.
pub(crate) async fn user<D: Dialect>(db: &D, user: &UserId) -> Result<Option<UserRow>, StoreError> {
    let mut conn = db.read().await?;
    let rows = conn
        .query(portable::USER.into(), args![user.as_str()])
        .await?;
    Ok(with_principals(&mut conn, rows).await?.into_iter().next())
}

/// Users after `after`, by id.
pub(crate) async fn users<D: Dialect>(
    db: &D,
    team: Option<&TeamId>,
    after: Option<&UserId>,
    limit: u32,
) -> Result<Vec<UserRow>, StoreError> {
    let after = after.map_or("", UserId::as_str);
    let mut conn = db.read().await?;
    let rows = match team {
        None => {
            conn.query(portable::USERS.into(), args![after, limit])
                .await?
        }
        Some(team) => {
            conn.query(
                portable::USERS_OF_TEAM.into(),
                args![team.as_str(), after, limit],
            )
            .await?
        }
    };
    with_principals(&mut conn, rows).await
}

type Sight = (Principal, Option<String>, Timestamp, Timestamp);

async fn with_principals(conn: &mut impl Conn, rows: Vec<Row>) -> Result<Vec<UserRow>, StoreError> {
    let mut users = rows
        .into_iter()
        .map(|mut row| read_user(&mut row))
        .collect::<Result<Vec<_>, _>>()?;
    let (Some(first), Some(last)) = (users.first(), users.last()) else {
        return Ok(users);
    };
    let range = args![first.user.to_string(), last.user.to_string()];
    let mut principals: BTreeMap<UserId, Vec<Sight>> = BTreeMap::new();
    for mut row in conn.query(portable::PRINCIPALS_OF.into(), range).await? {
        let user = row.id("user_principals.user_id")?;
        let principal = rules::read_principal(&mut row)?;
        let stable_id = row.maybe_text("user_principals.stable_id")?;
        let seen = (
            row.at("user_principals.first_seen")?,
            row.at("user_principals.last_seen")?,
        );
        principals
            .entry(user)
            .or_default()
            .push((principal, stable_id, seen.0, seen.1));
    }
    for user in &mut users {
        user.principals = principals.remove(&user.user).unwrap_or_default();
    }
    Ok(users)
}

pub(crate) fn read_user(row: &mut Row) -> Result<UserRow, StoreError> {
    Ok(UserRow {
        user: row.id("users.user_id")?,
        team: row.id("users.team")?,
        person: row.maybe_text("users.person_tag")?,
        email: row.maybe_text("users.email")?,
        language: row.maybe_text("users.language")?,
        class: row.word("users.class")?,
        is_blocked: row.flag("users.is_blocked")?,
        blocked_reason: row.maybe_text("users.blocked_reason")?,
        blocked_until: row.maybe_at("users.blocked_until")?,
        protection_by: row.maybe_text("users.admin_protection_by")?,
        created_at: row.at("users.created_at")?,
        principals: Vec::new(),
    })
}

/// The keys of hours between which days lie: from the first on, to before the second.
pub(crate) fn day_range(from: Option<Date>, to: Option<Date>) -> (String, String) {
    // Keys of hours sort by time, and a day's key sorts before those of its hours.
    let first = from.as_ref().map_or_else(String::new, Date::to_string);
    let end = to
        .and_then(|day| day.tomorrow().ok())
        .map_or_else(|| "9999-99".to_owned(), |day| day.to_string());
    (first, end)
}

/// Report rows.
pub(crate) async fn usage<D: Dialect>(
    db: &D,
    by: GroupBy,
    filter: &UsageFilter,
) -> Result<Vec<UsageRow>, StoreError> {
    let mut rows = match spans::summed(db, by, filter).await? {
        Some(rows) => rows,
        None => hourly(db, by, filter).await?,
    };
    // Calls that moved on leave counters of nothing.
    rows.retain(|row| row.sums != Sums::default());
    Ok(rows)
}

/// Sums by one column of the hourly table.
async fn hourly<D: Dialect>(
    db: &D,
    by: GroupBy,
    filter: &UsageFilter,
) -> Result<Vec<UsageRow>, StoreError> {
    let (of_all, of_user) = match by {
        GroupBy::User => (portable::USAGE_BY_USER, portable::USAGE_OF_USER_BY_USER),
        GroupBy::Team => (portable::USAGE_BY_TEAM, portable::USAGE_OF_USER_BY_TEAM),
        GroupBy::Model => (portable::USAGE_BY_MODEL, portable::USAGE_OF_USER_BY_MODEL),
        GroupBy::Tool => (portable::USAGE_BY_TOOL, portable::USAGE_OF_USER_BY_TOOL),
        GroupBy::Day => (portable::USAGE_BY_DAY, portable::USAGE_OF_USER_BY_DAY),
    };
    let asked = Narrowed::by(filter);
    let (statement, arguments) = asked.hours(of_all, of_user);
    let rows = db.read().await?.query(statement.into(), arguments).await?;
    let read = |mut row: Row| {
        Ok(UsageRow {
            key: row.text("usage_hourly")?,
            sums: sums::read(&mut row)?,
        })
    };
    rows.into_iter().map(read).collect()
}

/// A user's usage by team and local hour.
pub(crate) async fn usage_by_hour<D: Dialect>(
    db: &D,
    user: &UserId,
    since: Date,
) -> Result<Vec<(TeamId, Window, Sums)>, StoreError> {
    let filter = UsageFilter {
        from: Some(since),
        user: Some(user.clone()),
        ..UsageFilter::default()
    };
    let asked = Narrowed::by(&filter);
    let by_hour = portable::USAGE_OF_USER_BY_HOUR;
    let (statement, arguments) = asked.hours(by_hour, by_hour);
    let rows = db.read().await?.query(statement.into(), arguments).await?;
    rows.into_iter()
        .map(|mut row| {
            let team = row.id("usage_hourly.team")?;
            let hour = sums::window(WindowKind::Hour, &row.text("usage_hourly.local_hour")?)?;
            Ok((team, hour, sums::read(&mut row)?))
        })
        .collect()
}

/// A user's invocations, by time.
pub(crate) async fn requests_since<D: Dialect>(
    db: &D,
    user: &UserId,
    since: Timestamp,
    after: Option<&(Timestamp, RequestId)>,
    limit: u32,
) -> Result<Vec<(Timestamp, RequestId)>, StoreError> {
    let (at, id) = after.map_or((since, ""), |(at, id)| (*at, id.as_str()));
    let arguments = args![user.as_str(), at, at, id, limit];
    let mut conn = db.read().await?;
    let rows = conn
        .query(portable::REQUESTS_SINCE.into(), arguments)
        .await?;
    rows.into_iter()
        .map(|mut row| {
            let request = row.id("bedrock_requests.request_id")?;
            Ok((row.at("bedrock_requests.request_timestamp")?, request))
        })
        .collect()
}

/// Invocations of a model, by time.
pub(crate) async fn requests_of_model<D: Dialect>(
    db: &D,
    wanted: &Repricing,
    after: Option<&(Timestamp, RequestId)>,
    limit: u32,
) -> Result<Vec<(Timestamp, RequestId)>, StoreError> {
    let Repricing {
        model,
        region,
        from,
        until,
    } = wanted;
    let (at, id) = after.map_or((*from, ""), |(at, id)| (*at, id.as_str()));
    let region = region.as_ref().map(Region::as_str);
    let (model, statement) = (model.as_str(), portable::REQUESTS_OF_MODEL);
    let arguments = args![at, *until, model, region, region, at, id, limit];
    let rows = db.read().await?.query(statement.into(), arguments).await?;
    rows.into_iter()
        .map(|mut row| {
            let request = row.id("bedrock_requests.request_id")?;
            Ok((row.at("bedrock_requests.request_timestamp")?, request))
        })
        .collect()
}

/// Invocations by request id; those that are not on file are left out.
pub(crate) async fn invocations<D: Dialect>(
    db: &D,
    requests: &[RequestId],
) -> Result<Vec<InvocationRow>, StoreError> {
    let ids: Vec<_> = requests.iter().map(RequestId::as_str).collect();
    let arguments = args![json(&ids)?];
    let rows = db
        .read()
        .await?
        .query(D::SQL.requests.into(), arguments)
        .await?;
    rows.into_iter()
        .map(|mut row| read_invocation(&mut row))
        .collect()
}

/// One invocation.
pub(crate) async fn invocation<D: Dialect>(
    db: &D,
    request: &RequestId,
) -> Result<Option<InvocationRow>, StoreError> {
    let row = db
        .read()
        .await?
        .one(D::SQL.requests.into(), args![json(&[request.as_str()])?])
        .await?;
    row.map(|mut row| read_invocation(&mut row)).transpose()
}

fn read_invocation(row: &mut Row) -> Result<InvocationRow, StoreError> {
    let Known {
        invocation,
        evidence,
        gone: _,
        settle_id: _,
        created_at,
        updated_at,
    } = invocation::read(row)?;
    Ok(InvocationRow {
        invocation,
        evidence,
        created_at,
        updated_at,
    })
}

/// Evidence on file.
pub(crate) async fn evidence<D: Dialect>(
    db: &D,
    requests: &[RequestId],
) -> Result<Vec<Evidence>, StoreError> {
    let mut conn = db.read().await?;
    let mut evidence = Vec::with_capacity(requests.len());
    for chunk in requests.chunks(500) {
        let ids: Vec<_> = chunk.iter().map(RequestId::as_str).collect();
        for mut row in conn
            .query(D::SQL.requests.into(), args![json(&ids)?])
            .await?
        {
            evidence.push(invocation::read(&mut row)?.evidence);
        }
    }
    Ok(evidence)
}

/// Protections that have not ended.
pub(crate) async fn protections<D: Dialect>(
    db: &D,
    user: Option<&UserId>,
) -> Result<Vec<ProtectionRow>, StoreError> {
    let user = user.map(UserId::as_str);
    let rows = db
        .read()
        .await?
        .query(portable::PROTECTIONS.into(), args![user, user])
        .await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(ProtectionRow {
                protection: block::read_protection(&mut row)?,
            })
        })
        .collect()
}

/// Warnings, newest window first.
pub(crate) async fn warnings<D: Dialect>(
    db: &D,
    limit: u32,
) -> Result<Vec<WarningKey>, StoreError> {
    let rows = db
        .read()
        .await?
        .query(portable::WARNINGS.into(), args![limit])
        .await?;
    rows.into_iter()
        .map(|mut row| block::read_warning(&mut row))
        .collect()
}

/// Dead letters, newest first.
pub(crate) async fn dead_letters<D: Dialect>(
    db: &D,
    after: Option<LetterPlace>,
    limit: u32,
) -> Result<Vec<DeadLetterRow>, StoreError> {
    let seen = after.map(|place| place.last_seen);
    let id = after.map(|place| place.id);
    let rows = db
        .read()
        .await?
        .query(
            portable::DEAD_LETTERS.into(),
            args![seen, seen, seen, id, limit],
        )
        .await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(DeadLetterRow {
                id: row.count("dead_letters.id")?,
                letter: DeadLetter {
                    source: row.text("dead_letters.source")?,
                    reason: row.text("dead_letters.reason")?,
                    shape: row.text("dead_letters.shape")?,
                },
                first_seen: row.at("dead_letters.first_seen")?,
                last_seen: row.at("dead_letters.last_seen")?,
                count: row.count("dead_letters.seen")?,
            })
        })
        .collect()
}

/// What was counted, by Region and day.
pub(crate) async fn coverage<D: Dialect>(
    db: &D,
    from: &Window,
    to: &Window,
) -> Result<Vec<CoverageRow>, StoreError> {
    let rows = db
        .read()
        .await?
        .query(
            portable::COVERAGE.into(),
            args![from.to_string(), to.to_string()],
        )
        .await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(CoverageRow {
                region: row.id("usage_hourly.region")?,
                sums: sums::read(&mut row)?,
            })
        })
        .collect()
}

/// Calls without counts, by model and Region.
pub(crate) async fn unmetered<D: Dialect>(
    db: &D,
    from: &Window,
    to: &Window,
) -> Result<Vec<(ModelId, Region, u64)>, StoreError> {
    let rows = db
        .read()
        .await?
        .query(
            portable::UNMETERED.into(),
            args![from.to_string(), to.to_string()],
        )
        .await?;
    rows.into_iter()
        .map(|mut row| {
            Ok((
                row.id("usage_hourly.model_id")?,
                row.id("usage_hourly.region")?,
                row.count("usage_hourly.unmetered")?,
            ))
        })
        .collect()
}

/// Roles whose sessions are users of their own. A look at all principals, which are few beside
/// invocations: an index on when each was first seen would cost every new one.
pub(crate) async fn session_roles<D: Dialect>(
    db: &D,
    since: Timestamp,
) -> Result<Vec<SessionRoleRow>, StoreError> {
    let rows = db
        .read()
        .await?
        .query(portable::SESSION_ROLES.into(), args![since])
        .await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(SessionRoleRow {
                account: row.id("user_principals.account_id")?,
                role: row.text("user_principals.name")?,
                new_names: row.count("user_principals")?,
            })
        })
        .collect()
}

/// Models seen without a price.
pub(crate) async fn unpriced<D: Dialect>(
    db: &D,
) -> Result<Vec<(ModelId, Region, u64)>, StoreError> {
    let rows = db
        .read()
        .await?
        .query(portable::UNPRICED.into(), Vec::new())
        .await?;
    rows.into_iter()
        .map(|mut row| {
            Ok((
                row.id("bedrock_requests.unpriced_model")?,
                row.id("bedrock_requests.region")?,
                row.count("bedrock_requests")?,
            ))
        })
        .collect()
}

/// Request ids of unpriced invocations of a model.
pub(crate) async fn unpriced_requests<D: Dialect>(
    db: &D,
    model: &ModelId,
    limit: u32,
) -> Result<Vec<RequestId>, StoreError> {
    let rows = db
        .read()
        .await?
        .query(
            portable::UNPRICED_REQUESTS.into(),
            args![model.as_str(), limit],
        )
        .await?;
    rows.into_iter()
        .map(|mut row| row.id("bedrock_requests.request_id"))
        .collect()
}

/// Request ids of invocations whose caller look-up failed, newest first.
pub(crate) async fn unresolved_requests<D: Dialect>(
    db: &D,
    limit: u32,
) -> Result<Vec<RequestId>, StoreError> {
    let rows = db
        .read()
        .await?
        .query(
            portable::UNRESOLVED_REQUESTS.into(),
            args![limit, limit, limit],
        )
        .await?;
    rows.into_iter()
        .map(|mut row| row.id("bedrock_requests.request_id"))
        .collect()
}

/// Whether the database answers, and what it is.
pub(crate) async fn health<D: Dialect>(db: &D) -> Result<Health, StoreError> {
    let mut conn = db.read().await?;
    let nothing = || StoreError::Schema("the database does not say what it is".to_owned());
    let mut server = conn
        .one(D::SQL.server.into(), Vec::new())
        .await?
        .ok_or_else(nothing)?;
    let engine = server.text("server")?;
    let clock = server.at("clock")?;
    let mut due = conn
        .one(portable::OUTBOX_DUE.into(), args![clock])
        .await?
        .ok_or_else(nothing)?;
    let mut mail = conn
        .one(portable::MAIL_WAITING.into(), Vec::new())
        .await?
        .ok_or_else(nothing)?;
    let mut failed = conn
        .one(portable::MAIL_FAILED.into(), Vec::new())
        .await?
        .ok_or_else(nothing)?;
    let mut total = conn
        .one(portable::INVOCATIONS.into(), Vec::new())
        .await?
        .ok_or_else(nothing)?;
    Ok(Health {
        engine,
        clock,
        outbox_due: due.count("outbox")?,
        mail_waiting: mail.count("deliveries")?,
        mail_oldest: mail.maybe_at("deliveries.created_at")?,
        mail_failed: failed.count("deliveries")?,
        invocations: total.count("usage_counters")?,
    })
}
