//! `GET /api/v1/usage/matrix`

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::State;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use weir_core::counter::{CounterScope, Sums};
use weir_core::ids::{TeamId, UserId};
use weir_core::operator::Permission;
use weir_core::quota::Metric;
use weir_store::{CrossRow, GroupBy, Ranked, UsageFilter, Whose};

use crate::api::query::{Query, parsed};
use crate::api::range::{self, Days};
use crate::api::used::amount;
use crate::api::users::list::{Standing, named, wanted};
use crate::api::users::order::{Order, Place};
use crate::api::{Api, SignedIn, page, team};
use crate::problem::Problem;

/// What is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Figure {
    /// Invocations that did not fail.
    #[default]
    Requests,
    /// Uncached input, cache writes and output.
    Tokens,
    /// Known cost, dollars.
    Cost,
}

/// By what the users are sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MatrixSort {
    /// All days together.
    #[default]
    Total,
    /// Their id.
    User,
}

/// Which days of which users.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// The first local day [default: 30 days up to `to`].
    #[serde(default, deserialize_with = "parsed")]
    #[param(value_type = Option<String>, format = Date)]
    from: Option<Date>,
    /// The last local day [default: today]; 100 days at most.
    #[serde(default, deserialize_with = "parsed")]
    #[param(value_type = Option<String>, format = Date)]
    to: Option<Date>,
    /// What is counted [default: requests].
    #[serde(default)]
    #[param(inline)]
    figure: Figure,
    /// Only calls made for this team.
    team: Option<String>,
    /// Only users with this in id, person, e-mail address or team; upper and lower case are the same.
    search: Option<String>,
    /// Only users in this state.
    #[param(inline)]
    state: Option<Standing>,
    /// By what they are sorted [default: total].
    #[serde(default)]
    #[param(inline)]
    sort: MatrixSort,
    /// asc or desc [default: desc by total, asc by user].
    #[param(inline)]
    order: Option<Order>,
    /// `next` of the page before, asked for with the same `figure`, `sort` and `order`.
    cursor: Option<String>,
    /// Users of a page, 1 to 500 [default: 50].
    limit: Option<u32>,
}

/// Days of users.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Matrix {
    /// The business zone, whose days they are.
    zone: String,
    /// The first day.
    from: String,
    /// The last day.
    to: String,
    /// What is counted.
    figure: Figure,
    /// Everybody together, whoever is looked for.
    everybody: Amounts,
    /// Users who called in these days, in the order that was asked for.
    users: Vec<UserDays>,
    /// The cursor of the next page; null after the last.
    next: Option<String>,
    /// How many users there are on all pages.
    total: usize,
}

/// A user's days.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserDays {
    /// Who.
    user_id: String,
    #[serde(flatten)]
    amounts: Amounts,
}

/// Digits, or dollars as exact decimal.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Amounts {
    /// All days together.
    sum: String,
    /// Each day.
    #[schema(example = json!({"2026-11-19": "12", "2026-11-20": "0"}))]
    days: BTreeMap<String, String>,
}

