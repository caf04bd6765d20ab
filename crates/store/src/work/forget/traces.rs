//! What there is of a user: names it goes by, rows about it, and what stands in the way.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use weir_core::attribution::PrincipalKind;
use weir_core::forget::Names;
use weir_core::ids::{RequestId, UserId};

use crate::dialect::{Conn, Dialect};
use crate::error::StoreError;
use crate::forget::{Obstacle, Traces};
use crate::sql::forget as sql;
use crate::value::{Row, args};

/// A write that was sent so long ago has landed (rules E7).
const LANDED: SignedDuration = SignedDuration::from_mins(15);
/// A shorter name is not looked for in the records of other users' calls: it is in every word.
const SHORTEST: usize = 3;

/// Tables, what counts in them, and whether a subject is asked for instead of a user.
const COUNTED: [(&str, &str, bool); 16] = [
    ("users", sql::COUNT_USERS, false),
    ("user_principals", sql::COUNT_PRINCIPALS, false),
    ("principal_holders", sql::COUNT_HOLDERS, false),
    ("people", sql::COUNT_PEOPLE, false),
    ("api_keys", sql::COUNT_KEYS, false),
    ("bedrock_requests", sql::COUNT_REQUESTS, false),
    ("usage_counters", sql::COUNT_COUNTERS, false),
    ("usage_counters", sql::COUNT_IN_TEAMS, false),
    ("usage_hourly", sql::COUNT_HOURLY, false),
    ("blocks", sql::COUNT_BLOCKS, false),
    ("protections", sql::COUNT_PROTECTIONS, false),
    ("quotas", sql::COUNT_QUOTAS, false),
    ("warnings_sent", sql::COUNT_WARNINGS, true),
    ("access_members", sql::COUNT_MEMBERS, false),
    ("outbox", sql::COUNT_MESSAGES, true),
    ("deliveries", sql::COUNT_LETTERS, true),
];

/// Everything there is of a user.
pub(crate) async fn find<D: Dialect>(
    db: &D,
    user: &UserId,
    now: Timestamp,
) -> Result<Traces, StoreError> {
    let mut conn = db.read().await?;
    let mut traces = Traces::default();
    for name in names(&mut conn, user).await? {
        let (small, id) = (name.to_lowercase(), user.as_str());
        let asked = args![id, &small, &small, &small, id, &small, &small];
        let shared = count(&mut conn, sql::SHARED_NAME, asked).await?;
        if shared > 0 && name != id {
            traces.shared.push(name);
        } else {
            traces.names.push(name);
        }
    }
    let subject = format!("user:{user}");
    for (table, sql, by_subject) in COUNTED {
        let whom = if by_subject { &subject } else { user.as_str() };
        let rows = count(&mut conn, sql, args![whom]).await?;
        match traces.rows.last_mut() {
            Some((known, counted)) if *known == table => *counted += rows,
            _ => traces.rows.push((table, rows)),
        }
    }
    traces.obstacle = obstacle(&mut conn, user, now).await?;
    Ok(traces)
}

/// What would leave a Deny that nobody knows of.
pub(super) async fn obstacle(
    conn: &mut impl Conn,
    user: &UserId,
    now: Timestamp,
) -> Result<Option<Obstacle>, StoreError> {
    let user = user.as_str();
    if count(conn, sql::ACTIVE_BLOCKS, args![user]).await? > 0 {
        return Ok(Some(Obstacle::Blocked));
    }
    let landed = now.saturating_sub(LANDED).unwrap_or(Timestamp::MIN);
    let denied = count(conn, sql::DENIALS, args![user, landed]).await?;
    let keys = count(conn, sql::KEYS_TO_GIVE_BACK, args![user]).await?;
    Ok((denied + keys > 0).then_some(Obstacle::Denied))
}

