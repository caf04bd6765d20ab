//! Who is governed.

pub(super) mod check;
pub(super) mod confirm;
pub(super) mod edit;
pub(super) mod forget;
pub(super) mod import;
pub(super) mod link;
pub(super) mod list;
pub(super) mod mails;
pub(super) mod order;
pub(super) mod protect;
pub(super) mod raise;
pub(super) mod reattribute;
pub(super) mod series;
pub(super) mod show;
pub(super) mod status;
pub(super) mod unblock;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_core::ids::UserId;
use weir_core::operator::Within;
use weir_engine::Newcomer;
use weir_store::UserRow;

use super::Api;
use crate::problem::Problem;

/// The longest id of a user that is stored.
const LONGEST: usize = 191;

/// A user who may not have been seen yet.
pub(super) fn to_be(text: &str) -> Result<UserId, &'static str> {
    let text = text.trim();
    if (1..=LONGEST).contains(&text.chars().count()) {
        return Ok(UserId::new(text));
    }
    Err("a user has a name of 1 to 191 characters")
}

/// The user of that name, if the caller's reach has them: names like it would tell of other teams.
pub(super) async fn within_reach(
    api: &Api,
    within: &Within,
    user: &UserId,
) -> Result<UserRow, Problem> {
    let row = api.engine.store().user(user).await;
    let row = row.map_err(Problem::of_store)?;
    row.filter(|row| within.holds(&row.team))
        .ok_or_else(|| Problem::not_found(format!("no user `{user}`")))
}

/// A user.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct User {
    /// Who.
    pub user_id: String,
    /// The team they are in now.
    pub team: String,
    /// The person's name.
    pub person: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// es or en; null is the configured language.
    pub language: Option<String>,
    /// human, workload, service or unknown.
    pub class: String,
    /// The user under whose name this is another identity, until somebody confirms it.
    pub unconfirmed: Option<String>,
    /// Whether a block is active.
    pub is_blocked: bool,
    /// Its headline.
    pub blocked_reason: Option<String>,
    /// The latest end, RFC 3339; null while blocked is indefinite.
    pub blocked_until: Option<String>,
    /// Who protects the user.
    pub protection_by: Option<String>,
    /// First sight, RFC 3339.
    pub created_at: String,
    /// The AWS identities the user consists of.
    pub principals: Vec<Identity>,
}

/// An AWS identity of a user.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Identity {
    /// `ACCOUNT/KIND/NAME[/SESSION]`
    pub principal: String,
    /// `AIDA…`, `AROA…` or a directory user id.
    pub stable_id: Option<String>,
    /// The first call, RFC 3339; `null` if it was linked and has not called yet.
    pub first_seen: Option<String>,
    /// The latest call, RFC 3339; `null` like the first.
    pub last_seen: Option<String>,
}

impl User {
    /// A user as stored.
    pub fn of(row: UserRow, newcomers: &[Newcomer]) -> Self {
        let UserRow {
            user,
            team,
            person,
            email,
            language,
            class,
            is_blocked,
            blocked_reason,
            blocked_until,
            protection_by,
            created_at,
            principals,
        } = row;
        let seen = |at: Timestamp| (at > Timestamp::UNIX_EPOCH).then(|| at.to_string());
        let principals = principals.into_iter();
        let principals = principals.map(|(principal, stable_id, first, last)| Identity {
            principal: principal.to_string(),
            stable_id,
            first_seen: seen(first),
            last_seen: seen(last),
        });
        let newcomer = newcomers.iter().find(|newcomer| newcomer.user == user);
        Self {
            unconfirmed: newcomer.map(|newcomer| newcomer.becomes.to_string()),
            user_id: user.to_string(),
            team: team.to_string(),
            person,
            email,
            language,
            class: class.as_str().to_owned(),
            is_blocked,
            blocked_reason,
            blocked_until: blocked_until.map(|at| at.to_string()),
            protection_by,
            created_at: created_at.to_string(),
            principals: principals.collect(),
        }
    }
}
