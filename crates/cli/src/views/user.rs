//! A row of `weir user`.

use serde::Serialize;
use weir_core::attribution::Principal;
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

impl From<UserRow> for UserView {
    fn from(row: UserRow) -> Self {
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
            principals: principals
                .into_iter()
                .map(|(principal, stable_id, first, last)| PrincipalView {
                    principal: write_principal(&principal),
                    stable_id,
                    first_seen: first.to_string(),
                    last_seen: last.to_string(),
                })
                .collect(),
        }
    }
}

/// `111122223333/iam-user/ana`, `111122223333/role-session/gateway/ana`.
fn write_principal(principal: &Principal) -> String {
    let Principal {
        account,
        kind,
        name,
        session,
    } = principal;
    match session {
        Some(session) => format!("{account}/{}/{name}/{session}", kind.as_str()),
        None => format!("{account}/{}/{name}", kind.as_str()),
    }
}
