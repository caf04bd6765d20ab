//! Many users at once, for lists: where each stands and what is used of its quotas.

use std::collections::{BTreeSet, HashMap};

use jiff::{Timestamp, ToSpan};
use weir_core::access::TargetState;
use weir_core::calendar::{Window, WindowKind, Zone};
use weir_core::counter::{CounterScope, Sums};
use weir_core::ids::TeamId;
use weir_core::quota::{Metric, Quota};
use weir_core::rulebook::Rulebook;
use weir_store::{AccessPart, Stands, UserLine, UserRow, Whose};

use crate::status::{Part, percent, worst};
use crate::{Engine, EngineError};

/// The day and the month that contain an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    /// The local day.
    pub day: Window,
    /// The local month.
    pub month: Window,
}

/// A user in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserStanding {
    /// The user, and what was counted.
    pub line: UserLine,
    /// `ACTIVE`, `ACTIVE_ADM`, `BLOCKED`, `BLOCKED_ADM` (rules B8).
    pub state: &'static str,
    /// The worst state of the user's targets.
    pub enforcement: TargetState,
    /// The user's quotas over days and months, held against what was counted.
    pub readings: Vec<Reading>,
}

/// A quota held against what was counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The quota.
    pub quota: Quota,
    /// The limit now; `None` is unlimited.
    pub limit: Option<i64>,
    /// How much was used.
    pub used: i64,
    /// Whole percent of the limit.
    pub percent: Option<u32>,
}

/// What was counted up to now, and up to the same time in the window before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The window.
    pub window: Window,
    /// What was counted in it.
    pub sums: Sums,
    /// The window before.
    pub before: Window,
    /// The instant in the window before up to which it is compared.
    pub up_to: Timestamp,
    /// What was counted in it until then; `None` if nothing was ever counted in that window.
    pub sums_before: Option<Sums>,
}

impl Windows {
    /// Those that contain `at`.
    pub fn at(at: Timestamp, zone: &Zone) -> Self {
        let day = Window::containing(WindowKind::Day, at, zone);
        Self {
            day,
            month: day.widen(WindowKind::Month),
        }
    }
}

impl Reading {
    /// A quota against sums of its window.
    pub fn of(quota: &Quota, sums: &Sums, now: Timestamp) -> Self {
        let limit = quota.limit_at(now);
        let used = quota.metric.used(sums);
        Self {
            limit,
            used,
            percent: limit.map(|limit| percent(used, limit)),
            quota: quota.clone(),
        }
    }

    /// Whether the first warning is due and the limit not reached.
    pub fn is_near(&self) -> bool {
        let first = self.quota.warn.first().copied().unwrap_or(100);
        self.percent
            .is_some_and(|percent| percent >= first && percent < 100)
    }

    /// Whether the limit is reached.
    pub fn is_over(&self) -> bool {
        self.percent.is_some_and(|percent| percent >= 100)
    }
}

impl UserStanding {
    /// What is read of a quota, if there is one.
    pub fn reading(&self, metric: Metric, window: WindowKind) -> Option<&Reading> {
        let mut readings = self.readings.iter();
        readings.find(|reading| (reading.quota.metric, reading.quota.window) == (metric, window))
    }
}

impl Engine {
    /// Where many users stand, by id.
    pub async fn standings(&self, whose: &Whose) -> Result<Vec<UserStanding>, EngineError> {
        let rules = self.rules().await?;
        let now = self.now();
        let Windows { day, month } = Windows::at(now, &rules.zone);
        let reports = self.store.reports();
        let (lines, stands) =
            tokio::try_join!(reports.user_lines(whose, &day, &month), reports.stands(now))?;
        let stands = Sorted::of(stands, now);
        let lines = lines.into_iter();
        Ok(lines
            .map(|line| stands.standing(line, &rules, now))
            .collect())
    }

    /// In which state many users are, by id: without what they used.
    pub async fn states(&self, whose: &Whose) -> Result<Vec<(UserRow, &'static str)>, EngineError> {
        let now = self.now();
        let reports = self.store.reports();
        let (users, stands) = tokio::try_join!(reports.users_of(whose), reports.stands(now))?;
        let stands = Sorted::of(stands, now);
        let users = users.into_iter();
        Ok(users
            .map(|user| {
                let state = stands.state(&user, now);
                (user, state)
            })
            .collect())
    }

    /// What was counted in the day and the month that contain now, of everybody or of a team, each beside
    /// the same stretch of the one before.
    pub async fn periods(&self, team: Option<&TeamId>) -> Result<[Period; 2], EngineError> {
        let rules = self.rules().await?;
        let windows = Windows::at(self.now(), &rules.zone);
        let (day, month) = tokio::try_join!(
            self.period(windows.day, team, &rules),
            self.period(windows.month, team, &rules),
        )?;
        Ok([day, month])
    }

