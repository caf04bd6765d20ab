//! The text of statements for `MySQL` and MariaDB. Procedures are in the migrations.

use crate::sql::{
    Many, REQUEST_COLUMNS, Statements, delivery_columns, job_columns, request_columns, statements,
    sum_columns, summed, summed_requests, target_columns,
};

pub(crate) const SQL: Statements = Statements {
    attempts_if_missing: "INSERT INTO login_attempts (digest, failures, last_at) VALUES (?, 0, ?)
        ON DUPLICATE KEY UPDATE digest = VALUES(digest)",
    attempts_locked: "SELECT failures, last_at FROM login_attempts WHERE digest = ? FOR UPDATE",
    admins_locked: "SELECT name FROM operators WHERE role = 'admin' AND disabled_at IS NULL
        ORDER BY name FOR UPDATE",
    mail_if_missing: "INSERT INTO mails_sent (mail, sent_at, held_until) VALUES (?, ?, 0)
        ON DUPLICATE KEY UPDATE mail = VALUES(mail)",
    mail_locked: "SELECT held_until FROM mails_sent WHERE mail = ? FOR UPDATE",
    reset_if_missing: "INSERT INTO reset_runs (local_date, started_at, runs) VALUES (?, ?, 0)
        ON DUPLICATE KEY UPDATE local_date = VALUES(local_date)",
    reset_locked: "SELECT finished_at, lease_until, runs, errors FROM reset_runs WHERE local_date = ? FOR UPDATE",
    drop_invocations: "DELETE FROM bedrock_requests WHERE request_timestamp < ?
        ORDER BY request_timestamp LIMIT ?",
    drop_dead_letters: "DELETE FROM dead_letters WHERE last_seen < ? ORDER BY last_seen LIMIT ?",
    drop_outbox: "DELETE FROM outbox WHERE state NOT IN ('waiting', 'untold') AND not_before < ?
          AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.message_seq = outbox.seq)
        ORDER BY not_before LIMIT ?",
    drop_deliveries: "DELETE FROM deliveries WHERE state <> 'waiting' AND not_before < ?
        ORDER BY not_before LIMIT ?",
    messages_due: "SELECT o.subject FROM outbox o FORCE INDEX (outbox_due)
        WHERE o.state = 'untold' AND o.not_before <= ?
          AND (o.lease_until IS NULL OR o.lease_until <= ?)
          AND NOT EXISTS (SELECT 1 FROM outbox e
                           WHERE e.subject = o.subject AND e.state = 'untold' AND e.seq < o.seq)
        ORDER BY o.not_before, o.seq LIMIT ? FOR UPDATE SKIP LOCKED",
    deliveries_due: concat!(
        "SELECT ",
        delivery_columns!(),
        " FROM deliveries d FORCE INDEX (deliveries_due)
        WHERE d.state = 'waiting' AND d.not_before <= ?
          AND (d.lease_until IS NULL OR d.lease_until <= ?)
          AND NOT EXISTS (SELECT 1 FROM deliveries e
                           WHERE e.subject = d.subject AND e.channel = d.channel
                             AND e.state = 'waiting' AND e.recipient = d.recipient
                             AND e.seq < d.seq AND (e.created_at > ? OR e.not_before <= ?))
        ORDER BY d.not_before, d.seq LIMIT ? FOR UPDATE SKIP LOCKED"
    ),
    message_if_missing: "INSERT INTO outbox (id, subject, not_before, kind, about, after_user, payload,
          state, lease_owner, lease_until, attempts, in_place_of, last_error, created_at)
        VALUES (?, ?, ?, ?, ?, NULL, ?, ?, NULL, NULL, 0, ?, NULL, ?) ON DUPLICATE KEY UPDATE id = VALUES(id)",
    incident_if_missing: "INSERT INTO incidents (kind, subject, opened_at, reminded_at, closed_at)
        VALUES (?, ?, 0, 0, 0) ON DUPLICATE KEY UPDATE kind = VALUES(kind)",
    known: concat!(
        "SELECT ",
        request_columns!(),
        " FROM (SELECT d.request FROM JSON_TABLE(?, '$[*]' COLUMNS (request VARCHAR(128) PATH '$')) d) j
        STRAIGHT_JOIN bedrock_requests r ON r.request_id = j.request
        WHERE r.settle_id <> ? FOR UPDATE"
    ),
    requests: concat!(
        "SELECT ",
        request_columns!(),
        " FROM JSON_TABLE(?, '$[*]' COLUMNS (request VARCHAR(128) PATH '$')) j
        STRAIGHT_JOIN bedrock_requests r ON r.request_id = j.request ORDER BY r.id"
    ),
    young_of_users: concat!(
        "SELECT r.user_id, r.tool, r.model_id, r.local_hour, ",
        summed_requests!(),
        " FROM JSON_TABLE(?, '$[*]' COLUMNS (who VARCHAR(191) PATH '$')) j
        STRAIGHT_JOIN bedrock_requests r ON r.user_id = j.who AND r.request_timestamp > ?
        WHERE r.provisional = 1
        GROUP BY r.user_id, r.tool, r.model_id, r.local_hour"
    ),
    young_of_teams: concat!(
        "SELECT r.team, r.local_hour, ",
        summed_requests!(),
        " FROM bedrock_requests r
        JOIN JSON_TABLE(?, '$[*]' COLUMNS (who VARCHAR(128) PATH '$')) j ON r.team = j.who
        WHERE r.request_timestamp > ? AND r.provisional = 1
        GROUP BY r.team, r.local_hour"
    ),
    days_of_users: concat!(
        "SELECT c.window_key, c.scope_id, ",
        sum_columns!(),
        " FROM JSON_TABLE(?, '$[*]' COLUMNS (day VARCHAR(13) PATH '$')) d
        STRAIGHT_JOIN JSON_TABLE(?, '$[*]' COLUMNS (who VARCHAR(191) PATH '$')) j
        STRAIGHT_JOIN usage_counters c ON c.scope_kind = 'user' AND c.scope_id = j.who
          AND c.window_kind = 'day' AND c.window_key = d.day AND c.part = ''
        ORDER BY c.window_key, c.scope_id"
    ),
    days_of_users_summed: concat!(
        "SELECT c.window_key, ",
        summed!(),
        " FROM JSON_TABLE(?, '$[*]' COLUMNS (day VARCHAR(13) PATH '$')) d
        STRAIGHT_JOIN JSON_TABLE(?, '$[*]' COLUMNS (who VARCHAR(191) PATH '$')) j
        STRAIGHT_JOIN usage_counters c ON c.scope_kind = 'user' AND c.scope_id = j.who
          AND c.window_kind = 'day' AND c.window_key = d.day AND c.part = ''
        GROUP BY c.window_key ORDER BY c.window_key"
    ),
    crowd: "SELECT 'recent', '',
          (SELECT COUNT(*) FROM (
            SELECT b.user_id FROM blocks b
             WHERE b.kind = 'automatic' AND b.held = 0 AND b.since >= ? AND b.user_id IS NOT NULL
               AND NOT EXISTS (SELECT 1 FROM blocks e WHERE e.user_id = b.user_id AND e.held = 0
                 AND e.since < b.since AND (e.lifted_at IS NULL OR e.lifted_at > b.since)
                 AND (e.part IS NULL OR e.scope_kind = b.scope_kind AND e.part = b.part))
             UNION
            SELECT u.user_id FROM blocks b JOIN users u ON u.team = b.team AND u.class = 'human'
             WHERE b.kind = 'automatic' AND b.held = 0 AND b.since >= ? AND b.team IS NOT NULL
               AND NOT EXISTS (SELECT 1 FROM blocks e WHERE e.team = b.team AND e.held = 0
                 AND e.since < b.since AND (e.lifted_at IS NULL OR e.lifted_at > b.since))) lost)
        UNION ALL
        SELECT 'active', '', COUNT(*) FROM users WHERE last_seen >= ?
        UNION ALL
        SELECT 'team', u.team, COUNT(*)
          FROM JSON_TABLE(?, '$[*]' COLUMNS (team VARCHAR(128) PATH '$')) j
          STRAIGHT_JOIN users u ON u.team = j.team AND u.class = 'human' GROUP BY u.team",
    audit_head_locked: "SELECT seq, hash FROM audit_head WHERE id = 1 FOR UPDATE",
    audit_start_locked: "SELECT seq, hash FROM audit_start WHERE id = 1 FOR UPDATE",
    rules_head_locked: "SELECT version, zone, home_account FROM rules_head WHERE id = 1 FOR UPDATE",
    user_if_missing: "INSERT INTO users (user_id, team, person_tag, email, language, class, exempt,
          confirmed, daily_limit, monthly_limit, is_blocked, blocked_reason, blocked_until,
          admin_protection_by, last_seen, settle_id, created_at, updated_at)
        VALUES (?, ?, ?, ?, ?, ?, 0, 1, NULL, NULL, 0, NULL, NULL, NULL, 0, '', ?, ?)
        ON DUPLICATE KEY UPDATE confirmed = 1",
    team_if_missing: "INSERT INTO teams (team, display_name, owner_email, created_at, updated_at)
        VALUES (?, NULL, NULL, ?, ?) ON DUPLICATE KEY UPDATE team = VALUES(team)",
    link: "INSERT INTO user_principals (account_id, kind, name, session, user_id, stable_id, linked,
          first_seen, last_seen, class, class_seen)
        VALUES (?, ?, ?, ?, ?, NULL, 1, 0, 0, NULL, 0)
        ON DUPLICATE KEY UPDATE user_id = VALUES(user_id), linked = 1",
    introduce: "INSERT INTO user_principals (account_id, kind, name, session, user_id, stable_id, linked,
          first_seen, last_seen, class, class_seen)
        VALUES (?, ?, ?, ?, ?, NULL, 0, 0, 0, NULL, 0)
        ON DUPLICATE KEY UPDATE user_id = user_principals.user_id",
    // In the order of an index, so that a claim locks what it takes and not all that it would sort.
    jobs_due: concat!(
        "SELECT ",
        job_columns!(),
        " FROM outbox o FORCE INDEX (outbox_due)
        WHERE o.state = 'waiting' AND o.not_before <= ?
          AND (o.lease_until IS NULL OR o.lease_until <= ?)
          AND NOT EXISTS (SELECT 1 FROM outbox e
                           WHERE e.subject = o.subject AND e.state = 'waiting' AND e.seq < o.seq
                             AND e.lease_until > ?)
        ORDER BY o.not_before, o.seq LIMIT ? FOR UPDATE SKIP LOCKED"
    ),
    targets_due: concat!(
        "SELECT ",
        target_columns!(),
        " FROM access_targets t FORCE INDEX (access_targets_due)
        WHERE t.next_attempt_at <= ? AND (t.lease_until IS NULL OR t.lease_until <= ?)
        ORDER BY t.next_attempt_at, t.account_id, t.kind, t.id LIMIT ? FOR UPDATE SKIP LOCKED"
    ),
    target_free: concat!(
        "SELECT ",
        target_columns!(),
        " FROM access_targets t
        WHERE t.account_id = ? AND t.kind = ? AND t.id = ?
          AND (t.lease_until IS NULL OR t.lease_until <= ?) FOR UPDATE SKIP LOCKED"
    ),
    target_locked: concat!(
        "SELECT ",
        target_columns!(),
        ", t.lease_owner FROM access_targets t
        WHERE t.account_id = ? AND t.kind = ? AND t.id = ? FOR UPDATE"
    ),
    server: "SELECT LOWER(CONCAT(IF(VERSION() LIKE '%MariaDB%', 'mariadb ', 'mysql '),
          SUBSTRING_INDEX(VERSION(), '-', 1))), CAST(UNIX_TIMESTAMP(NOW(6)) * 1000000 AS SIGNED)",
    quota_if_missing: "INSERT INTO quotas (scope_kind, scope_name, metric, window_kind, limit_value,
          action, warn, author, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON DUPLICATE KEY UPDATE scope_kind = VALUES(scope_kind)",
    migration_begins: "INSERT INTO schema_migrations (version, name, oldest, digest, started_at, finished_at)
        VALUES (?, ?, ?, ?, CAST(UNIX_TIMESTAMP(NOW(6)) * 1000000 AS SIGNED), NULL)
        ON DUPLICATE KEY UPDATE version = VALUES(version)",
};

