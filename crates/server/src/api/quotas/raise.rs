//! `POST /api/v1/users/{user}/raises`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_core::block::Until;
use weir_core::ids::UserId;
use weir_core::operator::Permission;
use weir_core::quota::{Metric, Scope};
use weir_engine::QuotaRaise;

use super::edit::{QuotaChanged, Whether, Which, amount, changed, metric_of};
use crate::api::body::Body;
use crate::api::etag::IfMatch;
use crate::api::query::{PathPart, Query};
use crate::api::{Api, SignedIn, end};
use crate::problem::Problem;

/// A temporary addition to a limit of a user.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "metric": "requests", "window": "day", "amount": "100", "for": "8h", "reason": "release day" }))]
pub struct NewRaise {
    /// requests, tokens, `tokens_all` or cost.
    pub metric: String,
    /// hour, day or month.
    pub window: String,
    /// How much more: digits; dollars of the metric cost, as decimal.
    pub amount: String,
    /// How long it lasts: `12h`, `7d`. This or `until`.
    #[serde(rename = "for")]
    pub for_: Option<String>,
    /// Until when: RFC 3339, a local date and time, or a time of day.
    pub until: Option<String>,
    /// Why, for the record.
    pub reason: String,
}

/// Raise a limit of a user
///
/// For a time: the addition ends by itself. A limit that is inherited becomes the user's own.
#[utoipa::path(
    post,
    path = "/api/v1/users/{user}/raises",
    operation_id = "users_raise",
    tag = "quotas",
    params(
        ("user" = String, Path, description = "The id; a slash in it is written %2F"),
        Whether,
        crate::api::idempotency::Key,
    ),
    request_body = NewRaise,
    responses(
        (status = 200, description = "What it did", body = QuotaChanged),
        crate::api::answers::Writes,
    ),
)]
pub(crate) async fn post(
    State(api): State<Api>,
    who: SignedIn,
    PathPart(user): PathPart,
    Query(whether): Query<Whether>,
    Body(new): Body<NewRaise>,
) -> Result<Json<QuotaChanged>, Problem> {
    who.may(Permission::ChangeQuotas)?;
    let failed = |error| Problem::of_engine(&error);
    let wrong =
        |field: &str, why: String| Problem::bad_request(format!("the body: {field}: {why}"));
    let metric: Metric = metric_of(&new.metric).map_err(|why| wrong("metric", why))?;
    let window = new.window.parse().map_err(|why| wrong("window", why))?;
    let more = amount(metric, new.amount.trim()).map_err(|why| wrong("amount", why))?;
    let rules = api.engine.rules().await.map_err(failed)?;
    let (for_, until) = (new.for_.as_deref(), new.until.as_deref());
    let end = end::until(for_, until, false, api.engine.now(), &rules.zone)?;
    let Some(Until::At(until)) = end else {
        return Err(Problem::bad_request("the body: give `for` or `until`"));
    };
    let raise = QuotaRaise {
        user: UserId::new(user),
        metric,
        window,
        amount: more,
        until,
        reason: new.reason.trim().to_owned(),
    };
    let change = api.engine.raise(&raise).await.map_err(failed)?;
    let which = Which {
        scope: Scope::User(raise.user.clone()),
        metric,
        window,
    };
    let believed = IfMatch::anything();
    changed(
        &api,
        &who,
        &which,
        change,
        &raise.reason,
        &whether,
        &believed,
    )
    .await
}
