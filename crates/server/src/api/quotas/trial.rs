//! `GET /api/v1/quotas/trial`; also what `weir quota try` prints.

use std::num::ParseIntError;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use weir_core::operator::{Permission, Within};
use weir_engine::{Tried, TriedEvent, TriedWhat};

use super::edit::{NewQuota, Which, quota};
use super::suggest::days;
use crate::api::query::Query;
use crate::api::{Api, SignedIn};
use crate::problem::Problem;

/// Which quota, and over which time.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// `user:ana`, `defaults`, `team-defaults:sap`, `team:sap`, `tool:cline`, `model:ID` or `organisation`.
    scope: String,
    /// requests, tokens, `tokens_all` or cost.
    metric: String,
    /// hour, day or month.
    window: String,
    /// Digits; dollars of the metric cost, as decimal; `unlimited`.
    limit: String,
    /// block or notify [default: block].
    action: Option<String>,
    /// Warning thresholds in percent, 1 to 99, with commas between them [default: 80,95].
    warn: Option<String>,
    /// How many days back, 1 to 400 [default: 30].
    days: Option<u32>,
}

/// What a quota would have done.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Trial {
    /// From when on it was looked at, RFC 3339.
    pub since: Option<String>,
    /// Invocations since then.
    pub invocations: u64,
    /// Their users.
    pub users: u64,
    /// Who would have been blocked at least once: `user:ana`, `team:sap`.
    pub blocked: Vec<String>,
    /// Who would have been warned at least once.
    pub warned: Vec<String>,
    /// What would have happened, in order.
    pub events: Vec<TrialEvent>,
}

/// Something that would have happened.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct TrialEvent {
    /// When, RFC 3339.
    pub at: String,
    /// To whom: `user:ana`, `team:sap`.
    pub subject: String,
    /// warned or blocked.
    pub what: String,
    /// At so many percent it would have warned.
    pub percent: Option<u32>,
    /// Why it would have blocked.
    pub reason: Option<String>,
    /// Until when, RFC 3339; null of a block is until an administrator ends it.
    pub until: Option<String>,
    /// Calls that came while the block would have lasted.
    pub calls_denied: Option<u64>,
}

impl Trial {
    /// As the engine found it.
    pub fn of(tried: &Tried) -> Self {
        let names =
            |of: std::collections::BTreeSet<&str>| of.into_iter().map(str::to_owned).collect();
        Self {
            since: tried.since.map(|at| at.to_string()),
            invocations: tried.invocations,
            users: tried.users,
            blocked: names(tried.blocked()),
            warned: names(tried.warned()),
            events: tried.events.iter().map(TrialEvent::of).collect(),
        }
    }
}

impl TrialEvent {
    fn of(event: &TriedEvent) -> Self {
        let TriedEvent { at, subject, what } = event;
        let warned = Self {
            at: at.to_string(),
            subject: subject.clone(),
            what: "warned".to_owned(),
            percent: None,
            reason: None,
            until: None,
            calls_denied: None,
        };
        match what {
            TriedWhat::Warned(percent) => Self {
                percent: Some(*percent),
                ..warned
            },
            TriedWhat::Blocked {
                reason,
                until,
                calls,
            } => Self {
                what: "blocked".to_owned(),
                reason: Some(reason.clone()),
                until: until.instant().map(|at| at.to_string()),
                calls_denied: Some(*calls),
                ..warned
            },
        }
    }
}

/// Try a quota
///
/// Decides the calls of the last days again as if it had been set all the time, and changes nothing. It goes over the
/// calls of everybody, so it is not for the role team.
#[utoipa::path(
    get,
    path = "/api/v1/quotas/trial",
    operation_id = "quotas_try",
    tag = "quotas",
    params(Asked),
    responses(
        (status = 200, description = "What it would have done", body = Trial),
        crate::api::answers::Shows,
    ),
)]
pub(crate) async fn get(
    State(api): State<Api>,
    who: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Json<Trial>, Problem> {
    if who.may(Permission::ReadUsage)? != Within::Everything {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "the role team may not: a trial goes over the calls of everybody",
        ));
    }
    let wrong =
        |field: &str, why: String| Problem::bad_request(format!("the query: {field}: {why}"));
    let Asked {
        scope,
        metric,
        window,
        limit,
        action,
        warn,
        days: asked,
    } = asked;
    let which = Which {
        scope: scope.parse().map_err(|why| wrong("scope", why))?,
        metric: super::edit::metric(&metric).map_err(|why| wrong("metric", why))?,
        window: window.parse().map_err(|why| wrong("window", why))?,
    };
    let warn = warn.as_deref().map(percents).transpose();
    let warn = warn.map_err(|_| wrong("warn", "numbers with commas between them".to_owned()))?;
    let new = NewQuota {
        limit,
        action,
        warn,
        reason: String::new(),
    };
    let quota = quota("the query", &which, &new, who.caller.name.author())?;
    let last = SignedDuration::from_hours(24 * i64::from(days(asked)?));
    // One after the other: a trial holds its calls in memory.
    let _one = api.heavy.lock().await;
    let tried = Box::pin(api.engine.try_quota(&quota, last, &|_, _| {})).await;
    let tried = tried.map_err(|error| Problem::of_engine(&error))?;
    Ok(Json(Trial::of(&tried)))
}

fn percents(text: &str) -> Result<Vec<u32>, ParseIntError> {
    text.split(',').map(str::parse).collect()
}
