//! Running totals: what an invocation adds to, and by how much.

use std::collections::BTreeMap;
use std::ops::{AddAssign, Neg};

use crate::calendar::{Window, WindowKind};
use crate::ids::{AccountId, ModelId, Region, TeamId, ToolId, UserId};
use crate::invocation::Invocation;
use crate::money::Usd;
use crate::quota::QuotaBook;

/// Sums of invocations; signed, so that a difference is one too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Invocations that did not fail: what request quotas count.
    pub requests: i64,
    /// The others.
    pub failed: i64,
    /// Uncached input tokens.
    pub input: i64,
    /// Input tokens read from the cache.
    pub cache_read: i64,
    /// Input tokens written to the five-minute cache.
    pub cache_write_5m: i64,
    /// Input tokens written to the one-hour cache.
    pub cache_write_1h: i64,
    /// Output tokens.
    pub output: i64,
    /// Known cost.
    pub cost_nanos: i64,
    /// Invocations without a price.
    pub unpriced: i64,
    /// Invocations without counts.
    pub unmetered: i64,
    /// Tokens that may still change (rules C6).
    pub provisional_tokens: i64,
    /// Cost that may still change.
    pub provisional_cost_nanos: i64,
}

impl Sums {
    /// Nothing was counted.
    pub const NONE: Self = Self {
        requests: 0,
        failed: 0,
        input: 0,
        cache_read: 0,
        cache_write_5m: 0,
        cache_write_1h: 0,
        output: 0,
        cost_nanos: 0,
        unpriced: 0,
        unmetered: 0,
        provisional_tokens: 0,
        provisional_cost_nanos: 0,
    };

    /// Whether any tokens were counted.
    pub fn has_tokens(&self) -> bool {
        self.billed() > 0 || self.cache_read > 0
    }

    /// Whether all tokens rest on CloudTrail's counts: no invocation log came for any of them
    /// (rules C6). Only the log tells what was read from a cache.
    pub fn is_all_provisional(&self) -> bool {
        self.billed() == self.provisional_tokens && self.cache_read == 0
    }

    /// What `tokens` quotas count.
    fn billed(&self) -> i64 {
        self.input + self.cache_write_5m + self.cache_write_1h + self.output
    }

    /// What one invocation comes to.
    pub fn of(invocation: &Invocation) -> Self {
        if invocation.failed {
            return Self {
                failed: 1,
                ..Self::default()
            };
        }
        let tokens = invocation.tokens.unwrap_or_default();
        // Counts are at most MAX_TOKENS_PER_CALL per class, far inside i64.
        let count = |tokens: u64| i64::try_from(tokens).unwrap_or(i64::MAX);
        let cost = invocation.cost.map_or(0, Usd::nanos);
        Self {
            requests: 1,
            failed: 0,
            input: count(tokens.input),
            cache_read: count(tokens.cache_read),
            cache_write_5m: count(tokens.cache_write_5m),
            cache_write_1h: count(tokens.cache_write_1h),
            output: count(tokens.output),
            cost_nanos: cost,
            unpriced: i64::from(invocation.is_unpriced()),
            unmetered: i64::from(invocation.tokens.is_none()),
            provisional_tokens: if invocation.provisional {
                count(tokens.billed())
            } else {
                0
            },
            provisional_cost_nanos: if invocation.provisional { cost } else { 0 },
        }
    }

    /// The metric `tokens`.
    pub fn tokens(&self) -> i64 {
        self.input + self.cache_write_5m + self.cache_write_1h + self.output
    }
}

impl AddAssign for Sums {
    fn add_assign(&mut self, other: Self) {
        // Saturation is out of reach: 9.2e18 tokens or nano-dollars in one window.
        let add = |a: &mut i64, b: i64| *a = a.saturating_add(b);
        add(&mut self.requests, other.requests);
        add(&mut self.failed, other.failed);
        add(&mut self.input, other.input);
        add(&mut self.cache_read, other.cache_read);
        add(&mut self.cache_write_5m, other.cache_write_5m);
        add(&mut self.cache_write_1h, other.cache_write_1h);
        add(&mut self.output, other.output);
        add(&mut self.cost_nanos, other.cost_nanos);
        add(&mut self.unpriced, other.unpriced);
        add(&mut self.unmetered, other.unmetered);
        add(&mut self.provisional_tokens, other.provisional_tokens);
        add(
            &mut self.provisional_cost_nanos,
            other.provisional_cost_nanos,
        );
    }
}

impl Neg for Sums {
    type Output = Self;

    fn neg(self) -> Self {
        Self {
            requests: -self.requests,
            failed: -self.failed,
            input: -self.input,
            cache_read: -self.cache_read,
            cache_write_5m: -self.cache_write_5m,
            cache_write_1h: -self.cache_write_1h,
            output: -self.output,
            cost_nanos: -self.cost_nanos,
            unpriced: -self.unpriced,
            unmetered: -self.unmetered,
            provisional_tokens: -self.provisional_tokens,
            provisional_cost_nanos: -self.provisional_cost_nanos,
        }
    }
}

