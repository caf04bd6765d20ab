//! Who is governed.

pub(super) mod edit;
pub(super) mod list;
pub(super) mod mails;
mod order;
pub(super) mod protect;
pub(super) mod series;
pub(super) mod show;
pub(super) mod unblock;

use serde::Serialize;
use utoipa::ToSchema;
use weir_core::ids::UserId;
use weir_core::operator::Within;
use weir_store::UserRow;

use super::Api;
use crate::problem::Problem;

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
#[derive(Debug, Serialize, ToSchema)]
#[expect(
    clippy::struct_field_names,
    reason = "what it is called everywhere else"
)]
pub(crate) struct User {
    /// Who.
    user_id: String,
    /// The team they are in now.
    team: String,
    /// The person's name.
    person: Option<String>,
    /// The e-mail address.
    email: Option<String>,
    /// es or en; null is the configured language.
    language: Option<String>,
    /// human, workload, service or unknown.
    class: &'static str,
    /// Whether a block is active.
    is_blocked: bool,
    /// Its headline.
    blocked_reason: Option<String>,
    /// The latest end, RFC 3339; null while blocked is indefinite.
    blocked_until: Option<String>,
    /// Who protects the user.
    protection_by: Option<String>,
    /// First sight, RFC 3339.
    created_at: String,
    /// The AWS identities the user consists of.
    principals: Vec<Identity>,
}

/// An AWS identity of a user.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Identity {
    /// `ACCOUNT/KIND/NAME[/SESSION]`
    principal: String,
    /// `AIDA…`, `AROA…` or a directory user id.
    stable_id: Option<String>,
    /// The first call, RFC 3339.
    first_seen: String,
    /// The latest call, RFC 3339.
    last_seen: String,
}

impl User {
    fn of(row: UserRow) -> Self {
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
        let principals = principals.into_iter();
        let principals = principals.map(|(principal, stable_id, first, last)| Identity {
            principal: principal.to_string(),
            stable_id,
            first_seen: first.to_string(),
            last_seen: last.to_string(),
        });
        Self {
            user_id: user.to_string(),
            team: team.to_string(),
            person,
            email,
            language,
            class: class.as_str(),
            is_blocked,
            blocked_reason,
            blocked_until: blocked_until.map(|at| at.to_string()),
            protection_by,
            created_at: created_at.to_string(),
            principals: principals.collect(),
        }
    }
}