    async fn period(
        &self,
        window: Window,
        team: Option<&TeamId>,
        rules: &Rulebook,
    ) -> Result<Period, EngineError> {
        let (zone, now) = (&rules.zone, self.now());
        let reports = self.store.reports();
        let scope = scope_of(team);
        let whole = reports.series(&scope, &window, &window).await?;
        let sums = whole.first().map(|(_, sums)| *sums).unwrap_or_default();
        let local = zone.local(now);
        let step = match window.kind() {
            WindowKind::Month => 1.month(),
            WindowKind::Day | WindowKind::Hour => 1.day(),
        };
        // The 31st of a month that is compared with one of 30 days: with all of it.
        let same = local.checked_sub(step).unwrap_or(local);
        let clipped = same.day() < local.day() && window.kind() == WindowKind::Month;
        let before = Window::containing(window.kind(), zone.first_instant(same), zone);
        let up_to = if clipped {
            before.end(zone)
        } else {
            zone.first_instant(same)
        };
        let known = reports.series(&scope, &before, &before).await?;
        let sums_before = if known.is_empty() {
            None
        } else {
            Some(self.until(&scope, team, before, up_to, zone).await?)
        };
        Ok(Period {
            window,
            sums,
            before,
            up_to,
            sums_before,
        })
    }

    /// What was counted from the start of a window up to an instant in it: whole days, whole hours, and
    /// the calls of the hour that is left.
    async fn until(
        &self,
        scope: &CounterScope,
        team: Option<&TeamId>,
        window: Window,
        up_to: Timestamp,
        zone: &Zone,
    ) -> Result<Sums, EngineError> {
        let reports = self.store.reports();
        let day = Window::containing(WindowKind::Day, up_to, zone);
        let hour = Window::containing(WindowKind::Hour, up_to, zone);
        let first_day = Window::containing(WindowKind::Day, window.start(zone), zone);
        let first_hour = Window::containing(WindowKind::Hour, day.start(zone), zone);
        let days = reports.series(scope, &first_day, &day).await?;
        let hours = reports.series(scope, &first_hour, &hour).await?;
        let days = days.into_iter().filter(|(of, _)| *of < day);
        let hours = hours.into_iter().filter(|(of, _)| *of < hour);
        let mut sums = Sums::default();
        for (_, of) in days.chain(hours) {
            sums += of;
        }
        let begins = hour.start(zone);
        if begins < up_to {
            sums += reports.calls_between(begins, up_to, team).await?;
        }
        Ok(sums)
    }
}

fn scope_of(team: Option<&TeamId>) -> CounterScope {
    team.map_or(CounterScope::Organisation, |team| {
        CounterScope::Team(team.clone())
    })
}

/// What says where users stand, arranged for look-up.
struct Sorted {
    manual_users: BTreeSet<String>,
    manual_teams: BTreeSet<String>,
    protected: BTreeSet<String>,
    held: BTreeSet<String>,
    access: HashMap<String, Vec<AccessPart>>,
}

impl Sorted {
    fn of(stands: Stands, now: Timestamp) -> Self {
        let Stands {
            manual_users,
            manual_teams,
            protections,
            held,
            access,
        } = stands;
        let mut parts: HashMap<String, Vec<AccessPart>> = HashMap::new();
        for part in access {
            parts.entry(part.user.to_string()).or_default().push(part);
        }
        let holds = |until: &Option<Timestamp>| until.is_none_or(|until| until > now);
        let protections = protections.into_iter().filter(|(_, until)| holds(until));
        Self {
            manual_users: manual_users.iter().map(ToString::to_string).collect(),
            manual_teams: manual_teams.iter().map(ToString::to_string).collect(),
            protected: protections.map(|(user, _)| user.to_string()).collect(),
            held: held.iter().map(ToString::to_string).collect(),
            access: parts,
        }
    }

    /// The state of rules B8.
    fn state(&self, row: &UserRow, now: Timestamp) -> &'static str {
        let (user, team) = (row.user.as_str(), row.team.as_str());
        let over = row.blocked_until.is_some_and(|until| until <= now);
        let blocked = row.is_blocked && !over;
        let manual = self.manual_users.contains(user) || self.manual_teams.contains(team);
        match (blocked, self.protected.contains(user)) {
            (true, _) if manual => "BLOCKED_ADM",
            (true, _) => "BLOCKED",
            (false, true) => "ACTIVE_ADM",
            (false, false) => "ACTIVE",
        }
    }

    fn standing(&self, line: UserLine, rules: &Rulebook, now: Timestamp) -> UserStanding {
        let (user, team) = (&line.user.user, &line.user.team);
        let parts = self
            .access
            .get(user.as_str())
            .map_or(&[][..], Vec::as_slice);
        let parts = parts.iter().map(|part| Part {
            state: part.state,
            allowed: part.allowed,
            enforced: part.enforced,
        });
        let held = self.held.contains(user.as_str());
        let readings = rules.quotas.of_user(user, team);
        let readings = readings.filter_map(|quota| {
            let sums = match quota.window {
                WindowKind::Day => &line.day,
                WindowKind::Month => &line.month,
                WindowKind::Hour => return None,
            };
            Some(Reading::of(quota, sums, now))
        });
        UserStanding {
            state: self.state(&line.user, now),
            enforcement: worst(parts, rules, held),
            readings: readings.collect(),
            line,
        }
    }
}
