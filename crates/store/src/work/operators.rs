//! Operators: made, changed, and the link that lets the first one in.

use jiff::Timestamp;
use weir_core::audit::Entry;
use weir_core::ids::{TeamId, UserId};
use weir_core::operator::{Identity, OperatorName, Role, account_key};

use crate::dialect::{Conn, Dialect};
use crate::error::StoreError;
use crate::operators::{OperatorChange, OperatorRow};
use crate::row::operator;
use crate::sql::operators as sql;
use crate::value::args;
use crate::work::audit;
use crate::work::transact::transact;

pub(crate) async fn one<D: Dialect>(
    db: &D,
    name: &OperatorName,
) -> Result<Option<OperatorRow>, StoreError> {
    let mut conn = db.read().await?;
    let row = conn.one(sql::OPERATOR.into(), args![name.as_str()]).await?;
    row.map(|mut row| operator::read(&mut row)).transpose()
}

pub(crate) async fn of_identity<D: Dialect>(
    db: &D,
    identity: &Identity,
) -> Result<Option<OperatorRow>, StoreError> {
    let mut conn = db.read().await?;
    let Identity { issuer, subject } = identity;
    let row = conn
        .one(sql::OPERATOR_OF.into(), args![issuer, subject])
        .await?;
    row.map(|mut row| operator::read(&mut row)).transpose()
}

pub(crate) async fn users_with_email<D: Dialect>(
    db: &D,
    email: &str,
) -> Result<Vec<UserId>, StoreError> {
    let mut conn = db.read().await?;
    let email = email.to_ascii_lowercase();
    let rows = conn
        .query(
            sql::USERS_WITH_EMAIL.into(),
            args![email.as_str(), email.as_str()],
        )
        .await?;
    rows.into_iter()
        .map(|mut row| row.id("users.user_id"))
        .collect()
}

pub(crate) async fn list<D: Dialect>(db: &D) -> Result<Vec<OperatorRow>, StoreError> {
    let mut conn = db.read().await?;
    let rows = conn.query(sql::OPERATORS.into(), Vec::new()).await?;
    rows.into_iter()
        .map(|mut row| operator::read(&mut row))
        .collect()
}

/// Adds one; with a link, only as the first and only against it. Not, if the name or the identity is on
/// file: of several at once one is quicker.
pub(crate) async fn add<D: Dialect>(
    db: &D,
    operator: &OperatorRow,
    link: Option<&str>,
    entries: &[Entry],
) -> Result<bool, StoreError> {
    let added = transact!(db, "add-operator", operator.name.as_str(), tx => {
        add_in::<D>(&mut tx, operator, link, entries).await
    });
    match added {
        Err(StoreError::Database(sqlx::Error::Database(error))) if error.is_unique_violation() => {
            Ok(false)
        }
        added => added.map(|(added, _)| added),
    }
}

async fn add_in<D: Dialect>(
    tx: &mut D::Write,
    operator: &OperatorRow,
    link: Option<&str>,
    entries: &[Entry],
) -> Result<bool, StoreError> {
    let OperatorRow {
        name,
        rights,
        proof,
        disabled_at: _,
        created_at,
        last_login_at: _,
    } = operator;
    if let Some(link) = link {
        let used = tx
            .execute(sql::USE_SETUP_LINK.into(), args![link, *created_at])
            .await?;
        if used == 0 || count::<D>(tx).await? > 0 {
            return Ok(false);
        }
    } else {
        let taken = tx.one(sql::OPERATOR.into(), args![name.as_str()]).await?;
        if taken.is_some() {
            return Ok(false);
        }
        tx.execute(sql::DROP_SETUP_LINK.into(), Vec::new()).await?;
    }
    let team = rights.team().map(TeamId::as_str);
    let user = rights.user().map(UserId::as_str);
    let cells = args![
        name.as_str(),
        rights.role().as_str(),
        team,
        user,
        proof.password(),
        proof.provider().map(|identity| identity.issuer.as_str()),
        proof.provider().map(|identity| identity.subject.as_str()),
        *created_at
    ];
    tx.execute(sql::ADD_OPERATOR.into(), cells).await?;
    audit::append::<D>(tx, entries.iter().cloned()).await?;
    Ok(true)
}

