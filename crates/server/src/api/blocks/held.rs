//! `POST /api/v1/blocks/held`

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_core::attribution::team_name;
use weir_core::ids::{TeamId, UserId};
use weir_core::operator::{Permission, Within};
use weir_engine::{HeldDone, HeldOf, Preview};

use crate::api::body::Body;
use crate::api::query::Query;
use crate::api::quotas::edit::Whether;
use crate::api::users::status::Status;
use crate::api::{Api, SignedIn, users};
use crate::problem::Problem;

/// What becomes of held blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// They deny from now on.
    Apply,
    /// They are dropped, and no others follow before the local day ends.
    Discard,
}

/// A decision on what the breaker holds.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "whose": ["user:ana", "team:sap"], "decision": "discard", "reason": "a faulty script" }))]
pub struct HeldDecision {
    /// Whose held blocks: `user:ana` or `team:sap`.
    pub whose: Vec<String>,
    /// apply or discard.
    #[schema(value_type = String)]
    pub decision: Decision,
    /// Why, 3 to 500 characters. People are told.
    pub reason: Option<String>,
}

/// What the decision did, or would do.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct HeldDecided {
    /// It was not done: nobody wanted more than to know.
    pub dry_run: bool,
    /// Users whose own blocks were decided on, as they stand now; none if it was not done.
    pub users: Vec<Status>,
    /// Teams whose blocks were decided on; if it was not done, those whose blocks would apply.
    pub teams: Vec<String>,
    /// Users who lose access, members of teams among them.
    pub blocked: Vec<String>,
    /// Users who regain it.
    pub released: Vec<String>,
    /// Who loses one tool or one model: `ana with cline`.
    #[serde(default)]
    pub blocked_in_part: Vec<String>,
    /// Who regains one.
    #[serde(default)]
    pub released_in_part: Vec<String>,
}

impl HeldDecided {
    /// What was done.
    pub fn of(done: HeldDone) -> Self {
        let users = done.users.into_iter();
        Self {
            dry_run: false,
            users: users.map(|user| Status::of(user.status)).collect(),
            teams: done.teams.iter().map(TeamId::to_string).collect(),
            blocked: names(&done.effect.blocked),
            released: names(&done.effect.released),
            blocked_in_part: texts(&done.effect.blocked_in_part),
            released_in_part: texts(&done.effect.released_in_part),
        }
    }

    fn foreseen(effect: &Preview) -> Self {
        Self {
            dry_run: true,
            users: Vec::new(),
            teams: effect.teams.iter().map(TeamId::to_string).collect(),
            blocked: names(&effect.blocked),
            released: names(&effect.released),
            blocked_in_part: texts(&effect.blocked_in_part),
            released_in_part: texts(&effect.released_in_part),
        }
    }
}

fn names(users: &BTreeSet<UserId>) -> Vec<String> {
    users.iter().map(UserId::to_string).collect()
}

fn texts(parts: &BTreeSet<String>) -> Vec<String> {
    parts.iter().cloned().collect()
}

/// Decide on held blocks
///
/// What would block too many at once is held until somebody looks at it: `GET /api/v1/blocks?held=true`
/// lists it. If anybody would be blocked, it is done with `yes=true` only.
#[utoipa::path(
    post,
    path = "/api/v1/blocks/held",
    operation_id = "blocks_held",
    tag = "blocks",
    params(Whether, crate::api::idempotency::Key),
    request_body = HeldDecision,
    responses(
        (status = 200, description = "What it did", body = HeldDecided),
        crate::api::answers::Writes,
    ),
)]
pub(crate) async fn post(
    State(api): State<Api>,
    who: SignedIn,
    Query(whether): Query<Whether>,
    Body(new): Body<HeldDecision>,
) -> Result<Json<HeldDecided>, Problem> {
    let within = who.may(Permission::Block)?;
    let whose = named(&api, &within, &new.whose).await?;
    let apply = new.decision == Decision::Apply;
    let failed = |error| Problem::of_engine(&error);
    let foreseen = api.engine.preview_held(&whose, apply).await;
    let foreseen = foreseen.map_err(failed)?;
    if whether.dry_run {
        return Ok(Json(HeldDecided::foreseen(&foreseen)));
    }
    whether.agrees(&foreseen)?;
    let usual = if apply {
        "held blocks applied"
    } else {
        "held blocks discarded"
    };
    let reason = new.reason.as_deref().map_or(usual, str::trim);
    let by = who.caller.actor();
    let done = api.engine.decide_held(&whose, apply, reason, &by).await;
    Ok(Json(HeldDecided::of(done.map_err(failed)?)))
}

/// The held ones that were named, within reach; an error for a name that holds nothing.
async fn named(api: &Api, within: &Within, texts: &[String]) -> Result<BTreeSet<HeldOf>, Problem> {
    let held = api.engine.held_of().await;
    let held = held.map_err(|error| Problem::of_engine(&error))?;
    let mut named = BTreeSet::new();
    for text in texts {
        let nothing = || Problem::not_found(format!("the breaker holds nothing of `{text}`"));
        let one = match text.split_once(':') {
            Some(("team", team)) => HeldOf::Team(team_name(team)),
            Some(("user", user)) => HeldOf::User(UserId::new(user)),
            _ => {
                return Err(Problem::bad_request(format!(
                    "the body: whose: `{text}` is neither user:ID nor team:NAME"
                )));
            }
        };
        let reached = match &one {
            HeldOf::Team(team) => within.holds(team),
            HeldOf::User(user) => users::within_reach(api, within, user).await.is_ok(),
        };
        if !reached || !held.contains(&one) {
            return Err(nothing());
        }
        named.insert(one);
    }
    if named.is_empty() {
        return Err(Problem::bad_request("the body: whose: nobody is named"));
    }
    Ok(named)
}
