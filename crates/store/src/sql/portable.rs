//! Statements that both dialects understand.

macro_rules! usage_by {
    ($from:ident, $key:literal, $order:literal) => {
        concat!(
            "SELECT ",
            $key,
            ", ",
            summed!(),
            $from!(),
            " GROUP BY ",
            $key,
            " ORDER BY ",
            $order
        )
    };
}

statements! {
    // --- rules ---
    RULES_HEAD = "SELECT version, zone, home_account, mode, mode_keeps, mode_commanded FROM rules_head WHERE id = 1";
    RULES_VERSION = "SELECT version FROM rules_head WHERE id = 1";
    RAISE_VERSION = "UPDATE rules_head SET version = version + 1 WHERE id = 1";
    SET_ZONE = "UPDATE rules_head SET zone = ? WHERE id = 1";
    SET_MODE = "UPDATE rules_head SET mode = ?, mode_keeps = ?, mode_commanded = ? WHERE id = 1";
    PSEUDONYM_KEY = "SELECT pseudonym_key FROM rules_head WHERE id = 1";
    SET_PSEUDONYM_KEY = "UPDATE rules_head SET pseudonym_key = ? WHERE id = 1 AND pseudonym_key = ''";
    SET_HOME_ACCOUNT = "UPDATE rules_head SET home_account = ? WHERE id = 1";
    QUOTAS = "SELECT scope_kind, scope_name, metric, window_kind, limit_value, action, warn, author
        FROM quotas ORDER BY scope_kind, scope_name, window_kind, metric";
    ADDITIONS = "SELECT scope_kind, scope_name, metric, window_kind, amount, until, inherited
        FROM quota_additions ORDER BY scope_kind, scope_name, metric, window_kind, place";
    SET_QUOTA = "REPLACE INTO quotas (scope_kind, scope_name, metric, window_kind, limit_value,
        action, warn, author, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
    ADD_ADDITION = "INSERT INTO quota_additions (scope_kind, scope_name, metric, window_kind, place,
        amount, until, inherited) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
    DROP_ADDITIONS = "DELETE FROM quota_additions
        WHERE scope_kind = ? AND scope_name = ? AND metric = ? AND window_kind = ?";
    UNSET_QUOTA = "DELETE FROM quotas
        WHERE scope_kind = ? AND scope_name = ? AND metric = ? AND window_kind = ?";
    NEXT_JOB = "SELECT MIN(not_before) FROM outbox WHERE state = 'waiting'";
    QUOTAS_OF_SCOPE = "SELECT COUNT(*) FROM quotas WHERE scope_kind = ? AND scope_name = ?";
    MIRROR_DAILY = "UPDATE users SET daily_limit = ? WHERE user_id = ?";
    MIRROR_MONTHLY = "UPDATE users SET monthly_limit = ? WHERE user_id = ?";
    PRICES = "SELECT model, class, region, token_class, tier, band_from, effective_from,
        effective_until, price_nanos_per_mtok, source FROM model_pricing
        ORDER BY model, class, region, token_class, tier, band_from, effective_from, source";
    SET_PRICE = "REPLACE INTO model_pricing (model, class, region, token_class, tier, band_from,
        effective_from, effective_until, price_nanos_per_mtok, source) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    DROP_PRICES = "DELETE FROM model_pricing WHERE model = ? AND (? IS NULL OR class = ?)
        AND (? IS NULL OR region = ?) AND source = 'administrator' AND effective_from >= ?";
    END_PRICES = "UPDATE model_pricing SET effective_until = ? WHERE model = ? AND (? IS NULL OR class = ?)
        AND (? IS NULL OR region = ?) AND source = 'administrator' AND effective_from < ?
        AND (effective_until IS NULL OR effective_until > ?)";
    PEOPLE = "SELECT user_id, team, person, email, language, class FROM people ORDER BY user_id";
    SET_PERSON = "REPLACE INTO people (user_id, team, person, email, language, class)
        VALUES (?, ?, ?, ?, ?, ?)";
    SPOKEN_OF = "UPDATE users SET team = COALESCE(?, team), person_tag = COALESCE(?, person_tag),
        email = COALESCE(?, email), language = COALESCE(?, language), class = COALESCE(?, class)
        WHERE user_id = ?";
    CLASSIFY = concat!("UPDATE users SET class = ", class_of_user!(), " WHERE user_id = ?");
    OWNER = "SELECT user_id FROM user_principals
        WHERE account_id = ? AND kind = ? AND name = ? AND session = ?";
    LINKS = "SELECT account_id, kind, name, session, user_id FROM user_principals
        WHERE linked = 1 ORDER BY account_id, kind, name, session";
    HOLDERS = "SELECT account_id, kind, name, session, stable_id, user_id, since, confirmed
        FROM principal_holders ORDER BY account_id, kind, name, session, since, stable_id";
    NEWEST_HOLDER = "SELECT stable_id FROM principal_holders
        WHERE account_id = ? AND kind = ? AND name = ? AND session = ?
        ORDER BY since DESC, stable_id DESC LIMIT 1";
    SET_HOLDER = "REPLACE INTO principal_holders (account_id, kind, name, session, stable_id, user_id,
        since, confirmed) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
    CONFIRM_HOLDER = "UPDATE principal_holders SET user_id = ?, confirmed = 1
        WHERE account_id = ? AND kind = ? AND name = ? AND session = ? AND stable_id = ?";
    LINK_SPELLINGS = "UPDATE user_principals SET user_id = ?, linked = 1
        WHERE account_id = ? AND kind = ? AND name = ? AND LOWER(session) = ?";
    UNLINK = "UPDATE user_principals SET linked = 0
        WHERE account_id = ? AND kind = ? AND name = ? AND session = ?";
    SET_TEAM_OWNER = "UPDATE teams SET owner_email = ? WHERE team = ?";
    KEYS = "SELECT key_id, user_id, tool, kind, made_by_weir, iam_user, created_at, expires_at, status
        FROM api_keys ORDER BY key_id";
    SET_KEY = "REPLACE INTO api_keys (key_id, user_id, tool, kind, made_by_weir, iam_user, created_at,
        expires_at, status) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
    DIRECTORY = "SELECT directory_id, user_name, person, email, group_names
        FROM directory_people ORDER BY directory_id";
    SET_DIRECTORY_PERSON = "REPLACE INTO directory_people (directory_id, user_name, person, email,
        group_names) VALUES (?, ?, ?, ?, ?)";
    DROP_DIRECTORY_PERSON = "DELETE FROM directory_people WHERE directory_id = ?";
    DROP_PARTS = "DELETE FROM usage_counters WHERE scope_kind = ? AND part = ?";
    FILL_TOOL = concat!("INSERT INTO usage_counters (scope_kind, scope_id, window_kind, window_key, part, ",
        sum_columns!(), ") SELECT 'tool', user_id, ?, window_key, tool, ", summed!(),
        " FROM (SELECT h.*, SUBSTR(h.local_hour, 1, ?) AS window_key FROM usage_hourly h WHERE h.tool = ?) w
        GROUP BY user_id, window_key, tool");
    FILL_MODEL = concat!("INSERT INTO usage_counters (scope_kind, scope_id, window_kind, window_key, part, ",
        sum_columns!(), ") SELECT 'model', user_id, ?, window_key, model_id, ", summed!(),
        " FROM (SELECT h.*, SUBSTR(h.local_hour, 1, ?) AS window_key FROM usage_hourly h WHERE h.model_id = ?) w
        GROUP BY user_id, window_key, model_id");

    // --- what is due ---
    DUE_USERS = "SELECT DISTINCT user_id FROM (
          SELECT user_id FROM blocks WHERE lifted_at IS NULL AND until <= ? AND user_id IS NOT NULL
          UNION ALL
          SELECT user_id FROM protections WHERE ended_at IS NULL AND until <= ?) d
        ORDER BY user_id LIMIT ?";
    DUE_TEAMS = "SELECT DISTINCT team FROM blocks
        WHERE lifted_at IS NULL AND until <= ? AND team IS NOT NULL ORDER BY team LIMIT ?";
    BLOCKED_USERS = "SELECT DISTINCT user_id FROM blocks
        WHERE lifted_at IS NULL AND user_id IS NOT NULL ORDER BY user_id";
    BLOCKED_TEAMS = "SELECT DISTINCT team FROM blocks
        WHERE lifted_at IS NULL AND team IS NOT NULL ORDER BY team";
    LEASE_JOB = "UPDATE outbox SET lease_owner = ?, lease_until = ?, attempts = attempts + 1 WHERE id = ?";
    RETRY_JOB = "UPDATE outbox SET lease_owner = NULL, lease_until = NULL, not_before = ?, last_error = ?
        WHERE id = ? AND lease_owner = ? AND state = 'waiting'";
    CONTINUE_JOB = "UPDATE outbox SET lease_owner = NULL, lease_until = NULL, attempts = 0, after_user = ?
        WHERE id = ? AND lease_owner = ? AND state = 'waiting'";
    FINISH_JOB = "UPDATE outbox SET lease_owner = NULL, lease_until = NULL, state = 'done', last_error = NULL
        WHERE id = ? AND lease_owner = ? AND state = 'waiting'";
    LEASE_MESSAGES = "UPDATE outbox SET lease_owner = ?, lease_until = ?, attempts = attempts + 1
        WHERE subject = ? AND state = 'untold'";
    MESSAGES_HELD = "SELECT seq, id, payload FROM outbox
        WHERE subject = ? AND state = 'untold' AND lease_owner = ? ORDER BY seq";
    TOLD_ABOUT_ACCESS = "SELECT id, payload FROM outbox WHERE subject = ? AND state = 'told'
          AND kind IN ('blocked', 'blocked-by-administrator', 'limit-reached', 'unblocked',
                       'unblocked-by-administrator') ORDER BY COALESCE(in_place_of, seq) DESC LIMIT 50";
    END_MESSAGE = "UPDATE outbox SET state = ?, last_error = ?, lease_owner = NULL, lease_until = NULL
        WHERE seq = ? AND lease_owner = ? AND state = 'untold'";
    POSTPONE_MESSAGE = "UPDATE outbox SET not_before = ?, lease_owner = NULL, lease_until = NULL
        WHERE seq = ? AND lease_owner = ? AND state = 'untold'";
    MESSAGE_SEQ = "SELECT seq FROM outbox WHERE id = ?";
    MESSAGE_OF = "SELECT id, payload FROM outbox WHERE seq = ?";
    ADD_DELIVERY = "INSERT INTO deliveries (message_seq, subject, channel, recipient, audience, language,
          name, state, not_before, lease_owner, lease_until, attempts, last_error, created_at, ended_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, 0, ?, ?, ?)";
    LEASE_DELIVERY = "UPDATE deliveries SET lease_owner = ?, lease_until = ?, attempts = attempts + 1
        WHERE seq = ?";
    END_DELIVERY = "UPDATE deliveries SET state = ?, last_error = ?, ended_at = ?, lease_owner = NULL,
          lease_until = NULL
        WHERE seq = ? AND lease_owner = ? AND state = 'waiting'";
    RETRY_DELIVERY = "UPDATE deliveries SET not_before = ?, last_error = ?, lease_owner = NULL,
          lease_until = NULL
        WHERE seq = ? AND lease_owner = ? AND state = 'waiting'";
    AGAIN_DELIVERIES = "UPDATE deliveries SET state = 'waiting', attempts = 0, not_before = ?,
          created_at = ?, ended_at = NULL, lease_owner = NULL, lease_until = NULL
        WHERE (? IS NULL OR message_seq = ?) AND (state = 'failed'
           OR (? IS NOT NULL AND state = 'waiting' AND (lease_until IS NULL OR lease_until <= ?)))";
    MAILS_SINCE = "SELECT COUNT(DISTINCT message_seq) FROM deliveries WHERE subject = ? AND audience = 'user'
          AND recipient <> '' AND state IN ('waiting', 'sent', 'failed') AND created_at >= ?";
    OPEN_INCIDENT = "UPDATE incidents SET opened_at = ?, reminded_at = ?, closed_at = NULL
        WHERE kind = ? AND subject = ? AND closed_at IS NOT NULL";
    REMIND_INCIDENT = "UPDATE incidents SET reminded_at = ?
        WHERE kind = ? AND subject = ? AND closed_at IS NULL AND reminded_at = ?";
    CLOSE_INCIDENT = "UPDATE incidents SET closed_at = ?
        WHERE kind = ? AND subject = ? AND closed_at IS NULL";
    LEASE_TARGET = "UPDATE access_targets SET lease_owner = ?, lease_until = ?
        WHERE account_id = ? AND kind = ? AND id = ?";
    FINISH_TARGET = "UPDATE access_targets SET state = ?, verified_generation = ?, verified_at = ?,
        attempts = ?, next_attempt_at = ?, last_error = ?, lease_owner = NULL, lease_until = NULL
        WHERE account_id = ? AND kind = ? AND id = ?";
    // Blocks of those whom a target denies, whose every other Deny was read back too.
    BLOCKS_IN_PLACE = "SELECT b.id FROM access_members m
          JOIN blocks b ON b.user_id = m.user_id AND b.lifted_at IS NULL
         WHERE m.account_id = ? AND m.kind = ? AND m.id = ? AND m.denies = 1
           AND b.held = 0 AND b.verified_at IS NULL AND b.scope_kind IN ('user', 'model')
           AND NOT EXISTS (SELECT 1 FROM access_members o
             JOIN access_targets t ON t.account_id = o.account_id AND t.kind = o.kind AND t.id = o.id
            WHERE o.user_id = m.user_id AND o.denies = 1 AND o.kind <> 'tool-keys'
              AND NOT (t.state = 'verified' AND t.verified_generation = t.generation))
        UNION
        SELECT b.id FROM access_members m
          JOIN users u ON u.user_id = m.user_id
          JOIN blocks b ON b.team = u.team AND b.lifted_at IS NULL
         WHERE m.account_id = ? AND m.kind = ? AND m.id = ? AND m.denies = 1
           AND b.held = 0 AND b.verified_at IS NULL
           AND NOT EXISTS (SELECT 1 FROM users n
             JOIN access_members o ON o.user_id = n.user_id AND o.denies = 1 AND o.kind <> 'tool-keys'
             JOIN access_targets t ON t.account_id = o.account_id AND t.kind = o.kind AND t.id = o.id
            WHERE n.team = b.team AND n.class = 'human'
              AND NOT (t.state = 'verified' AND t.verified_generation = t.generation))";
    TOOL_BLOCKS_IN_PLACE = "SELECT b.id FROM access_members m
          JOIN blocks b ON b.user_id = m.user_id AND b.lifted_at IS NULL AND b.scope_kind = 'tool'
         WHERE m.account_id = ? AND m.kind = ? AND m.id = ? AND m.denies = 1
           AND m.id = CONCAT(m.user_id, ' ', b.part) AND b.held = 0 AND b.verified_at IS NULL";
    NOTE_BLOCK = "UPDATE blocks SET requested_at = COALESCE(requested_at, ?), verified_at = ?
        WHERE id = ? AND verified_at IS NULL AND lifted_at IS NULL";
    RELEASE_TARGET = "UPDATE access_targets SET lease_owner = NULL, lease_until = NULL, next_attempt_at = ?
        WHERE account_id = ? AND kind = ? AND id = ?";
    REQUEST_TARGET = "UPDATE access_targets SET next_attempt_at = ?, attempts = 0
        WHERE account_id = ? AND kind = ? AND id = ?";

    NOTE_KEY = "REPLACE INTO access_target_keys (account_id, kind, id, key_id, iam_user)
        VALUES (?, ?, ?, ?, ?)";
    FORGET_KEY = "DELETE FROM access_target_keys
        WHERE account_id = ? AND kind = ? AND id = ? AND key_id = ?";

    // --- reads ---
    TARGET = concat!("SELECT ", target_columns!(), " FROM access_targets t
        WHERE t.account_id = ? AND t.kind = ? AND t.id = ?");
    MEMBERS = concat!("SELECT ", member_columns!(), " FROM access_members m
        WHERE m.account_id = ? AND m.kind = ? AND m.id = ? ORDER BY m.user_id");
    TARGETS = concat!("SELECT ", target_columns!(), " FROM access_targets t
        ORDER BY t.account_id, t.kind, t.id");
    ALL_MEMBERS = concat!("SELECT ", member_columns!(), " FROM access_members m
        ORDER BY m.account_id, m.kind, m.id, m.user_id");
    TARGET_KEYS = "SELECT iam_user, key_id FROM access_target_keys
        WHERE account_id = ? AND kind = ? AND id = ? ORDER BY iam_user, key_id";
    ALL_TARGET_KEYS = "SELECT account_id, kind, id, iam_user, key_id FROM access_target_keys
        ORDER BY account_id, kind, id, iam_user, key_id";
    USER = "SELECT user_id, team, person_tag, email, language, class, is_blocked, blocked_reason,
        blocked_until, admin_protection_by, created_at FROM users WHERE user_id = ?";
    USERS = "SELECT user_id, team, person_tag, email, language, class, is_blocked, blocked_reason,
        blocked_until, admin_protection_by, created_at FROM users
        WHERE user_id > ? ORDER BY user_id LIMIT ?";
    USERS_OF_TEAM = "SELECT user_id, team, person_tag, email, language, class, is_blocked,
        blocked_reason, blocked_until, admin_protection_by, created_at FROM users
        WHERE team = ? AND user_id > ? ORDER BY user_id LIMIT ?";
    PRINCIPALS_OF = "SELECT user_id, account_id, kind, name, session, stable_id, first_seen, last_seen
        FROM user_principals WHERE user_id >= ? AND user_id <= ?
        ORDER BY user_id, account_id, kind, name, session";
    USAGE_BY_USER = usage_by!(hourly, "user_id", "9 DESC, user_id");
    USAGE_OF_USER_BY_USER = usage_by!(hourly_of_user, "user_id", "9 DESC, user_id");
    USAGE_BY_TEAM = usage_by!(hourly, "team", "9 DESC, team");
    USAGE_OF_USER_BY_TEAM = usage_by!(hourly_of_user, "team", "9 DESC, team");
    USAGE_BY_MODEL = usage_by!(hourly, "model_id", "9 DESC, model_id");
    USAGE_OF_USER_BY_MODEL = usage_by!(hourly_of_user, "model_id", "9 DESC, model_id");
    USAGE_BY_TOOL = usage_by!(hourly, "tool", "9 DESC, tool");
    USAGE_OF_USER_BY_TOOL = usage_by!(hourly_of_user, "tool", "9 DESC, tool");
    USAGE_OF_USER_BY_HOUR = usage_by!(hourly_of_user, "team, local_hour", "team, local_hour");
    REQUESTS_SINCE = "SELECT request_id, request_timestamp FROM bedrock_requests
        WHERE user_id = ? AND request_timestamp >= ?
          AND (request_timestamp > ? OR request_id > ?)
        ORDER BY request_timestamp, request_id LIMIT ?";
    REQUESTS_OF_MODEL = "SELECT request_id, request_timestamp FROM bedrock_requests
        WHERE request_timestamp >= ? AND request_timestamp < ? AND model_id = ?
          AND (? IS NULL OR region = ?) AND (request_timestamp > ? OR request_id > ?)
        ORDER BY request_timestamp, request_id LIMIT ?";
    USAGE_BY_DAY = usage_by!(hourly, "local_day", "local_day");
    USAGE_OF_USER_BY_DAY = usage_by!(hourly_of_user, "local_day", "local_day");
    PROTECTIONS = "SELECT id, user_id, author, reason, since, until, up_to_percent FROM protections
        WHERE ended_at IS NULL AND (? IS NULL OR user_id = ?) ORDER BY user_id, since, id";
    WARNINGS = "SELECT subject, scope_kind, scope_name, metric, window_kind, window_key, threshold,
        limit_value FROM warnings_sent
        ORDER BY window_key DESC, subject, scope_kind, scope_name, metric, threshold LIMIT ?";
    AUDIT = "SELECT seq, operation, subject, reason, performed_by, claimed_by, created_at, origin,
        expires_at, state_before, state_after, evidence, prev_hash, hash, seals FROM blocking_operations
        WHERE seq > ? AND (? IS NULL OR subject = ?) AND (? IS NULL OR operation = ?)
          AND (? IS NULL OR INSTR(LOWER(subject), ?) > 0 OR INSTR(LOWER(reason), ?) > 0
            OR INSTR(LOWER(performed_by), ?) > 0 OR INSTR(LOWER(claimed_by), ?) > 0)
        ORDER BY seq LIMIT ?";
    AUDIT_LAST = "SELECT seq, operation, subject, reason, performed_by, claimed_by, created_at, origin,
        expires_at, state_before, state_after, evidence, prev_hash, hash, seals FROM blocking_operations
        WHERE seq > ? AND seq < ? AND (? IS NULL OR subject = ?) AND (? IS NULL OR operation = ?)
          AND (? IS NULL OR INSTR(LOWER(subject), ?) > 0 OR INSTR(LOWER(reason), ?) > 0
            OR INSTR(LOWER(performed_by), ?) > 0 OR INSTR(LOWER(claimed_by), ?) > 0)
        ORDER BY seq DESC LIMIT ?";
    AUDIT_HEAD = "SELECT seq, hash FROM audit_head WHERE id = 1";
    AUDIT_START = "SELECT seq, hash FROM audit_start WHERE id = 1";
    AUDIT_OLDEST = "SELECT seq, operation, subject, reason, performed_by, claimed_by, created_at, origin,
        expires_at, state_before, state_after, evidence, prev_hash, hash, seals FROM blocking_operations
        WHERE seq > ? ORDER BY seq LIMIT ?";
    SET_AUDIT_START = "UPDATE audit_start SET seq = ?, hash = ? WHERE id = 1";
    DROP_ENTRIES = "DELETE FROM blocking_operations WHERE seq <= ?";
    DEAD_LETTERS = "SELECT id, source, reason, shape, first_seen, last_seen, seen FROM dead_letters
        WHERE (? IS NULL OR last_seen < ? OR (last_seen = ? AND id < ?))
        ORDER BY last_seen DESC, id DESC LIMIT ?";
    COVERAGE = concat!("SELECT region, ", summed!(), " FROM usage_hourly
        WHERE local_hour >= ? AND local_hour < ? GROUP BY region, local_day ORDER BY region, local_day");
    UNMETERED = "SELECT model_id, region, CAST(SUM(unmetered) AS SIGNED) FROM usage_hourly
        WHERE local_hour >= ? AND local_hour < ?
        GROUP BY model_id, region HAVING SUM(unmetered) > 0 ORDER BY 3 DESC, model_id, region";
    SESSION_ROLES = "SELECT account_id, name, CAST(SUM(first_seen >= ?) AS SIGNED) FROM user_principals
        WHERE kind = 'role-session' GROUP BY account_id, name ORDER BY account_id, name";
    // MySQL has one index for both, with `unresolved` first: it is named where it does not matter.
    UNPRICED = "SELECT unpriced_model, region, COUNT(*) FROM bedrock_requests
        WHERE unresolved IN (0, 1) AND unpriced_model IS NOT NULL
        GROUP BY unpriced_model, region ORDER BY unpriced_model, region";
    UNPRICED_REQUESTS = "SELECT request_id FROM bedrock_requests
        WHERE unresolved IN (0, 1) AND unpriced_model = ? ORDER BY unresolved, id LIMIT ?";
    UNRESOLVED_REQUESTS = "SELECT request_id FROM (
          SELECT * FROM (SELECT id, request_id FROM bedrock_requests
            WHERE unresolved = 1 AND unpriced_model IS NULL ORDER BY id DESC LIMIT ?) priced
          UNION ALL
          SELECT * FROM (SELECT id, request_id FROM bedrock_requests
            WHERE unresolved = 1 AND unpriced_model IS NOT NULL
            ORDER BY unpriced_model DESC, id DESC LIMIT ?) unpriced) open_ones
        ORDER BY id DESC LIMIT ?";
    OUTBOX_DUE = "SELECT COUNT(*) FROM outbox WHERE state = 'waiting' AND not_before <= ?";
    MAIL_WAITING = "SELECT COUNT(*), MIN(created_at) FROM (
          SELECT created_at FROM outbox WHERE state = 'untold'
          UNION ALL
          SELECT created_at FROM deliveries WHERE state = 'waiting') w";
    MAIL_FAILED = "SELECT COUNT(*) FROM deliveries WHERE state = 'failed'";
    MESSAGES = "SELECT o.seq, o.id, o.subject, o.kind, o.state, o.last_error, o.created_at, o.payload
        FROM outbox o WHERE o.state IN ('untold', 'told', 'unsent')
          AND (? IS NULL OR o.subject = ?) AND (? IS NULL OR o.id = ?)
          AND (? IS NULL OR o.state = ? OR EXISTS (SELECT 1 FROM deliveries d
                WHERE d.message_seq = o.seq AND d.state = ?))
          AND (? IS NULL OR o.seq < ?)
        ORDER BY o.seq DESC LIMIT ?";
    DELIVERIES_OF = "SELECT channel, recipient, audience, language, state, attempts, last_error,
        not_before, ended_at FROM deliveries WHERE message_seq = ? ORDER BY seq";
    INCIDENTS = "SELECT kind, subject, opened_at, reminded_at FROM incidents WHERE closed_at IS NULL
        ORDER BY opened_at, kind, subject";
    TEAM_OWNERS = "SELECT team, display_name, owner_email FROM teams
        WHERE owner_email IS NOT NULL AND (? IS NULL OR team = ?) ORDER BY team";
    INVOCATIONS = "SELECT CAST(COALESCE(SUM(requests + failed), 0) AS SIGNED) FROM usage_counters
        WHERE scope_kind = 'organisation' AND scope_id = '' AND window_kind = 'month'";

    // --- the daily reset ---
    RESET_BEGINS = "UPDATE reset_runs SET started_at = ?, lease_owner = ?, lease_until = ?
        WHERE local_date = ?";
    RESET_ENDS = "UPDATE reset_runs SET finished_at = ?, runs = runs + 1, counts = ?, errors = ?,
        summary = ?, lease_owner = NULL, lease_until = NULL
        WHERE local_date = ? AND lease_owner = ?";
    RESETS = "SELECT local_date, started_at, finished_at, runs, counts, errors, summary FROM reset_runs
        WHERE (? IS NULL OR local_date < ?) ORDER BY local_date DESC LIMIT ?";
    FAILED_RESETS = "SELECT local_date, started_at, finished_at, runs, counts, errors, summary FROM reset_runs
        WHERE finished_at IS NOT NULL AND errors <> '[]' ORDER BY local_date DESC LIMIT ?";
    LAST_RESET = "SELECT MAX(local_date) FROM reset_runs WHERE finished_at IS NOT NULL";

    // --- what watches ---
    TAKE_DUTY = "UPDATE duties SET lease_owner = ?, lease_until = ? WHERE name = ?
        AND (lease_until IS NULL OR lease_until <= ?) AND (done_at IS NULL OR done_at <= ?)";
    END_DUTY = "UPDATE duties SET done_at = ?, problems = ?, lease_owner = NULL, lease_until = NULL
        WHERE name = ? AND lease_owner = ?";
    DUTY = "SELECT done_at, problems FROM duties WHERE name = ?";
    CALLED = "SELECT account_id, region, request_type, status, error_code, COUNT(*)
        FROM bedrock_requests WHERE request_timestamp >= ? AND request_timestamp < ?
        GROUP BY account_id, region, request_type, status, error_code";
    PLACES = "SELECT DISTINCT account_id, region FROM usage_hourly WHERE local_hour >= ?
        ORDER BY account_id, region";
    SET_COVERAGE = "REPLACE INTO coverage (hour_start, account_id, region, counted, reported, read_at)
        VALUES (?, ?, ?, ?, ?, ?)";
    DROP_COVERAGE = "DELETE FROM coverage WHERE hour_start < ?";
    COVERAGE_HOURS = "SELECT hour_start, account_id, region, counted, reported, read_at FROM coverage
        WHERE hour_start >= ? AND hour_start < ? ORDER BY hour_start, account_id, region";
    ARRIVALS = "SELECT request_timestamp, created_at FROM bedrock_requests ORDER BY id DESC LIMIT ?";
    DEAD_LETTER_COUNT = "SELECT MAX(last_seen), CAST(COALESCE(SUM(seen), 0) AS SIGNED) FROM dead_letters";
    OUTBOX_WAITING = "SELECT COUNT(*), MIN(w.due),
        CAST(COALESCE(SUM(CASE WHEN w.attempts > 0 THEN 1 ELSE 0 END), 0) AS SIGNED)
        FROM (SELECT not_before AS due, attempts FROM outbox
               WHERE state = 'waiting' AND not_before <= ?
              UNION ALL
              SELECT created_at, attempts FROM deliveries WHERE state = 'waiting') w";
    LEAKS = "SELECT seq, operation, subject, reason, performed_by, claimed_by, created_at, origin,
        expires_at, state_before, state_after, evidence, prev_hash, hash, seals FROM blocking_operations
        WHERE operation = 'leak' AND created_at > ? ORDER BY seq DESC LIMIT ?";
    LEAKS_SINCE = "SELECT COUNT(*) FROM blocking_operations WHERE operation = 'leak' AND created_at >= ?";
    COUNTER = concat!("SELECT ", sum_columns!(), " FROM usage_counters
        WHERE scope_kind = ? AND scope_id = ? AND window_kind = ? AND window_key = ? AND part = ?");

    // --- how far sources are read ---
    CURSOR = "SELECT position, updated_at FROM intake_cursors WHERE source = ?";
    SET_CURSOR = "REPLACE INTO intake_cursors (source, position, updated_at) VALUES (?, ?, ?)";
    DROP_CURSOR = "DELETE FROM intake_cursors WHERE source = ?";

    // --- what the e-mail function sent ---
    HOLD_MAIL = "UPDATE mails_sent SET sent_at = ?, held_until = ? WHERE mail = ?";
    REMEMBER_MAIL = "REPLACE INTO mails_sent (mail, sent_at, held_until) VALUES (?, ?, NULL)";
    GIVE_MAIL_BACK = "DELETE FROM mails_sent WHERE mail = ? AND held_until IS NOT NULL";

    // --- retention ---
    DROP_MAILS = "DELETE FROM mails_sent WHERE sent_at < ?";
    DROP_WARNINGS = "DELETE FROM warnings_sent WHERE created_at < ?";
    RETENTION_MARK = "SELECT mark FROM retention_marks WHERE what = ?";
    SET_RETENTION_MARK = "REPLACE INTO retention_marks (what, mark) VALUES (?, ?)";
    REQUESTS_AFTER = "SELECT id, created_at FROM bedrock_requests WHERE id > ? ORDER BY id LIMIT ?";
    FORGET_CLIENT_FACTS = "UPDATE bedrock_requests
        SET source_ip = NULL, user_agent = NULL, error_message = NULL,
            evidence = JSON_SET(JSON_REPLACE(
              JSON_REMOVE(evidence, '$.a.p', '$.a.u', '$.l.p', '$.l.u', '$.c.p', '$.c.u'),
              '$.a.f[1]', NULL, '$.l.f[1]', NULL, '$.c.f[1]', NULL),
              '$.z', CASE WHEN JSON_EXTRACT(evidence, '$.z') = 2 THEN 2 ELSE 1 END),
            updated_at = updated_at + 1
        WHERE id > ? AND id <= ?";

    // --- what totals should be ---
    TRUE_HOURLY = concat!("SELECT local_hour, account_id, region, user_id, team, tool, model_id, ",
        summed_requests!(), " FROM bedrock_requests
        GROUP BY local_hour, account_id, region, user_id, team, tool, model_id");
    STORED_HOURLY = concat!("SELECT local_hour, account_id, region, user_id, team, tool, model_id, ",
        sum_columns!(), " FROM usage_hourly");
    STORED_COUNTERS = concat!("SELECT scope_kind, scope_id, window_kind, window_key, part, ",
        sum_columns!(), " FROM usage_counters");

    // --- migrations ---
    MIGRATIONS = "SELECT version, name, oldest, digest, finished_at FROM schema_migrations ORDER BY version";
    MIGRATION_ENDS = "UPDATE schema_migrations SET finished_at = ? WHERE version = ?";
    STEPS = "SELECT step, finished FROM schema_steps WHERE version = ?";
    STEP_BEGINS = "REPLACE INTO schema_steps (version, step, finished) VALUES (?, ?, 0)";
    STEP_ENDS = "UPDATE schema_steps SET finished = 1 WHERE version = ? AND step = ?";
}
