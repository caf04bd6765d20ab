//! `POST /api/v1/users/{user}/reattribute`; also what `weir user set --since` does.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_core::ids::UserId;
use weir_core::operator::Permission;
use weir_engine::{Foreseen, Reattribute, Reattributed, TeamMove};

use super::edit::Said;
use crate::api::access::Access;
use crate::api::body::{Body, day};
use crate::api::query::{PathPart, Query};
use crate::api::quotas::edit::Whether;
use crate::api::{Api, SignedIn};
use crate::problem::Problem;

/// What is said about a user, for calls of the past too.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "since": "2026-11-01", "team": "sap" }))]
pub struct SaidSince {
    /// The first local day.
    pub since: String,
    /// The team.
    pub team: Option<String>,
    /// The person's name.
    pub person: Option<String>,
    /// Where mail goes.
    pub email: Option<String>,
    /// es or en; past calls have none.
    pub language: Option<String>,
    /// human, workload, service or unknown; past calls have none.
    pub class: Option<String>,
}

/// What attributing past calls anew did, or would do.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PastChanged {
    /// Whose.
    pub user_id: String,
    /// The first local day.
    pub since: String,
    /// It was not done: nobody wanted more than to know.
    pub dry_run: bool,
    /// Invocations of the user since that day.
    pub invocations: u64,
    /// Those that change their team, as foreseen.
    pub moves: Vec<CallsMoved>,
    /// Invocations that changed; null if it was not done.
    pub changed: Option<u64>,
    /// Who loses and who regains access.
    #[serde(flatten)]
    pub access: Access,
}

/// Invocations that move from one team to another.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct CallsMoved {
    /// The team they counted for.
    pub from: String,
    /// The team they count for.
    pub to: String,
    /// How many, failed ones too.
    pub invocations: u64,
    /// What they cost in dollars, as far as known; exact decimal.
    pub cost_usd: String,
    /// How many of them have no price.
    pub unpriced: u64,
}

impl PastChanged {
    /// What it would do; and what it did, once it is done.
    pub fn of(wanted: &Reattribute, foreseen: &Foreseen, done: Option<&Reattributed>) -> Self {
        let moves = foreseen.moves.iter().map(|one| {
            let TeamMove {
                from,
                to,
                invocations,
                cost,
                unpriced,
            } = one;
            CallsMoved {
                from: from.clone(),
                to: to.clone(),
                invocations: *invocations,
                cost_usd: cost.to_decimal(),
                unpriced: *unpriced,
            }
        });
        Self {
            user_id: wanted.user.to_string(),
            since: wanted.since.to_string(),
            dry_run: done.is_none(),
            invocations: foreseen.invocations,
            moves: moves.collect(),
            changed: done.map(|done| done.changed),
            access: Access::of(done.map_or(&foreseen.access, |done| &done.access)),
        }
    }
}

/// Say who a user was
///
/// As `PATCH` of the user, and calls of the past since that day are attributed anew: team, name and address. It is done
/// with `yes=true` only.
#[utoipa::path(
    post,
    path = "/api/v1/users/{user}/reattribute",
    operation_id = "users_reattribute",
    tag = "users",
    params(
        ("user" = String, Path, description = "The id; a slash in it is written %2F"),
        Whether,
        crate::api::idempotency::Key,
    ),
    request_body = SaidSince,
    responses(
        (status = 200, description = "What it did", body = PastChanged),
        crate::api::answers::Writes,
    ),
)]
pub(crate) async fn post(
    State(api): State<Api>,
    who: SignedIn,
    PathPart(user): PathPart,
    Query(whether): Query<Whether>,
    Body(new): Body<SaidSince>,
) -> Result<Json<PastChanged>, Problem> {
    who.may(Permission::ChangePeople)?;
    let SaidSince {
        since,
        team,
        person,
        email,
        language,
        class,
    } = new;
    let said = Said {
        team,
        person,
        email,
        language,
        class,
    };
    let wanted = Reattribute {
        user: UserId::new(user),
        said: said.person("the body")?,
        since: day("since", &since)?,
    };
    let said = &wanted.said;
    if said.team.is_none() && said.person.is_none() && said.email.is_none() {
        return Err(Problem::bad_request(
            "the body: say what past calls get: team, person or email",
        ));
    }
    let failed = |error| Problem::of_engine(&error);
    let foreseen = api.engine.foresee_reattribution(&wanted).await;
    let foreseen = foreseen.map_err(failed)?;
    if whether.dry_run {
        return Ok(Json(PastChanged::of(&wanted, &foreseen, None)));
    }
    whether.insists("calls of the past change")?;
    let by = who.caller.actor();
    let done = Box::pin(api.engine.reattribute(&wanted, &by)).await;
    let done = done.map_err(failed)?;
    Ok(Json(PastChanged::of(&wanted, &foreseen, Some(&done))))
}
