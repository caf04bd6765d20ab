//! `GET /api/v1/outbox/{message}`

use axum::Json;
use axum::extract::State;
use weir_core::operator::Permission;
use weir_store::MailFilter;

use super::list::Message;
use crate::api::query::PathPart;
use crate::api::{Api, SignedIn};
use crate::problem::Problem;

/// Show a message
#[utoipa::path(
    get,
    path = "/api/v1/outbox/{message}",
    operation_id = "outbox_show",
    tag = "system",
    params(("message" = String, Path, description = "Its id; a slash in it is written %2F")),
    responses(
        (status = 200, description = "The message", body = Message),
        crate::api::answers::Shows,
    ),
)]
pub(crate) async fn get(
    State(api): State<Api>,
    who: SignedIn,
    PathPart(id): PathPart,
) -> Result<Json<Message>, Problem> {
    who.may(Permission::ReadSystem)?;
    let filter = MailFilter {
        id: Some(id.clone()),
        limit: 1,
        ..MailFilter::default()
    };
    let rows = api.engine.store().mail(&filter).await;
    let row = rows.map_err(Problem::of_store)?.into_iter().next();
    let row = row.ok_or_else(|| Problem::not_found(format!("no message `{id}`")))?;
    Ok(Json(Message::of(row)))
}
