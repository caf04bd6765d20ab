//! The text of statements for `SQLite`.

use crate::sql::{
    Many, REQUEST_COLUMNS, Statements, block_columns, class_of_user, delivery_columns, job_columns,
    member_columns, request_columns, statements, sum_columns, summed, summed_requests,
    target_columns,
};

/// Where a row of [`INSERT_REQUESTS`] has its transaction and its time.
pub(crate) const SETTLE_ID: usize = REQUEST_COLUMNS - 3;
pub(crate) const UPDATED_AT: usize = REQUEST_COLUMNS - 1;

pub(crate) const SQL: Statements = Statements {
    attempts_if_missing: "INSERT INTO login_attempts (digest, failures, last_at) VALUES (?, 0, ?)
        ON CONFLICT (digest) DO NOTHING",
    attempts_locked: "SELECT failures, last_at FROM login_attempts WHERE digest = ?",
    admins_locked: "SELECT name FROM operators WHERE role = 'admin' AND disabled_at IS NULL
        ORDER BY name",
    mail_if_missing: "INSERT INTO mails_sent (mail, sent_at, held_until) VALUES (?, ?, 0)
        ON CONFLICT (mail) DO NOTHING",
    mail_locked: "SELECT held_until FROM mails_sent WHERE mail = ?",
    reset_if_missing: "INSERT INTO reset_runs (local_date, started_at, runs) VALUES (?, ?, 0)
        ON CONFLICT (local_date) DO NOTHING",
    reset_locked: "SELECT finished_at, lease_until, runs, errors FROM reset_runs WHERE local_date = ?",
    drop_invocations: "DELETE FROM bedrock_requests WHERE id IN (
        SELECT id FROM bedrock_requests WHERE request_timestamp < ? ORDER BY request_timestamp LIMIT ?)",
    drop_dead_letters: "DELETE FROM dead_letters WHERE id IN (
        SELECT id FROM dead_letters WHERE last_seen < ? ORDER BY last_seen LIMIT ?)",
    drop_outbox: "DELETE FROM outbox WHERE seq IN (
        SELECT seq FROM outbox o WHERE o.state NOT IN ('waiting', 'untold') AND o.not_before < ?
           AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.message_seq = o.seq)
         ORDER BY o.not_before LIMIT ?)",
    drop_deliveries: "DELETE FROM deliveries WHERE seq IN (
        SELECT seq FROM deliveries WHERE state <> 'waiting' AND not_before < ? ORDER BY not_before LIMIT ?)",
    messages_due: "SELECT o.subject FROM outbox o
        WHERE o.state = 'untold' AND o.not_before <= ?
          AND (o.lease_until IS NULL OR o.lease_until <= ?)
          AND NOT EXISTS (SELECT 1 FROM outbox e
                           WHERE e.subject = o.subject AND e.state = 'untold' AND e.seq < o.seq)
        ORDER BY o.not_before, o.seq LIMIT ?",
    deliveries_due: concat!(
        "SELECT ",
        delivery_columns!(),
        " FROM deliveries d
        WHERE d.state = 'waiting' AND d.not_before <= ?
          AND (d.lease_until IS NULL OR d.lease_until <= ?)
          AND NOT EXISTS (SELECT 1 FROM deliveries e
                           WHERE e.subject = d.subject AND e.channel = d.channel
                             AND e.state = 'waiting' AND e.recipient = d.recipient
                             AND e.seq < d.seq AND (e.created_at > ? OR e.not_before <= ?))
        ORDER BY d.not_before, d.seq LIMIT ?"
    ),
    message_if_missing: "INSERT INTO outbox (id, subject, not_before, kind, about, after_user, payload,
          state, lease_owner, lease_until, attempts, in_place_of, last_error, created_at)
        VALUES (?, ?, ?, ?, ?, NULL, ?, ?, NULL, NULL, 0, ?, NULL, ?) ON CONFLICT (id) DO NOTHING",
    incident_if_missing: "INSERT INTO incidents (kind, subject, opened_at, reminded_at, closed_at)
        VALUES (?, ?, 0, 0, 0) ON CONFLICT (kind, subject) DO NOTHING",
    known: concat!(
        "SELECT ",
        request_columns!(),
        " FROM bedrock_requests
        WHERE request_id IN (SELECT value FROM json_each(?)) AND settle_id <> ?"
    ),
    requests: concat!(
        "SELECT ",
        request_columns!(),
        " FROM bedrock_requests WHERE request_id IN (SELECT value FROM json_each(?)) ORDER BY id"
    ),
    young_of_users: concat!(
        "SELECT user_id, tool, model_id, local_hour, ",
        summed_requests!(),
        " FROM bedrock_requests
        WHERE user_id IN (SELECT value FROM json_each(?)) AND request_timestamp > ? AND provisional = 1
        GROUP BY user_id, tool, model_id, local_hour"
    ),
    young_of_teams: concat!(
        "SELECT team, local_hour, ",
        summed_requests!(),
        " FROM bedrock_requests
        WHERE team IN (SELECT value FROM json_each(?)) AND request_timestamp > ? AND provisional = 1
        GROUP BY team, local_hour"
    ),
    days_of_users: concat!(
        "SELECT c.window_key, c.scope_id, ",
        sum_columns!(),
        " FROM json_each(?) d CROSS JOIN json_each(?) j
        CROSS JOIN usage_counters c ON c.scope_kind = 'user' AND c.scope_id = j.value
          AND c.window_kind = 'day' AND c.window_key = d.value AND c.part = ''
        ORDER BY c.window_key, c.scope_id"
    ),
    days_of_users_summed: concat!(
        "SELECT c.window_key, ",
        summed!(),
        " FROM json_each(?) d CROSS JOIN json_each(?) j
        CROSS JOIN usage_counters c ON c.scope_kind = 'user' AND c.scope_id = j.value
          AND c.window_kind = 'day' AND c.window_key = d.value AND c.part = ''
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
        SELECT 'team', team, COUNT(*) FROM users
         WHERE class = 'human' AND team IN (SELECT value FROM json_each(?)) GROUP BY team",
    audit_head_locked: "SELECT seq, hash FROM audit_head WHERE id = 1",
    audit_start_locked: "SELECT seq, hash FROM audit_start WHERE id = 1",
    rules_head_locked: "SELECT version, zone, home_account FROM rules_head WHERE id = 1",
    user_if_missing: "INSERT INTO users (user_id, team, person_tag, email, language, class, exempt,
          confirmed, daily_limit, monthly_limit, is_blocked, blocked_reason, blocked_until,
          admin_protection_by, last_seen, settle_id, created_at, updated_at)
        VALUES (?, ?, ?, ?, ?, ?, 0, 1, NULL, NULL, 0, NULL, NULL, NULL, 0, '', ?, ?)
        ON CONFLICT (user_id) DO UPDATE SET confirmed = 1 WHERE users.confirmed = 0",
    team_if_missing: "INSERT INTO teams (team, display_name, owner_email, created_at, updated_at)
        VALUES (?, NULL, NULL, ?, ?) ON CONFLICT (team) DO NOTHING",
    link: "INSERT INTO user_principals (account_id, kind, name, session, user_id, stable_id, linked,
          first_seen, last_seen, class, class_seen)
        VALUES (?, ?, ?, ?, ?, NULL, 1, 0, 0, NULL, 0)
        ON CONFLICT (account_id, kind, name, session)
        DO UPDATE SET user_id = excluded.user_id, linked = 1",
    introduce: "INSERT INTO user_principals (account_id, kind, name, session, user_id, stable_id, linked,
          first_seen, last_seen, class, class_seen)
        VALUES (?, ?, ?, ?, ?, NULL, 0, 0, 0, NULL, 0)
        ON CONFLICT (account_id, kind, name, session) DO NOTHING",
    jobs_due: concat!(
        "SELECT ",
        job_columns!(),
        " FROM outbox o
        WHERE o.state = 'waiting' AND o.not_before <= ?
          AND (o.lease_until IS NULL OR o.lease_until <= ?)
          AND NOT EXISTS (SELECT 1 FROM outbox e
                           WHERE e.subject = o.subject AND e.state = 'waiting' AND e.seq < o.seq
                             AND e.lease_until > ?)
        ORDER BY o.not_before, o.seq LIMIT ?"
    ),
    targets_due: concat!(
        "SELECT ",
        target_columns!(),
        " FROM access_targets t
        WHERE t.next_attempt_at <= ? AND (t.lease_until IS NULL OR t.lease_until <= ?)
        ORDER BY t.next_attempt_at, t.account_id, t.kind, t.id LIMIT ?"
    ),
    target_free: concat!(
        "SELECT ",
        target_columns!(),
        " FROM access_targets t
        WHERE t.account_id = ? AND t.kind = ? AND t.id = ?
          AND (t.lease_until IS NULL OR t.lease_until <= ?)"
    ),
    target_locked: concat!(
        "SELECT ",
        target_columns!(),
        ", t.lease_owner FROM access_targets t
        WHERE t.account_id = ? AND t.kind = ? AND t.id = ?"
    ),
    server: "SELECT 'sqlite ' || sqlite_version(), CAST(unixepoch('now', 'subsec') * 1000000 AS INTEGER)",
    quota_if_missing: "INSERT INTO quotas (scope_kind, scope_name, metric, window_kind, limit_value,
          action, warn, author, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (scope_kind, scope_name, metric, window_kind) DO NOTHING",
    migration_begins: "INSERT INTO schema_migrations (version, name, oldest, digest, started_at, finished_at)
        VALUES (?, ?, ?, ?, CAST(unixepoch('now', 'subsec') * 1000000 AS INTEGER), NULL)
        ON CONFLICT (version) DO NOTHING",
};