/// Whose total a counter is. Tools and models of a user are counted only while a quota on them
/// exists; the first quota fills their counters from the hourly table. Tools, models and users of a team are
/// counted always, by days alone: no quota asks for them, reports do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CounterScope {
    /// Everybody.
    Organisation,
    /// One team.
    Team(TeamId),
    /// One user.
    User(UserId),
    /// One user's use of one tool.
    Tool(UserId, ToolId),
    /// One user's use of one model.
    Model(UserId, ModelId),
    /// One team's use of one tool.
    TeamTool(TeamId, ToolId),
    /// One team's use of one model.
    TeamModel(TeamId, ModelId),
    /// What one user used for one team: users change teams, and what they used stays with the team of its time.
    TeamUser(TeamId, UserId),
}

impl CounterScope {
    /// Kind, name and part, as stored.
    pub fn parts(&self) -> (&'static str, &str, &str) {
        match self {
            Self::Organisation => ("organisation", "", ""),
            Self::Team(team) => ("team", team.as_str(), ""),
            Self::User(user) => ("user", user.as_str(), ""),
            Self::Tool(user, tool) => ("tool", user.as_str(), tool.as_str()),
            Self::Model(user, model) => ("model", user.as_str(), model.as_str()),
            Self::TeamTool(team, tool) => ("team-tool", team.as_str(), tool.as_str()),
            Self::TeamModel(team, model) => ("team-model", team.as_str(), model.as_str()),
            Self::TeamUser(team, user) => ("team-user", team.as_str(), user.as_str()),
        }
    }

    /// Whether totals over windows of that kind are kept.
    pub fn is_kept_over(&self, kind: WindowKind) -> bool {
        match self {
            Self::TeamTool(..) | Self::TeamModel(..) | Self::TeamUser(..) => {
                kind == WindowKind::Day
            }
            _ => true,
        }
    }
}

/// One counter row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CounterKey {
    /// Whose total.
    pub scope: CounterScope,
    /// Over what.
    pub window: Window,
}

/// One row of the hourly table that reports read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HourlyKey {
    /// The local hour; its date is the local day.
    pub hour: Window,
    /// The account that called.
    pub account: AccountId,
    /// The source Region.
    pub region: Region,
    /// Who.
    pub user: UserId,
    /// The team at the time of the call.
    pub team: TeamId,
    /// With what.
    pub tool: ToolId,
    /// The canonical model.
    pub model: ModelId,
}

/// Differences to apply to totals, sorted: the order in which rows are locked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// To the counters that quotas are checked against.
    pub counters: BTreeMap<CounterKey, Sums>,
    /// To the hourly table.
    pub hourly: BTreeMap<HourlyKey, Sums>,
}

impl Tally {
    /// Puts an invocation into every total it touches.
    pub fn add(&mut self, invocation: &Invocation, quotas: &QuotaBook) {
        self.apply(invocation, quotas, Sums::of(invocation));
    }

    /// Takes an invocation out of every total it touched.
    pub fn remove(&mut self, invocation: &Invocation, quotas: &QuotaBook) {
        self.apply(invocation, quotas, -Sums::of(invocation));
    }

    /// Forgets differences that came to nothing.
    pub fn prune(&mut self) {
        self.counters.retain(|_, sums| *sums != Sums::default());
        self.hourly.retain(|_, sums| *sums != Sums::default());
    }

    fn apply(&mut self, invocation: &Invocation, quotas: &QuotaBook, sums: Sums) {
        let hour = invocation.hour;
        let windows = WindowKind::ALL.map(|kind| {
            if kind == WindowKind::Hour {
                hour
            } else {
                hour.widen(kind)
            }
        });
        for scope in scopes(invocation, quotas) {
            let kept = |window: &Window| scope.is_kept_over(window.kind());
            for window in windows.into_iter().filter(kept) {
                let key = CounterKey {
                    scope: scope.clone(),
                    window,
                };
                *self.counters.entry(key).or_default() += sums;
            }
        }
        let key = HourlyKey {
            hour,
            account: invocation.account.clone(),
            region: invocation.region.clone(),
            user: invocation.user.clone(),
            team: invocation.team.clone(),
            tool: invocation.tool.clone(),
            model: invocation.model.clone(),
        };
        *self.hourly.entry(key).or_default() += sums;
    }
}

fn scopes(invocation: &Invocation, quotas: &QuotaBook) -> impl Iterator<Item = CounterScope> {
    let Invocation {
        user,
        team,
        tool,
        model,
        ..
    } = invocation;
    let tool_used = tool;
    let tool = quotas
        .governs_tool(tool)
        .then(|| CounterScope::Tool(user.clone(), tool.clone()));
    let of_team = [
        Some(CounterScope::TeamTool(team.clone(), tool_used.clone())),
        Some(CounterScope::TeamModel(team.clone(), model.clone())),
        Some(CounterScope::TeamUser(team.clone(), user.clone())),
    ];
    let model = quotas
        .governs_model(model)
        .then(|| CounterScope::Model(user.clone(), model.clone()));
    [
        Some(CounterScope::Organisation),
        Some(CounterScope::Team(team.clone())),
        Some(CounterScope::User(user.clone())),
        tool,
        model,
    ]
    .into_iter()
    .chain(of_team)
    .flatten()
}
