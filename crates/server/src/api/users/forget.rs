//! `POST /api/v1/users/{user}/forget`

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_core::ids::UserId;
use weir_core::operator::Permission;
use weir_engine::{EngineError, ForgetPlan, ForgetRow, Forgotten};

use crate::api::body::Body;
use crate::api::idempotency::Unrepeated;
use crate::api::query::{PathPart, Query};
use crate::api::quotas::edit::Whether;
use crate::api::{Api, SignedIn};
use crate::problem::Problem;

/// Why a user is forgotten.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "request 2026-117" }))]
pub struct Forget {
    /// Why, for the record; without the name.
    #[serde(default)]
    pub reason: String,
}

/// What forgetting a user does, or would do.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Forgetting {
    /// Who.
    pub user_id: String,
    /// It has begun before and did not end.
    pub begun: bool,
    /// What is looked for in texts.
    pub names: Vec<String>,
    /// What is not, because another user goes by it too.
    pub shared: Vec<String>,
    /// What becomes of how much.
    pub rows: Vec<RowsForgotten>,
    /// Why it cannot be done now.
    pub obstacle: Option<String>,
    /// What was done; null if nobody wanted more than to know.
    pub done: Option<ForgottenNow>,
}

/// What becomes of rows of a table.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RowsForgotten {
    /// Which table.
    pub table: String,
    /// How many rows.
    pub rows: u64,
    /// What becomes of them.
    pub fate: String,
}

/// What forgetting did.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ForgottenNow {
    /// What stands for the user now.
    pub pseudonym: String,
    /// Invocations that are the pseudonym's now, or name the user no more.
    pub invocations: u64,
    /// Rows that were removed, or given to the pseudonym.
    pub rows: u64,
    /// Rows in whose texts the pseudonym stands now.
    pub texts: u64,
    /// Entries of the record in which it stands now.
    pub entries: u64,
}

impl Forgetting {
    /// What it would do.
    pub fn foreseen(plan: ForgetPlan) -> Self {
        let ForgetPlan {
            user_id,
            begun,
            names,
            shared,
            rows,
            obstacle,
        } = plan;
        let rows = rows.into_iter().map(|row| {
            let ForgetRow { table, rows, fate } = row;
            let fate = fate.to_owned();
            RowsForgotten { table, rows, fate }
        });
        Self {
            user_id: user_id.to_string(),
            begun,
            names,
            shared,
            rows: rows.collect(),
            obstacle,
            done: None,
        }
    }

    /// What may be kept of it afterwards.
    fn nameless(&self) -> Self {
        let done = self.done.clone();
        Self {
            user_id: done
                .as_ref()
                .map_or_else(String::new, |done| done.pseudonym.clone()),
            begun: self.begun,
            names: Vec::new(),
            shared: Vec::new(),
            rows: self.rows.clone(),
            obstacle: None,
            done,
        }
    }

    /// The same, once it is done.
    #[must_use]
    pub fn done(self, done: Forgotten) -> Self {
        let Forgotten {
            pseudonym,
            invocations,
            rows,
            texts,
            entries,
        } = done;
        Self {
            done: Some(ForgottenNow {
                pseudonym: pseudonym.to_string(),
                invocations,
                rows,
                texts,
                entries,
            }),
            ..self
        }
    }
}

/// Forget a user
///
/// A pseudonym in place of their names everywhere; totals and decisions stay. Nobody can take it back, so it is done
/// with `yes=true` only. What was stopped half-way goes on when the same is asked again.
#[utoipa::path(
    post,
    path = "/api/v1/users/{user}/forget",
    operation_id = "users_forget",
    tag = "users",
    params(
        ("user" = String, Path, description = "The id; a slash in it is written %2F"),
        Whether,
        crate::api::idempotency::Key,
    ),
    request_body = Forget,
    responses(
        (status = 200, description = "What it did", body = Forgetting),
        crate::api::answers::Writes,
    ),
)]
pub(crate) async fn post(
    State(api): State<Api>,
    who: SignedIn,
    PathPart(user): PathPart,
    Query(whether): Query<Whether>,
    Body(new): Body<Forget>,
) -> Result<Response, Problem> {
    who.may(Permission::ChangePeople)?;
    let user = UserId::new(user.trim());
    let failed = |error| Problem::of_engine(&error);
    let plan = Box::pin(api.engine.plan_forgetting(&user)).await;
    let plan = Forgetting::foreseen(plan.map_err(failed)?);
    if whether.dry_run {
        return Ok(Json(plan).into_response());
    }
    if let Some(obstacle) = plan.obstacle {
        return Err(failed(EngineError::Refused(obstacle)));
    }
    whether.insists("nobody can take it back")?;
    let by = who.caller.actor();
    let done = Box::pin(api.engine.forget(&user, new.reason.trim(), &by)).await;
    let plan = plan.done(done.map_err(failed)?);
    let again = Unrepeated::of(&plan.nameless());
    let mut response = Json(plan).into_response();
    response.extensions_mut().insert(again);
    Ok(response)
}
