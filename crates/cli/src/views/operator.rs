//! Rows of `weir operator` and `weir token`.

use serde::Serialize;
use weir_store::{OperatorRow, TokenRow};

/// An operator as stored, without the password's hash.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct OperatorView {
    pub(crate) name: String,
    pub(crate) role: &'static str,
    pub(crate) team: Option<String>,
    pub(crate) disabled_at: Option<String>,
    pub(crate) created_at: String,
    pub(crate) last_login_at: Option<String>,
}

impl OperatorView {
    pub(crate) fn of(row: OperatorRow) -> Self {
        let OperatorRow {
            name,
            rights,
            password_hash: _,
            disabled_at,
            created_at,
            last_login_at,
        } = row;
        Self {
            name: name.to_string(),
            role: rights.role().as_str(),
            team: rights.team().map(ToString::to_string),
            disabled_at: disabled_at.map(|at| at.to_string()),
            created_at: created_at.to_string(),
            last_login_at: last_login_at.map(|at| at.to_string()),
        }
    }
}

/// A token as stored.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct TokenView {
    pub(crate) id: String,
    pub(crate) operator: String,
    pub(crate) role: &'static str,
    pub(crate) label: String,
    pub(crate) created_at: String,
    pub(crate) expires_at: String,
    pub(crate) revoked_at: Option<String>,
    pub(crate) used_at: Option<String>,
}

/// A token that was made: the one time that its secret is shown.
#[derive(Debug, Serialize)]
pub(crate) struct MadeTokenView<'a> {
    pub(crate) secret: &'a str,
    #[serde(flatten)]
    pub(crate) token: TokenView,
}

impl TokenView {
    pub(crate) fn of(row: TokenRow) -> Self {
        let TokenRow {
            id,
            operator,
            label,
            role,
            created_at,
            expires_at,
            revoked_at,
            used_at,
        } = row;
        Self {
            id,
            operator: operator.to_string(),
            role: role.as_str(),
            label,
            created_at: created_at.to_string(),
            expires_at: expires_at.to_string(),
            revoked_at: revoked_at.map(|at| at.to_string()),
            used_at: used_at.map(|at| at.to_string()),
        }
    }
}
