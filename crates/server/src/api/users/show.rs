//! `GET /api/v1/users/{user}`

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use weir_core::ids::UserId;
use weir_core::operator::Permission;
use weir_engine::{Amount, EngineError, ProtectionView, QuotaView, StatusReport};

use super::User;
use crate::api::query::PathPart;
use crate::api::{Api, SignedIn};
use crate::problem::Problem;

/// A user, and how they stand now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserPage {
    user: User,
    /// `ACTIVE`, `ACTIVE_ADM`, `BLOCKED` or `BLOCKED_ADM`.
    state: &'static str,
    /// The worst state of the user's targets in AWS.
    enforcement: &'static str,
    /// The latest end of the active blocks, RFC 3339.
    blocked_until: Option<String>,
    /// One line per active block, held ones and those of the team included.
    reasons: Vec<String>,
    /// The protection that holds.
    protection: Option<Protection>,
    /// Every quota that applies, with what was used of it.
    quotas: Vec<Quota>,
}

/// A protection.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Protection {
    /// Who decided.
    by: String,
    /// Why.
    reason: String,
    /// RFC 3339; null is indefinite.
    until: Option<String>,
    /// Percent of a limit beyond which blocks apply again.
    up_to_percent: Option<u32>,
}

/// A quota held against what was used.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Quota {
    /// Where it was set.
    scope: String,
    /// requests, tokens, `tokens_all` or cost.
    metric: &'static str,
    /// hour, day or month.
    window: &'static str,
    /// The limit now; null is unlimited. Dollars of the metric cost, as exact decimal.
    limit: Option<String>,
    /// Used in the window that contains now, alike.
    used: String,
    /// Whole percent of the limit.
    percent: Option<u32>,
    /// When the window ends, RFC 3339.
    resets_at: String,
    /// block or notify.
    action: &'static str,
}

fn amount(amount: Amount) -> String {
    match amount {
        Amount::Count(count) => count.to_string(),
        Amount::Usd(usd) => usd,
    }
}

impl Quota {
    fn of(view: QuotaView) -> Self {
        let QuotaView {
            scope,
            metric,
            window,
            limit,
            used,
            percent,
            resets_at,
            action,
        } = view;
        Self {
            scope,
            metric,
            window,
            limit: limit.map(amount),
            used: amount(used),
            percent,
            resets_at,
            action,
        }
    }
}

/// Show a user
///
/// State, quotas, blocks and protection now.
#[utoipa::path(
    get,
    path = "/api/v1/users/{user}",
    operation_id = "users_show",
    tag = "users",
    params(("user" = String, Path, description = "The id; a slash in it is written %2F")),
    responses(
        (status = 200, description = "The user", body = UserPage),
        (status = 401, description = "Not logged in", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such user, or of another team", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn get(
    State(api): State<Api>,
    who: SignedIn,
    PathPart(user): PathPart,
) -> Result<Json<UserPage>, Problem> {
    let within = who.may(Permission::ReadUsage)?;
    let user = UserId::new(user);
    let failed = |error: EngineError| Problem::of_engine(&error);
    let row = api.engine.store().user(&user).await;
    let row = row.map_err(Problem::of_store)?;
    // Names like it would tell of other teams.
    let nobody = || Problem::not_found(format!("no user `{user}`"));
    let row = row
        .filter(|row| within.holds(&row.team))
        .ok_or_else(nobody)?;
    let StatusReport {
        user_id: _,
        team: _,
        person: _,
        state,
        enforcement,
        blocked_until,
        reasons,
        protection,
        quotas,
    } = api.engine.status(&user).await.map_err(failed)?;
    let protection = protection.map(|protection| {
        let ProtectionView {
            by,
            reason,
            until,
            up_to_percent,
        } = protection;
        Protection {
            by,
            reason,
            until,
            up_to_percent,
        }
    });
    Ok(Json(UserPage {
        user: User::of(row),
        state,
        enforcement: enforcement.as_str(),
        blocked_until,
        reasons,
        protection,
        quotas: quotas.into_iter().map(Quota::of).collect(),
    }))
}