pub(crate) const INSERT_REQUESTS: Many = Many {
    head: concat!(
        "INSERT INTO bedrock_requests (",
        request_columns!(),
        ") VALUES"
    ),
    columns: REQUEST_COLUMNS,
    tail: "ON CONFLICT (request_id) DO NOTHING",
};

pub(crate) const REWRITE_REQUESTS: Many = Many {
    head: concat!(
        "INSERT INTO bedrock_requests (",
        request_columns!(),
        ") VALUES"
    ),
    columns: REQUEST_COLUMNS,
    tail: "ON CONFLICT (request_id) DO UPDATE SET
        account_id = excluded.account_id, user_id = excluded.user_id, team = excluded.team,
        tool = excluded.tool, request_timestamp = excluded.request_timestamp,
        local_hour = excluded.local_hour, model_id = excluded.model_id,
        profile_id = excluded.profile_id, model_sent = excluded.model_sent,
        model_name = excluded.model_name, request_type = excluded.request_type,
        input_tokens = excluded.input_tokens, cache_read_tokens = excluded.cache_read_tokens,
        cache_write_5m_tokens = excluded.cache_write_5m_tokens,
        cache_write_1h_tokens = excluded.cache_write_1h_tokens,
        output_tokens = excluded.output_tokens, cost_nanos = excluded.cost_nanos,
        price_reference = excluded.price_reference, usage_source = excluded.usage_source,
        provisional = excluded.provisional, region = excluded.region,
        inference_region = excluded.inference_region, source_ip = excluded.source_ip,
        user_agent = excluded.user_agent, principal = excluded.principal, bearer = excluded.bearer,
        access_key_id = excluded.access_key_id, status = excluded.status,
        error_code = excluded.error_code, error_message = excluded.error_message,
        unresolved = excluded.unresolved, evidence = excluded.evidence,
        updated_at = excluded.updated_at",
};

