//! `GET /api/v1/users`

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use weir_core::calendar::WindowKind;
use weir_core::operator::Permission;
use weir_core::quota::Metric;
use weir_engine::{Newcomer, Reading, UserStanding, newcomers_in};
use weir_store::{UserLine, UserRow, Whose};

use super::order::{Order, Place, Sort};
use crate::api::query::Query;
use crate::api::used::{Used, amount};
use crate::api::{Api, SignedIn, page, team};
use crate::problem::Problem;

/// Where a user stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Standing {
    /// Neither blocked nor protected.
    Active,
    /// Protected by an administrator.
    ActiveAdm,
    /// Blocked by quotas alone.
    Blocked,
    /// Blocked by an administrator.
    BlockedAdm,
}

impl Standing {
    fn as_str(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::ActiveAdm => "ACTIVE_ADM",
            Self::Blocked => "BLOCKED",
            Self::BlockedAdm => "BLOCKED_ADM",
        }
    }
}

/// Which users.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// Only those with this in id, person, e-mail address or team; upper and lower case are the same.
    search: Option<String>,
    /// Only members of this team.
    team: Option<String>,
    /// Only those in this state.
    #[param(inline)]
    state: Option<Standing>,
    /// By what they are sorted [default: user].
    #[serde(default)]
    #[param(inline)]
    sort: Sort,
    /// asc or desc [default: asc].
    #[serde(default)]
    #[param(inline)]
    order: Order,
    /// `next` of the page before, asked for with the same `sort` and `order`.
    cursor: Option<String>,
    /// Rows of a page, 1 to 500 [default: 50].
    limit: Option<u32>,
}

/// A page of users.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Users {
    /// In the order that was asked for, those that are equal by id.
    pub users: Vec<ListedUser>,
    /// The cursor of the next page; null after the last.
    pub next: Option<String>,
    /// How many there are on all pages.
    pub total: usize,
    /// How many of them are in which state.
    pub states: BTreeMap<String, usize>,
    /// How many of them have used how much of their monthly requests.
    pub distribution: Vec<Bucket>,
}

/// Users who have used alike much of a limit.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Bucket {
    /// From so many percent; 100 is the limit and beyond.
    pub from_percent: u32,
    /// How many users.
    pub users: usize,
}

/// A user in a list.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ListedUser {
    /// Who.
    pub user_id: String,
    /// The team they are in now.
    pub team: String,
    /// The person's name.
    pub person: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// es or en; null is the configured language.
    pub language: Option<String>,
    /// human, workload, service or unknown.
    pub class: String,
    /// The user under whose name this is another identity, until somebody confirms it.
    pub unconfirmed: Option<String>,
    /// `ACTIVE`, `ACTIVE_ADM`, `BLOCKED` or `BLOCKED_ADM`.
    pub state: String,
    /// The worst state of the user's targets in AWS.
    pub enforcement: String,
    /// The headline of the block that lasts longest.
    pub blocked_reason: Option<String>,
    /// Its end, RFC 3339; null while blocked is indefinite.
    pub blocked_until: Option<String>,
    /// Who protects the user.
    pub protection_by: Option<String>,
    /// Requests today against the user's limit.
    pub daily_requests: LimitUsed,
    /// Requests this month against the user's limit.
    pub monthly_requests: LimitUsed,
    /// Today.
    pub day: Used,
    /// This month.
    pub month: Used,
    /// First sight, RFC 3339.
    pub created_at: String,
    /// The latest call, RFC 3339; null is none.
    pub last_seen: Option<String>,
}

/// How much of a limit is used.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct LimitUsed {
    /// How much.
    pub used: String,
    /// The limit now; null is none.
    pub limit: Option<String>,
    /// Whole percent of it.
    pub percent: Option<u32>,
}

impl LimitUsed {
    fn of(reading: Option<&Reading>, requests: i64) -> Self {
        let limit = reading.and_then(|reading| reading.limit);
        Self {
            used: requests.to_string(),
            limit: limit.map(|limit| amount(Metric::Requests, limit)),
            percent: reading.and_then(|reading| reading.percent),
        }
    }
}

