//! What the daily reset tells: the day to administrators, week and month to the owners of teams, and,
//! where nothing is enforced, who would have been blocked (rules D2, E8).

use jiff::civil::{Date, Weekday};
use jiff::{Span, ToSpan};
use weir_core::audit::TRIM;
use weir_core::ids::{AccountId, Region};
use weir_core::message::{
    About, Arrived, MOST_LINES, Message, News, Spent, TeamSummary, WouldBlock,
};
use weir_core::rulebook::Mode;
use weir_store::{AuditFilter, GroupBy, TeamOwner, UsageFilter};

use crate::reset::RESET_RUN;
use crate::summary::{CoverageLine, DaySummary, UsageLine};
use crate::{Engine, EngineError};

impl Engine {
    /// The messages of the reset of a date. Days that are caught up late are on record, not told.
    pub(crate) async fn told_by_reset(
        &self,
        date: Date,
        day: Option<&DaySummary>,
    ) -> Result<Vec<Message>, EngineError> {
        let rules = self.rules().await?;
        let today = rules.zone.day(self.now());
        let is_late = date.saturating_add(1.day()) < today;
        // Of a week and a month, when the next one is over: whoever is caught up with gets no heap of them.
        let is_due = |long: Span| date.saturating_add(long) > today;
        let of_all = |news| Message {
            about: About::Organisation,
            at: self.now(),
            news,
        };
        let mut told = Vec::new();
        if let Some(day) = day.filter(|_| !is_late) {
            if rules.mode.mode != Mode::Iam && !day.blocks.is_empty() {
                told.push(of_all(digest(day)));
            }
            if !is_idle(day) || self.is_recorded(date, day.audit.seq).await? {
                told.push(of_all(daily(day)));
            }
        }
        if date.weekday() == Weekday::Monday && is_due(7.days()) {
            told.extend(self.of_teams(date, 7.days(), News::WeeklySummary).await?);
        }
        if date.day() == 1 && is_due(1.month()) {
            told.extend(self.of_teams(date, 1.month(), News::MonthlySummary).await?);
        }
        Ok(told)
    }

    /// Whether anything but resets came on the record since the summary before, until a date began: its
    /// end is anchored by the summary, whether or not anybody called (rules R2).
    async fn is_recorded(&self, date: Date, head: u64) -> Result<bool, EngineError> {
        let began = self.rules().await?.zone.first_instant(date.at(0, 0, 0, 0));
        let before = self.store.resets(BEFORE).await?;
        let before = before.into_iter().filter(|row| row.date < date);
        let mut anchors = before.filter_map(|row| anchor(&row.summary?));
        let filter = AuditFilter {
            after: anchors.next().unwrap_or(0),
            limit: LOOKED_AT,
            ..AuditFilter::default()
        };
        let entries = self.store.audit(&filter).await?;
        if entries.len() >= LOOKED_AT as usize {
            return Ok(true);
        }
        let mut entries = entries.into_iter().filter(|entry| entry.seq <= head);
        Ok(entries.any(|chained| {
            let entry = chained.entry;
            entry.at < began && ![RESET_RUN, TRIM].contains(&entry.operation.as_str())
        }))
    }

    /// What each team that has an owner used in the time before a date.
    async fn of_teams(
        &self,
        before: Date,
        long: Span,
        news: impl Fn(TeamSummary) -> News,
    ) -> Result<Vec<Message>, EngineError> {
        let (from, to) = (before.saturating_sub(long), before.saturating_sub(1.day()));
        let mut told = Vec::new();
        for TeamOwner { team, .. } in self.store.team_owners(None).await? {
            let filter = UsageFilter {
                from: Some(from),
                to: Some(to),
                team: Some(team.clone()),
                ..UsageFilter::default()
            };
            let by = async |by| -> Result<Vec<Spent>, EngineError> {
                let rows = self.store.usage(by, &filter).await?;
                Ok(rows
                    .into_iter()
                    .map(|row| UsageLine::of(row).spent())
                    .collect())
            };
            let users = by(GroupBy::User).await?;
            if users.is_empty() {
                continue;
            }
            let summary = TeamSummary {
                from: from.to_string(),
                to: to.to_string(),
                total: total(&users),
                users: first(users),
                models: first(by(GroupBy::Model).await?),
            };
            told.push(Message {
                about: About::Team(team),
                at: self.now(),
                news: news(summary),
            });
        }
        Ok(told)
    }
}

/// Resets that are looked at for the anchor before.
const BEFORE: u32 = 10;
/// More entries than resets make in that time.
const LOOKED_AT: u32 = 500;

/// The number of the entry that a stored summary anchors.
fn anchor(summary: &str) -> Option<u64> {
    let summary: serde_json::Value = serde_json::from_str(summary).ok()?;
    summary.get("audit")?.get("seq")?.as_u64()
}

/// Whether nothing happened: no news, even for those who want to know everything.
fn is_idle(day: &DaySummary) -> bool {
    day.total.requests == 0 && day.total.failed == 0 && day.blocks.is_empty()
}

fn daily(day: &DaySummary) -> News {
    let lines = |lines: &[UsageLine]| first(lines.iter().cloned().map(UsageLine::spent).collect());
    News::DailySummary {
        day: day.day.clone(),
        total: day.total.clone().spent(),
        users: lines(&day.users),
        teams: lines(&day.teams),
        models: lines(&day.models),
        blocks: day.blocks.iter().filter(|block| !block.held).count() as u64,
        coverage: day
            .coverage
            .iter()
            .take(MOST_LINES)
            .map(CoverageLine::arrived)
            .collect(),
        anchor: format!("{}:{}", day.audit.seq, day.audit.hash),
    }
}

fn digest(day: &DaySummary) -> News {
    let blocks = day.blocks.iter().take(MOST_LINES).map(|block| WouldBlock {
        whom: block.whom.clone(),
        reason: block.reason.clone(),
    });
    News::Digest {
        day: day.day.clone(),
        blocks: blocks.collect(),
        count: day.blocks.len() as u64,
    }
}

fn first(mut lines: Vec<Spent>) -> Vec<Spent> {
    lines.truncate(MOST_LINES);
    lines
}

fn total(lines: &[Spent]) -> Spent {
    use weir_core::money::Usd;
    let sum = |of: fn(&Spent) -> i64| lines.iter().map(of).sum();
    let nanos = lines
        .iter()
        .filter_map(|line| line.cost_usd.parse::<Usd>().ok())
        .map(Usd::nanos);
    Spent {
        key: String::new(),
        requests: sum(|line| line.requests),
        tokens: sum(|line| line.tokens),
        cost_usd: Usd::from_nanos(nanos.sum()).to_decimal(),
        unpriced: sum(|line| line.unpriced),
        unmetered: sum(|line| line.unmetered),
    }
}

impl CoverageLine {
    /// As messages have it.
    fn arrived(&self) -> Arrived {
        let Self {
            account,
            region,
            counted,
            reported,
            share: _,
            verdict: _,
        } = self;
        Arrived {
            account: AccountId::new(account.as_str()),
            region: Region::new(region.as_str()),
            counted: *counted,
            reported: *reported,
        }
    }
}

impl UsageLine {
    /// As messages have it.
    fn spent(self) -> Spent {
        let Self {
            key,
            requests,
            failed: _,
            tokens,
            cost_usd,
            unpriced,
            unmetered,
        } = self;
        Spent {
            key,
            requests,
            tokens,
            cost_usd,
            unpriced,
            unmetered,
        }
    }
}
