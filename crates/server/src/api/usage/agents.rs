//! `GET /api/v1/usage/agents`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use weir_core::ids::UserId;
use weir_core::operator::Permission;
use weir_store::AgentRow;

use crate::api::query::Query;
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
}

/// Programs that called.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Agents {
    /// Of how many of the newest calls of everybody.
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
/// Of the newest 5 000 calls, by user agent.
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
    let team = team::asked(&within, asked.team.as_deref())?;
    let user = asked.user.map(UserId::new);
    let reports = api.engine.store().reports();
    let rows = reports.agents(team.as_ref(), user.as_ref(), LOOKED, MOST);
    let rows = rows.await.map_err(Problem::of_store)?;
    Ok(Json(Agents {
        of_newest: LOOKED,
        agents: rows.into_iter().map(Agent::of).collect(),
    }))
}
