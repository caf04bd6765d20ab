//! `POST /api/v1/retention/run`

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_core::operator::Permission;

use crate::api::{Api, SignedIn};
use crate::problem::Problem;

/// What was removed.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Removed {
    /// Rows, by kind.
    pub removed: BTreeMap<String, u64>,
}

impl Removed {
    /// As the engine counted it.
    pub fn of(removed: BTreeMap<&'static str, u64>) -> Self {
        let removed = removed.into_iter();
        Self {
            removed: removed
                .map(|(what, rows)| (what.to_owned(), rows))
                .collect(),
        }
    }
}

/// Remove what is older than its term
///
/// As the daily reset does.
#[utoipa::path(
    post,
    path = "/api/v1/retention/run",
    operation_id = "retention_run",
    tag = "system",
    params(crate::api::idempotency::Key),
    responses(
        (status = 200, description = "What was removed", body = Removed),
        crate::api::answers::Writes,
    ),
)]
pub(crate) async fn post(State(api): State<Api>, who: SignedIn) -> Result<Json<Removed>, Problem> {
    who.may(Permission::ManageSystem)?;
    let removed = api.engine.run_retention(&who.caller.actor()).await;
    let removed = removed.map_err(|error| Problem::of_engine(&error))?;
    Ok(Json(Removed::of(removed)))
}