async fn count<D: Dialect>(tx: &mut D::Write) -> Result<u64, StoreError> {
    let row = tx.one(sql::COUNT_OPERATORS.into(), Vec::new()).await?;
    row.map_or(Ok(0), |mut row| row.count("operators"))
}

pub(crate) async fn change<D: Dialect>(
    db: &D,
    name: &OperatorName,
    change: &OperatorChange,
    at: Timestamp,
    entries: &[Entry],
) -> Result<bool, StoreError> {
    transact!(db, "change-operator", name.as_str(), tx => {
        change_in::<D>(&mut tx, name, change, at, entries).await
    })
    .map(|(changed, _)| changed)
}

async fn change_in<D: Dialect>(
    tx: &mut D::Write,
    name: &OperatorName,
    change: &OperatorChange,
    at: Timestamp,
    entries: &[Entry],
) -> Result<bool, StoreError> {
    let key = name.as_str();
    let takes_an_admin = match change {
        OperatorChange::Disable => true,
        OperatorChange::Rights(rights) => rights.role() != Role::Admin,
        OperatorChange::Password(_)
        | OperatorChange::Follow(_)
        | OperatorChange::Leave
        | OperatorChange::Enable => false,
    };
    if takes_an_admin {
        let rows = tx.query(D::SQL.admins_locked.into(), Vec::new()).await?;
        let admins = rows.into_iter().map(|mut row| row.text("operators.name"));
        let admins = admins.collect::<Result<Vec<_>, _>>()?;
        if admins.len() == 1 && admins.iter().any(|admin| admin == key) {
            return Err(StoreError::Refused(format!(
                "`{name}` is the last admin who can log in: make another one first"
            )));
        }
    }
    let changed = match change {
        OperatorChange::Password(hash) => {
            tx.execute(sql::DROP_ATTEMPTS.into(), args![account_key(name)])
                .await?;
            tx.execute(sql::SET_PASSWORD.into(), args![hash, key]).await
        }
        OperatorChange::Rights(rights) | OperatorChange::Follow(rights) => {
            let team = rights.team().map(TeamId::as_str);
            let user = rights.user().map(UserId::as_str);
            let cells = args![rights.role().as_str(), team, user, key];
            tx.execute(sql::SET_RIGHTS.into(), cells).await
        }
        OperatorChange::Leave => {
            tx.execute(sql::REVOKE_TOKENS_OF.into(), args![at, key])
                .await?;
            // The operator is there, whatever there was to revoke.
            Ok(1)
        }
        OperatorChange::Disable => tx.execute(sql::SET_DISABLED.into(), args![at, key]).await,
        OperatorChange::Enable => {
            let never: Option<Timestamp> = None;
            tx.execute(sql::SET_DISABLED.into(), args![never, key])
                .await
        }
    }?;
    if changed == 0 {
        return Ok(false);
    }
    let is_of_rights = matches!(
        change,
        OperatorChange::Rights(_) | OperatorChange::Follow(_)
    );
    if !is_of_rights {
        tx.execute(sql::END_SESSIONS_OF.into(), args![key]).await?;
    }
    audit::append::<D>(tx, entries.iter().cloned()).await?;
    Ok(true)
}

pub(crate) async fn offer_setup<D: Dialect>(
    db: &D,
    link: &str,
    expires_at: Timestamp,
    entries: &[Entry],
) -> Result<bool, StoreError> {
    transact!(db, "offer-setup", link, tx => {
        offer_in::<D>(&mut tx, link, expires_at, entries).await
    })
    .map(|(offered, _)| offered)
}

async fn offer_in<D: Dialect>(
    tx: &mut D::Write,
    link: &str,
    expires_at: Timestamp,
    entries: &[Entry],
) -> Result<bool, StoreError> {
    if count::<D>(tx).await? > 0 {
        return Ok(false);
    }
    tx.execute(sql::SETUP_LINK.into(), args![link, expires_at])
        .await?;
    audit::append::<D>(tx, entries.iter().cloned()).await?;
    Ok(true)
}

pub(crate) async fn setup_is_good<D: Dialect>(
    db: &D,
    link: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let mut conn = db.read().await?;
    let row = conn
        .one(sql::GOOD_SETUP_LINK.into(), args![link, now])
        .await?;
    Ok(row.is_some())
}
