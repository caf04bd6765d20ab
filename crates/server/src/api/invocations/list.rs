//! `GET /api/v1/invocations`

use axum::Json;
use axum::extract::State;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use weir_core::ids::{ModelId, ToolId, UserId};
use weir_core::model::ModelRef;
use weir_core::money::Usd;
use weir_core::operator::Permission;
use weir_store::{CallFilter, CallPlace, CallRow, TimeOrder};

use super::show::Counts;
use crate::api::query::{Query, parsed};
use crate::api::users::order::Order;
use crate::api::{Api, SignedIn, page, team};
use crate::problem::Problem;

/// How far back is looked, where nothing else is asked for.
const USUAL: SignedDuration = SignedDuration::from_hours(24 * 31);

/// Which invocations.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// Only of this user.
    user: Option<String>,
    /// Only of this team at the time of the call.
    team: Option<String>,
    /// Only this model, in any form.
    model: Option<String>,
    /// Only this tool.
    tool: Option<String>,
    /// Only those that are so.
    #[param(inline)]
    state: Option<CallState>,
    /// Only those made at this instant or later, RFC 3339 [default: 31 days before `to`].
    #[serde(default, deserialize_with = "parsed")]
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Only those made at this instant or before, RFC 3339 [default: now].
    #[serde(default, deserialize_with = "parsed")]
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
    /// In which order of time they come: asc is the oldest first [default: desc].
    #[param(inline)]
    order: Option<Order>,
    /// `next` of the page before, asked for with the same `order`.
    cursor: Option<String>,
    /// Rows of a page, 1 to 500 [default: 50].
    limit: Option<u32>,
}

/// How an invocation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum CallState {
    /// It did not fail.
    Ok,
    /// It failed without output.
    Failed,
    /// Counts are there and the price is not.
    Unpriced,
    /// There are no counts.
    Unmetered,
    /// The counts may still change.
    Provisional,
    /// The look-up of the caller failed.
    Unresolved,
}

impl CallState {
    const fn of_store(self) -> weir_store::CallState {
        use weir_store::CallState as Stored;
        match self {
            Self::Ok => Stored::Ok,
            Self::Failed => Stored::Failed,
            Self::Unpriced => Stored::Unpriced,
            Self::Unmetered => Stored::Unmetered,
            Self::Provisional => Stored::Provisional,
            Self::Unresolved => Stored::Unresolved,
        }
    }
}

/// A page of invocations.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Invocations {
    /// In order of time.
    invocations: Vec<ListedInvocation>,
    /// The cursor of the next page; null after the last.
    next: Option<String>,
}

/// An invocation in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListedInvocation {
    /// The AWS request id.
    request_id: String,
    /// RFC 3339.
    at: String,
    /// Whose call it is.
    user_id: String,
    /// The team at that time.
    team: String,
    /// With what.
    tool: String,
    /// The account that called.
    account: String,
    /// The source Region.
    region: String,
    /// The canonical model.
    model: String,
    /// Event name or log operation.
    operation: String,
    /// `ok` or `failed`.
    status: &'static str,
    /// The error.
    error_code: Option<String>,
    /// Null while nothing says how many.
    tokens: Option<Counts>,
    /// Dollars; null while it is not known.
    cost_usd: Option<String>,
    /// The counts may still change.
    provisional: bool,
    /// The look-up of the caller failed.
    unresolved: bool,
}

impl ListedInvocation {
    fn of(row: CallRow) -> Self {
        let CallRow {
            place,
            request,
            account,
            region,
            user,
            team,
            tool,
            model,
            operation,
            tokens,
            cost,
            provisional,
            failed,
            error_code,
            unresolved,
        } = row;
        Self {
            request_id: request.to_string(),
            at: place.at.to_string(),
            user_id: user.to_string(),
            team: team.to_string(),
            tool: tool.to_string(),
            account: account.to_string(),
            region: region.to_string(),
            model: model.to_string(),
            operation,
            status: if failed { "failed" } else { "ok" },
            error_code,
            tokens: tokens.map(Counts::of),
            cost_usd: cost.map(Usd::to_decimal),
            provisional,
            unresolved,
        }
    }
}

/// List invocations
///
/// In order of time.
#[utoipa::path(
    get,
    path = "/api/v1/invocations",
    operation_id = "invocations_list",
    tag = "usage",
    params(Asked),
    responses(
        (status = 200, description = "A page of invocations", body = Invocations),
        crate::api::answers::Reads,
    ),
)]
pub(crate) async fn get(
    State(api): State<Api>,
    who: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Json<Invocations>, Problem> {
    let within = who.may(Permission::ReadUsage)?;
    let limit = page::limit(asked.limit)?;
    let to = asked.to.unwrap_or_else(|| api.engine.now());
    let usual = || to.saturating_sub(USUAL).unwrap_or(Timestamp::MIN);
    let from = asked.from.unwrap_or_else(usual);
    if from > to {
        return Err(Problem::bad_request(
            "the query: from is later than to".to_owned(),
        ));
    }
    let filter = CallFilter {
        user: asked.user.map(UserId::new),
        team: team::asked(&within, asked.team.as_deref())?,
        model: asked.model.map(|text| {
            let known = ModelRef::parse(&text).model;
            known.unwrap_or_else(|| ModelId::new(text))
        }),
        tool: asked.tool.map(ToolId::new),
        state: asked.state.map(CallState::of_store),
        from,
        to,
        order: asked.order.map_or(TimeOrder::NewestFirst, Order::of_time),
        after: asked.cursor.as_deref().map(place).transpose()?,
        // One more says whether there is a next page.
        limit: limit + 1,
    };
    let rows = api.engine.store().reports().calls(&filter).await;
    let mut rows = rows.map_err(Problem::of_store)?;
    let next = page::cut(&mut rows, limit, |row| cursor(row.place));
    Ok(Json(Invocations {
        invocations: rows.into_iter().map(ListedInvocation::of).collect(),
        next,
    }))
}

fn cursor(place: CallPlace) -> String {
    page::cursor(&format!("{} {}", place.at.as_microsecond(), place.id))
}

fn place(cursor: &str) -> Result<CallPlace, Problem> {
    let key = page::key(cursor)?;
    let (at, id) = key.split_once(' ').ok_or_else(page::no_cursor)?;
    let number = |text: &str| text.parse::<i64>().map_err(|_| page::no_cursor());
    let at = Timestamp::from_microsecond(number(at)?).map_err(|_| page::no_cursor())?;
    Ok(CallPlace {
        at,
        id: number(id)?,
    })
}
