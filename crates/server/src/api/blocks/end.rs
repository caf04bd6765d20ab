//! `DELETE /api/v1/blocks/{block}`

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;
use weir_core::admin::Verb;
use weir_core::operator::Permission;
use weir_store::{BlockFilter, BlockRow};

use crate::api::command::{Now, carry_out, governed};
use crate::api::query::{PathPart, Query};
use crate::api::{Api, SignedIn};
use crate::problem::Problem;

const NO_REASON: &str = "ended by an administrator";

/// Why it ends.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Why {
    /// 3 to 500 characters.
    reason: Option<String>,
}

/// End one block
///
/// A manual one, and it alone: what quotas deny goes on, and nobody is protected. Only an admin ends that
/// of somebody else.
#[utoipa::path(
    delete,
    path = "/api/v1/blocks/{block}",
    operation_id = "blocks_end",
    tag = "blocks",
    params(
        ("block" = String, Path, description = "Its `id`; a slash in it is written %2F"),
        Why,
    ),
    responses(
        (status = 200, description = "The user now", body = Now),
        crate::api::answers::Writes,
    ),
)]
pub(crate) async fn delete(
    State(api): State<Api>,
    who: SignedIn,
    PathPart(id): PathPart,
    Query(why): Query<Why>,
) -> Result<Json<Now>, Problem> {
    who.may(Permission::Block)?;
    let none = || Problem::not_found(format!("no block `{id}` is in force"));
    let BlockRow { block, .. } = active(&api, &id).await?.ok_or_else(none)?;
    let Some(user) = block.denies.user() else {
        return Err(follows_quotas());
    };
    // Whoever may not see the user learns nothing of the block.
    let row = governed(&api, &who, user.as_str()).await;
    let user = row.map_err(|refused| {
        if refused.is_missing() {
            none()
        } else {
            refused
        }
    })?;
    if block.is_automatic() {
        return Err(follows_quotas());
    }
    if block.author != who.caller.name.author() {
        let allowed = who.may(Permission::LiftOthersBlock);
        allowed.map_err(|refused| {
            refused.because(&format!(
                "the block is of {}: only an admin ends that of somebody else",
                block.author
            ))
        })?;
    }
    let reason = why.reason.as_deref().unwrap_or(NO_REASON);
    let verb = Verb::EndBlock { id: block.id };
    carry_out(&api, &who, user.user, reason, verb, false)
        .await
        .map(Json)
}

async fn active(api: &Api, id: &str) -> Result<Option<BlockRow>, Problem> {
    let blocks = api.engine.store().blocks(&BlockFilter::default()).await;
    let blocks = blocks.map_err(Problem::of_store)?;
    Ok(blocks.into_iter().find(|row| row.block.id.as_str() == id))
}

fn follows_quotas() -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "an automatic block follows its quotas, and would begin again: unblock the user, which protects, \
         or change the quota",
    )
}