/// What an upsert of totals adds.
macro_rules! added {
    () => {
        "requests = requests + excluded.requests, failed = failed + excluded.failed,
         input_tokens = input_tokens + excluded.input_tokens,
         cache_read_tokens = cache_read_tokens + excluded.cache_read_tokens,
         cache_write_5m_tokens = cache_write_5m_tokens + excluded.cache_write_5m_tokens,
         cache_write_1h_tokens = cache_write_1h_tokens + excluded.cache_write_1h_tokens,
         output_tokens = output_tokens + excluded.output_tokens,
         cost_nanos = cost_nanos + excluded.cost_nanos, unpriced = unpriced + excluded.unpriced,
         unmetered = unmetered + excluded.unmetered,
         provisional_tokens = provisional_tokens + excluded.provisional_tokens,
         provisional_cost_nanos = provisional_cost_nanos + excluded.provisional_cost_nanos"
    };
}

pub(crate) const ADD_COUNTERS: Many = Many {
    head: concat!(
        "INSERT INTO usage_counters (scope_kind, scope_id, window_kind, window_key, part, ",
        sum_columns!(),
        ") VALUES"
    ),
    columns: 17,
    tail: concat!(
        "ON CONFLICT (scope_kind, window_kind, window_key, scope_id, part) DO UPDATE SET ",
        added!()
    ),
};

