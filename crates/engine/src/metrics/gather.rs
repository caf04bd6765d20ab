//! Reading what figures are made of, and putting them where they are asked for.

use jiff::{SignedDuration, Timestamp};
use weir_core::calendar::{Window, WindowKind};
use weir_core::counter::{CounterKey, CounterScope, Sums};
use weir_core::ids::{TeamId, UserId};
use weir_store::{BlockFilter, Duty, GroupBy, UsageFilter, UsageRow};

use super::{Fact, Readings, Usage, facts};
use crate::ports::Figures;
use crate::{Engine, EngineError};

/// How often figures are put.
const EVERY: SignedDuration = SignedDuration::from_secs(60);

impl Engine {
    /// The figures now: of users, teams and models at most so many by name.
    pub async fn facts(&self, most: usize) -> Result<Vec<Fact>, EngineError> {
        let read = self.readings(most).await?;
        Ok(facts(&read, most))
    }

    /// Puts the figures, if that is due and no other process does it: once a minute, whoever comes
    /// first. A server that puts them twice does no harm.
    pub async fn put_figures(&self, into: &dyn Figures, most: usize) -> Result<bool, EngineError> {
        let now = self.wall();
        let due = now.saturating_sub(EVERY).unwrap_or(Timestamp::MIN);
        let lease = self.lease(now);
        if !self
            .store
            .take_duty(Duty::Metrics, now, due, &lease)
            .await?
        {
            return Ok(false);
        }
        let problems = match self.facts(most).await {
            Ok(facts) => {
                let put = into.put(&facts, now).await;
                put.err().map(|error| error.to_string())
            }
            Err(error) => Some(error.to_string()),
        };
        if let Some(error) = &problems {
            tracing::warn!(error, "figures were not put; a minute later they are");
        }
        let problems: Vec<_> = problems.into_iter().collect();
        self.store
            .end_duty(Duty::Metrics, &lease, now, &problems)
            .await?;
        Ok(problems.is_empty())
    }

    async fn readings(&self, most: usize) -> Result<Readings, EngineError> {
        let now = self.now();
        let rules = self.rules().await?;
        let day = Window::containing(WindowKind::Day, now, &rules.zone);
        let month = day.widen(WindowKind::Month);
        let today = UsageFilter {
            from: Some(day.date()),
            to: Some(day.date()),
            ..UsageFilter::default()
        };
        let begun = BlockFilter {
            history: true,
            from: Some(day.start(&rules.zone)),
            ..BlockFilter::default()
        };
        let active = self.store.blocks(&BlockFilter::default()).await?;
        let held = active
            .iter()
            .filter(|row| row.block.force == weir_core::block::Force::Held);
        let held = held.count();
        let targets = self.store.targets(&[]).await?;
        let everybody = |window| CounterKey {
            scope: CounterScope::Organisation,
            window,
        };
        let totals = self
            .store
            .totals(&[everybody(day), everybody(month)])
            .await?;
        let of = |window| {
            let sums: Option<&Sums> = totals.get(&everybody(window));
            sums.copied().unwrap_or_default()
        };
        Ok(Readings {
            now,
            users: self
                .used(GroupBy::User, &today, month, most, |name| {
                    CounterScope::User(UserId::new(name))
                })
                .await?,
            teams: self
                .used(GroupBy::Team, &today, month, most, |name| {
                    CounterScope::Team(TeamId::new(name))
                })
                .await?,
            models: dearest(self.store.usage(GroupBy::Model, &today).await?),
            everybody: (of(day), of(month)),
            blocks: [
                active.len() - held,
                held,
                self.store.blocks(&begun).await?.len(),
            ],
            targets: targets.into_iter().map(|row| row.target.state).collect(),
            pulse: self.store.pulse(now, day.start(&rules.zone)).await?,
            coverage: self.coverage().await?,
        })
    }

    async fn used(
        &self,
        by: GroupBy,
        today: &UsageFilter,
        month: Window,
        most: usize,
        scope: impl Fn(&str) -> CounterScope,
    ) -> Result<Usage, EngineError> {
        let today = dearest(self.store.usage(by, today).await?);
        let keys: Vec<_> = today
            .iter()
            .take(most)
            .map(|row| CounterKey {
                scope: scope(&row.key),
                window: month,
            })
            .collect();
        let totals = self.store.totals(&keys).await?;
        let sums = keys.iter().map(|key| totals.get(key).copied());
        let names = today.iter().map(|row| row.key.clone());
        let month = names
            .zip(sums)
            .filter_map(|(name, sums)| Some((name, sums?)));
        Ok(Usage {
            month: month.collect(),
            today,
        })
    }
}

/// Rows of something, in the order of cost, which is how the store gives them.
fn dearest(rows: Vec<UsageRow>) -> Vec<UsageRow> {
    let rows = rows.into_iter();
    rows.filter(|row| row.sums != Sums::default()).collect()
}
