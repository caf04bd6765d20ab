//! Statements about forgetting a user, which both dialects understand.

statements! {
    FORGETTING = "SELECT pseudonym, names FROM forgettings WHERE user_id = ?";
    BEGIN_FORGETTING = "INSERT INTO forgettings (user_id, pseudonym, names, begun_at) VALUES (?, ?, ?, ?)";
    // A row of its own, so that what was used still adds up by user.
    ADD_PSEUDONYM = "INSERT INTO users (user_id, team, person_tag, email, language, class, exempt, confirmed,
          daily_limit, monthly_limit, is_blocked, blocked_reason, blocked_until, admin_protection_by,
          last_seen, settle_id, created_at, updated_at)
        SELECT ?, u.team, NULL, NULL, NULL, 'unknown', 0, 1, NULL, NULL, 0, NULL, NULL, NULL, 0, '',
               u.created_at, u.updated_at FROM users u WHERE u.user_id = ?";
    END_FORGETTING = "DELETE FROM forgettings WHERE user_id = ?";

    // --- what there is ---
    NAMES_OF_USER = "SELECT person_tag, email FROM users WHERE user_id = ?
        UNION ALL SELECT person, email FROM people WHERE user_id = ?";
    PRINCIPALS_OF_USER = "SELECT account_id, kind, name, session, stable_id FROM user_principals WHERE user_id = ?
        UNION SELECT account_id, kind, name, session, stable_id FROM principal_holders WHERE user_id = ?";
    KEYS_OF_USER = "SELECT key_id FROM api_keys WHERE user_id = ?
        UNION SELECT access_key_id FROM bedrock_requests
               WHERE user_id = ? AND access_key_id IS NOT NULL AND access_key_id NOT LIKE 'ASIA%'";
    DIRECTORY_OF_USER = "SELECT directory_id, user_name, person, email FROM directory_people
        WHERE directory_id = ? OR LOWER(user_name) = ? OR LOWER(email) = ?";
    SHARED_NAME = "SELECT (SELECT COUNT(*) FROM users WHERE user_id <> ?
            AND (LOWER(user_id) = ? OR LOWER(email) = ? OR LOWER(person_tag) = ?))
        + (SELECT COUNT(*) FROM user_principals WHERE user_id <> ?
            AND (LOWER(session) = ? OR (kind = 'iam-user' AND LOWER(name) = ?)))";
    COUNT_USERS = "SELECT COUNT(*) FROM users WHERE user_id = ?";
    COUNT_PRINCIPALS = "SELECT COUNT(*) FROM user_principals WHERE user_id = ?";
    COUNT_HOLDERS = "SELECT COUNT(*) FROM principal_holders WHERE user_id = ?";
    COUNT_PEOPLE = "SELECT COUNT(*) FROM people WHERE user_id = ?";
    COUNT_KEYS = "SELECT COUNT(*) FROM api_keys WHERE user_id = ?";
    COUNT_REQUESTS = "SELECT COUNT(*) FROM bedrock_requests WHERE user_id = ?";
    COUNT_COUNTERS = "SELECT COUNT(*) FROM usage_counters
        WHERE scope_kind IN ('user', 'tool', 'model') AND scope_id = ?";
    COUNT_IN_TEAMS = "SELECT COUNT(*) FROM usage_counters WHERE scope_kind = 'team-user' AND part = ?";
    COUNT_HOURLY = "SELECT COUNT(*) FROM usage_hourly WHERE user_id = ?";
    COUNT_BLOCKS = "SELECT COUNT(*) FROM blocks WHERE user_id = ?";
    COUNT_PROTECTIONS = "SELECT COUNT(*) FROM protections WHERE user_id = ?";
    COUNT_QUOTAS = "SELECT COUNT(*) FROM quotas WHERE scope_kind = 'user' AND scope_name = ?";
    COUNT_WARNINGS = "SELECT COUNT(*) FROM warnings_sent WHERE subject = ?";
    COUNT_MESSAGES = "SELECT COUNT(*) FROM outbox WHERE subject = ?";
    COUNT_LETTERS = "SELECT COUNT(*) FROM deliveries WHERE subject = ?";
    COUNT_MEMBERS = "SELECT COUNT(*) FROM access_members WHERE user_id = ?";
    ACTIVE_BLOCKS = "SELECT COUNT(*) FROM blocks WHERE user_id = ? AND lifted_at IS NULL";
    // Denied; about to be; or allowed again so lately that a delayed write may still deny (rules E7).
    DENIALS = "SELECT COUNT(*) FROM access_members m
          JOIN access_targets t ON t.account_id = m.account_id AND t.kind = m.kind AND t.id = m.id
         WHERE m.user_id = ?
           AND (m.denies = 1 OR (t.denies = 0 AND t.generation > 1
                AND (t.state IN ('requested', 'applied', 'failed') OR t.verified_at > ?)
                AND NOT EXISTS (SELECT 1 FROM access_members o WHERE o.account_id = m.account_id
                                   AND o.kind = m.kind AND o.id = m.id AND o.user_id <> m.user_id)))";
    KEYS_TO_GIVE_BACK = "SELECT COUNT(*) FROM access_target_keys k
          JOIN access_members m ON m.account_id = k.account_id AND m.kind = k.kind AND m.id = k.id
         WHERE m.user_id = ?";

    // --- calls and totals ---
    LAST_REQUEST = "SELECT COALESCE(MAX(id), 0) FROM bedrock_requests";
    REQUESTS_NAMING = "SELECT request_id FROM bedrock_requests
        WHERE id > ? AND id <= ? AND user_id <> ? AND INSTR(LOWER(evidence), ?) > 0";
    COUNTERS_LEFT = concat!("SELECT scope_kind, window_kind, window_key, part, ", sum_columns!(), "
        FROM usage_counters WHERE scope_kind IN ('user', 'tool', 'model') AND scope_id = ?
          AND (requests <> 0 OR failed <> 0) LIMIT ?");
    IN_TEAMS_LEFT = concat!("SELECT scope_kind, window_kind, window_key, scope_id, ", sum_columns!(), "
        FROM usage_counters WHERE scope_kind = 'team-user' AND part = ?
          AND (requests <> 0 OR failed <> 0) LIMIT ?");
    DROP_EMPTY_IN_TEAMS = "DELETE FROM usage_counters
        WHERE scope_kind = 'team-user' AND part = ? AND requests = 0 AND failed = 0";
    DROP_EMPTY_COUNTERS = "DELETE FROM usage_counters
        WHERE scope_kind IN ('user', 'tool', 'model') AND scope_id = ? AND requests = 0 AND failed = 0";
    HOURLY_LEFT = concat!("SELECT local_hour, account_id, region, team, tool, model_id, ", sum_columns!(), "
        FROM usage_hourly WHERE user_id = ? AND (requests <> 0 OR failed <> 0) LIMIT ?");

    // --- what is about the user alone ---
    LOCK_USER = "UPDATE users SET updated_at = updated_at + 1 WHERE user_id = ?";
    DROP_ADDITIONS_OF = "DELETE FROM quota_additions WHERE scope_kind = 'user' AND scope_name = ?";
    DROP_QUOTAS_OF = "DELETE FROM quotas WHERE scope_kind = 'user' AND scope_name = ?";
    DROP_PERSON = "DELETE FROM people WHERE user_id = ?";
    DROP_KEYS_OF = "DELETE FROM api_keys WHERE user_id = ?";
    DROP_HOLDERS_OF = "DELETE FROM principal_holders WHERE user_id = ?";
    DROP_DIRECTORY_OF = "DELETE FROM directory_people
        WHERE directory_id = ? OR LOWER(user_name) = ? OR LOWER(email) = ?";
    DROP_OWNER = "UPDATE teams SET owner_email = NULL WHERE LOWER(owner_email) = ?";
    MOVE_BLOCKS = "UPDATE blocks SET user_id = ? WHERE user_id = ?";
    MOVE_PROTECTIONS = "UPDATE protections SET user_id = ?, ended_at = COALESCE(ended_at, ?),
        ended_by = COALESCE(ended_by, 'weir') WHERE user_id = ?";
    // A developer who saw that user's use sees nobody's: not the pseudonym's either.
    SHUT_OUT_DEVELOPERS = "UPDATE operators SET user_id = ?, disabled_at = COALESCE(disabled_at, ?) WHERE user_id = ?";
    DROP_WARNINGS_OF = "DELETE FROM warnings_sent WHERE subject = ?";
    TARGETS_OF = "SELECT account_id, kind, id FROM access_members WHERE user_id = ?";
    DROP_MEMBERS_OF = "DELETE FROM access_members WHERE user_id = ? AND denies = 0";
    DROP_TARGET = "DELETE FROM access_targets WHERE account_id = ? AND kind = ? AND id = ? AND denies = 0
          AND NOT EXISTS (SELECT 1 FROM access_members m WHERE m.account_id = access_targets.account_id
                             AND m.kind = access_targets.kind AND m.id = access_targets.id)";
    DROP_INCIDENTS_OF = "DELETE FROM incidents WHERE subject = ? AND closed_at IS NOT NULL";
    DROP_MESSAGES_OF = "DELETE FROM outbox WHERE subject = ?";
    DROP_LETTERS_OF = "DELETE FROM deliveries WHERE subject = ?";
    DROP_LETTERS_TO = "DELETE FROM deliveries WHERE LOWER(recipient) = ?";
    DROP_PRINCIPALS_OF = "DELETE FROM user_principals WHERE user_id = ?";
    DROP_USER = "DELETE FROM users WHERE user_id = ?";

    // --- the audit log ---
    REPLACE_ENTRY = "UPDATE blocking_operations SET subject = ?, reason = ?, performed_by = ?, claimed_by = ?,
        state_before = ?, state_after = ?, evidence = ?, seals = ? WHERE seq = ?";
}
