//! Operators, sessions and tokens.

use weir_core::ids::{TeamId, UserId};
use weir_core::operator::{OperatorName, Rights, Role};

use crate::error::StoreError;
use crate::operators::{OperatorRow, SessionRow, TokenRow};
use crate::value::{Row, unreadable};

pub(crate) fn read(row: &mut Row) -> Result<OperatorRow, StoreError> {
    let name = name(row, "operators.name")?;
    let role: Role = row.word("operators.role")?;
    let team: Option<TeamId> = row.maybe_id("operators.team")?;
    let user: Option<UserId> = row.maybe_id("operators.user_id")?;
    let rights = Rights::new(role, team, user)
        .map_err(|error| unreadable("operators.role", role.as_str(), &error.to_string()))?;
    Ok(OperatorRow {
        name,
        rights,
        password_hash: row.text("operators.password_hash")?,
        disabled_at: row.maybe_at("operators.disabled_at")?,
        created_at: row.at("operators.created_at")?,
        last_login_at: row.maybe_at("operators.last_login_at")?,
    })
}

pub(crate) fn read_session(row: &mut Row) -> Result<SessionRow, StoreError> {
    Ok(SessionRow {
        created_at: row.at("operator_sessions.created_at")?,
        seen_at: row.at("operator_sessions.seen_at")?,
        expires_at: row.at("operator_sessions.expires_at")?,
    })
}

pub(crate) fn read_token(row: &mut Row) -> Result<TokenRow, StoreError> {
    Ok(TokenRow {
        id: row.text("api_tokens.id")?,
        operator: name(row, "api_tokens.operator")?,
        label: row.text("api_tokens.label")?,
        role: row.word("api_tokens.role")?,
        created_at: row.at("api_tokens.created_at")?,
        expires_at: row.at("api_tokens.expires_at")?,
        revoked_at: row.maybe_at("api_tokens.revoked_at")?,
        used_at: row.maybe_at("api_tokens.used_at")?,
    })
}

fn name(row: &mut Row, column: &'static str) -> Result<OperatorName, StoreError> {
    let text = row.text(column)?;
    OperatorName::new(&text).map_err(|error| unreadable(column, &text, &error.to_string()))
}