impl ListedUser {
    /// As the engine reports it.
    pub fn of(standing: &UserStanding, newcomers: &[Newcomer]) -> Self {
        let share =
            |window, requests| LimitUsed::of(standing.reading(Metric::Requests, window), requests);
        let UserStanding {
            line,
            state,
            enforcement,
            readings: _,
        } = standing;
        let UserLine {
            user,
            last_seen,
            day,
            month,
        } = line;
        let UserRow {
            user,
            team,
            person,
            email,
            language,
            class,
            is_blocked: _,
            blocked_reason,
            blocked_until,
            protection_by,
            created_at,
            principals: _,
        } = user;
        let is_blocked = state.starts_with("BLOCKED");
        Self {
            user_id: user.to_string(),
            team: team.to_string(),
            person: person.clone(),
            email: email.clone(),
            language: language.clone(),
            class: class.as_str().to_owned(),
            unconfirmed: newcomers
                .iter()
                .find(|newcomer| newcomer.user == *user)
                .map(|newcomer| newcomer.becomes.to_string()),
            state: (*state).to_owned(),
            enforcement: enforcement.as_str().to_owned(),
            blocked_reason: blocked_reason.clone().filter(|_| is_blocked),
            blocked_until: blocked_until
                .filter(|_| is_blocked)
                .map(|at| at.to_string()),
            protection_by: protection_by.clone(),
            daily_requests: share(WindowKind::Day, day.requests),
            monthly_requests: share(WindowKind::Month, month.requests),
            day: Used::of(day),
            month: Used::of(month),
            created_at: created_at.to_string(),
            last_seen: last_seen.map(|at| at.to_string()),
        }
    }
}

/// List users
///
/// With where they stand and what they used today and this month.
#[utoipa::path(
    get,
    path = "/api/v1/users",
    operation_id = "users_list",
    tag = "users",
    params(Asked),
    responses(
        (status = 200, description = "A page of users", body = Users),
        crate::api::answers::Reads,
    ),
)]
pub(crate) async fn get(
    State(api): State<Api>,
    who: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Json<Users>, Problem> {
    let within = who.may(Permission::ReadUsage)?;
    let team = team::asked(&within, asked.team.as_deref())?;
    let limit = page::limit(asked.limit)? as usize;
    let after = asked.cursor.as_deref().map(Place::read).transpose()?;
    let whose = team.map_or(Whose::All, Whose::Team);
    let found = found(&api, &whose, asked.search.as_deref(), asked.state).await?;
    let mut states = BTreeMap::new();
    for user in &found {
        *states.entry(user.state.to_owned()).or_default() += 1;
    }
    let rules = api.engine.rules().await;
    let newcomers = newcomers_in(&*rules.map_err(|error| Problem::of_engine(&error))?);
    let (sort, order) = (asked.sort, asked.order);
    let total = found.len();
    let distribution = distribution(&found);
    let mut placed: Vec<_> = found
        .iter()
        .map(|user| (Place::of(user, sort, who.pseudonyms.as_deref()), user))
        .collect();
    placed.sort_by(|(a, _), (b, _)| a.compare(b, order));
    if let Some(after) = &after {
        placed.retain(|(place, _)| place.compare(after, order).is_gt());
    }
    let more = placed.len() > limit;
    placed.truncate(limit);
    let last = placed.last().filter(|_| more);
    Ok(Json(Users {
        next: last.map(|(place, _)| place.write()),
        users: placed
            .iter()
            .map(|(_, user)| ListedUser::of(user, &newcomers))
            .collect(),
        total,
        states,
        distribution,
    }))
}

/// The users with a text in their names, and in a state.
pub(crate) async fn found(
    api: &Api,
    whose: &Whose,
    search: Option<&str>,
    state: Option<Standing>,
) -> Result<Vec<UserStanding>, Problem> {
    let standings = api.engine.standings(whose).await;
    let mut found = standings.map_err(|error| Problem::of_engine(&error))?;
    let is_wanted = wanted(search, state);
    found.retain(|user| is_wanted(&user.line.user, user.state));
    Ok(found)
}

/// Whether a user, in their state, is looked for.
pub(crate) fn wanted(
    search: Option<&str>,
    state: Option<Standing>,
) -> impl Fn(&UserRow, &str) -> bool {
    let is_named = search.map(named);
    move |user, is| {
        let in_state = state.is_none_or(|state| state.as_str() == is);
        in_state && is_named.as_ref().is_none_or(|is_named| is_named(user))
    }
}

/// Whether a text is in a user's names.
pub(crate) fn named(search: &str) -> impl Fn(&UserRow) -> bool + use<> {
    let wanted = search.to_lowercase();
    move |user| has(user, &wanted)
}

fn has(row: &UserRow, wanted: &str) -> bool {
    let texts = [
        Some(row.user.as_str()),
        Some(row.team.as_str()),
        row.person.as_deref(),
        row.email.as_deref(),
    ];
    let mut texts = texts.into_iter().flatten();
    texts.any(|text| text.to_lowercase().contains(wanted))
}

/// In steps of ten percent; whoever has no limit is in none of them.
fn distribution(users: &[UserStanding]) -> Vec<Bucket> {
    let percents: Vec<u32> = users
        .iter()
        .filter_map(|user| user.reading(Metric::Requests, WindowKind::Month))
        .filter_map(|reading| reading.percent)
        .collect();
    let steps = (0..=10).map(|step| step * 10);
    steps
        .map(|from_percent| {
            let inside = |percent: &&u32| (**percent).min(100) / 10 * 10 == from_percent;
            Bucket {
                from_percent,
                users: percents.iter().filter(inside).count(),
            }
        })
        .collect()
}