/// Report days of users
///
/// What each user used day by day, page by page, and everybody together.
#[utoipa::path(
    get,
    path = "/api/v1/usage/matrix",
    operation_id = "usage_matrix",
    tag = "usage",
    params(Asked),
    responses(
        (status = 200, description = "A page of users with their days", body = Matrix),
        crate::api::answers::Reads,
    ),
)]
pub(crate) async fn get(
    State(api): State<Api>,
    who: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Json<Matrix>, Problem> {
    let within = who.may(Permission::ReadUsage)?;
    let rules = api.engine.rules().await;
    let rules = rules.map_err(|error| Problem::of_engine(&error))?;
    let team = team::asked(&within, asked.team.as_deref())?;
    let limit = page::limit(asked.limit)? as usize;
    let after = asked.cursor.as_deref().map(Place::read).transpose()?;
    let days = Days {
        from: asked.from,
        to: asked.to,
    };
    let days = days.within(range::LONG, rules.zone.day(api.engine.now()))?;
    let figure = asked.figure;
    let users = async {
        let only = Only::read(&api, team.as_ref(), asked.search.as_deref(), asked.state).await?;
        let source = Source::read(&api, figure, team.as_ref(), &only, days).await?;
        Ok((only, source))
    };
    let (users, everybody) = tokio::join!(users, everybody(&api, team.as_ref(), days));
    let ((only, source), everybody) = (users?, everybody?);
    let order = asked.order.unwrap_or(match asked.sort {
        MatrixSort::Total => Order::Desc,
        MatrixSort::User => Order::Asc,
    });
    let names = who.pseudonyms.as_deref();
    let place = |(user, used): &(UserId, i64)| match asked.sort {
        MatrixSort::Total => Place::with(*used, user.as_str(), names),
        MatrixSort::User => Place::with(0, user.as_str(), names),
    };
    let mut users = source.users(figure);
    users.retain(|(user, _)| only.has(user.as_str()));
    let total = users.len();
    let mut placed: Vec<_> = users.iter().map(|user| (place(user), &user.0)).collect();
    placed.sort_by(|(a, _), (b, _)| a.compare(b, order));
    if let Some(after) = &after {
        placed.retain(|(place, _)| place.compare(after, order).is_gt());
    }
    let more = placed.len() > limit;
    placed.truncate(limit);
    let next = placed
        .last()
        .filter(|_| more)
        .map(|(place, _)| place.write());
    let shown: Vec<_> = placed.into_iter().map(|(_, user)| user.clone()).collect();
    let cells = source.days(&api, &shown, days).await?;
    Ok(Json(Matrix {
        zone: rules.zone.name().to_owned(),
        from: days.0.to_string(),
        to: days.1.to_string(),
        figure,
        everybody: figure.amounts(days, everybody.iter()),
        users: rows(figure, days, shown, &cells),
        next,
        total,
    }))
}

impl Figure {
    fn metric(self) -> Metric {
        match self {
            Self::Requests => Metric::Requests,
            Self::Tokens => Metric::Tokens,
            Self::Cost => Metric::Cost,
        }
    }

    fn of(self, sums: &Sums) -> i64 {
        self.metric().used(sums)
    }

    /// Every day, those without a call too.
    fn amounts<'a>(
        self,
        (from, to): (Date, Date),
        of: impl Iterator<Item = &'a (String, Sums)>,
    ) -> Amounts {
        let text = |number| amount(self.metric(), number);
        let days = from.series(jiff::Span::new().days(1));
        let days = days.take_while(|day| *day <= to);
        let mut days: BTreeMap<_, _> = days.map(|day| (day.to_string(), text(0))).collect();
        let mut sum = 0_i64;
        for (day, sums) in of {
            let number = self.of(sums);
            sum = sum.saturating_add(number);
            days.insert(day.clone(), text(number));
        }
        Amounts {
            sum: text(sum),
            days,
        }
    }
}

fn rows(
    figure: Figure,
    days: (Date, Date),
    users: Vec<UserId>,
    cells: &[CrossRow],
) -> Vec<UserDays> {
    let mut by_user: BTreeMap<&str, Vec<(String, Sums)>> = BTreeMap::new();
    for cell in cells {
        let own = by_user.entry(cell.second.as_str()).or_default();
        own.push((cell.first.clone(), cell.sums));
    }
    let users = users.into_iter();
    users
        .map(|user| {
            let own = by_user.get(user.as_str()).map_or(&[][..], Vec::as_slice);
            UserDays {
                amounts: figure.amounts(days, own.iter()),
                user_id: user.to_string(),
            }
        })
        .collect()
}

/// Where the figures come from: of everybody a ranking, so that only the users of a page are read day by day;
/// of a team, and of few who are looked for, all their days.
enum Source {
    Ranking(Vec<Ranked>),
    Days(Vec<CrossRow>),
}

