//! `GET /api/v1/tokens`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_core::operator::Permission;
use weir_store::TokenRow;

use crate::api::{Api, SignedIn};
use crate::problem::Problem;

/// A token, without the secret, which nobody can show again.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Token {
    /// What it is called by.
    pub id: String,
    /// In whose name it acts.
    pub operator: String,
    /// The most it may do.
    pub role: String,
    /// What it is for.
    pub label: String,
    /// When it was made, RFC 3339.
    pub created_at: String,
    /// When it ends, RFC 3339.
    pub expires_at: String,
    /// When it was revoked, RFC 3339.
    pub revoked_at: Option<String>,
    /// The latest request but for less than a minute, RFC 3339.
    pub used_at: Option<String>,
}

impl Token {
    /// As stored.
    pub fn of(row: TokenRow) -> Self {
        let TokenRow {
            id,
            operator,
            label,
            role,
            created_at,
            expires_at,
            revoked_at,
            used_at,
        } = row;
        Self {
            id,
            operator: operator.to_string(),
            label,
            role: role.to_string(),
            created_at: created_at.to_string(),
            expires_at: expires_at.to_string(),
            revoked_at: revoked_at.map(|at| at.to_string()),
            used_at: used_at.map(|at| at.to_string()),
        }
    }
}

/// Tokens
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Tokens {
    /// By operator, oldest first.
    pub tokens: Vec<Token>,
}

/// List tokens
///
/// The caller's own; for admins everybody's.
#[utoipa::path(
    get,
    path = "/api/v1/tokens",
    operation_id = "tokens_list",
    tag = "operators",
    responses(
        (status = 200, description = "Tokens", body = Tokens),
        crate::api::answers::Reads,
    ),
)]
pub(crate) async fn get(State(api): State<Api>, who: SignedIn) -> Result<Json<Tokens>, Problem> {
    who.may(Permission::MakeTokens)?;
    let everybodys = who.may(Permission::ManageOperators).is_ok();
    let of = (!everybodys).then_some(&who.caller.name);
    let tokens = api.engine.tokens(of).await;
    let tokens = tokens.map_err(|error| Problem::of_engine(&error))?;
    let tokens = tokens.into_iter().map(Token::of).collect();
    Ok(Json(Tokens { tokens }))
}
