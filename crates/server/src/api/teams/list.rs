//! `GET /api/v1/teams`

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_core::calendar::WindowKind;
use weir_core::ids::TeamId;
use weir_core::operator::Permission;
use weir_core::rulebook::Rulebook;
use weir_engine::{Engine, EngineError, Reading, Windows};
use weir_store::TeamLine;

use crate::api::used::{Gauge, Used};
use crate::api::{Api, SignedIn};
use crate::problem::Problem;

/// Teams.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Teams {
    /// By name.
    pub teams: Vec<Team>,
}

/// A team.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Team {
    /// Its name.
    pub team: String,
    /// As people write it; null is the name.
    pub display_name: Option<String>,
    /// Who gets its mail.
    pub owner: Option<String>,
    /// Its members now.
    pub members: u64,
    /// Those of them who are blocked.
    pub blocked: u64,
    /// Today, of calls made for the team.
    pub day: Used,
    /// This month.
    pub month: Used,
    /// Quotas on its total over days and months.
    pub quotas: Vec<Gauge>,
}

impl Team {
    pub(super) fn of(line: &TeamLine, rules: &Rulebook, now: Timestamp) -> Self {
        let TeamLine {
            team,
            display_name,
            owner,
            members,
            blocked,
            day,
            month,
        } = line;
        let in_force = rules.quotas.of_team_in_force(team);
        let quotas = in_force.iter().filter_map(|quota| {
            let sums = match quota.window {
                WindowKind::Day => day,
                WindowKind::Month => month,
                WindowKind::Hour => return None,
            };
            Some(Gauge::of(&Reading::of(quota, sums, now)))
        });
        Self {
            team: team.to_string(),
            display_name: display_name.clone(),
            owner: owner.clone(),
            members: *members,
            blocked: *blocked,
            day: Used::of(day),
            month: Used::of(month),
            quotas: quotas.collect(),
        }
    }
}

/// List teams
///
/// With their totals and quotas.
#[utoipa::path(
    get,
    path = "/api/v1/teams",
    operation_id = "teams_list",
    tag = "teams",
    responses(
        (status = 200, description = "Teams", body = Teams),
        crate::api::answers::Reads,
    ),
)]
pub(crate) async fn get(State(api): State<Api>, who: SignedIn) -> Result<Json<Teams>, Problem> {
    let within = who.may(Permission::ReadUsage)?;
    let teams = Teams::read(&api.engine, within.team()).await;
    teams.map(Json).map_err(|error| Problem::of_engine(&error))
}

impl Teams {
    /// All of them, or one.
    pub async fn read(engine: &Engine, team: Option<&TeamId>) -> Result<Self, EngineError> {
        let rules = engine.rules().await?;
        let now = engine.now();
        let windows = Windows::at(now, &rules.zone);
        let lines = engine.store().reports();
        let lines = lines.team_lines(team, &windows.day, &windows.month).await?;
        let teams = lines.iter().map(|line| Team::of(line, &rules, now));
        Ok(Self {
            teams: teams.collect(),
        })
    }
}
