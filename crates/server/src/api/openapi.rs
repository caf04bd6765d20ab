//! `GET /api/v1/openapi.json`: the document that describes the rest. The same for everybody.

use axum::Json;
use utoipa::openapi::OpenApi;

/// Describe the API
///
/// This document.
#[utoipa::path(
    get,
    path = "/api/v1/openapi.json",
    operation_id = "openapi",
    tag = "system",
    security(()),
    responses((status = 200, description = "The document", body = Object)),
)]
pub(crate) async fn get() -> Json<OpenApi> {
    Json(super::document())
}
