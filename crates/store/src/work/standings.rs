//! Users and teams with what was counted of them, and where they stand.

use std::collections::HashMap;

use futures_util::future::try_join3;
use jiff::Timestamp;
use weir_core::calendar::Window;
use weir_core::counter::Sums;
use weir_core::ids::TeamId;

use crate::dialect::{Conn, Dialect};
use crate::error::StoreError;
use crate::reports::{AccessPart, Stands, TeamLine, UserLine, Whose};
use crate::row::sums;
use crate::rows::UserRow;
use crate::sql::reports as sql;
use crate::value::{Row, args};
use crate::work::reads::read_user;

/// Users with the counters of a day and a month: those of a team each with its own, many beside the counters of
/// everybody, which lie side by side.
pub(crate) async fn user_lines<D: Dialect>(
    db: &D,
    whose: &Whose,
    day: &Window,
    month: &Window,
) -> Result<Vec<UserLine>, StoreError> {
    if let Whose::Team(team) = whose {
        return member_lines(db, team, day, month).await;
    }
    let (users, mut days, mut months) =
        try_join3(users(db, whose), users_in(db, day), users_in(db, month)).await?;
    let mut of = |user: &UserRow| {
        let user = user.user.as_str();
        let (day, month) = (days.remove(user), months.remove(user));
        (day.unwrap_or_default(), month.unwrap_or_default())
    };
    let users = users.into_iter();
    Ok(users
        .map(|(user, last_seen)| {
            let (day, month) = of(&user);
            UserLine {
                user,
                last_seen,
                day,
                month,
            }
        })
        .collect())
}

async fn member_lines<D: Dialect>(
    db: &D,
    team: &TeamId,
    day: &Window,
    month: &Window,
) -> Result<Vec<UserLine>, StoreError> {
    let arguments = args![day.to_string(), month.to_string(), team.as_str()];
    let mut conn = db.read().await?;
    let rows = conn.query(sql::MEMBER_LINES.into(), arguments).await?;
    rows.into_iter()
        .map(|mut row| {
            let (user, last_seen) = user(&mut row)?;
            Ok(UserLine {
                user,
                last_seen,
                day: counted(&mut row)?,
                month: counted(&mut row)?,
            })
        })
        .collect()
}

/// What was counted of each user in a window.
async fn users_in<D: Dialect>(
    db: &D,
    window: &Window,
) -> Result<HashMap<String, Sums>, StoreError> {
    let arguments = args![window.kind().as_str(), window.to_string()];
    let mut conn = db.read().await?;
    let rows = conn.query(sql::USERS_IN_WINDOW.into(), arguments).await?;
    rows.into_iter()
        .map(|mut row| {
            let user = row.text("usage_counters.scope_id")?;
            Ok((user, sums::read(&mut row)?))
        })
        .collect()
}

/// Users without what was counted, each with the latest call.
pub(crate) async fn users<D: Dialect>(
    db: &D,
    whose: &Whose,
) -> Result<Vec<(UserRow, Option<Timestamp>)>, StoreError> {
    let (statement, arguments) = match whose {
        Whose::All => (sql::USERS_ALL, Vec::new()),
        Whose::Team(team) => (sql::USERS_OF_A_TEAM, args![team.as_str()]),
        Whose::SeenSince(since) => (sql::USERS_SEEN, args![*since]),
    };
    let mut conn = db.read().await?;
    let rows = conn.query(statement.into(), arguments).await?;
    rows.into_iter().map(|mut row| user(&mut row)).collect()
}

fn user(row: &mut Row) -> Result<(UserRow, Option<Timestamp>), StoreError> {
    let user = read_user(row)?;
    let last_seen = row.at("users.last_seen")?;
    Ok((
        user,
        (last_seen > Timestamp::UNIX_EPOCH).then_some(last_seen),
    ))
}

/// Teams with the counters of a day and a month.
pub(crate) async fn team_lines<D: Dialect>(
    db: &D,
    team: Option<&TeamId>,
    day: &Window,
    month: &Window,
) -> Result<Vec<TeamLine>, StoreError> {
    let team = team.map(TeamId::as_str);
    let arguments = args![day.to_string(), month.to_string(), team, team];
    let mut conn = db.read().await?;
    let rows = conn.query(sql::TEAM_LINES.into(), arguments).await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(TeamLine {
                team: row.id("teams.team")?,
                display_name: row.maybe_text("teams.display_name")?,
                owner: row.maybe_text("teams.owner_email")?,
                members: row.count("users")?,
                blocked: row.count("users.is_blocked")?,
                day: counted(&mut row)?,
                month: counted(&mut row)?,
            })
        })
        .collect()
}

/// The sums of a counter that may not be there.
fn counted(row: &mut Row) -> Result<Sums, StoreError> {
    Ok(sums::maybe(row)?.unwrap_or_default())
}

/// Where users stand who are not simply active.
pub(crate) async fn stands<D: Dialect>(db: &D, now: Timestamp) -> Result<Stands, StoreError> {
    let mut conn = db.read().await?;
    let mut stands = Stands::default();
    for mut row in conn.query(sql::MANUAL_BLOCKS.into(), args![now]).await? {
        stands.manual_users.extend(row.maybe_id("blocks.user_id")?);
        stands.manual_teams.extend(row.maybe_id("blocks.team")?);
    }
    for mut row in conn
        .query(sql::ENDS_OF_PROTECTIONS.into(), Vec::new())
        .await?
    {
        let user = row.id("protections.user_id")?;
        let until = row.maybe_at("protections.until")?;
        stands.protections.push((user, until));
    }
    for mut row in conn.query(sql::HELD_USERS.into(), Vec::new()).await? {
        stands.held.push(row.id("blocks.user_id")?);
    }
    for mut row in conn.query(sql::ACCESS_OF.into(), Vec::new()).await? {
        stands.access.push(AccessPart {
            user: row.id("access_members.user_id")?,
            state: row.word("access_targets.state")?,
            allowed: row.flag("access_members.denial")?,
            enforced: row.flag("access_members.denies")?,
        });
    }
    Ok(stands)
}
