//! `GET /api/v1/usage`

use axum::Json;
use axum::extract::State;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use weir_core::counter::Sums;
use weir_core::ids::{ModelId, ToolId, UserId};
use weir_core::model::ModelRef;
use weir_core::money::Usd;
use weir_core::operator::Permission;
use weir_store::{GroupBy, UsageFilter};

use crate::api::query::{Query, parsed};
use crate::api::{Api, SignedIn, team};
use crate::problem::Problem;

/// What the rows are.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum By {
    /// Users.
    User,
    /// Teams at the time of the call.
    Team,
    /// Canonical models.
    Model,
    /// Tools.
    Tool,
    /// Local days.
    Day,
}

/// Which usage.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// What the rows are.
    by: By,
    /// The first local day.
    #[serde(default, deserialize_with = "parsed")]
    #[param(value_type = Option<String>, format = Date)]
    from: Option<Date>,
    /// The last local day.
    #[serde(default, deserialize_with = "parsed")]
    #[param(value_type = Option<String>, format = Date)]
    to: Option<Date>,
    /// Only this team.
    team: Option<String>,
    /// Only this user.
    user: Option<String>,
    /// Only this model, in any form.
    model: Option<String>,
    /// Only this tool.
    tool: Option<String>,
}

/// Sums of invocations.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Used {
    /// Invocations that did not fail.
    requests: i64,
    /// The others.
    failed: i64,
    /// Uncached input tokens.
    input_tokens: i64,
    /// Input tokens read from the cache.
    cache_read_tokens: i64,
    /// Input tokens written to the cache.
    cache_write_tokens: i64,
    /// Output tokens.
    output_tokens: i64,
    /// Known cost in dollars, exact decimal.
    cost_usd: String,
    /// Known cost in nano-dollars.
    cost_nanos: i64,
    /// Invocations without a price, which are in no cost.
    unpriced: i64,
    /// Invocations without counts, which are in no tokens and no cost.
    unmetered: i64,
}

impl Used {
    fn of(sums: Sums) -> Self {
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
            requests,
            failed,
            input_tokens: input,
            cache_read_tokens: cache_read,
            cache_write_tokens: cache_write_5m + cache_write_1h,
            output_tokens: output,
            cost_usd: Usd::from_nanos(cost_nanos).to_decimal(),
            cost_nanos,
            unpriced,
            unmetered,
        }
    }
}

/// A row.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UsageRow {
    /// The user, team, model, tool or day.
    key: String,
    #[serde(flatten)]
    used: Used,
}

/// Usage.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Usage {
    /// What the rows are.
    by: By,
    /// The business zone, whose days they are.
    zone: String,
    /// Days ascending; others by cost descending, then key.
    rows: Vec<UsageRow>,
    /// All rows together.
    total: Used,
}

/// Report usage
///
/// By user, team, model, tool or day, from the hourly totals.
#[utoipa::path(
    get,
    path = "/api/v1/usage",
    operation_id = "usage_list",
    tag = "usage",
    params(Asked),
    responses(
        (status = 200, description = "Usage", body = Usage),
        (status = 400, description = "The query is wrong", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Not logged in", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Another team", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn get(
    State(api): State<Api>,
    who: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Json<Usage>, Problem> {
    let within = who.may(Permission::ReadUsage)?;
    let Asked {
        by,
        from,
        to,
        team,
        user,
        model,
        tool,
    } = asked;
    if let (Some(from), Some(to)) = (from, to)
        && from > to
    {
        return Err(Problem::bad_request(format!(
            "the query: from {from} is later than to {to}"
        )));
    }
    let model = model.map(|text| {
        let known = ModelRef::parse(&text).model;
        known.unwrap_or_else(|| ModelId::new(text))
    });
    let filter = UsageFilter {
        from,
        to,
        team: team::asked(&within, team.as_deref())?,
        user: user.map(UserId::new),
        model,
        tool: tool.map(ToolId::new),
    };
    let group = match by {
        By::User => GroupBy::User,
        By::Team => GroupBy::Team,
        By::Model => GroupBy::Model,
        By::Tool => GroupBy::Tool,
        By::Day => GroupBy::Day,
    };
    let rows = api.engine.store().usage(group, &filter).await;
    let rows = rows.map_err(Problem::of_store)?;
    let rules = api.engine.rules().await;
    let rules = rules.map_err(|error| Problem::of_engine(&error))?;
    let mut total = Sums::default();
    let mut kept = Vec::with_capacity(rows.len());
    // Calls that moved on leave rows of nothing.
    for row in rows.into_iter().filter(|row| row.sums != Sums::default()) {
        total += row.sums;
        kept.push(UsageRow {
            key: row.key,
            used: Used::of(row.sums),
        });
    }
    Ok(Json(Usage {
        by,
        zone: rules.zone.name().to_owned(),
        rows: kept,
        total: Used::of(total),
    }))
}
