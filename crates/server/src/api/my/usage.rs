//! `GET /api/v1/my/usage`

use axum::Json;
use axum::extract::State;

use crate::api::users::show::{UserPage, page};
use crate::api::{Api, SignedIn};
use crate::problem::Problem;

/// Show my usage
///
/// State, quotas with what was used of them, blocks and why, now; what was used by model and tool. Only for
/// the role developer, and of its own user.
#[utoipa::path(
    get,
    path = "/api/v1/my/usage",
    operation_id = "my_usage",
    tag = "my",
    responses(
        (status = 200, description = "The caller's own user", body = UserPage),
        crate::api::answers::Shows,
    ),
)]
pub(crate) async fn get(State(api): State<Api>, who: SignedIn) -> Result<Json<UserPage>, Problem> {
    let row = super::own(&api, &who).await?;
    page(&api, row).await.map(Json)
}
