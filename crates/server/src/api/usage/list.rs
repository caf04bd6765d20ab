//! `GET /api/v1/usage`

use axum::Json;
use axum::extract::State;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use weir_core::counter::Sums;
use weir_core::ids::{ToolId, UserId};
use weir_core::operator::Permission;
use weir_engine::{Engine, EngineError};
use weir_store::{GroupBy, UsageFilter};

use crate::api::query::{Query, parsed};
use crate::api::used::Used;
use crate::api::{Api, SignedIn, team};
use crate::problem::Problem;

/// What the rows are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum By {
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

impl By {
    /// The word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Team => "team",
            Self::Model => "model",
            Self::Tool => "tool",
            Self::Day => "day",
        }
    }

    pub(super) fn group(self) -> GroupBy {
        match self {
            Self::User => GroupBy::User,
            Self::Team => GroupBy::Team,
            Self::Model => GroupBy::Model,
            Self::Tool => GroupBy::Tool,
            Self::Day => GroupBy::Day,
        }
    }
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

/// A row.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct UsageRow {
    /// The user, team, model, tool or day.
    pub key: String,
    /// What was used.
    #[serde(flatten)]
    pub used: Used,
}

/// Usage.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Usage {
    /// What the rows are.
    pub by: By,
    /// The business zone, whose days they are.
    pub zone: String,
    /// Days ascending; others by cost descending, then key.
    pub rows: Vec<UsageRow>,
    /// All rows together.
    pub total: Used,
}

/// Report usage
///
/// By user, team, model, tool or day, from the totals that are kept.
#[utoipa::path(
    get,
    path = "/api/v1/usage",
    operation_id = "usage_list",
    tag = "usage",
    params(Asked),
    responses(
        (status = 200, description = "Usage", body = Usage),
        crate::api::answers::Reads,
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
    let model = model.map(super::model);
    let filter = UsageFilter {
        from,
        to,
        team: team::asked(&within, team.as_deref())?,
        user: user.map(UserId::new),
        model,
        tool: tool.map(ToolId::new),
    };
    let usage = Usage::read(&api.engine, by, &filter).await;
    usage.map(Json).map_err(|error| Problem::of_engine(&error))
}

impl Usage {
    /// From the hourly totals.
    pub async fn read(engine: &Engine, by: By, filter: &UsageFilter) -> Result<Self, EngineError> {
        let mut rows = engine.store().usage(by.group(), filter).await?;
        // Calls that moved on, because a later record told more about them, leave rows of nothing.
        rows.retain(|row| row.sums != Sums::default());
        let mut total = Sums::default();
        for row in &rows {
            total += row.sums;
        }
        let rows = rows.into_iter().map(|row| UsageRow {
            key: row.key,
            used: Used::of(&row.sums),
        });
        Ok(Self {
            by,
            zone: engine.rules().await?.zone.name().to_owned(),
            rows: rows.collect(),
            total: Used::of(&total),
        })
    }
}
