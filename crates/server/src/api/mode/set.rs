//! `PUT /api/v1/mode`

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_core::ids::UserId;
use weir_core::operator::Permission;
use weir_core::rulebook::Mode;
use weir_engine::{Leaving, ModeDone, ModePreview, ModeView};

use super::show::tag;
use crate::api::body::Body;
use crate::api::etag::{self, IfMatch};
use crate::api::query::Query;
use crate::api::quotas::edit::Whether;
use crate::api::targets::list::Target;
use crate::api::{Api, SignedIn};
use crate::problem::Problem;

/// A mode to be put in force.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "mode": "dry-run", "leaving": "release", "reason": "a trial" }))]
pub struct NewMode {
    /// iam, dry-run or off.
    pub mode: String,
    /// Leaving iam while people are denied in AWS: release removes their Denies, keep leaves each until its
    /// user is unblocked.
    pub leaving: Option<String>,
    /// Why, for the record.
    pub reason: Option<String>,
}

/// What a change of mode did, or would do.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ModeChanged {
    /// The mode in force now.
    pub in_force: String,
    /// Denies of the time in iam stay until their users are unblocked.
    pub keeps: bool,
    /// It was not done: nobody wanted more than to know.
    pub dry_run: bool,
    /// Users who are blocked, and now denied in AWS.
    pub denied: Vec<String>,
    /// Users who are blocked, and no longer denied in AWS.
    pub released: Vec<String>,
    /// Targets at which AWS is not yet as it is to be.
    pub left: Vec<Target>,
}

impl ModeChanged {
    /// What was done.
    pub fn of(view: ModeView, done: ModeDone) -> Self {
        let ModeDone { effect, left } = done;
        Self {
            dry_run: false,
            left: left.into_iter().map(Target::of).collect(),
            ..Self::foreseen(view, &effect)
        }
    }

    fn foreseen(view: ModeView, effect: &ModePreview) -> Self {
        Self {
            in_force: view.in_force.mode.as_str().to_owned(),
            keeps: view.in_force.keeps,
            dry_run: true,
            denied: names(&effect.denied),
            released: names(&effect.released),
            left: Vec::new(),
        }
    }
}

fn names(users: &BTreeSet<UserId>) -> Vec<String> {
    users.iter().map(UserId::to_string).collect()
}

/// Put a mode of enforcement in force
///
/// For every process on the database. If it concerns anybody who is blocked, it is done with `yes=true` only.
/// Leaving iam needs a word on the Denies that are in AWS.
#[utoipa::path(
    put,
    path = "/api/v1/mode",
    operation_id = "mode_set",
    tag = "system",
    params(
        ("If-Match" = Option<String>, Header, description = "`ETag` of the mode, as it was read"),
        Whether,
    ),
    request_body = NewMode,
    responses(
        (status = 200, description = "What it did", body = ModeChanged, headers(("etag" = String))),
        crate::api::answers::Writes,
    ),
)]
pub(crate) async fn put(
    State(api): State<Api>,
    who: SignedIn,
    Query(whether): Query<Whether>,
    believed: IfMatch,
    Body(new): Body<NewMode>,
) -> Result<(etag::Header, Json<ModeChanged>), Problem> {
    who.may(Permission::ManageSystem)?;
    let (mode, leaving) = wanted(&new)?;
    let failed = |error| Problem::of_engine(&error);
    let engine = &api.engine;
    let rules = engine.reload_rules().await.map_err(failed)?;
    believed.check(Some(&tag(rules.mode)))?;
    let next = engine.next_mode(mode, leaving).await.map_err(failed)?;
    let foreseen = engine.preview_mode(next).await.map_err(failed)?;
    if whether.dry_run {
        let view = engine.mode().await.map_err(failed)?;
        let tag = etag::header(&tag(view.in_force));
        return Ok((tag, Json(ModeChanged::foreseen(view, &foreseen))));
    }
    let ModePreview { denied, released } = &foreseen;
    whether.allows(denied, "denied in AWS")?;
    whether.allows(released, "denied in AWS no longer")?;
    let usual = format!("mode {mode}");
    let reason = new.reason.as_deref().map_or(usual.as_str(), str::trim);
    let (bound, by) = (believed.binds(rules.version), who.caller.actor());
    let done = Box::pin(engine.change_mode_as_of(next, bound, reason, &by)).await;
    let done = done.map_err(|error| believed.failed(&error))?;
    let view = engine.mode().await.map_err(failed)?;
    let tag = etag::header(&tag(view.in_force));
    Ok((tag, Json(ModeChanged::of(view, done))))
}

fn wanted(new: &NewMode) -> Result<(Mode, Option<Leaving>), Problem> {
    let wrong = |field: &str, why: &str| Problem::bad_request(format!("the body: {field}: {why}"));
    let mode: Mode = new
        .mode
        .parse()
        .map_err(|_| wrong("mode", "iam, dry-run or off"))?;
    let leaving = match new.leaving.as_deref() {
        None => None,
        Some("release") => Some(Leaving::Release),
        Some("keep") => Some(Leaving::Keep),
        Some(_) => return Err(wrong("leaving", "release or keep")),
    };
    if mode == Mode::Iam && leaving.is_some() {
        return Err(wrong("leaving", "it is for leaving iam"));
    }
    Ok((mode, leaving))
}
