//! What limits would fit, from what was used.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use weir_core::ids::TeamId;
use weir_core::quota::Metric;
use weir_core::suggest::Spread;

use crate::{Engine, EngineError};

const PAGE: u32 = 500;
/// A dollar, in nano-dollars.
const DOLLAR: i64 = 1_000_000_000;

/// What one team's people used, and what limit would fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// Which team; `None` is everybody.
    pub team: Option<TeamId>,
    /// Of what.
    pub metric: Metric,
    /// Per active user and local day.
    pub day: Spread,
    /// Per active user over all days that were looked at.
    pub whole: Spread,
    /// A daily limit for each member.
    pub daily: i64,
    /// A monthly limit for each member.
    pub monthly: i64,
    /// User-days on which the daily limit would have been reached.
    pub reached: usize,
}

/// Usage of one user: per day, by metric.
type Days = BTreeMap<String, [i64; 3]>;

const METRICS: [Metric; 3] = [Metric::Requests, Metric::Tokens, Metric::Cost];

impl Engine {
    /// Looks at the local days of the last `days` days, today left out: it is not over.
    pub async fn suggest(&self, days: u32) -> Result<Vec<Suggestion>, EngineError> {
        let rules = self.rules().await?;
        let now = self.now();
        let back = SignedDuration::from_hours(24 * i64::from(days));
        let since = rules
            .zone
            .day(now.saturating_sub(back).unwrap_or(Timestamp::MIN));
        let today = rules.zone.day(now);
        let mut teams: BTreeMap<Option<TeamId>, Vec<Days>> = BTreeMap::new();
        let mut after = None;
        loop {
            let page = self.store.users(None, after.as_ref(), PAGE).await?;
            let is_last = page.len() < PAGE as usize;
            after = page.last().map(|row| row.user.clone());
            for row in page {
                let mut used: BTreeMap<TeamId, Days> = BTreeMap::new();
                for (team, window, sums) in self.store.usage_by_hour(&row.user, since).await? {
                    let day = window.date();
                    if day >= today {
                        continue;
                    }
                    let entry = used
                        .entry(team)
                        .or_default()
                        .entry(day.to_string())
                        .or_default();
                    for (sum, metric) in entry.iter_mut().zip(METRICS) {
                        *sum = sum.saturating_add(metric.used(&sums));
                    }
                }
                let mut whole = Days::new();
                for (team, days) in used {
                    for (day, sums) in &days {
                        let entry = whole.entry(day.clone()).or_default();
                        for (sum, more) in entry.iter_mut().zip(sums) {
                            *sum = sum.saturating_add(*more);
                        }
                    }
                    teams.entry(Some(team)).or_default().push(days);
                }
                if !whole.is_empty() {
                    teams.entry(None).or_default().push(whole);
                }
            }
            if is_last {
                break;
            }
        }
        let all = teams.iter().flat_map(|(team, users)| {
            METRICS
                .into_iter()
                .enumerate()
                .filter_map(|(at, metric)| suggestion(team.as_ref(), metric, at, users, days))
        });
        Ok(all.collect())
    }
}

fn suggestion(
    team: Option<&TeamId>,
    metric: Metric,
    at: usize,
    users: &[Days],
    days: u32,
) -> Option<Suggestion> {
    let least = match metric {
        Metric::Cost => DOLLAR,
        Metric::Requests => 10,
        Metric::Tokens | Metric::TokensAll => 10_000,
    };
    let per_day: Vec<i64> = users
        .iter()
        .flat_map(|days| days.values().map(|sums| sums[at]))
        .collect();
    let per_user = users.iter().map(|days| {
        days.values()
            .fold(0_i64, |sum, sums| sum.saturating_add(sums[at]))
    });
    let day = Spread::of(per_day.clone())?;
    let whole = Spread::of(per_user.collect())?;
    let daily = day.proposal(least);
    // A month has up to 31 days, whatever was looked at.
    let scaled = |number: i64| {
        let month = i128::from(number) * 31 / i128::from(days.max(1));
        i64::try_from(month).unwrap_or(i64::MAX)
    };
    let month = Spread {
        p95: scaled(whole.p95),
        ..whole
    };
    Some(Suggestion {
        team: team.cloned(),
        metric,
        day,
        whole,
        daily,
        monthly: month.proposal(least).max(daily),
        reached: per_day.iter().filter(|used| **used >= daily).count(),
    })
}
