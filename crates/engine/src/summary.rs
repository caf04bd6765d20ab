//! The summary of one local day: who used what, what it cost, who lost access (rules D2).

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use weir_core::block::{Denies, Force};
use weir_core::calendar::{Window, WindowKind};
use weir_core::counter::Sums;
use weir_core::coverage::{Coverage, judge};
use weir_core::money::Usd;
use weir_store::{BlockFilter, BlockRow, GroupBy, UsageFilter, UsageRow};

use crate::{Engine, EngineError};

/// A local day, as it stood when the summary was made. Records that come later change reports, not
/// summaries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DaySummary {
    /// The local date: `2026-11-20`.
    pub day: String,
    /// Everything.
    pub total: UsageLine,
    /// By user, the dearest first.
    pub users: Vec<UsageLine>,
    /// By team at the time of the call, the dearest first.
    pub teams: Vec<UsageLine>,
    /// By canonical model, the dearest first.
    pub models: Vec<UsageLine>,
    /// By tool, the dearest first.
    pub tools: Vec<UsageLine>,
    /// Blocks that began that day, newest first; also those that have ended since.
    pub blocks: Vec<BlockLine>,
    /// What arrived of the calls that AWS counted, by account and Region; empty where CloudWatch is
    /// not read.
    pub coverage: Vec<CoverageLine>,
    /// The end of the audit chain when the summary was made: `weir audit verify --anchor` proves by
    /// it that nothing up to here was altered (rules R2).
    pub audit: Anchor,
}

/// What one key comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageLine {
    /// The user, team, model or tool; empty in a total.
    pub key: String,
    /// Invocations that did not fail.
    pub requests: i64,
    /// The others.
    pub failed: i64,
    /// Tokens of all classes.
    pub tokens: i64,
    /// The known cost in dollars, exact.
    pub cost_usd: String,
    /// Invocations without a price.
    pub unpriced: i64,
    /// Invocations without counts.
    pub unmetered: i64,
}

/// A block in one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockLine {
    /// `user:ana`, `team:sap`, `tool:ana/cline`, `model:ana/amazon.nova-lite-v1:0`.
    pub whom: String,
    /// The headline.
    pub reason: String,
    /// `weir`, or who decided.
    pub by: String,
    /// RFC 3339.
    pub since: String,
    /// RFC 3339; `None` is indefinite.
    pub until: Option<String>,
    /// The breaker held it: nobody lost access.
    pub held: bool,
}

/// What arrived of an account's calls in a Region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoverageLine {
    /// The account that called.
    pub account: String,
    /// The source Region.
    pub region: String,
    /// Calls on file.
    pub counted: u64,
    /// Calls that CloudWatch reported.
    pub reported: u64,
    /// `97.5 %`, or a dash.
    pub share: String,
    /// `ok`, `low` or `too-few`.
    pub verdict: String,
}

/// A place in the audit chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    /// The number of the entry.
    pub seq: u64,
    /// Its hash.
    pub hash: String,
}

impl Engine {
    /// The summary of a local day, from the hourly totals.
    pub async fn summary(&self, day: Date) -> Result<DaySummary, EngineError> {
        let filter = UsageFilter {
            from: Some(day),
            to: Some(day),
            ..UsageFilter::default()
        };
        let by = async |by| -> Result<Vec<UsageLine>, EngineError> {
            let rows = self.store.usage(by, &filter).await?;
            Ok(rows.into_iter().map(UsageLine::of).collect())
        };
        let total = by(GroupBy::Day).await?.pop().map(|line| UsageLine {
            key: String::new(),
            ..line
        });
        let nothing = || UsageLine {
            cost_usd: Usd::ZERO.to_decimal(),
            ..UsageLine::default()
        };
        let head = self.store.audit_head().await?;
        Ok(DaySummary {
            day: day.to_string(),
            total: total.unwrap_or_else(nothing),
            users: by(GroupBy::User).await?,
            teams: by(GroupBy::Team).await?,
            models: by(GroupBy::Model).await?,
            tools: by(GroupBy::Tool).await?,
            blocks: self.blocks_of(day).await?,
            coverage: self.coverage_of(day).await?,
            audit: Anchor {
                seq: head.seq,
                hash: head.hash,
            },
        })
    }

    async fn coverage_of(&self, day: Date) -> Result<Vec<CoverageLine>, EngineError> {
        let zone = &self.rules().await?.zone;
        let Some(window) = Window::parse(WindowKind::Day, &day.to_string()) else {
            return Ok(Vec::new());
        };
        self.coverage_between(window.start(zone), window.end(zone))
            .await
    }

    /// What arrived of the calls of a stretch of time, by account and Region, in whole UTC hours.
    pub async fn coverage_between(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<CoverageLine>, EngineError> {
        let hours = self.store.coverage_hours(from, to).await?;
        Ok(judge(&hours).iter().map(CoverageLine::of).collect())
    }

    async fn blocks_of(&self, day: Date) -> Result<Vec<BlockLine>, EngineError> {
        let zone = &self.rules().await?.zone;
        let Some(window) = Window::parse(WindowKind::Day, &day.to_string()) else {
            return Ok(Vec::new());
        };
        let filter = BlockFilter {
            history: true,
            from: Some(window.start(zone)),
            before: Some(window.end(zone)),
            ..BlockFilter::default()
        };
        let rows = self.store.blocks(&filter).await?;
        Ok(rows.into_iter().map(BlockLine::of).collect())
    }
}

impl UsageLine {
    pub(crate) fn of(row: UsageRow) -> Self {
        let UsageRow { key, sums } = row;
        let Sums {
            requests,
            failed,
            input,
            cache_read,
            cache_write_5m,
            cache_write_1h,
            output,
            cost_nanos,
            unpriced,
            unmetered,
            provisional_tokens: _,
            provisional_cost_nanos: _,
        } = sums;
        Self {
            key,
            requests,
            failed,
            tokens: input + cache_read + cache_write_5m + cache_write_1h + output,
            cost_usd: Usd::from_nanos(cost_nanos).to_decimal(),
            unpriced,
            unmetered,
        }
    }
}

impl CoverageLine {
    fn of(place: &Coverage) -> Self {
        let Coverage {
            account,
            region,
            counted,
            reported,
        } = place;
        Self {
            account: account.to_string(),
            region: region.to_string(),
            counted: *counted,
            reported: *reported,
            share: place.percent(),
            verdict: place.verdict().as_str().to_owned(),
        }
    }
}

impl BlockLine {
    fn of(row: BlockRow) -> Self {
        let block = row.block;
        let whom = match &block.denies {
            Denies::User(user) => format!("user:{user}"),
            Denies::Team(team) => format!("team:{team}"),
            Denies::Tool(user, tool) => format!("tool:{user}/{tool}"),
            Denies::Model(user, model) => format!("model:{user}/{model}"),
        };
        Self {
            whom,
            reason: block.reason,
            by: block.author,
            since: block.since.to_string(),
            until: block.until.instant().map(|at: Timestamp| at.to_string()),
            held: block.force == Force::Held,
        }
    }
}