/// Those on file are locked and marked: a second row for the same request changes it, so that the
/// server counts two for it.
pub(crate) const INSERT_REQUESTS: Many = Many {
    head: concat!(
        "INSERT INTO bedrock_requests (",
        request_columns!(),
        ") VALUES"
    ),
    columns: REQUEST_COLUMNS,
    tail: "ON DUPLICATE KEY UPDATE updated_at = GREATEST(VALUES(updated_at), updated_at + 1)",
};

pub(crate) const REWRITE_REQUESTS: Many = Many {
    head: concat!(
        "INSERT INTO bedrock_requests (",
        request_columns!(),
        ") VALUES"
    ),
    columns: REQUEST_COLUMNS,
    tail: "ON DUPLICATE KEY UPDATE
        account_id = VALUES(account_id), user_id = VALUES(user_id), team = VALUES(team),
        tool = VALUES(tool), request_timestamp = VALUES(request_timestamp),
        local_hour = VALUES(local_hour), model_id = VALUES(model_id),
        profile_id = VALUES(profile_id), model_sent = VALUES(model_sent),
        model_name = VALUES(model_name), request_type = VALUES(request_type),
        input_tokens = VALUES(input_tokens), cache_read_tokens = VALUES(cache_read_tokens),
        cache_write_5m_tokens = VALUES(cache_write_5m_tokens),
        cache_write_1h_tokens = VALUES(cache_write_1h_tokens),
        output_tokens = VALUES(output_tokens), cost_nanos = VALUES(cost_nanos),
        price_reference = VALUES(price_reference), usage_source = VALUES(usage_source),
        provisional = VALUES(provisional), region = VALUES(region),
        inference_region = VALUES(inference_region), source_ip = VALUES(source_ip),
        user_agent = VALUES(user_agent), principal = VALUES(principal),
        bearer = VALUES(bearer), access_key_id = VALUES(access_key_id),
        status = VALUES(status), error_code = VALUES(error_code),
        error_message = VALUES(error_message), unresolved = VALUES(unresolved),
        evidence = VALUES(evidence),
        updated_at = GREATEST(VALUES(updated_at), updated_at + 1)",
};

/// Statements that take many rows, by name.
pub(crate) const MANY: &[(&str, Many)] = &[
    ("INSERT_REQUESTS", INSERT_REQUESTS),
    ("REWRITE_REQUESTS", REWRITE_REQUESTS),
];

statements! {
    HAS_COLUMN = "SELECT COLUMN_NAME FROM information_schema.COLUMNS
        WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? AND COLUMN_NAME = ?";
    LOCK_SCHEMA = "SELECT CAST(GET_LOCK(LEFT(CONCAT('weir ', DATABASE()), 64), 300) AS SIGNED)";
    UNLOCK_SCHEMA = "SELECT CAST(RELEASE_LOCK(LEFT(CONCAT('weir ', DATABASE()), 64)) AS SIGNED)";

    // --- counting ---
    COUNT = "CALL weir_count(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

    // --- the standing ---
    STANDING = "CALL weir_standing(?, ?, ?, ?, ?, ?)";

    // --- the plan ---
    WRITE_PLAN = "CALL weir_write_plan(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

    // --- audit ---
    APPEND_AUDIT = "CALL weir_append_audit(?, ?, ?)";
}
