//! What somebody should look at.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use weir_core::access::TargetState;
use weir_core::calendar::WindowKind;
use weir_core::counter::Sums;
use weir_core::coverage::LATE;
use weir_core::ids::TeamId;
use weir_core::rulebook::Rulebook;
use weir_engine::{EngineError, Reading, UserStanding};
use weir_store::TeamLine;

use crate::api::Api;
use crate::problem::Problem;

/// So many are named; the count is of all.
const NAMED: usize = 10;

/// What kind of thing somebody should look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    /// Nothing comes in, although calls are made.
    IntakeSilent,
    /// Denials that could not be made real.
    EnforcementFailed,
    /// Users or teams at or over a limit.
    OverLimit,
    /// Denials that are not read back yet.
    EnforcementPending,
    /// Calls without a price, this month.
    Unpriced,
    /// What came and could not be read.
    DeadLetters,
    /// Records come late.
    IntakeLag,
    /// Users or teams past the first warning of a limit.
    NearLimit,
}

/// How much it presses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Severity {
    /// Good to know.
    Info,
    /// Somebody should look.
    Warning,
    /// Something does not work.
    Critical,
}

/// Something that somebody should look at.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Alert {
    kind: Kind,
    severity: Severity,
    /// How many there are; of `intake-lag` the seconds between a call and its record, of `intake-silent`
    /// 1.
    count: u64,
    /// Those it is about, at most ten.
    subjects: Vec<Subject>,
    /// Since when, RFC 3339, where that is known.
    since: Option<String>,
}

/// Whom or what it is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
pub(crate) struct Subject {
    /// user, team, organisation, model or target.
    kind: &'static str,
    /// The name; empty for the organisation.
    id: String,
}

/// What was read already.
pub(super) struct Looked<'a> {
    pub(super) users: &'a [UserStanding],
    pub(super) teams: &'a [TeamLine],
    /// Day and month, where everybody is seen.
    pub(super) everybody: Option<(&'a Sums, &'a Sums)>,
    pub(super) team: Option<&'a TeamId>,
    /// Whether what concerns the installation is seen.
    pub(super) system: bool,
}

/// Quotas on totals of teams.
pub(super) fn of_teams(
    rules: &Rulebook,
    teams: &[TeamLine],
    now: Timestamp,
) -> Vec<(Subject, Reading)> {
    let mut readings = Vec::new();
    for line in teams {
        for quota in rules.quotas.of_team_in_force(&line.team) {
            let Some(sums) = of_window(quota.window, (&line.day, &line.month)) else {
                continue;
            };
            let subject = Subject {
                kind: "team",
                id: line.team.to_string(),
            };
            readings.push((subject, Reading::of(&quota, sums, now)));
        }
    }
    readings
}

/// Quotas on everybody's total.
pub(super) fn of_everybody(
    rules: &Rulebook,
    sums: (&Sums, &Sums),
    now: Timestamp,
) -> Vec<(Subject, Reading)> {
    let quotas = rules.quotas.of_organisation().iter();
    let readings = quotas.filter_map(|quota| {
        let sums = of_window(quota.window, sums)?;
        let subject = Subject {
            kind: "organisation",
            id: String::new(),
        };
        Some((subject, Reading::of(quota, sums, now)))
    });
    readings.collect()
}

fn of_window<'a>(window: WindowKind, (day, month): (&'a Sums, &'a Sums)) -> Option<&'a Sums> {
    match window {
        WindowKind::Day => Some(day),
        WindowKind::Month => Some(month),
        WindowKind::Hour => None,
    }
}

/// Everything, the worst first.
pub(super) async fn of(
    api: &Api,
    rules: &Rulebook,
    looked: &Looked<'_>,
) -> Result<Vec<Alert>, Problem> {
    let mut alerts = limits(rules, looked, api.engine.now());
    let store = api.engine.store();
    let unsettled = store.reports().unsettled_targets(looked.team).await;
    let mut targets: BTreeMap<bool, Vec<Subject>> = BTreeMap::new();
    for (key, state) in unsettled.map_err(Problem::of_store)? {
        let subject = Subject {
            kind: "target",
            id: key.to_string(),
        };
        match state {
            TargetState::Gone => {}
            TargetState::Failed | TargetState::Cannot => {
                targets.entry(true).or_default().push(subject);
            }
            _ => targets.entry(false).or_default().push(subject),
        }
    }
    for (failed, subjects) in targets {
        alerts.push(if failed {
            about(Kind::EnforcementFailed, Severity::Critical, subjects)
        } else {
            about(Kind::EnforcementPending, Severity::Info, subjects)
        });
    }
    if looked.system {
        of_system(api, looked, &mut alerts).await?;
    }
    alerts.sort_by_key(|alert| alert.kind);
    Ok(alerts)
}

