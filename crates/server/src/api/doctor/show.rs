//! `GET /api/v1/doctor`

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use weir_core::operator::Permission;
use weir_engine::Level;

use crate::api::{Api, SignedIn};
use crate::problem::Problem;

/// A check.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Check {
    /// What was checked.
    name: &'static str,
    /// ok, warn or fail.
    level: &'static str,
    /// What was found.
    found: String,
    /// What to do.
    remedy: Option<String>,
}

/// All checks.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Checks {
    checks: Vec<Check>,
}

impl Check {
    fn of(check: weir_engine::Check) -> Self {
        let weir_engine::Check {
            name,
            level,
            found,
            remedy,
        } = check;
        Self {
            name,
            level: match level {
                Level::Ok => "ok",
                Level::Warn => "warn",
                Level::Fail => "fail",
            },
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
