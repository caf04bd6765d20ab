//! `POST /api/v1/users/{user}/check`

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use utoipa::ToSchema;
use weir_core::ids::UserId;
use weir_core::operator::Permission;
use weir_engine::CanaryLine;

use crate::api::body::Body;
use crate::api::query::{PathPart, Query};
use crate::api::quotas::edit::Whether;
use crate::api::{Api, SignedIn};
use crate::problem::Problem;

/// The longest that a Deny stays that is only tried, in seconds.
const LONGEST: u64 = 300;

/// How a denial is tried.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "hold": 10 }))]
pub struct TryDenial {
    /// How long the Deny stays before it is removed, in seconds, up to 300, so that they can see a call fail.
    #[serde(default)]
    pub hold: u64,
}

/// What became of a denial that was tried.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct DenialTried {
    /// It was not done: nobody wanted more than to know.
    pub dry_run: bool,
    /// Where it is tried, one after the other.
    pub targets: Vec<String>,
    /// What was done, up to the first that went wrong.
    pub lines: Vec<TargetTried>,
}

/// What a trial did with one IAM user.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct TargetTried {
    /// The target.
    pub target: String,
    /// `attached-policy` or `inline-policy`.
    pub mechanism: Option<String>,
    /// The Deny was read back.
    pub verified: bool,
    /// After so many milliseconds.
    pub verified_ms: u64,
    /// Its removal was read back.
    pub removed: bool,
    /// After so many milliseconds.
    pub removed_ms: u64,
    /// What went wrong.
    pub error: Option<String>,
}

impl TargetTried {
    /// As the engine did it.
    pub fn of(line: CanaryLine) -> Self {
        let CanaryLine {
            target,
            mechanism,
            verified,
            verified_ms,
            removed,
            removed_ms,
            error,
        } = line;
        Self {
            target,
            mechanism: mechanism.map(str::to_owned),
            verified,
            verified_ms,
            removed,
            removed_ms,
            error,
        }
    }

    /// Denied and allowed again, both read back.
    pub fn is_ok(&self) -> bool {
        self.verified && self.removed && self.error.is_none()
    }
}

/// Try a denial
///
/// Denies one person for a moment and allows them again, in whatever mode, with `yes=true` only. If the connection ends
/// before the answer, a tick removes the Deny within ten minutes or so.
#[utoipa::path(
    post,
    path = "/api/v1/users/{user}/check",
    operation_id = "users_check",
    tag = "users",
    params(
        ("user" = String, Path, description = "The id; a slash in it is written %2F"),
        Whether,
        crate::api::idempotency::Key,
    ),
    request_body = TryDenial,
    responses(
        (status = 200, description = "What was done", body = DenialTried),
        crate::api::answers::Writes,
    ),
)]
pub(crate) async fn post(
    State(api): State<Api>,
    who: SignedIn,
    PathPart(user): PathPart,
    Query(whether): Query<Whether>,
    Body(TryDenial { hold }): Body<TryDenial>,
) -> Result<Json<DenialTried>, Problem> {
    who.may(Permission::ManageSystem)?;
    if hold > LONGEST {
        return Err(Problem::bad_request(format!(
            "the body: hold: at most {LONGEST} seconds"
        )));
    }
    let user = UserId::new(user);
    let failed = |error| Problem::of_engine(&error);
    let targets = api.engine.canary_targets(&user).await.map_err(failed)?;
    let mut tried = DenialTried {
        dry_run: true,
        targets: targets.iter().map(ToString::to_string).collect(),
        lines: Vec::new(),
    };
    if whether.dry_run {
        return Ok(Json(tried));
    }
    whether.insists("their calls fail meanwhile")?;
    let (hold, never) = (Duration::from_secs(hold), Notify::new());
    let by = who.caller.actor();
    let lines = Box::pin(api.engine.canary(&user, (hold, &never), &by)).await;
    let lines = lines.map_err(failed)?.into_iter();
    tried.dry_run = false;
    tried.lines = lines.map(TargetTried::of).collect();
    Ok(Json(tried))
}