pub(super) async fn count(
    conn: &mut impl Conn,
    sql: &'static str,
    args: Vec<crate::value::Arg<'_>>,
) -> Result<u64, StoreError> {
    match conn.one(sql.into(), args).await? {
        Some(mut row) => row.count("count"),
        None => Ok(0),
    }
}

/// Names, addresses and ids of a user, its own id among them.
async fn names(conn: &mut impl Conn, user: &UserId) -> Result<BTreeSet<String>, StoreError> {
    let id = user.as_str();
    let mut names = BTreeSet::new();
    for mut row in conn.query(sql::NAMES_OF_USER.into(), args![id, id]).await? {
        names.extend(row.maybe_text("users.person_tag")?);
        names.extend(row.maybe_text("users.email")?);
    }
    let mut ids = BTreeSet::from([id.to_owned()]);
    for mut row in conn
        .query(sql::PRINCIPALS_OF_USER.into(), args![id, id])
        .await?
    {
        of_principal(&mut row, &mut names, &mut ids)?;
    }
    for mut row in conn.query(sql::KEYS_OF_USER.into(), args![id, id]).await? {
        names.extend(row.maybe_text("api_keys.key_id")?);
    }
    // The directory knows people by their id, their name, or their address.
    ids.extend(names.iter().cloned());
    for one in ids {
        let small = one.to_lowercase();
        let asked = args![&one, &small, &small];
        for mut row in conn.query(sql::DIRECTORY_OF_USER.into(), asked).await? {
            names.insert(row.text("directory_people.directory_id")?);
            names.insert(row.text("directory_people.user_name")?);
            names.extend(row.maybe_text("directory_people.person")?);
            names.extend(row.maybe_text("directory_people.email")?);
        }
    }
    names.insert(id.to_owned());
    names.retain(|name| !name.trim().is_empty());
    Ok(names)
}

/// What of a principal is a person's: not the role, which others have too.
fn of_principal(
    row: &mut Row,
    names: &mut BTreeSet<String>,
    ids: &mut BTreeSet<String>,
) -> Result<(), StoreError> {
    let account = row.text("user_principals.account_id")?;
    let kind: PrincipalKind = row.word("user_principals.kind")?;
    let name = row.text("user_principals.name")?;
    let session = row.text("user_principals.session")?;
    let stable_id = row.maybe_text("user_principals.stable_id")?;
    match kind {
        PrincipalKind::IamUser => {
            names.insert(format!("{account}/iam-user/{name}"));
            names.insert(format!("arn:aws:iam::{account}:user/{name}"));
            names.extend([name].into_iter().chain(stable_id));
        }
        PrincipalKind::IdentityCenter => {
            ids.insert(session.clone());
            names.extend([session].into_iter().chain(stable_id));
        }
        PrincipalKind::RoleSession | PrincipalKind::SourceIdentity => {
            names.insert(session);
        }
        PrincipalKind::Role
        | PrincipalKind::Root
        | PrincipalKind::Service
        | PrincipalKind::Unknown => {}
    }
    Ok(())
}

/// Invocations after `after` whose records hold one of the names somewhere.
pub(crate) async fn calls_naming<D: Dialect>(
    db: &D,
    names: &Names,
    after: u64,
    rows: u32,
) -> Result<(Vec<RequestId>, Option<u64>), StoreError> {
    let mut conn = db.read().await?;
    let last = count(&mut conn, sql::LAST_REQUEST, Vec::new()).await?;
    let to = after.saturating_add(u64::from(rows));
    let mut found = BTreeSet::new();
    for name in names.list() {
        if name.chars().count() < SHORTEST {
            continue;
        }
        let asked = args![after, to, names.user().as_str(), name.to_lowercase()];
        for mut row in conn.query(sql::REQUESTS_NAMING.into(), asked).await? {
            found.insert(row.id::<RequestId>("bedrock_requests.request_id")?);
        }
    }
    let rest = (to < last).then_some(to);
    Ok((found.into_iter().collect(), rest))
}
