//! The order of a list of users, and a place in it that stays good whatever comes and goes between two
//! pages.

use std::cmp::Ordering;

use serde::Deserialize;
use utoipa::ToSchema;
use weir_core::Timestamp;
use weir_core::calendar::WindowKind;
use weir_core::pseudonym::Pseudonyms;
use weir_core::quota::Metric;
use weir_engine::UserStanding;
use weir_store::TimeOrder;

use crate::api::page;
use crate::problem::Problem;

/// By what users are sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Sort {
    /// The id.
    #[default]
    User,
    /// The person's name.
    Person,
    /// The team.
    Team,
    /// The state.
    State,
    /// The latest call.
    LastSeen,
    /// Requests today.
    RequestsDay,
    /// Requests this month.
    RequestsMonth,
    /// Requests today in percent of the limit.
    PercentDay,
    /// Requests this month in percent of the limit.
    PercentMonth,
    /// Tokens today.
    TokensDay,
    /// Tokens this month.
    TokensMonth,
    /// Cost today.
    CostDay,
    /// Cost this month.
    CostMonth,
}

/// Which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Order {
    /// The least first.
    #[default]
    Asc,
    /// The most first.
    Desc,
}

impl Order {
    /// Of a list in time.
    pub(crate) fn of_time(self) -> TimeOrder {
        match self {
            Self::Asc => TimeOrder::OldestFirst,
            Self::Desc => TimeOrder::NewestFirst,
        }
    }
}

/// Where a user stands in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    number: i64,
    text: String,
    user: String,
}

/// Between the parts of a cursor; no id has it.
const BETWEEN: char = '\u{1f}';

impl Place {
    /// Whoever sees pseudonyms sees them in their order: that of the names would tell who is who, and a cursor
    /// says where it goes on.
    pub(crate) fn of(user: &UserStanding, sort: Sort, pseudonyms: Option<&Pseudonyms>) -> Self {
        let line = &user.line;
        let id = line.user.user.as_str();
        let person = line.user.person.as_deref().unwrap_or_default();
        let person = if pseudonyms.is_some() { "" } else { person };
        let percent = |window| {
            let reading = user.reading(Metric::Requests, window);
            reading
                .and_then(|reading| reading.percent)
                .map_or(-1, i64::from)
        };
        let text = |text: &str| (0, text.to_lowercase());
        let number = |number: i64| (number, String::new());
        let (number, text) = match sort {
            Sort::User => number(0),
            Sort::Person => text(person),
            Sort::Team => text(line.user.team.as_str()),
            Sort::State => text(user.state),
            Sort::LastSeen => number(line.last_seen.map_or(i64::MIN, Timestamp::as_microsecond)),
            Sort::RequestsDay => number(line.day.requests),
            Sort::RequestsMonth => number(line.month.requests),
            Sort::PercentDay => number(percent(WindowKind::Day)),
            Sort::PercentMonth => number(percent(WindowKind::Month)),
            Sort::TokensDay => number(line.day.tokens()),
            Sort::TokensMonth => number(line.month.tokens()),
            Sort::CostDay => number(line.day.cost_nanos),
            Sort::CostMonth => number(line.month.cost_nanos),
        };
        Self {
            text,
            ..Self::with(number, id, pseudonyms)
        }
    }

    /// Of a user with so much of something.
    pub(crate) fn with(number: i64, user: &str, pseudonyms: Option<&Pseudonyms>) -> Self {
        Self {
            number,
            text: String::new(),
            user: pseudonyms.map_or_else(|| user.to_owned(), |names| names.of(user)),
        }
    }

    /// Which comes first; those that are equal by id, where only that is asked for in its order too.
    pub(crate) fn compare(&self, other: &Self, order: Order) -> Ordering {
        let asked = self.number.cmp(&other.number);
        let asked = asked.then_with(|| self.text.cmp(&other.text));
        let by_user = self.user.cmp(&other.user);
        match order {
            Order::Asc => asked.then(by_user),
            Order::Desc => asked.reverse().then(by_user.reverse()),
        }
    }

    pub(crate) fn write(&self) -> String {
        let Self { number, text, user } = self;
        page::cursor(&format!("{number}{BETWEEN}{text}{BETWEEN}{user}"))
    }

    pub(crate) fn read(cursor: &str) -> Result<Self, Problem> {
        let key = page::key(cursor)?;
        let mut parts = key.splitn(3, BETWEEN);
        let (Some(number), Some(text), Some(user)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(page::no_cursor());
        };
        Ok(Self {
            number: number.parse().map_err(|_| page::no_cursor())?,
            text: text.to_owned(),
            user: user.to_owned(),
        })
    }
}
