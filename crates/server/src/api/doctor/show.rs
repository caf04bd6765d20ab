//! `GET /api/v1/doctor`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use weir_core::operator::Permission;
use weir_engine::notify::Language;

use crate::api::query::Query;
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

/// In which language.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// es or en [default: en]. What AWS or the database said stays as they said it.
    language: Option<String>,
}

/// Check the installation
///
/// As `weir doctor`.
#[utoipa::path(
    get,
    path = "/api/v1/doctor",
    operation_id = "doctor",
    tag = "system",
    params(Asked),
    responses(
        (status = 200, description = "All checks", body = Checks),
        crate::api::answers::Reads,
    ),
)]
pub(crate) async fn get(
    State(api): State<Api>,
    who: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Json<Checks>, Problem> {
    who.may(Permission::ReadSystem)?;
    let language = asked.language.map_or(Ok(Language::En), |word| word.parse());
    let language = language
        .map_err(|why: String| Problem::bad_request(format!("the query: language: {why}")))?;
    let checks = api.engine.doctor_in(language).await;
    Ok(Json(Checks {
        checks: checks.into_iter().map(Check::of).collect(),
    }))
}
