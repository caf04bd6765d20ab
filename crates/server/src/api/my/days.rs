//! `GET /api/v1/my/days`

use axum::Json;
use axum::extract::State;
use weir_core::counter::CounterScope;

use crate::api::query::Query;
use crate::api::range::Days;
use crate::api::users::series::{Series, series};
use crate::api::{Api, SignedIn};
use crate::problem::Problem;

/// Show my days
///
/// From the totals; 30 days up to today unless asked for others, 400 at most. Only for the role developer,
/// and of its own user.
#[utoipa::path(
    get,
    path = "/api/v1/my/days",
    operation_id = "my_days",
    tag = "my",
    params(Days),
    responses(
        (status = 200, description = "Day by day", body = Series),
        crate::api::answers::Shows,
    ),
)]
pub(crate) async fn get(
    State(api): State<Api>,
    who: SignedIn,
    Query(asked): Query<Days>,
) -> Result<Json<Series>, Problem> {
    let own = super::own(&api, &who).await?;
    series(&api, &CounterScope::User(own.user), &asked)
        .await
        .map(Json)
}
