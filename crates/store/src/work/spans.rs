//! Sums over stretches of days from counters: of whole months where those are fewer than their days.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use futures_util::future::try_join_all;
use jiff::civil::Date;
use weir_core::calendar::{self, Run, WindowKind};
use weir_core::counter::Sums;
use weir_core::ids::UserId;
use weir_core::quota::Metric;

use crate::dialect::{Conn, Dialect};
use crate::error::StoreError;
use crate::filter::{GroupBy, UsageFilter};
use crate::reports::{CrossRow, Ranked};
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
    let of_days = |kind, id| args![kind, id, WindowKind::Day.as_str(), first, last, ""];
    let (statement, arguments) = match (by, team, user, model, tool) {
        (GroupBy::Team, _, None, None, None) => {
            return over(db, "team", team, filter).await.map(Some);
        }
        (GroupBy::User, None, _, None, None) => {
            return over(db, "user", user, filter).await.map(Some);
        }
        (GroupBy::User, Some(team), _, None, None) => (
            sql::PARTS,
            args!["team-user", first, last, user, user, team, team],
        ),
        (GroupBy::Model, _, None, _, None) => (
            sql::PARTS,
            args!["team-model", first, last, model, model, team, team],
        ),
        (GroupBy::Tool, _, None, None, _) => (
            sql::PARTS,
            args!["team-tool", first, last, tool, tool, team, team],
        ),
        (GroupBy::Day, None, None, None, None) => (sql::SERIES, of_days("organisation", "")),
        (GroupBy::Day, Some(team), None, None, None) => (sql::SERIES, of_days("team", team)),
        (GroupBy::Day, None, Some(user), None, None) => (sql::SERIES, of_days("user", user)),
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

/// Totals of everybody of a kind, or of the one who is asked about, over a stretch of days.
async fn over<D: Dialect>(
    db: &D,
    scope: &'static str,
    who: Option<&str>,
    filter: &UsageFilter,
) -> Result<Vec<UsageRow>, StoreError> {
    let reads = stretches(filter).into_iter().map(|stretch| async move {
        let (kind, first, last) = stretch.arguments();
        let arguments = args![scope, kind, first, last, who, who];
        let mut conn = db.read().await?;
        let rows = conn.query(sql::EACH_OVER.into(), arguments).await?;
        let sign = |sums: Sums| if stretch.taken_away { -sums } else { sums };
        let rows = rows.into_iter().map(read);
        let rows = rows.map(|row| row.map(|UsageRow { key, sums }| (key, sign(sums))));
        rows.collect()
    });
    let totals = added_up(try_join_all(reads).await?).into_iter();
    let mut rows: Vec<_> = totals.map(|(key, sums)| UsageRow { key, sums }).collect();
    // Stable: those that cost the same stay in the order of their keys.
    rows.sort_by_key(|row| std::cmp::Reverse(row.sums.cost_nanos));
    Ok(rows)
}

/// Stretches, each with what it comes to by key, together.
fn added_up<T: Default + AddAssign>(stretches: Vec<Vec<(String, T)>>) -> BTreeMap<String, T> {
    let mut totals = BTreeMap::<String, T>::new();
    for (key, total) in stretches.into_iter().flatten() {
        *totals.entry(key).or_default() += total;
    }
    totals
}

/// Windows side by side that are to be added up or taken away.
struct Stretch {
    kind: WindowKind,
    first: String,
    last: String,
    taken_away: bool,
}

impl Stretch {
    fn of(run: Run) -> Self {
        let Run {
            first,
            last,
            taken_away,
        } = run;
        Self {
            kind: first.kind(),
            first: first.to_string(),
            last: last.to_string(),
            taken_away,
        }
    }

    /// As statements take it: the kind, the first and the last key.
    fn arguments(&self) -> (&'static str, &str, &str) {
        (self.kind.as_str(), &self.first, &self.last)
    }
}

/// The stretches that come to what is asked for. Of all that there is, its months.
fn stretches(filter: &UsageFilter) -> Vec<Stretch> {
    match (filter.from, filter.to) {
        (Some(from), Some(to)) => calendar::runs(from, to)
            .into_iter()
            .map(Stretch::of)
            .collect(),
        (None, None) => vec![Stretch {
            kind: WindowKind::Month,
            first: String::new(),
            last: "9999-12".to_owned(),
            taken_away: false,
        }],
        _ => {
            let Narrowed { first, last, .. } = Narrowed::by(filter);
            vec![Stretch {
                kind: WindowKind::Day,
                first,
                last,
                taken_away: false,
            }]
        }
    }
}

/// Users by how much they used of one thing, whoever used most first.
pub(crate) async fn ranked<D: Dialect>(
    db: &D,
    metric: Metric,
    (from, to): (Date, Date),
) -> Result<Vec<Ranked>, StoreError> {
    let statement = match metric {
        Metric::Requests => sql::RANKED_BY_REQUESTS,
        Metric::Tokens => sql::RANKED_BY_TOKENS,
        Metric::TokensAll => sql::RANKED_BY_TOKENS_ALL,
        Metric::Cost => sql::RANKED_BY_COST,
    };
    let runs = calendar::runs(from, to).into_iter().map(Stretch::of);
    let reads = runs.map(|stretch| async move {
        let (kind, first, last) = stretch.arguments();
        let mut conn = db.read().await?;
        let rows = conn
            .query(statement.into(), args![kind, first, last])
            .await?;
        let rows = rows.into_iter().map(|row| rank(row, stretch.taken_away));
        rows.collect()
    });
    let users = added_up(try_join_all(reads).await?).into_iter();
    // Calls that moved on leave counters of nothing.
    let users = users.filter(|(_, rank)| rank.requests + rank.failed > 0);
    let mut users: Vec<_> = users
        .map(|(user, Rank { requests, used, .. })| Ranked {
            user: UserId::new(user),
            requests,
            used,
        })
        .collect();
    // Stable: those that are equal stay in the order of their ids.
    users.sort_by_key(|user| std::cmp::Reverse((user.used, user.requests)));
    Ok(users)
}

/// What decides a user's place.
#[derive(Clone, Copy, Debug, Default)]
struct Rank {
    requests: i64,
    failed: i64,
    used: i64,
}

impl AddAssign for Rank {
    fn add_assign(&mut self, other: Self) {
        let Self {
            requests,
            failed,
            used,
        } = other;
        self.requests += requests;
        self.failed += failed;
        self.used += used;
    }
}

fn rank(mut row: Row, taken_away: bool) -> Result<(String, Rank), StoreError> {
    let user = row.text("usage_counters.scope_id")?;
    let sign = if taken_away { -1 } else { 1 };
    let rank = Rank {
        requests: sign * row.int("requests")?,
        failed: sign * row.int("failed")?,
        used: sign * row.int("used")?,
    };
    Ok((user, rank))
}

/// What some users used day by day.
pub(crate) async fn days_of_users<D: Dialect>(
    db: &D,
    users: &[UserId],
    days: (Date, Date),
) -> Result<Vec<CrossRow>, StoreError> {
    let arguments = args![dates(days)?, names(users)?];
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
    days: (Date, Date),
) -> Result<Vec<UsageRow>, StoreError> {
    let arguments = args![dates(days)?, names(users)?];
    let mut conn = db.read().await?;
    let statement = D::SQL.days_of_users_summed.into();
    let rows = conn.query(statement, arguments).await?;
    rows.into_iter().map(read).collect()
}

fn names(users: &[UserId]) -> Result<String, StoreError> {
    let users: Vec<_> = users.iter().map(UserId::as_str).collect();
    json(&users)
}

/// Each day, so that it is looked up by its key: what a join compares with a stretch, `MySQL` looks for among
/// all windows of a user.
fn dates((from, to): (Date, Date)) -> Result<String, StoreError> {
    let days = from.series(jiff::Span::new().days(1));
    let days: Vec<_> = days
        .take_while(|day| *day <= to)
        .map(|day| day.to_string())
        .collect();
    json(&days)
}
