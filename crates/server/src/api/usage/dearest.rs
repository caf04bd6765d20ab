//! Days of the dearest users, and of the others as one: read from the users' own counters, day by day only
//! of those who have rows of their own.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use weir_core::counter::Sums;
use weir_core::ids::UserId;
use weir_store::{CrossRow, GroupBy, UsageFilter};

use super::matrix::everybody;
use crate::api::Api;
use crate::problem::Problem;

/// Users with rows of their own, the others as one, and the days: a row without a name is of the others.
pub(super) struct Dearest {
    pub(super) users: Vec<(String, Sums)>,
    pub(super) others: Option<Sums>,
    pub(super) rows: Vec<(String, Option<String>, Sums)>,
}

/// Of everybody, or of `only` some.
pub(super) async fn days(
    api: &Api,
    days: (Date, Date),
    only: Option<&BTreeSet<String>>,
    top: usize,
) -> Result<Dearest, Problem> {
    let store = api.engine.store();
    let filter = UsageFilter {
        from: Some(days.0),
        to: Some(days.1),
        ..UsageFilter::default()
    };
    let ranked = store.usage(GroupBy::User, &filter).await;
    let ranked = ranked.map_err(Problem::of_store)?.into_iter();
    let ranked = ranked.map(|row| (row.key, row.sums));
    let mut users: Vec<_> = ranked
        .filter(|(user, _)| only.is_none_or(|only| only.contains(user)))
        .collect();
    users.sort_by_key(|(_, sums)| std::cmp::Reverse((sums.cost_nanos, sums.requests)));
    let rest = users.split_off(top.min(users.len()));
    let ids = |users: &[(String, Sums)]| -> Vec<UserId> {
        users.iter().map(|(user, _)| UserId::new(user)).collect()
    };
    let own = store.reports().days_of_users(&ids(&users), days).await;
    let own = own.map_err(Problem::of_store)?;
    let of_rest = match (rest.is_empty(), only) {
        (true, _) => BTreeMap::new(),
        (false, None) => without(everybody(api, None, days).await?, &own),
        (false, Some(_)) => {
            let rest = ids(&rest);
            let sums = store.reports().days_of_users_summed(&rest, days).await;
            let sums = sums.map_err(Problem::of_store)?.into_iter();
            sums.map(|row| (row.key, row.sums)).collect()
        }
    };
    let place: BTreeMap<&str, usize> = users
        .iter()
        .enumerate()
        .map(|(at, (user, _))| (user.as_str(), at))
        .collect();
    let others = of_rest.into_iter();
    let others = others.filter(|(_, sums)| *sums != Sums::default());
    let mut rows: Vec<_> = own
        .into_iter()
        .map(|row| (row.first, Some(row.second), row.sums))
        .chain(others.map(|(day, sums)| (day, None, sums)))
        .collect();
    rows.sort_by_cached_key(|(day, user, _)| {
        let at = user.as_deref().and_then(|user| place.get(user));
        (day.clone(), at.copied().unwrap_or(usize::MAX))
    });
    let others = rest.iter().fold(Sums::default(), |mut all, (_, sums)| {
        all += *sums;
        all
    });
    Ok(Dearest {
        others: (!rest.is_empty()).then_some(others),
        users,
        rows,
    })
}

/// Days of everybody without those of some.
fn without(everybody: Vec<(String, Sums)>, own: &[CrossRow]) -> BTreeMap<String, Sums> {
    let mut days: BTreeMap<String, Sums> = everybody.into_iter().collect();
    for row in own {
        *days.entry(row.first.clone()).or_default() += -row.sums;
    }
    days
}
