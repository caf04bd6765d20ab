//! Sums over stretches of days from counters: of whole months where those are fewer than their days.

use std::collections::BTreeMap;

use jiff::civil::Date;
use weir_core::calendar::{self, Run, WindowKind};
use weir_core::counter::Sums;
use weir_core::ids::UserId;

use crate::dialect::{Conn, Dialect};
use crate::error::StoreError;
use crate::filter::{GroupBy, UsageFilter};
use crate::reports::CrossRow;
use crate::row::sums;
use crate::rows::UsageRow;
use crate::sql::reports as sql;
use crate::value::{Row, args, json};
use crate::work::narrowed::Narrowed;

/// Sums by one thing, where there are counters that say them: days ascending, others by cost
/// descending, then key.
pub(crate) async fn summed<D: Dialect>(
    db: &D,
    by: GroupBy,
    filter: &UsageFilter,
) -> Result<Option<Vec<UsageRow>>, StoreError> {
    let asked = Narrowed::by(filter);
    let Narrowed {
        first,
        last,
        team,
        user,
        model,
        tool,
        end: _,
    } = &asked;
    let (team, user, model, tool) = (*team, *user, *model, *tool);
    let days = WindowKind::Day.as_str();
    let (statement, arguments) = match (by, team, user, model, tool) {
        (GroupBy::Team, _, None, None, None) => {
            return over(db, sql::TEAMS_OVER, team, filter).await.map(Some);
        }
        (GroupBy::User, None, _, None, None) => {
            return over(db, sql::USERS_OVER, user, filter).await.map(Some);
        }
        (GroupBy::Model, _, None, _, None) => (
            sql::PARTS,
            args!["team-model", first, last, model, model, team, team],
        ),
        (GroupBy::Tool, _, None, None, _) => (
            sql::PARTS,
            args!["team-tool", first, last, tool, tool, team, team],
        ),
        (GroupBy::Day, _, None, None, None) => {
            (sql::WINDOWS_OF_TEAMS, args![days, first, last, team, team])
        }
        _ => return Ok(None),
    };
    let rows = db.read().await?.query(statement.into(), arguments).await?;
    rows.into_iter()
        .map(read)
        .collect::<Result<_, _>>()
        .map(Some)
}

fn read(mut row: Row) -> Result<UsageRow, StoreError> {
    Ok(UsageRow {
        key: row.text("usage_counters")?,
        sums: sums::read(&mut row)?,
    })
}

/// Totals of everybody, or of the one who is asked about, over a stretch of days.
async fn over<D: Dialect>(
    db: &D,
    statement: &'static str,
    who: Option<&str>,
    filter: &UsageFilter,
) -> Result<Vec<UsageRow>, StoreError> {
    let mut conn = db.read().await?;
    let mut totals = BTreeMap::<String, Sums>::new();
    for (kind, first, last, taken_away) in stretches(filter) {
        let arguments = args![kind.as_str(), &first, &last, who, who];
        for row in conn.query(statement.into(), arguments).await? {
            let UsageRow { key, sums } = read(row)?;
            *totals.entry(key).or_default() += if taken_away { -sums } else { sums };
        }
    }
    let rows = totals.into_iter().map(|(key, sums)| UsageRow { key, sums });
    let mut rows: Vec<_> = rows.collect();
    // Stable: those that cost the same stay in the order of their keys.
    rows.sort_by_key(|row| std::cmp::Reverse(row.sums.cost_nanos));
    Ok(rows)
}

/// The windows to add up or take away: kind, the first and the last key. Of all that there is, its months.
fn stretches(filter: &UsageFilter) -> Vec<(WindowKind, String, String, bool)> {
    match (filter.from, filter.to) {
        (Some(from), Some(to)) => {
            let runs = calendar::runs(from, to).into_iter();
            let key = |run: Run| {
                let Run {
                    first,
                    last,
                    taken_away,
                } = run;
                (
                    first.kind(),
                    first.to_string(),
                    last.to_string(),
                    taken_away,
                )
            };
            runs.map(key).collect()
        }
        (None, None) => vec![(
            WindowKind::Month,
            String::new(),
            "9999-12".to_owned(),
            false,
        )],
        _ => {
            let Narrowed { first, last, .. } = Narrowed::by(filter);
            vec![(WindowKind::Day, first, last, false)]
        }
    }
}

/// What some users used day by day.
pub(crate) async fn days_of_users<D: Dialect>(
    db: &D,
    users: &[UserId],
    (from, to): (Date, Date),
) -> Result<Vec<CrossRow>, StoreError> {
    let arguments = args![names(users)?, from.to_string(), to.to_string()];
    let mut conn = db.read().await?;
    let rows = conn.query(D::SQL.days_of_users.into(), arguments).await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(CrossRow {
                first: row.text("usage_counters.window_key")?,
                second: row.text("usage_counters.scope_id")?,
                sums: sums::read(&mut row)?,
            })
        })
        // Calls that moved on leave counters of nothing.
        .filter(|row| !row.as_ref().is_ok_and(|row| row.sums == Sums::default()))
        .collect()
}

/// What some users used together, day by day.
pub(crate) async fn days_of_users_summed<D: Dialect>(
    db: &D,
    users: &[UserId],
    (from, to): (Date, Date),
) -> Result<Vec<UsageRow>, StoreError> {
    let arguments = args![names(users)?, from.to_string(), to.to_string()];
    let mut conn = db.read().await?;
    let statement = D::SQL.days_of_users_summed.into();
    let rows = conn.query(statement, arguments).await?;
    rows.into_iter().map(read).collect()
}

fn names(users: &[UserId]) -> Result<String, StoreError> {
    let users: Vec<_> = users.iter().map(UserId::as_str).collect();
    json(&users)
}
