//! `POST /api/v1/blocks`

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_core::admin::Verb;
use weir_core::attribution::team_name;
use weir_core::block::Until;
use weir_core::ids::{TeamId, UserId};
use weir_core::operator::Permission;

use crate::api::body::Body;
use crate::api::command::{Now, carry_out, governed, leaves_others_alone};
use crate::api::{Api, SignedIn, end, team};
use crate::problem::Problem;

/// How long a block lasts that names no end: exactly 24 hours (rules B2).
const USUAL: SignedDuration = SignedDuration::from_hours(24);

/// A block to be made.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "user": "ana", "reason": "key found in a public repository", "for": "30d" }))]
pub struct NewBlock {
    /// Whom; or `team`.
    pub user: Option<String>,
    /// Everybody who is in this team now; whoever joins later is not blocked by it.
    pub team: Option<String>,
    /// Why, 3 to 500 characters. People are told.
    pub reason: String,
    /// For how long: `12h`, `30d` [default: 24h].
    #[serde(rename = "for")]
    pub for_: Option<String>,
    /// Until when: RFC 3339, or a local date and time.
    pub until: Option<String>,
    /// Until an operator lifts it.
    #[serde(default)]
    pub indefinite: bool,
    /// Block also workloads, and those whom the configuration never denies. Admins only.
    #[serde(default)]
    pub force: bool,
}

/// Who is blocked now.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Blocked {
    /// Those who are.
    pub users: Vec<Now>,
    /// Members of a team who are not, and why.
    pub refused: Vec<Refused>,
}

/// Somebody who is not blocked.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Refused {
    /// Who.
    pub user_id: String,
    /// Why not.
    pub detail: String,
}

/// Block a user or a team
///
/// A second block of the same user replaces reason and end. Only an admin replaces that of somebody else.
#[utoipa::path(
    post,
    path = "/api/v1/blocks",
    operation_id = "blocks_create",
    tag = "blocks",
    params(crate::api::idempotency::Key),
    request_body = NewBlock,
    responses(
        (status = 201, description = "Blocked", body = Blocked),
        crate::api::answers::Writes,
    ),
)]
pub(crate) async fn post(
    State(api): State<Api>,
    who: SignedIn,
    Body(new): Body<NewBlock>,
) -> Result<(StatusCode, Json<Blocked>), Problem> {
    let within = who.may(Permission::Block)?;
    if new.force {
        who.may(Permission::LiftOthersBlock)?;
    }
    let rules = api.engine.rules().await;
    let rules = rules.map_err(|error| Problem::of_engine(&error))?;
    let now = api.engine.now();
    let (for_, until) = (new.for_.as_deref(), new.until.as_deref());
    let until = end::until(for_, until, new.indefinite, now, &rules.zone)?;
    let until = until.unwrap_or_else(|| Until::At(now.saturating_add(USUAL).unwrap_or(now)));
    let verb = Verb::Block { until };
    let blocked = match (&new.user, &new.team) {
        (Some(user), None) => {
            let user = governed(&api, &who, user).await?.user;
            leaves_others_alone(&api, &who, &user).await?;
            let now = carry_out(&api, &who, user, &new.reason, verb, new.force).await?;
            Blocked {
                users: vec![now],
                refused: Vec::new(),
            }
        }
        (None, Some(named)) => {
            let named = team_name(named);
            if !within.holds(&named) {
                return Err(Problem::not_found(format!("no team `{named}`")));
            }
            of_team(&api, &who, &named, &new, &verb).await?
        }
        _ => {
            return Err(Problem::bad_request(
                "the body: give one of `user` and `team`",
            ));
        }
    };
    Ok((StatusCode::CREATED, Json(blocked)))
}

async fn of_team(
    api: &Api,
    who: &SignedIn,
    team: &TeamId,
    new: &NewBlock,
    verb: &Verb,
) -> Result<Blocked, Problem> {
    let members = team::members(api, team).await?;
    if members.is_empty() {
        return Err(Problem::not_found(format!("no members of a team `{team}`")));
    }
    let mut blocked = Blocked {
        users: Vec::new(),
        refused: Vec::new(),
    };
    for user in members {
        match one(api, who, user.clone(), new, verb).await {
            Ok(now) => blocked.users.push(now),
            Err(problem) if problem.is_of_caller() => blocked.refused.push(Refused {
                user_id: user.to_string(),
                detail: problem.detail().to_owned(),
            }),
            Err(problem) => return Err(problem),
        }
    }
    Ok(blocked)
}

async fn one(
    api: &Api,
    who: &SignedIn,
    user: UserId,
    new: &NewBlock,
    verb: &Verb,
) -> Result<Now, Problem> {
    leaves_others_alone(api, who, &user).await?;
    carry_out(api, who, user, &new.reason, verb.clone(), new.force).await
}