impl Source {
    async fn read(
        api: &Api,
        figure: Figure,
        team: Option<&TeamId>,
        only: &Only,
        (from, to): (Date, Date),
    ) -> Result<Self, Problem> {
        let reports = api.engine.store().reports();
        let Some(team) = team else {
            let source = if let Some(few) = only.few() {
                let days = reports.days_of_users(&few, (from, to)).await;
                days.map(Self::Days)
            } else {
                let users = reports.ranked(figure.metric(), (from, to)).await;
                users.map(Self::Ranking)
            };
            return source.map_err(Problem::of_store);
        };
        let filter = UsageFilter {
            from: Some(from),
            to: Some(to),
            team: Some(team.clone()),
            ..UsageFilter::default()
        };
        let by = (GroupBy::Day, GroupBy::User);
        let rows = reports.crossed(by, &filter).await;
        rows.map(Self::Days).map_err(Problem::of_store)
    }

    /// Users with what they come to.
    fn users(&self, figure: Figure) -> Vec<(UserId, i64)> {
        match self {
            Self::Ranking(users) => {
                let users = users.iter();
                users.map(|one| (one.user.clone(), one.used)).collect()
            }
            Self::Days(rows) => {
                let mut users: BTreeMap<&str, i64> = BTreeMap::new();
                for row in rows {
                    *users.entry(row.second.as_str()).or_default() += figure.of(&row.sums);
                }
                let users = users.into_iter();
                users
                    .map(|(user, used)| (UserId::new(user), used))
                    .collect()
            }
        }
    }

    /// The days of some of them.
    async fn days(
        self,
        api: &Api,
        users: &[UserId],
        days: (Date, Date),
    ) -> Result<Vec<CrossRow>, Problem> {
        match self {
            Self::Ranking(_) => {
                let reports = api.engine.store().reports();
                let rows = reports.days_of_users(users, days).await;
                rows.map_err(Problem::of_store)
            }
            Self::Days(rows) => Ok(rows),
        }
    }
}

/// So many users are read day by day in less time than everybody takes to be ranked.
const FEW: usize = 250;

/// The users who are looked for, if any are.
pub(super) struct Only(Option<BTreeSet<String>>);

impl Only {
    pub(super) async fn read(
        api: &Api,
        team: Option<&TeamId>,
        search: Option<&str>,
        state: Option<Standing>,
    ) -> Result<Self, Problem> {
        let whose = team.cloned().map_or(Whose::All, Whose::Team);
        let ids = match (search, state) {
            (None, None) => return Ok(Self(None)),
            (Some(search), None) => {
                let users = api.engine.store().reports().users_of(&whose).await;
                let users = users.map_err(Problem::of_store)?.into_iter();
                let is_wanted = named(search);
                users
                    .filter(|row| is_wanted(row))
                    .map(|row| row.user.to_string())
                    .collect()
            }
            (search, Some(_)) => {
                let users = api.engine.states(&whose).await;
                let users = users.map_err(|error| Problem::of_engine(&error))?;
                let is_wanted = wanted(search, state);
                users
                    .into_iter()
                    .filter(|(row, state)| is_wanted(row, state))
                    .map(|(row, _)| row.user.to_string())
                    .collect()
            }
        };
        Ok(Self(Some(ids)))
    }

    /// Whether a user is looked for; where nobody is, everybody is.
    pub(super) fn has(&self, user: &str) -> bool {
        self.0.as_ref().is_none_or(|only| only.contains(user))
    }

    /// Whether it is everybody.
    pub(super) const fn is_everybody(&self) -> bool {
        self.0.is_none()
    }

    /// The users, if they are few.
    pub(super) fn few(&self) -> Option<Vec<UserId>> {
        let few = self.0.as_ref().filter(|only| only.len() <= FEW)?;
        Some(few.iter().map(UserId::new).collect())
    }
}

/// What everybody, or a team, used day by day.
pub(super) async fn everybody(
    api: &Api,
    team: Option<&TeamId>,
    (from, to): (Date, Date),
) -> Result<Vec<(String, Sums)>, Problem> {
    let scope = team.map_or(CounterScope::Organisation, |team| {
        CounterScope::Team(team.clone())
    });
    let (first, last) = (range::day(from)?, range::day(to)?);
    let reports = api.engine.store().reports();
    let days = reports.series(&scope, &first, &last).await;
    let days = days.map_err(Problem::of_store)?.into_iter();
    Ok(days.map(|(day, sums)| (day.to_string(), sums)).collect())
}
