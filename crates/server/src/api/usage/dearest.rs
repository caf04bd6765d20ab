//! Days of the dearest users, and of the others as one: read from the users' own counters, day by day only
//! of those who have rows of their own.

use std::collections::BTreeMap;

use jiff::civil::Date;
use weir_core::counter::Sums;
use weir_core::ids::UserId;
use weir_core::quota::Metric;

use super::matrix::{Only, everybody};
use crate::api::Api;
use crate::problem::Problem;

/// Users with rows of their own, the others as one, and the days: a row without a name is of the others.
pub(super) struct Dearest {
    pub(super) users: Vec<(String, Sums)>,
    pub(super) others: Option<Sums>,
    pub(super) rows: Vec<(String, Option<String>, Sums)>,
}

/// Days of everybody, or of the many who are looked for; so many users, the `top`, have rows of their own.
pub(super) async fn days(
    api: &Api,
    days: (Date, Date),
    only: &Only,
    top: usize,
) -> Result<Dearest, Problem> {
    let reports = api.engine.store().reports();
    let ranked = reports.ranked(Metric::Cost, days).await;
    let ranked = ranked.map_err(Problem::of_store)?;
    let ranked = ranked.into_iter().map(|one| one.user);
    let mut users: Vec<_> = ranked.filter(|user| only.has(user.as_str())).collect();
    let rest = users.split_off(top.min(users.len()));
    let own = async {
        let own = reports.days_of_users(&users, days).await;
        own.map_err(Problem::of_store)
    };
    // Of everybody, the others are what is left without those who have rows of their own.
    let whole = only.is_everybody();
    let some = (!whole).then_some(rest.as_slice());
    let (own, mut others) = tokio::try_join!(own, together(api, some, days))?;
    let mut totals: BTreeMap<&str, Sums> = BTreeMap::new();
    for row in &own {
        *totals.entry(row.second.as_str()).or_default() += row.sums;
        if whole {
            *others.entry(row.first.clone()).or_default() += -row.sums;
        }
    }
    others.retain(|_, sums| !rest.is_empty() && *sums != Sums::default());
    let sum = others.values().fold(Sums::default(), |mut sum, day| {
        sum += *day;
        sum
    });
    let users = users.iter().map(|user| {
        let sums = totals.get(user.as_str()).copied();
        (user.to_string(), sums.unwrap_or_default())
    });
    let users: Vec<_> = users.collect();
    let place: BTreeMap<&str, usize> = users
        .iter()
        .enumerate()
        .map(|(at, (user, _))| (user.as_str(), at))
        .collect();
    let mut rows: Vec<_> = own
        .into_iter()
        .map(|row| (row.first, Some(row.second), row.sums))
        .chain(others.into_iter().map(|(day, sums)| (day, None, sums)))
        .collect();
    rows.sort_by_cached_key(|(day, user, _)| {
        let at = user.as_deref().and_then(|user| place.get(user));
        (day.clone(), at.copied().unwrap_or(usize::MAX))
    });
    Ok(Dearest {
        others: (!rest.is_empty()).then_some(sum),
        users,
        rows,
    })
}

/// Each day of everybody, or of some users, together.
async fn together(
    api: &Api,
    users: Option<&[UserId]>,
    days: (Date, Date),
) -> Result<BTreeMap<String, Sums>, Problem> {
    let Some(users) = users else {
        let days = everybody(api, None, days).await?;
        return Ok(days.into_iter().collect());
    };
    let reports = api.engine.store().reports();
    let days = reports.days_of_users_summed(users, days).await;
    let days = days.map_err(Problem::of_store)?.into_iter();
    Ok(days.map(|row| (row.key, row.sums)).collect())
}
