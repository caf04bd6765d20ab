//! `POST /api/v1/users/{user}/raise`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_core::block::Until;
use weir_core::calendar::WindowKind;
use weir_core::ids::UserId;
use weir_core::operator::Permission;
use weir_core::quota::{Metric, Scope};
use weir_engine::QuotaRaise;

use crate::api::body::Body;
use crate::api::etag::IfMatch;
use crate::api::query::{PathPart, Query};
use crate::api::quotas::edit::{QuotaChanged, Whether, Which, amount, changed, metric};
use crate::api::{Api, SignedIn, end};
use crate::problem::Problem;

/// How much more, and for how long.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "amount": "100", "for": "7d", "reason": "release week" }))]
pub struct NewRaise {
    /// requests, tokens, `tokens_all` or cost [default: requests].
    pub metric: Option<String>,
    /// hour, day or month [default: day].
    pub window: Option<String>,
    /// How much more: digits; dollars of the metric cost, as decimal.
    pub amount: String,
    /// For how long: `12h`, `7d`; or `until`.
    #[serde(rename = "for")]
    pub for_: Option<String>,
    /// Until when: RFC 3339, or a local date and time.
    pub until: Option<String>,
    /// Why, for the record.
    pub reason: String,
}

/// Raise a limit for a while
///
/// Adds to the limit that is in force for the user, which becomes their own, and ends by itself.
#[utoipa::path(
    post,
    path = "/api/v1/users/{user}/raise",
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
    let raise = raise(&api, UserId::new(user), &new).await?;
    let change = api.engine.raise(&raise).await;
    let change = change.map_err(|error| Problem::of_engine(&error))?;
    let which = Which {
        scope: Scope::User(raise.user),
        metric: raise.metric,
        window: raise.window,
    };
    let any = IfMatch::default();
    changed(&api, &who, &which, change, &raise.reason, &whether, &any).await
}

async fn raise(api: &Api, user: UserId, new: &NewRaise) -> Result<QuotaRaise, Problem> {
    let wrong =
        |field: &str, why: String| Problem::bad_request(format!("the body: {field}: {why}"));
    let metric = new.metric.as_deref().map_or(Ok(Metric::Requests), metric);
    let metric = metric.map_err(|why| wrong("metric", why))?;
    let window = new.window.as_deref().map(str::parse::<WindowKind>);
    let window = window.unwrap_or(Ok(WindowKind::Day));
    let window = window.map_err(|why| wrong("window", why))?;
    let amount = amount(metric, new.amount.trim()).map_err(|why| wrong("amount", why))?;
    let rules = api.engine.rules().await;
    let rules = rules.map_err(|error| Problem::of_engine(&error))?;
    let (for_, until) = (new.for_.as_deref(), new.until.as_deref());
    let until = end::until(for_, until, false, api.engine.now(), &rules.zone)?;
    let Some(Until::At(until)) = until else {
        return Err(Problem::bad_request(
            "the body: give one of `for` and `until`: a raise ends",
        ));
    };
    let reason = new.reason.trim();
    if reason.is_empty() {
        return Err(wrong("reason", "say why, for the record".to_owned()));
    }
    Ok(QuotaRaise {
        user,
        metric,
        window,
        amount,
        until,
        reason: reason.to_owned(),
    })
}
