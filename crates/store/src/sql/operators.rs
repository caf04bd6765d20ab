//! Statements about operators, which both dialects understand.

macro_rules! operator_columns {
    () => {
        "o.name, o.role, o.team, o.user_id, o.password_hash, o.disabled_at, o.created_at, o.last_login_at"
    };
}

macro_rules! token_columns {
    () => {
        "t.id, t.operator, t.label, t.role, t.created_at, t.expires_at, t.revoked_at, t.used_at"
    };
}

statements! {
    OPERATOR = concat!("SELECT ", operator_columns!(), " FROM operators o WHERE o.name = ?");
    OPERATORS = concat!("SELECT ", operator_columns!(), " FROM operators o ORDER BY o.name");
    COUNT_OPERATORS = "SELECT COUNT(*) FROM operators";
    ADD_OPERATOR = "INSERT INTO operators (name, role, team, user_id, password_hash, disabled_at,
        created_at, last_login_at) VALUES (?, ?, ?, ?, ?, NULL, ?, NULL)";
    SET_PASSWORD = "UPDATE operators SET password_hash = ? WHERE name = ?";
    SET_RIGHTS = "UPDATE operators SET role = ?, team = ?, user_id = ? WHERE name = ?";
    SET_DISABLED = "UPDATE operators SET disabled_at = ? WHERE name = ?";
    SET_LOGIN = "UPDATE operators SET last_login_at = ? WHERE name = ?";

    SETUP_LINK = "REPLACE INTO operator_setup (id, digest, expires_at) VALUES (1, ?, ?)";
    GOOD_SETUP_LINK = "SELECT id FROM operator_setup WHERE digest = ? AND expires_at > ?";
    USE_SETUP_LINK = "DELETE FROM operator_setup WHERE digest = ? AND expires_at > ?";
    DROP_SETUP_LINK = "DELETE FROM operator_setup WHERE id = 1";

    SET_ATTEMPTS = "UPDATE login_attempts SET failures = ?, last_at = ? WHERE digest = ?";
    DROP_ATTEMPTS = "DELETE FROM login_attempts WHERE digest = ?";
    TAKE_ATTEMPT_BACK = "UPDATE login_attempts SET failures = failures - 1 WHERE digest = ? AND failures > 0";
    DROP_OLD_ATTEMPTS = "DELETE FROM login_attempts WHERE last_at < ?";

    SESSION = concat!("SELECT s.created_at, s.seen_at, s.expires_at, ", operator_columns!(), "
        FROM operator_sessions s JOIN operators o ON o.name = s.operator WHERE s.digest = ?");
    ADD_SESSION = "INSERT INTO operator_sessions (digest, operator, created_at, seen_at, expires_at)
        VALUES (?, ?, ?, ?, ?)";
    SEE_SESSION = "UPDATE operator_sessions SET seen_at = ? WHERE digest = ? AND seen_at < ?";
    END_SESSION = "DELETE FROM operator_sessions WHERE digest = ?";
    END_SESSIONS_OF = "DELETE FROM operator_sessions WHERE operator = ?";
    DROP_OLD_SESSIONS = "DELETE FROM operator_sessions WHERE expires_at < ?";

    TOKEN = concat!("SELECT ", token_columns!(), ", ", operator_columns!(), "
        FROM api_tokens t JOIN operators o ON o.name = t.operator WHERE t.digest = ?");
    TOKEN_OF_ID = concat!("SELECT ", token_columns!(), " FROM api_tokens t WHERE t.id = ?");
    TOKENS = concat!("SELECT ", token_columns!(), " FROM api_tokens t
        WHERE (? IS NULL OR t.operator = ?) ORDER BY t.operator, t.created_at, t.id");
    ADD_TOKEN = "INSERT INTO api_tokens (digest, id, operator, label, role, created_at, expires_at,
        revoked_at, used_at) VALUES (?, ?, ?, ?, ?, ?, ?, NULL, NULL)";
    REVOKE_TOKEN = "UPDATE api_tokens SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL";
    SEE_TOKEN = "UPDATE api_tokens SET used_at = ? WHERE digest = ? AND (used_at IS NULL OR used_at < ?)";

    DROP_OLD_REQUESTS = "DELETE FROM idempotency_keys WHERE created_at < ?";
    REQUEST = "SELECT request, status, body, lease_until FROM idempotency_keys WHERE digest = ?";
    ADD_REQUEST = "INSERT INTO idempotency_keys (digest, request, status, body, created_at, lease_until)
        VALUES (?, ?, NULL, NULL, ?, ?)";
    TAKE_REQUEST = "UPDATE idempotency_keys SET lease_until = ?
        WHERE digest = ? AND status IS NULL AND lease_until = ? AND lease_until <= ?";
    END_REQUEST = "UPDATE idempotency_keys SET status = ?, body = ? WHERE digest = ?";
    DROP_REQUEST = "DELETE FROM idempotency_keys WHERE digest = ?";
}
