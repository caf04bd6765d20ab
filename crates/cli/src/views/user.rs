//! A row of `weir user`.

use serde::Serialize;
use weir_engine::Newcomer;
use weir_store::UserRow;

/// A user as stored.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct UserView {
    pub(crate) user_id: String,
    pub(crate) team: String,
    pub(crate) person: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) language: Option<String>,
    pub(crate) class: &'static str,
    /// The user under whose name this is another identity, until somebody confirms it.
    pub(crate) unconfirmed: Option<String>,
    pub(crate) is_blocked: bool,
    pub(crate) blocked_reason: Option<String>,
    pub(crate) blocked_until: Option<String>,
    pub(crate) protection_by: Option<String>,
    pub(crate) created_at: String,
    pub(crate) principals: Vec<PrincipalView>,
}

/// An AWS identity of a user.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PrincipalView {
    /// As `weir user link` takes it.
    pub(crate) principal: String,
    pub(crate) stable_id: Option<String>,
    pub(crate) first_seen: String,
    pub(crate) last_seen: String,
}

impl UserView {
    pub(crate) fn of(row: UserRow, newcomers: &[Newcomer]) -> Self {
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
        let newcomer = newcomers.iter().find(|newcomer| newcomer.user == user);
        Self {
            unconfirmed: newcomer.map(|newcomer| newcomer.becomes.to_string()),
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
            principals: principals
                .into_iter()
                .map(|(principal, stable_id, first, last)| PrincipalView {
                    principal: principal.to_string(),
                    stable_id,
                    first_seen: first.to_string(),
                    last_seen: last.to_string(),
                })
                .collect(),
        }
    }
}
