//! `DELETE /api/v1/tokens/{token}`

use axum::extract::State;
use axum::http::StatusCode;
use weir_core::operator::Permission;

use crate::api::query::PathPart;
use crate::api::{Api, SignedIn};
use crate::problem::Problem;

/// Revoke a token
///
/// The caller's own; for admins anybody's.
#[utoipa::path(
    delete,
    path = "/api/v1/tokens/{token}",
    operation_id = "tokens_revoke",
    tag = "operators",
    params(("token" = String, Path, description = "Its id")),
    responses(
        (status = 204, description = "Revoked"),
        crate::api::answers::Writes,
    ),
)]
pub(crate) async fn delete(
    State(api): State<Api>,
    who: SignedIn,
    PathPart(id): PathPart,
) -> Result<StatusCode, Problem> {
    who.may(Permission::MakeTokens)?;
    let nobodys = || Problem::not_found(format!("no token `{id}` that is good"));
    let token = api.engine.store().operators().token_of_id(&id).await;
    let token = token.map_err(Problem::of_store)?.ok_or_else(nobodys)?;
    if token.operator != who.caller.name && who.may(Permission::ManageOperators).is_err() {
        return Err(nobodys());
    }
    let revoked = api.engine.revoke_token(&id, &who.caller.actor()).await;
    if revoked.map_err(|error| Problem::of_engine(&error))? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(nobodys())
    }
}
