//! `GET /api/v1/mode`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_core::operator::Permission;
use weir_core::rulebook::{Mode, ModeInForce};
use weir_engine::ModeView;

use crate::api::{Api, SignedIn, etag};
use crate::problem::Problem;

/// The mode of enforcement.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ModeNow {
    /// iam, dry-run or off, for every process on the database.
    pub in_force: String,
    /// Denies of the time in iam stay until their users are unblocked.
    pub keeps: bool,
    /// What the configuration of the server asks for; null if nothing.
    pub configured: Option<String>,
}

impl ModeNow {
    /// As it stands.
    pub fn of(view: ModeView) -> Self {
        let ModeView {
            in_force,
            configured,
        } = view;
        Self {
            in_force: in_force.mode.as_str().to_owned(),
            keeps: in_force.keeps,
            configured: configured.map(|mode| Mode::as_str(mode).to_owned()),
        }
    }
}

/// What stands for a mode in force.
pub(super) fn tag(in_force: ModeInForce) -> String {
    etag::of(&(in_force.mode.as_str(), in_force.keeps))
}

/// Show the mode of enforcement
///
/// As `weir enforce mode`.
#[utoipa::path(
    get,
    path = "/api/v1/mode",
    operation_id = "mode_show",
    tag = "system",
    responses(
        (status = 200, description = "The mode", body = ModeNow, headers(("etag" = String))),
        crate::api::answers::Reads,
    ),
)]
pub(crate) async fn get(
    State(api): State<Api>,
    who: SignedIn,
) -> Result<(etag::Header, Json<ModeNow>), Problem> {
    who.may(Permission::ReadSystem)?;
    let view = api.engine.mode().await;
    let view = view.map_err(|error| Problem::of_engine(&error))?;
    Ok((etag::header(&tag(view.in_force)), Json(ModeNow::of(view))))
}
