//! `GET /api/v1/operators`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_core::operator::Permission;
use weir_store::OperatorRow;

use crate::api::{Api, SignedIn};
use crate::problem::Problem;

/// An operator.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Operator {
    /// The name.
    pub name: String,
    /// viewer, operator, admin, team or developer.
    pub role: String,
    /// The team of the role team.
    pub team: Option<String>,
    /// The user of the role developer.
    pub user: Option<String>,
    /// The provider of single sign-on by which they come, and whose groups say what they may do; null for a
    /// password.
    pub issuer: Option<String>,
    /// When they were shut out, RFC 3339.
    pub disabled_at: Option<String>,
    /// When they were made, RFC 3339.
    pub created_at: String,
    /// The latest log-in, RFC 3339.
    pub last_login_at: Option<String>,
}

impl Operator {
    /// As stored, without the password's hash.
    pub fn of(row: OperatorRow) -> Self {
        let OperatorRow {
            name,
            rights,
            proof,
            disabled_at,
            created_at,
            last_login_at,
        } = row;
        Self {
            name: name.to_string(),
            role: rights.role().to_string(),
            team: rights.team().map(ToString::to_string),
            user: rights.user().map(ToString::to_string),
            issuer: proof.provider().map(|identity| identity.issuer.clone()),
            disabled_at: disabled_at.map(|at| at.to_string()),
            created_at: created_at.to_string(),
            last_login_at: last_login_at.map(|at| at.to_string()),
        }
    }
}

/// All operators
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Operators {
    /// By name.
    pub operators: Vec<Operator>,
}

/// List operators
///
/// Only for admins.
#[utoipa::path(
    get,
    path = "/api/v1/operators",
    operation_id = "operators_list",
    tag = "operators",
    responses(
        (status = 200, description = "All operators", body = Operators),
        crate::api::answers::Reads,
    ),
)]
pub(crate) async fn get(State(api): State<Api>, who: SignedIn) -> Result<Json<Operators>, Problem> {
    who.may(Permission::ManageOperators)?;
    let operators = api.engine.operators().await;
    let operators = operators.map_err(|error| Problem::of_engine(&error))?;
    let operators = operators.into_iter().map(Operator::of).collect();
    Ok(Json(Operators { operators }))
}
