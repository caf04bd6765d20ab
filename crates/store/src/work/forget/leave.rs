//! Beginning, what is about the user alone, and the end.

use jiff::Timestamp;
use weir_core::audit::Entry;
use weir_core::forget::Names;
use weir_core::ids::UserId;

use super::traces::{count, obstacle};
use super::{subject, texts};
use crate::dialect::{Conn, Dialect};
use crate::error::StoreError;
use crate::forget::{End, Kept};
use crate::sql::{forget as sql, portable};
use crate::value::{args, json, unreadable};
use crate::work::audit;
use crate::work::transact::transact;

/// Entries that may have come since the audit log was gone through.
const REST: u32 = 10_000;

/// The names of a user whose forgetting has begun.
pub(crate) async fn begun<D: Dialect>(db: &D, user: &UserId) -> Result<Option<Names>, StoreError> {
    let mut conn = db.read().await?;
    let row = conn
        .one(sql::FORGETTING.into(), args![user.as_str()])
        .await?;
    let Some(mut row) = row else { return Ok(None) };
    let pseudonym = row.id("forgettings.pseudonym")?;
    let text = row.text("forgettings.names")?;
    let names: Vec<String> = serde_json::from_str(&text)
        .map_err(|error| unreadable("forgettings.names", "", &error.to_string()))?;
    Ok(Some(Names::new(user, &pseudonym, names)))
}

/// Writes down that it begins.
pub(crate) async fn begin<D: Dialect>(
    db: &D,
    names: &Names,
    at: Timestamp,
    entries: &[Entry],
) -> Result<(), StoreError> {
    let list = json(names.list())?;
    let pseudonym = names.pseudonym().as_str();
    transact!(db, "forget-begins", pseudonym, tx => {
        begin_in::<D>(&mut tx, names, &list, at, entries).await
    })
    .map(|((), _)| ())
}

async fn begin_in<D: Dialect>(
    tx: &mut D::Write,
    names: &Names,
    list: &str,
    at: Timestamp,
    entries: &[Entry],
) -> Result<(), StoreError> {
    let (user, pseudonym) = (names.user().as_str(), names.pseudonym().as_str());
    tx.execute(sql::ADD_PSEUDONYM.into(), args![pseudonym, user])
        .await?;
    let cells = args![user, pseudonym, list, at];
    tx.execute(sql::BEGIN_FORGETTING.into(), cells).await?;
    audit::append::<D>(tx, entries.to_vec()).await
}

/// Removes what is about the user alone; how many rows.
pub(crate) async fn remove_own<D: Dialect>(
    db: &D,
    names: &Names,
    now: Timestamp,
) -> Result<u64, StoreError> {
    transact!(db, "forget-own", names.pseudonym().as_str(), tx => {
        remove_own_in::<D>(&mut tx, names, now).await
    })
    .map(|(rows, _)| rows)
}

/// In the one lock order: subjects, rules, decisions, targets, messages; then who may look.
async fn remove_own_in<D: Dialect>(
    tx: &mut D::Write,
    names: &Names,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let (user, pseudonym) = (names.user().as_str(), names.pseudonym().as_str());
    let subject = subject(names);
    tx.execute(sql::LOCK_USER.into(), args![user]).await?;
    let mut rows = 0;
    for name in names.list().iter().map(|name| name.to_lowercase()) {
        rows += tx.execute(sql::DROP_OWNER.into(), args![&name]).await?;
    }
    tx.execute(portable::RAISE_VERSION.into(), Vec::new())
        .await?;
    for statement in [
        sql::DROP_ADDITIONS_OF,
        sql::DROP_QUOTAS_OF,
        sql::DROP_PERSON,
        sql::DROP_KEYS_OF,
        sql::DROP_HOLDERS_OF,
    ] {
        rows += tx.execute(statement.into(), args![user]).await?;
    }
    for name in names.list() {
        let small = name.to_lowercase();
        let cells = args![name, &small, &small];
        rows += tx.execute(sql::DROP_DIRECTORY_OF.into(), cells).await?;
    }
    rows += tx
        .execute(sql::MOVE_BLOCKS.into(), args![pseudonym, user])
        .await?;
    rows += tx
        .execute(sql::MOVE_PROTECTIONS.into(), args![pseudonym, now, user])
        .await?;
    rows += tx
        .execute(sql::DROP_WARNINGS_OF.into(), args![&subject])
        .await?;
    rows += remove_targets::<D>(tx, user).await?;
    for statement in [
        sql::DROP_INCIDENTS_OF,
        sql::DROP_MESSAGES_OF,
        sql::DROP_LETTERS_OF,
    ] {
        rows += tx.execute(statement.into(), args![&subject]).await?;
    }
    for name in names.list().iter().map(|name| name.to_lowercase()) {
        rows += tx
            .execute(sql::DROP_LETTERS_TO.into(), args![&name])
            .await?;
    }
    rows += tx
        .execute(sql::SHUT_OUT_DEVELOPERS.into(), args![pseudonym, now, user])
        .await?;
    Ok(rows)
}

/// Targets in which nothing is denied to anybody any more; of others only the membership.
async fn remove_targets<D: Dialect>(tx: &mut D::Write, user: &str) -> Result<u64, StoreError> {
    let targets = tx.query(sql::TARGETS_OF.into(), args![user]).await?;
    let mut rows = tx.execute(sql::DROP_MEMBERS_OF.into(), args![user]).await?;
    for mut row in targets {
        let account = row.text("access_members.account_id")?;
        let kind = row.text("access_members.kind")?;
        let id = row.text("access_members.id")?;
        let cells = args![&account, &kind, &id];
        rows += tx.execute(sql::DROP_TARGET.into(), cells).await?;
    }
    Ok(rows)
}

/// Removes the user, unless something of it came meanwhile.
pub(crate) async fn end<D: Dialect>(
    db: &D,
    names: &Names,
    end: &End,
) -> Result<Option<Kept>, StoreError> {
    transact!(db, "forget-ends", names.pseudonym().as_str(), tx => {
        end_in::<D>(&mut tx, names, end).await
    })
    .map(|(kept, _)| kept)
}

/// Whoever counts a call of the user meanwhile waits for its row, and finds none: it is a new user.
async fn end_in<D: Dialect>(
    tx: &mut D::Write,
    names: &Names,
    end: &End,
) -> Result<Option<Kept>, StoreError> {
    let End {
        now,
        audited,
        say,
        done,
    } = end;
    let user = names.user();
    tx.execute(sql::LOCK_USER.into(), args![user.as_str()])
        .await?;
    if let Some(obstacle) = obstacle(tx, user, *now).await? {
        return Ok(Some(Kept::Obstacle(obstacle)));
    }
    for left in [
        sql::COUNT_REQUESTS,
        sql::COUNT_COUNTERS,
        sql::COUNT_IN_TEAMS,
        sql::COUNT_HOURLY,
    ] {
        if count(tx, left, args![user.as_str()]).await? > 0 {
            return Ok(Some(Kept::Calls));
        }
    }
    remove_own_in::<D>(tx, names, *now).await?;
    for statement in [sql::DROP_PRINCIPALS_OF, sql::DROP_USER, sql::END_FORGETTING] {
        tx.execute(statement.into(), args![user.as_str()]).await?;
    }
    let last = texts::replace_entries::<D>(tx, names, *audited, REST, say).await?;
    if last.rest.is_some() {
        return Err(StoreError::Refused(format!(
            "more than {REST} entries came into the record meanwhile: run the same command again"
        )));
    }
    audit::append::<D>(tx, [done.clone()]).await?;
    Ok(None)
}
