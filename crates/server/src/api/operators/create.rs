//! `POST /api/v1/operators`

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_core::operator::{OperatorName, Permission};

use super::list::Operator;
use crate::api::body::Body;
use crate::api::{Api, SignedIn};
use crate::problem::Problem;

/// An operator to be made.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "eva", "role": "viewer", "password": "a long phrase nobody guesses" }))]
pub struct NewOperator {
    /// a-z, digits, `.`, `_`, `-` or `@`; 1 to 64 of them.
    pub name: String,
    /// viewer, operator, admin, team or developer.
    pub role: String,
    /// The team of the role team.
    pub team: Option<String>,
    /// The user of the role developer; nobody is asked whether there is one of that id yet.
    pub user: Option<String>,
    /// To be changed by the operator.
    #[schema(format = Password)]
    pub password: String,
}

/// Make an operator
#[utoipa::path(
    post,
    path = "/api/v1/operators",
    operation_id = "operators_create",
    tag = "operators",
    params(crate::api::idempotency::Key),
    request_body = NewOperator,
    responses(
        (status = 201, description = "The operator", body = Operator),
        crate::api::answers::Writes,
    ),
)]
pub(crate) async fn post(
    State(api): State<Api>,
    who: SignedIn,
    Body(new): Body<NewOperator>,
) -> Result<(StatusCode, Json<Operator>), Problem> {
    who.may(Permission::ManageOperators)?;
    let name = OperatorName::new(&new.name);
    let name = name.map_err(|error| Problem::bad_request(format!("the body: name: {error}")))?;
    let rights = super::rights(&new.role, new.team.as_deref(), new.user.as_deref())?;
    let by = who.caller.actor();
    let made = api
        .engine
        .create_operator(&name, rights, &new.password, &by);
    made.await.map_err(|error| Problem::of_engine(&error))?;
    let operator = super::known(&api, &name).await?;
    Ok((StatusCode::CREATED, Json(Operator::of(operator))))
}
