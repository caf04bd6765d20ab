//! `PATCH /api/v1/operators/{operator}` and `POST /api/v1/operators/{operator}/password`

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_core::ids::{TeamId, UserId};
use weir_core::operator::Permission;
use weir_store::OperatorRow;

use super::list::Operator;
use crate::api::body::Body;
use crate::api::etag::{self, IfMatch};
use crate::api::query::PathPart;
use crate::api::{Api, SignedIn};
use crate::problem::Problem;

/// What changes of an operator; what is left out stays.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "disabled": true }))]
pub struct OperatorEdit {
    /// viewer, operator, admin, team or developer.
    pub role: Option<String>,
    /// The team of the role team; with `role`.
    pub team: Option<String>,
    /// The user of the role developer; with `role`.
    pub user: Option<String>,
    /// Shut out, or let in again. Sessions and tokens end with it.
    pub disabled: Option<bool>,
}

impl OperatorEdit {
    /// What means nothing without a role.
    fn without_role(&self) -> Option<&'static str> {
        let team = self.team.as_ref().map(|_| "team");
        team.or(self.user.as_ref().map(|_| "user"))
    }
}

/// What an edit is held against.
#[derive(Serialize)]
struct Editable<'a> {
    role: &'static str,
    team: Option<&'a str>,
    user: Option<&'a str>,
    disabled: bool,
}

fn tag(row: &OperatorRow) -> String {
    etag::of(&Editable {
        role: row.rights.role().as_str(),
        team: row.rights.team().map(TeamId::as_str),
        user: row.rights.user().map(UserId::as_str),
        disabled: row.disabled_at.is_some(),
    })
}

/// Change an operator
///
/// Rights, or whether they may log in. The last admin who may log in stays one.
#[utoipa::path(
    patch,
    path = "/api/v1/operators/{operator}",
    operation_id = "operators_edit",
    tag = "operators",
    params(
        ("operator" = String, Path, description = "The name"),
        ("If-Match" = Option<String>, Header, description = "`ETag` of the operator, as it was answered"),
    ),
    request_body = OperatorEdit,
    responses(
        (status = 200, description = "The operator now", body = Operator, headers(("etag" = String))),
        crate::api::answers::Writes,
    ),
)]
pub(crate) async fn patch(
    State(api): State<Api>,
    who: SignedIn,
    PathPart(name): PathPart,
    believed: IfMatch,
    Body(edit): Body<OperatorEdit>,
) -> Result<([(header::HeaderName, HeaderValue); 1], Json<Operator>), Problem> {
    who.may(Permission::ManageOperators)?;
    let name = super::named(&name)?;
    let row = super::known(&api, &name).await?;
    believed.check(Some(&tag(&row)))?;
    let (engine, by) = (&api.engine, who.caller.actor());
    let failed = |error| Problem::of_engine(&error);
    if let Some(role) = &edit.role {
        let rights = super::rights(role, edit.team.as_deref(), edit.user.as_deref())?;
        let set = engine.set_operator_rights(&name, rights, &by).await;
        set.map_err(failed)?;
    } else if let Some(field) = edit.without_role() {
        return Err(Problem::bad_request(format!(
            "the body: {field}: give the role beside it"
        )));
    }
    if let Some(disabled) = edit.disabled {
        let set = engine.enable_operator(&name, !disabled, &by).await;
        set.map_err(failed)?;
    }
    let row = super::known(&api, &name).await?;
    Ok((etag::header(&tag(&row)), Json(Operator::of(row))))
}

/// Another password.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "password": "a long phrase nobody guesses" }))]
pub struct NewPassword {
    /// It.
    #[schema(format = Password)]
    pub password: String,
}

/// Set an operator's password
///
/// Ends the operator's sessions, and forgets failures to log in.
#[utoipa::path(
    post,
    path = "/api/v1/operators/{operator}/password",
    operation_id = "operators_passwd",
    tag = "operators",
    params(
        ("operator" = String, Path, description = "The name"),
        crate::api::idempotency::Key,
    ),
    request_body = NewPassword,
    responses(
        (status = 204, description = "Set"),
        crate::api::answers::Writes,
    ),
)]
pub(crate) async fn passwd(
    State(api): State<Api>,
    who: SignedIn,
    PathPart(name): PathPart,
    Body(NewPassword { password }): Body<NewPassword>,
) -> Result<StatusCode, Problem> {
    who.may(Permission::ManageOperators)?;
    let name = super::named(&name)?;
    let by = who.caller.actor();
    let set = api.engine.set_operator_password(&name, &password, &by);
    set.await.map_err(|error| Problem::of_engine(&error))?;
    Ok(StatusCode::NO_CONTENT)
}
