//! `GET /api/v1/doctor`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_core::operator::Permission;

use crate::api::{Api, SignedIn};
use crate::problem::Problem;

/// A check.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Check {
    /// What was checked.
    pub name: String,
    /// ok, warn or fail.
    pub level: String,
    /// What was found.
    pub found: String,
    /// What to do.
    pub remedy: Option<String>,
}

/// All checks.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Checks {
    /// In the order they were made.
    pub checks: Vec<Check>,
}

impl Check {
    /// As the engine found it.
    pub fn of(check: weir_engine::Check) -> Self {
        let weir_engine::Check {
            name,
            level,
            found,
            remedy,
        } = check;
        Self {
            name: name.to_owned(),
            level: level.as_str().to_owned(),
            found,
            remedy,
        }
    }
}

/// Check the installation
///
/// As `weir doctor`.
#[utoipa::path(
    get,
    path = "/api/v1/doctor",
    operation_id = "doctor",
    tag = "system",
    responses(
        (status = 200, description = "All checks", body = Checks),
        crate::api::answers::Reads,
    ),
)]
pub(crate) async fn get(State(api): State<Api>, who: SignedIn) -> Result<Json<Checks>, Problem> {
    who.may(Permission::ReadSystem)?;
    let checks = api.engine.doctor().await;
    Ok(Json(Checks {
        checks: checks.into_iter().map(Check::of).collect(),
    }))
}
