//! `POST /api/v1/users/{user}/unblock`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_core::admin::{Verb, end_of_day};
use weir_core::block::Until;

use crate::api::body::Body;
use crate::api::command::{Now, carry_out, governed, leaves_others_alone};
use crate::api::query::PathPart;
use crate::api::{Api, SignedIn, end};
use crate::problem::Problem;

const NO_REASON: &str = "unblocked by an administrator";

/// How to unblock.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "talked to Ana", "protect_until": "18:00" }))]
pub struct Unblock {
    /// Why, 3 to 500 characters.
    pub reason: Option<String>,
    /// Until when automatic blocks stay away: RFC 3339, a local date and time, or a time of day
    /// [default: the end of the local day].
    pub protect_until: Option<String>,
    /// Protect not at all: the next counted call may block again.
    #[serde(default)]
    pub no_protect: bool,
}

/// Unblock a user
///
/// Lifts every active block, and protects from automatic ones until the end of the day. Only an admin
/// lifts the manual block of somebody else.
#[utoipa::path(
    post,
    path = "/api/v1/users/{user}/unblock",
    operation_id = "users_unblock",
    tag = "blocks",
    params(
        ("user" = String, Path, description = "The id; a slash in it is written %2F"),
        crate::api::idempotency::Key,
    ),
    request_body = Unblock,
    responses(
        (status = 200, description = "The user now", body = Now),
        crate::api::answers::Writes,
    ),
)]
pub(crate) async fn post(
    State(api): State<Api>,
    who: SignedIn,
    PathPart(user): PathPart,
    Body(how): Body<Unblock>,
) -> Result<Json<Now>, Problem> {
    let user = governed(&api, &who, &user).await?.user;
    leaves_others_alone(&api, &who, &user).await?;
    let rules = api.engine.rules().await;
    let rules = rules.map_err(|error| Problem::of_engine(&error))?;
    let now = api.engine.now();
    let until = end::until(None, how.protect_until.as_deref(), false, now, &rules.zone)?;
    let protect_until = match (until, how.no_protect) {
        (Some(_), true) => {
            return Err(Problem::bad_request(
                "the body: protect_until and no_protect: give one of them",
            ));
        }
        (None, true) => None,
        (Some(until), false) => Some(until),
        (None, false) => Some(Until::At(end_of_day(now, &rules.zone))),
    };
    let reason = how.reason.as_deref().unwrap_or(NO_REASON);
    let verb = Verb::Unblock { protect_until };
    carry_out(&api, &who, user, reason, verb, false)
        .await
        .map(Json)
}