fn about(kind: Kind, severity: Severity, mut subjects: Vec<Subject>) -> Alert {
    let count = subjects.len() as u64;
    subjects.truncate(NAMED);
    Alert {
        kind,
        severity,
        count,
        subjects,
        since: None,
    }
}

/// Limits that are near or reached: each user and team once.
fn limits(rules: &Rulebook, looked: &Looked<'_>, now: Timestamp) -> Vec<Alert> {
    let of_users = looked.users.iter().flat_map(|user| {
        let subject = Subject {
            kind: "user",
            id: user.line.user.user.to_string(),
        };
        let readings = user.readings.iter();
        readings.map(move |reading| (subject.clone(), reading.clone()))
    });
    let everybody = looked.everybody;
    let everybody = everybody.map_or_else(Vec::new, |sums| of_everybody(rules, sums, now));
    let all = of_users
        .chain(of_teams(rules, looked.teams, now))
        .chain(everybody);
    let mut worst: BTreeMap<Subject, u32> = BTreeMap::new();
    for (subject, reading) in all.filter(|(_, reading)| reading.is_near() || reading.is_over()) {
        let percent = reading.percent.unwrap_or_default();
        let known = worst.entry(subject).or_default();
        *known = percent.max(*known);
    }
    let mut worst: Vec<_> = worst.into_iter().collect();
    worst.sort_by_key(|(_, percent)| std::cmp::Reverse(*percent));
    let (over, near): (Vec<_>, Vec<_>) =
        worst.into_iter().partition(|(_, percent)| *percent >= 100);
    let named = |list: Vec<(Subject, u32)>| list.into_iter().map(|(subject, _)| subject).collect();
    let mut alerts = Vec::new();
    if !over.is_empty() {
        alerts.push(about(Kind::OverLimit, Severity::Warning, named(over)));
    }
    if !near.is_empty() {
        alerts.push(about(Kind::NearLimit, Severity::Info, named(near)));
    }
    alerts
}

/// What concerns the installation.
async fn of_system(api: &Api, looked: &Looked<'_>, alerts: &mut Vec<Alert>) -> Result<(), Problem> {
    let (store, now) = (api.engine.store(), api.engine.now());
    let unpriced = looked.everybody.map_or(0, |(_, month)| month.unpriced);
    if unpriced > 0 {
        let models = store.unpriced().await.map_err(Problem::of_store)?;
        let mut subjects: Vec<_> = models
            .into_iter()
            .map(|(model, ..)| Subject {
                kind: "model",
                id: model.to_string(),
            })
            .collect();
        subjects.dedup();
        alerts.push(Alert {
            count: u64::try_from(unpriced).unwrap_or_default(),
            ..about(Kind::Unpriced, Severity::Warning, subjects)
        });
    }
    let pulse = store.pulse(now, now).await.map_err(Problem::of_store)?;
    let plain = |kind, severity, count, since: Option<Timestamp>| Alert {
        count,
        since: since.map(|at| at.to_string()),
        ..about(kind, severity, Vec::new())
    };
    if pulse.dead_letters > 0 {
        let last = pulse.last_dead_letter;
        let count = pulse.dead_letters;
        alerts.push(plain(Kind::DeadLetters, Severity::Warning, count, last));
    }
    if let Some(lag) = pulse.lag().filter(|lag| *lag > LATE) {
        let seconds = u64::try_from(lag.as_secs()).unwrap_or_default();
        alerts.push(plain(Kind::IntakeLag, Severity::Warning, seconds, None));
    }
    let coverage = api.engine.coverage().await;
    let coverage = coverage.map_err(|error: EngineError| Problem::of_engine(&error))?;
    if coverage.silence.is_some() {
        let last = coverage.last_record;
        alerts.push(plain(Kind::IntakeSilent, Severity::Critical, 1, last));
    }
    Ok(())
}
