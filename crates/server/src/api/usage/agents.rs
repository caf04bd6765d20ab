//! `GET /api/v1/usage/agents`

use axum::Json;
use axum::extract::State;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use weir_core::ids::UserId;
use weir_core::operator::Permission;
use weir_store::{AgentFilter, AgentRow};

use crate::api::query::{Query, parsed};
use crate::api::range::{self, Days};
use crate::api::{Api, SignedIn, team};
use crate::problem::Problem;

/// Invocations that are looked at: programs are on no total.
const LOOKED: u32 = 5_000;
/// Programs that are named.
const MOST: u32 = 200;

/// Which calls.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// Only of this team.
    team: Option<String>,
    /// Only of this user.
    user: Option<String>,
    /// The first local day [default: 30 days up to `to`].
    #[serde(default, deserialize_with = "parsed")]
    #[param(value_type = Option<String>, format = Date)]
    from: Option<Date>,
    /// The last local day [default: today]; at most 400 days.
    #[serde(default, deserialize_with = "parsed")]
    #[param(value_type = Option<String>, format = Date)]
    to: Option<Date>,
}

/// Programs that called.
#[derive(Debug, Serialize, ToSchema)]
#[expect(
    clippy::struct_field_names,
    reason = "what they are called everywhere else"
)]
pub(crate) struct Agents {
    /// The first local day.
    from: String,
    /// The last local day.
    to: String,
    /// Of so many of the newest calls among those that are asked about, at most.
    of_newest: u32,
    /// Most calls first.
    agents: Vec<Agent>,
}

/// A program that called.
#[derive(Debug, Serialize, ToSchema)]
#[expect(
    clippy::struct_field_names,
    reason = "what it is called everywhere else"
)]
pub(crate) struct Agent {
    /// The tool it counts for.
    tool: String,
    /// What it says of itself; null if nothing, or if that was forgotten.
    user_agent: Option<String>,
    /// How many calls.
    calls: u64,
    /// The latest, RFC 3339.
    last: String,
}

impl Agent {
    fn of(row: AgentRow) -> Self {
        let AgentRow {
            tool,
            agent,
            calls,
            last,
        } = row;
        Self {
            tool: tool.to_string(),
            user_agent: agent,
            calls,
            last: last.to_string(),
        }
    }
}

/// List programs that call
///
/// By user agent, of the newest 5 000 calls that were made on those days, for the team and by the user.
#[utoipa::path(
    get,
    path = "/api/v1/usage/agents",
    operation_id = "usage_agents",
    tag = "usage",
    params(Asked),
    responses(
        (status = 200, description = "Programs", body = Agents),
        crate::api::answers::Reads,
    ),
)]
pub(crate) async fn get(
    State(api): State<Api>,
    who: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Json<Agents>, Problem> {
    let within = who.may(Permission::ReadUsage)?;
    let rules = api.engine.rules().await;
    let rules = rules.map_err(|error| Problem::of_engine(&error))?;
    let Asked {
        team,
        user,
        from,
        to,
    } = asked;
    let days = Days { from, to };
    let (from, to) = days.within(range::LONGEST, rules.zone.day(api.engine.now()))?;
    let filter = AgentFilter {
        team: team::asked(&within, team.as_deref())?,
        user: user.map(UserId::new),
        from: range::day(from)?.start(&rules.zone),
        before: range::day(to)?.end(&rules.zone),
        of: LOOKED,
        limit: MOST,
    };
    let rows = api.engine.store().reports().agents(&filter).await;
    let rows = rows.map_err(Problem::of_store)?;
    Ok(Json(Agents {
        from: from.to_string(),
        to: to.to_string(),
        of_newest: LOOKED,
        agents: rows.into_iter().map(Agent::of).collect(),
    }))
}
