//! Totals of a user that no invocation on file accounts for any more: they move as they are.

use weir_core::forget::Names;

use crate::dialect::{Conn, Dialect};
use crate::error::StoreError;
use crate::row::sums;
use crate::sql::{forget as sql, portable};
use crate::value::{Arg, Doc, args};
use crate::work::docs::{CountDocs, LookDocs};
use crate::work::transact::transact;

/// Moves some; how many.
pub(crate) async fn shift<D: Dialect>(db: &D, names: &Names, rows: u32) -> Result<u64, StoreError> {
    transact!(db, "forget-totals", names.pseudonym().as_str(), tx => {
        shift_in::<D>(&mut tx, names, rows).await
    })
    .map(|(moved, _)| moved)
}

async fn shift_in<D: Dialect>(
    tx: &mut D::Write,
    names: &Names,
    rows: u32,
) -> Result<u64, StoreError> {
    let (from, to) = (names.user().as_str(), names.pseudonym().as_str());
    let mut version = tx.query(portable::RULES_VERSION.into(), Vec::new()).await?;
    let version = match version.first_mut() {
        Some(row) => row.int("rules_head.version")?,
        None => return Err(StoreError::Schema("rules_head has no row".to_owned())),
    };
    let mut counters = shifted::<D>(tx, Place::Scope, from, to, rows).await?;
    counters.extend(shifted::<D>(tx, Place::Part, from, to, rows).await?);
    let hourly = hourly::<D>(tx, from, to, rows).await?;
    let emptied = hourly
        .iter()
        .filter(|cells| matches!(&cells[3], Arg::Text(user) if user == from))
        .map(|cells| cells[..7].to_vec())
        .collect();
    let moved = (counters.len() + hourly.len()) as u64 / 2;
    if moved > 0 {
        let none = || "[]".to_owned();
        let docs = CountDocs {
            settle_id: "forget-totals",
            now: 0,
            version,
            users: Vec::new(),
            principals: Vec::new(),
            teams: Vec::new(),
            counters,
            hourly,
            emptied,
            look: LookDocs {
                users: none(),
                teams: none(),
                scopes: none(),
                subjects: none(),
                windows: none(),
                ended_since: 0,
            },
        };
        D::count(tx, &docs).await?;
    }
    for sql in [sql::DROP_EMPTY_COUNTERS, sql::DROP_EMPTY_IN_TEAMS] {
        tx.execute(sql.into(), args![from]).await?;
    }
    Ok(moved)
}

/// Where in the key of a counter the user stands.
#[derive(Clone, Copy)]
enum Place {
    /// As the scope: what the user, or a tool or model of the user, came to.
    Scope,
    /// As the part of a team: what the user used for it.
    Part,
}

impl Place {
    const fn left(self) -> &'static str {
        match self {
            Self::Scope => sql::COUNTERS_LEFT,
            Self::Part => sql::IN_TEAMS_LEFT,
        }
    }

    /// Scope and part of a user's counter, of which the statement reads the other half.
    fn key<'a>(self, user: &'a str, other: &'a str) -> (&'a str, &'a str) {
        match self {
            Self::Scope => (user, other),
            Self::Part => (other, user),
        }
    }
}

/// Differences: out of the user's counters, into the pseudonym's.
async fn shifted<D: Dialect>(
    tx: &mut D::Write,
    place: Place,
    from: &str,
    to: &str,
    rows: u32,
) -> Result<Doc<'static>, StoreError> {
    let mut differences = Doc::new();
    for mut row in tx.query(place.left().into(), args![from, rows]).await? {
        let scope = row.text("usage_counters.scope_kind")?;
        let kind = row.text("usage_counters.window_kind")?;
        let key = row.text("usage_counters.window_key")?;
        let other = row.text("usage_counters")?;
        let total = sums::read(&mut row)?;
        for (user, total) in [(from, -total), (to, total)] {
            let (id, part) = place.key(user, &other);
            let mut cells = args![
                scope.clone(),
                id.to_owned(),
                kind.clone(),
                key.clone(),
                part.to_owned()
            ];
            cells.extend(sums::cells(&total));
            differences.push(cells);
        }
    }
    Ok(differences)
}

/// The same by the hour.
async fn hourly<D: Dialect>(
    tx: &mut D::Write,
    from: &str,
    to: &str,
    rows: u32,
) -> Result<Doc<'static>, StoreError> {
    let mut differences = Doc::new();
    for mut row in tx.query(sql::HOURLY_LEFT.into(), args![from, rows]).await? {
        let hour = row.text("usage_hourly.local_hour")?;
        let account = row.text("usage_hourly.account_id")?;
        let region = row.text("usage_hourly.region")?;
        let team = row.text("usage_hourly.team")?;
        let tool = row.text("usage_hourly.tool")?;
        let model = row.text("usage_hourly.model_id")?;
        let total = sums::read(&mut row)?;
        for (user, total) in [(from, -total), (to, total)] {
            let mut cells = args![
                hour.clone(),
                account.clone(),
                region.clone(),
                user.to_owned(),
                team.clone(),
                tool.clone(),
                model.clone()
            ];
            cells.extend(sums::cells(&total));
            differences.push(cells);
        }
    }
    Ok(differences)
}
