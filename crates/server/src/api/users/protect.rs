//! `PUT` and `DELETE /api/v1/users/{user}/protection`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use weir_core::admin::{Verb, end_of_day};
use weir_core::block::Until;
use weir_core::ids::UserId;
use weir_engine::{EngineError, ProtectionView};

use crate::api::body::Body;
use crate::api::command::{Now, command, governed};
use crate::api::etag::{self, IfMatch};
use crate::api::query::{PathPart, Query};
use crate::api::{Api, SignedIn, end};
use crate::problem::Problem;

const NO_REASON: &str = "ended by an administrator";

/// A protection to be made.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "release week", "for": "7d", "up_to_percent": 150 }))]
pub struct NewProtection {
    /// Why, 3 to 500 characters.
    pub reason: String,
    /// For how long: `12h`, `7d` [default: until the end of the local day].
    #[serde(rename = "for")]
    pub for_: Option<String>,
    /// Until when: RFC 3339, or a local date and time.
    pub until: Option<String>,
    /// Until an operator ends it.
    #[serde(default)]
    pub indefinite: bool,
    /// Percent of a limit beyond which blocks apply again, more than 100.
    pub up_to_percent: Option<u32>,
}

/// What stands for the protection that holds, or for that there is none.
pub(super) fn state(held: Option<&ProtectionView>) -> etag::State {
    etag::State::of(held)
}

/// Protect a user
///
/// Automatic blocks stay away; usage counts, and warnings are sent. Replaces a protection that holds.
#[utoipa::path(
    put,
    path = "/api/v1/users/{user}/protection",
    operation_id = "users_protect",
    tag = "blocks",
    params(
        ("user" = String, Path, description = "The id; a slash in it is written %2F"),
        ("If-Match" = Option<String>, Header, description = "`protection_etag` of the user, as it was read"),
    ),
    request_body = NewProtection,
    responses(
        (status = 200, description = "The user now", body = Now, headers(("etag" = String))),
        crate::api::answers::Writes,
    ),
)]
pub(crate) async fn put(
    State(api): State<Api>,
    who: SignedIn,
    PathPart(user): PathPart,
    believed: IfMatch,
    Body(new): Body<NewProtection>,
) -> Result<(etag::Header, Json<Now>), Problem> {
    let user = governed(&api, &who, &user).await?.user;
    if new.up_to_percent.is_some_and(|percent| percent <= 100) {
        return Err(Problem::bad_request(
            "the body: up_to_percent: a protection ends beyond more than 100 percent of a limit",
        ));
    }
    let rules = api.engine.rules().await;
    let rules = rules.map_err(|error| Problem::of_engine(&error))?;
    let now = api.engine.now();
    let (for_, until) = (new.for_.as_deref(), new.until.as_deref());
    let until = end::until(for_, until, new.indefinite, now, &rules.zone)?;
    let verb = Verb::Protect {
        until: until.unwrap_or_else(|| Until::At(end_of_day(now, &rules.zone))),
        up_to_percent: new.up_to_percent,
    };
    changed(&api, &who, user, &new.reason, verb, &believed).await
}

/// Why it ends.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Why {
    /// 3 to 500 characters.
    reason: Option<String>,
}

/// End a user's protection
///
/// Evaluation follows, and may block at once.
#[utoipa::path(
    delete,
    path = "/api/v1/users/{user}/protection",
    operation_id = "users_unprotect",
    tag = "blocks",
    params(
        ("user" = String, Path, description = "The id; a slash in it is written %2F"),
        ("If-Match" = Option<String>, Header, description = "`protection_etag` of the user, as it was read"),
        Why,
    ),
    responses(
        (status = 200, description = "The user now", body = Now, headers(("etag" = String))),
        crate::api::answers::Writes,
    ),
)]
pub(crate) async fn delete(
    State(api): State<Api>,
    who: SignedIn,
    PathPart(user): PathPart,
    Query(why): Query<Why>,
    believed: IfMatch,
) -> Result<(etag::Header, Json<Now>), Problem> {
    let user = governed(&api, &who, &user).await?.user;
    let reason = why.reason.as_deref().unwrap_or(NO_REASON);
    changed(&api, &who, user, reason, Verb::Unprotect, &believed).await
}

/// Changes the protection, if it is the one that the caller believes to be there: the transaction looks.
async fn changed(
    api: &Api,
    who: &SignedIn,
    user: UserId,
    reason: &str,
    verb: Verb,
    believed: &IfMatch,
) -> Result<(etag::Header, Json<Now>), Problem> {
    let command = command(who, user, reason, verb);
    let is_meant = |held: Option<&ProtectionView>| believed.fits(&state(held));
    let done = api.engine.administer_protection(command, &is_meant).await;
    let done = done.map_err(|error| match error {
        EngineError::OtherProtection(_) => etag::changed_since(),
        other => Problem::of_engine(&other),
    })?;
    let tag = state(done.status.protection.as_ref()).header();
    Ok((tag, Json(Now::of(done))))
}
