//! `GET /api/v1/targets`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use weir_core::operator::{Permission, Within};
use weir_engine::EnforcementRow;

use crate::api::query::Query;
use crate::api::{Api, SignedIn, team};
use crate::problem::Problem;

/// Which targets.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// Those without a denial too.
    #[serde(default)]
    all: bool,
}

/// Targets.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Targets {
    /// Whether denials are written to AWS: `dry-run`, `iam` or `off`.
    pub mode: String,
    /// By account, kind and name.
    pub targets: Vec<Target>,
}

/// Where a denial is made real, and how far that has come.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Target {
    /// `ACCOUNT/KIND/NAME`
    pub target: String,
    /// The account it lives in.
    pub account: String,
    /// What it is.
    pub kind: String,
    /// Its name within account and kind.
    pub id: String,
    /// The denied users.
    pub denied: Vec<String>,
    /// none, off, `dry_run`, verified, applied, requested, held, gone, cannot or failed.
    pub state: String,
    /// Counts every change of what is wanted.
    pub generation: u64,
    /// When the newest generation was asked for, RFC 3339.
    pub requested_at: Option<String>,
    /// When it was read back.
    pub verified_at: Option<String>,
    /// The first denied call seen since.
    pub first_denied_at: Option<String>,
    /// How often it was tried since it was last verified.
    pub attempts: u32,
    /// When it is tried again.
    pub next_attempt_at: Option<String>,
    /// What went wrong last.
    pub last_error: Option<String>,
}

impl Target {
    /// As the engine reports it.
    pub fn of(row: EnforcementRow) -> Self {
        let EnforcementRow {
            target,
            denied,
            state,
            generation,
            requested_at,
            verified_at,
            first_denied_at,
            attempts,
            next_attempt_at,
            last_error,
        } = row;
        Self {
            target: target.to_string(),
            account: target.account.to_string(),
            kind: target.kind.as_str().to_owned(),
            id: target.id,
            denied: denied.iter().map(ToString::to_string).collect(),
            state: state.as_str().to_owned(),
            generation,
            requested_at,
            verified_at,
            first_denied_at,
            attempts,
            next_attempt_at,
            last_error,
        }
    }
}

/// List targets
///
/// Where denials are made real, and how far that has come.
#[utoipa::path(
    get,
    path = "/api/v1/targets",
    operation_id = "targets_list",
    tag = "blocks",
    params(Asked),
    responses(
        (status = 200, description = "Targets", body = Targets),
        crate::api::answers::Reads,
    ),
)]
pub(crate) async fn get(
    State(api): State<Api>,
    who: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Json<Targets>, Problem> {
    let within = who.may(Permission::ReadUsage)?;
    let failed = |error| Problem::of_engine(&error);
    let rules = api.engine.rules().await.map_err(failed)?;
    let mut rows = api.engine.enforcement(asked.all).await.map_err(failed)?;
    if let Within::Team(own) = &within {
        let members = team::members(&api, own).await?;
        for row in &mut rows {
            row.denied.retain(|user| members.contains(user));
        }
        rows.retain(|row| !row.denied.is_empty());
    }
    Ok(Json(Targets {
        mode: rules.mode.mode.as_str().to_owned(),
        targets: rows.into_iter().map(Target::of).collect(),
    }))
}
