//! Rows of `weir token`.

use serde::Serialize;
use weir_store::TokenRow;

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