pub(crate) const ADD_HOURLY: Many = Many {
    head: concat!(
        "INSERT INTO usage_hourly (local_hour, account_id, region, user_id, team, tool, model_id, ",
        sum_columns!(),
        ") VALUES"
    ),
    columns: 19,
    tail: concat!(
        "ON CONFLICT (local_hour, user_id, tool, model_id, team, account_id, region) DO UPDATE SET ",
        added!()
    ),
};

pub(crate) const ADD_ENTRIES: Many = Many {
    head: "INSERT INTO blocking_operations (seq, version, operation, subject, reason, performed_by,
        claimed_by, created_at, origin, expires_at, state_before, state_after, evidence, prev_hash,
        hash, seals) VALUES",
    columns: 16,
    tail: "",
};

/// Statements that take many rows, by name.
pub(crate) const MANY: &[(&str, Many)] = &[
    ("INSERT_REQUESTS", INSERT_REQUESTS),
    ("REWRITE_REQUESTS", REWRITE_REQUESTS),
    ("ADD_COUNTERS", ADD_COUNTERS),
    ("ADD_HOURLY", ADD_HOURLY),
    ("ADD_ENTRIES", ADD_ENTRIES),
];

statements! {
    HAS_COLUMN = "SELECT name FROM pragma_table_info(?) WHERE name = ?";

    // --- counting ---
    TOUCH_REQUESTS = "UPDATE bedrock_requests
        SET updated_at = max(j.updated_at, bedrock_requests.updated_at + 1)
        FROM (SELECT value ->> 0 AS request_id, value ->> 1 AS settle_id, value ->> 2 AS updated_at
                FROM json_each(?)) j
        WHERE bedrock_requests.request_id = j.request_id
          AND bedrock_requests.settle_id <> j.settle_id";
    MOVED_VERSION = "SELECT version FROM rules_head WHERE id = 1 AND version <> ?";
    ADD_USERS = "INSERT INTO users (user_id, team, person_tag, email, language, class, exempt,
          confirmed, daily_limit, monthly_limit, is_blocked, blocked_reason, blocked_until,
          admin_protection_by, last_seen, settle_id, created_at, updated_at)
        SELECT value ->> 0, value ->> 1, NULL, NULL, NULL, 'workload', value ->> 2, value ->> 8,
               NULL, NULL, 0, NULL, NULL, NULL, 0, ?2, ?3, ?4
          FROM json_each(?1) WHERE true
        ON CONFLICT (user_id) DO UPDATE SET confirmed = 1,
          updated_at = max(excluded.updated_at, users.updated_at + 1)
        WHERE users.confirmed = 0 AND excluded.confirmed = 1";
    NEW_USERS = "SELECT u.user_id FROM json_each(?) j CROSS JOIN users u ON u.user_id = j.value ->> 0
        WHERE u.settle_id = ?";
    SEE_USERS = "UPDATE users
        SET team = coalesce(j.team, users.team), exempt = coalesce(j.exempt, users.exempt),
            person_tag = coalesce(j.person, users.person_tag), email = coalesce(j.email, users.email),
            last_seen = j.at, updated_at = max(?, users.updated_at + 1)
        FROM (SELECT value ->> 0 AS user_id, value ->> 3 AS team, value ->> 4 AS exempt,
                     value ->> 5 AS person, value ->> 6 AS email, value ->> 7 AS at
                FROM json_each(?)) j
        WHERE users.user_id = j.user_id AND j.at >= users.last_seen";
    CLASSIFY_USERS = concat!("UPDATE users SET class = ", class_of_user!(), ",
            updated_at = max(?, users.updated_at + 1)
        FROM json_each(?) j
        WHERE users.user_id = j.value ->> 0 AND users.class <> ", class_of_user!());
    CHANGED_IDS = "SELECT p.account_id, p.kind, p.name, p.session, p.stable_id, p.first_seen
        FROM json_each(?) j
        CROSS JOIN user_principals p ON p.account_id = j.value ->> 0 AND p.kind = j.value ->> 1
          AND p.name = j.value ->> 2 AND p.session = j.value ->> 3
        WHERE p.stable_id IS NOT NULL AND (j.value ->> 11 = 2
          OR (j.value ->> 11 = 1 AND p.stable_id <> j.value ->> 5))";
    PASS_NAMES = "UPDATE user_principals SET user_id = j.value ->> 4, stable_id = j.value ->> 5,
          class = NULL, class_seen = 0
        FROM json_each(?) j
        WHERE user_principals.account_id = j.value ->> 0 AND user_principals.kind = j.value ->> 1
          AND user_principals.name = j.value ->> 2 AND user_principals.session = j.value ->> 3
          AND j.value ->> 10 = 1 AND user_principals.stable_id IS NOT j.value ->> 5";
    SEE_PRINCIPALS = "INSERT INTO user_principals (account_id, kind, name, session, user_id, stable_id,
          linked, first_seen, last_seen, class, class_seen)
        SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, 0,
               value ->> 6, value ->> 7, value ->> 8, value ->> 9
          FROM json_each(?) WHERE true
        ON CONFLICT (account_id, kind, name, session) DO UPDATE SET
          user_id = CASE WHEN excluded.last_seen >= last_seen THEN excluded.user_id ELSE user_id END,
          stable_id = coalesce(stable_id, excluded.stable_id),
          first_seen = CASE WHEN first_seen = 0 THEN excluded.first_seen
                            ELSE min(first_seen, excluded.first_seen) END,
          last_seen = max(last_seen, excluded.last_seen),
          class = CASE WHEN excluded.class_seen > class_seen
                         OR (excluded.class_seen = class_seen AND excluded.class = 'human')
                       THEN excluded.class ELSE class END,
          class_seen = max(class_seen, excluded.class_seen)";
    ADD_TEAMS = "INSERT INTO teams (team, display_name, owner_email, created_at, updated_at)
        SELECT value ->> 0, NULL, NULL, ?, ? FROM json_each(?) WHERE true
        ON CONFLICT (team) DO NOTHING";

    DROP_EMPTY_HOURLY = "DELETE FROM usage_hourly WHERE requests = 0 AND failed = 0
        AND (local_hour, account_id, region, user_id, team, tool, model_id) IN (
          SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5,
                 value ->> 6 FROM json_each(?))";

    // --- the standing ---
    LOOK_USERS = "SELECT u.user_id, u.team, u.class, u.exempt, u.confirmed
        FROM json_each(?) j CROSS JOIN users u ON u.user_id = j.value";
    LOOK_PRINCIPALS = "SELECT p.user_id, p.account_id, p.kind, p.name, p.session, p.stable_id
        FROM json_each(?) j CROSS JOIN user_principals p ON p.user_id = j.value";
    LOOK_COUNTERS = concat!("SELECT scope_kind, scope_id, window_kind, window_key, part, ", sum_columns!(),
        " FROM json_each(?) s CROSS JOIN json_each(?) w
        CROSS JOIN usage_counters c ON c.scope_kind = s.value ->> 0 AND c.scope_id = s.value ->> 1
          AND c.window_kind = w.value ->> 0 AND c.window_key = w.value ->> 1");
    LOOK_BLOCKS = concat!("SELECT ", block_columns!(), " FROM blocks b
        WHERE (b.lifted_at IS NULL OR b.lifted_at > ?1) AND b.user_id IN (SELECT value FROM json_each(?2))
        UNION ALL
        SELECT ", block_columns!(), " FROM blocks b
        WHERE (b.lifted_at IS NULL OR b.lifted_at > ?1) AND b.team IN (
          SELECT u.team FROM users u WHERE u.user_id IN (SELECT value FROM json_each(?2))
          UNION SELECT value FROM json_each(?3))");
    LOOK_PROTECTIONS = "SELECT p.id, p.user_id, p.author, p.reason, p.since, p.until, p.up_to_percent
        FROM json_each(?) j CROSS JOIN protections p ON p.user_id = j.value AND p.ended_at IS NULL";
    LOOK_WARNINGS = "SELECT s.subject, s.scope_kind, s.scope_name, s.metric, s.window_kind, s.window_key,
          s.threshold, s.limit_value
        FROM json_each(?) j CROSS JOIN json_each(?) w
        CROSS JOIN warnings_sent s ON s.subject = j.value AND s.window_kind = w.value ->> 0
          AND s.window_key = w.value ->> 1";
    LOOK_ACCESS = concat!("SELECT ", target_columns!(), ", ", member_columns!(), "
        FROM json_each(?) j CROSS JOIN access_members m ON m.user_id = j.value
        CROSS JOIN access_targets t ON t.account_id = m.account_id AND t.kind = m.kind AND t.id = m.id");
    LOOK_KEYS = "SELECT k.user_id, k.tool, k.key_id
        FROM json_each(?) j CROSS JOIN api_keys k ON k.user_id = j.value
          AND k.status <> 'revoked'";

    // --- the plan; ?1 is the document, ?2 the instant ---
    PROJECT = "UPDATE users SET is_blocked = j.value ->> 1, blocked_reason = j.value ->> 2,
          blocked_until = j.value ->> 3, admin_protection_by = j.value ->> 4,
          updated_at = max(?2, users.updated_at + 1)
        FROM json_each(?1) j WHERE users.user_id = j.value ->> 0";
    OPEN_BLOCKS = "INSERT INTO blocks (id, scope_kind, user_id, team, part, kind, window_kind, window_key,
          reason, evidence, author, since, until, held, lifted_at, lifted_by, lifted_why, lifted_note)
        SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5,
               value ->> 6, value ->> 7, value ->> 8, value ->> 9, value ->> 10, value ->> 11,
               value ->> 12, value ->> 13, NULL, NULL, NULL, NULL
          FROM json_each(?1) WHERE true
        ON CONFLICT (id) DO UPDATE SET reason = excluded.reason, evidence = excluded.evidence,
          author = excluded.author, since = excluded.since, until = excluded.until,
          held = excluded.held, lifted_at = NULL, lifted_by = NULL, lifted_why = NULL,
          lifted_note = NULL, requested_at = NULL, verified_at = NULL, first_denied_at = NULL";
    REVISE_BLOCKS = "UPDATE blocks SET reason = j.value ->> 1, author = j.value ->> 2,
          evidence = j.value ->> 3, until = j.value ->> 4, held = j.value ->> 5
        FROM json_each(?1) j WHERE blocks.id = j.value ->> 0";
    LIFT_BLOCKS = "UPDATE blocks SET lifted_at = ?2, lifted_by = j.value ->> 1,
          lifted_why = j.value ->> 2, lifted_note = j.value ->> 3
        FROM json_each(?1) j WHERE blocks.id = j.value ->> 0 AND blocks.lifted_at IS NULL";
    PROTECT = "INSERT INTO protections (id, user_id, author, reason, since, until, up_to_percent,
          ended_at, ended_by)
        SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5,
               value ->> 6, NULL, NULL FROM json_each(?1) WHERE true
        ON CONFLICT (id) DO UPDATE SET author = excluded.author, reason = excluded.reason,
          since = excluded.since, until = excluded.until, up_to_percent = excluded.up_to_percent,
          ended_at = NULL, ended_by = NULL";
    UNPROTECT = "UPDATE protections SET ended_at = ?2, ended_by = j.value ->> 1
        FROM json_each(?1) j WHERE protections.id = j.value ->> 0 AND protections.ended_at IS NULL";
    FORGET_WARNINGS = "DELETE FROM warnings_sent WHERE EXISTS (SELECT 1 FROM json_each(?1) j
        WHERE warnings_sent.subject = j.value ->> 0 AND warnings_sent.scope_kind = j.value ->> 1
          AND warnings_sent.scope_name = j.value ->> 2 AND warnings_sent.metric = j.value ->> 3
          AND warnings_sent.window_kind = j.value ->> 4 AND warnings_sent.window_key = j.value ->> 5
          AND warnings_sent.threshold = j.value ->> 6 AND warnings_sent.limit_value = j.value ->> 7)";
    REMEMBER_WARNINGS = "INSERT INTO warnings_sent (subject, scope_kind, scope_name, metric, window_kind,
          window_key, threshold, limit_value, used, told, created_at)
        SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5,
               value ->> 6, value ->> 7, value ->> 8, value ->> 9, ?2
          FROM json_each(?1) WHERE true
        ON CONFLICT (subject, window_kind, window_key, scope_kind, scope_name, metric, threshold)
        DO UPDATE SET limit_value = excluded.limit_value, used = excluded.used, told = excluded.told,
          created_at = excluded.created_at";
    WRITE_MEMBERS = "INSERT INTO access_members (account_id, kind, id, user_id, reach_kind, reach, denial,
          denies)
        SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5,
               value ->> 6, value ->> 7 FROM json_each(?1) WHERE true
        ON CONFLICT (account_id, kind, id, user_id, reach) DO UPDATE SET reach_kind = excluded.reach_kind,
          denial = excluded.denial, denies = excluded.denies";
    ADD_TARGETS = "INSERT INTO access_targets (account_id, kind, id, generation, denies, state,
          verified_generation, requested_at, verified_at, first_denied_at, attempts,
          next_attempt_at, last_error, lease_owner, lease_until)
        SELECT value ->> 0, value ->> 1, value ->> 2, 0, 0, 'none', NULL, NULL, NULL, NULL, 0, NULL,
               NULL, NULL, NULL FROM json_each(?1) WHERE true
        ON CONFLICT (account_id, kind, id) DO NOTHING";
    RAISE_TARGETS = "UPDATE access_targets SET generation = generation + 1, state = j.value ->> 3,
          denies = EXISTS (SELECT 1 FROM access_members m
             WHERE m.account_id = access_targets.account_id AND m.kind = access_targets.kind
               AND m.id = access_targets.id AND m.denies = 1),
          requested_at = ?2, verified_at = NULL, first_denied_at = NULL, attempts = 0,
          next_attempt_at = j.value ->> 4, last_error = j.value ->> 5
        FROM json_each(?1) j
        WHERE access_targets.account_id = j.value ->> 0 AND access_targets.kind = j.value ->> 1
          AND access_targets.id = j.value ->> 2 AND j.value ->> 3 NOT IN ('dry_run', 'off')";
    RECORD_TARGETS = "UPDATE access_targets SET generation = max(generation, 1),
          state = CASE WHEN EXISTS (SELECT 1 FROM access_members m
             WHERE m.account_id = access_targets.account_id AND m.kind = access_targets.kind
               AND m.id = access_targets.id AND m.denial <> '{}') THEN j.value ->> 3 ELSE 'none' END,
          denies = 0, requested_at = coalesce(requested_at, ?2), last_error = j.value ->> 5
        FROM json_each(?1) j
        WHERE access_targets.account_id = j.value ->> 0 AND access_targets.kind = j.value ->> 1
          AND access_targets.id = j.value ->> 2 AND j.value ->> 3 IN ('dry_run', 'off')
          AND access_targets.state IN ('none', 'dry_run', 'off', 'cannot')
          AND NOT EXISTS (SELECT 1 FROM access_members m
             WHERE m.account_id = access_targets.account_id AND m.kind = access_targets.kind
               AND m.id = access_targets.id AND m.denies = 1)";
    FOLLOW_BLOCKS = "UPDATE blocks SET
          requested_at = iif(j.value ->> 1, NULL, coalesce(requested_at, j.value ->> 2)),
          verified_at = iif(j.value ->> 1, NULL, coalesce(verified_at, j.value ->> 3)),
          first_denied_at = iif(j.value ->> 1, NULL,
            coalesce(min(first_denied_at, j.value ->> 4), first_denied_at, j.value ->> 4))
        FROM json_each(?1) j WHERE blocks.id = j.value ->> 0";
    DENIED = "UPDATE access_targets
        SET first_denied_at = min(coalesce(first_denied_at, j.value ->> 3), j.value ->> 3)
        FROM json_each(?1) j
        WHERE access_targets.account_id = j.value ->> 0 AND access_targets.kind = j.value ->> 1
          AND access_targets.id = j.value ->> 2";
    LEAKED = "UPDATE access_targets SET next_attempt_at = ?2, attempts = 0
        FROM json_each(?1) j
        WHERE access_targets.account_id = j.value ->> 0 AND access_targets.kind = j.value ->> 1
          AND access_targets.id = j.value ->> 2";
    ADD_DEAD_LETTERS = "INSERT INTO dead_letters (digest, source, reason, shape, first_seen, last_seen, seen)
        SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, ?2, ?2, value ->> 4
          FROM json_each(?1) WHERE true
        ON CONFLICT (digest) DO UPDATE SET seen = seen + excluded.seen,
          last_seen = max(last_seen, excluded.last_seen)";
    ADD_OUTBOX = "INSERT INTO outbox (id, subject, not_before, kind, about, after_user, payload, state,
          lease_owner, lease_until, attempts, last_error, created_at)
        SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
               iif(value ->> 6 IS NULL, 'waiting', 'untold'), NULL, NULL, 0, NULL, ?2
          FROM json_each(?1) WHERE true
        ON CONFLICT (id) DO NOTHING";
    FINISH_OUTBOX = "UPDATE outbox SET state = 'done', lease_owner = NULL, lease_until = NULL,
          last_error = NULL
        WHERE id IN (SELECT value ->> 0 FROM json_each(?1))";

    // --- audit ---
    MOVE_HEAD = "UPDATE audit_head SET seq = ?, hash = ? WHERE id = 1";
}
