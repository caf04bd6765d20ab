//! Statements of reports: what pages show. Each reads totals or goes along an index; none looks at all
//! invocations. Both dialects understand them.

/// Sums of two counters of a user or team, the day's and the month's; NULL where nothing was counted.
macro_rules! day_and_month {
    () => {
        "d.requests, d.failed, d.input_tokens, d.cache_read_tokens, d.cache_write_5m_tokens, \
         d.cache_write_1h_tokens, d.output_tokens, d.cost_nanos, d.unpriced, d.unmetered, \
         d.provisional_tokens, d.provisional_cost_nanos, \
         m.requests, m.failed, m.input_tokens, m.cache_read_tokens, m.cache_write_5m_tokens, \
         m.cache_write_1h_tokens, m.output_tokens, m.cost_nanos, m.unpriced, m.unmetered, \
         m.provisional_tokens, m.provisional_cost_nanos"
    };
}

/// The counters of a day and a month of whoever the row is about.
macro_rules! joined {
    ($scope:literal, $id:literal) => {
        concat!(
            " LEFT JOIN usage_counters d ON d.scope_kind = '",
            $scope,
            "' AND d.scope_id = ",
            $id,
            " AND d.window_kind = 'day' AND d.window_key = ? AND d.part = ''
              LEFT JOIN usage_counters m ON m.scope_kind = '",
            $scope,
            "' AND m.scope_id = ",
            $id,
            " AND m.window_kind = 'month' AND m.window_key = ? AND m.part = ''"
        )
    };
}

/// What a line about a user shows.
macro_rules! user_columns {
    () => {
        "u.user_id, u.team, u.person_tag, u.email, u.language, u.class, u.is_blocked, \
         u.blocked_reason, u.blocked_until, u.admin_protection_by, u.created_at, u.last_seen"
    };
}

macro_rules! users {
    ($where:literal) => {
        concat!(
            "SELECT ",
            user_columns!(),
            " FROM users u",
            $where,
            " ORDER BY u.user_id"
        )
    };
}

/// Sums by two columns of the hourly table.
macro_rules! crossed {
    ($from:ident, $first:literal, $second:literal) => {
        concat!(
            "SELECT ",
            $first,
            ", ",
            $second,
            ", ",
            summed!(),
            $from!(),
            " GROUP BY ",
            $first,
            ", ",
            $second,
            " ORDER BY ",
            $first,
            ", ",
            $second
        )
    };
}

/// The totals of everybody of a kind over a stretch of windows, or of one of them. Windows come first in the
/// table's key, so those of everybody lie side by side; those of one lie so in its index.
macro_rules! of_windows {
    ($scope:literal, $window:literal) => {
        concat!(
            " FROM usage_counters WHERE scope_kind = ",
            $scope,
            " AND window_kind = ",
            $window,
            " AND window_key >= ? AND window_key <= ?"
        )
    };
}

/// Sums of what teams used of tools or models, day by day, by some of their keys.
macro_rules! of_parts {
    ($keys:literal, $order:literal) => {
        concat!(
            "SELECT ",
            $keys,
            ", ",
            summed!(),
            of_windows!("?", "'day'"),
            " AND (? IS NULL OR part = ?) AND (? IS NULL OR scope_id = ?) GROUP BY ",
            $keys,
            " ORDER BY ",
            $order
        )
    };
}

/// Users by what they used of one thing: calls that did not fail, those that did, and how much.
macro_rules! ranked {
    ($used:literal) => {
        concat!(
            "SELECT scope_id, CAST(SUM(requests) AS SIGNED), CAST(SUM(failed) AS SIGNED), \
             CAST(SUM(",
            $used,
            ") AS SIGNED)",
            of_windows!("'user'", "?"),
            " AND part = '' GROUP BY scope_id"
        )
    };
}

/// What a line about an invocation shows.
macro_rules! call_columns {
    () => {
        "id, request_id, request_timestamp, account_id, region, user_id, team, tool, model_id, \
         request_type, input_tokens, cache_read_tokens, cache_write_5m_tokens, \
         cache_write_1h_tokens, output_tokens, cost_nanos, provisional, status, error_code, \
         unresolved"
    };
}

/// That an invocation is of a team, model and tool and in a state, where these are asked about. It is looked at
/// row by row, along the order of time, until a page is full.
macro_rules! calls_that_are {
    () => {
        "(? IS NULL OR team = ?) AND (? IS NULL OR model_id = ?) AND (? IS NULL OR tool = ?)
                AND (? IS NULL OR CASE ?
                  WHEN 'ok' THEN status <> 'failed'
                  WHEN 'failed' THEN status = 'failed'
                  WHEN 'unpriced' THEN status <> 'failed' AND cost_nanos IS NULL AND input_tokens IS NOT NULL
                  WHEN 'unmetered' THEN status <> 'failed' AND input_tokens IS NULL
                  WHEN 'provisional' THEN provisional = 1
                  ELSE unresolved = 1 END)"
    };
}

/// Programs of the newest invocations of a stretch, everybody's or one user's.
macro_rules! agents {
    ($whose:literal) => {
        concat!(
            "SELECT tool, user_agent, COUNT(*), MAX(request_timestamp) FROM (
              SELECT tool, user_agent, request_timestamp FROM bedrock_requests
              WHERE ",
            $whose,
            "request_timestamp >= ? AND request_timestamp < ? AND (? IS NULL OR team = ?)
              ORDER BY request_timestamp DESC LIMIT ?) r
            GROUP BY tool, user_agent ORDER BY 3 DESC, tool, user_agent LIMIT ?"
        )
    };
}

/// Invocations of a stretch that begins or ends at a place, after that place, in an order or just the other
/// way round. (`id + 0`, because `MySQL` would merge two indexes and sort.)
macro_rules! calls {
    ($whose:literal, newest first) => {
        calls!($whose, "<", " DESC")
    };
    ($whose:literal, oldest first) => {
        calls!($whose, ">", "")
    };
    ($whose:literal, $after:literal, $way:literal) => {
        concat!(
            "SELECT ",
            call_columns!(),
            " FROM bedrock_requests
              WHERE ",
            $whose,
            "request_timestamp >= ? AND request_timestamp <= ?
                AND (request_timestamp ",
            $after,
            " ? OR id + 0 ",
            $after,
            " ?) AND ",
            calls_that_are!(),
            " ORDER BY request_timestamp",
            $way,
            ", id",
            $way,
            " LIMIT ?"
        )
    };
}

/// Blocks that a filter lets pass after a place, in an order or just the other way round: by their
/// beginning and, those of one instant, by their id.
macro_rules! blocks {
    ($which:literal, newest first) => {
        blocks!($which, "<", " DESC", ">", "")
    };
    ($which:literal, oldest first) => {
        blocks!($which, ">", "", "<", " DESC")
    };
    ($which:literal, $after:literal, $way:literal, $same:literal, $way_of_same:literal) => {
        concat!(
            "SELECT ",
            block_columns!(),
            ", ",
            sum_columns!(),
            " FROM blocks b LEFT JOIN usage_counters c ON c.scope_kind = b.scope_kind
                AND c.scope_id = COALESCE(b.user_id, b.team) AND c.window_kind = b.window_kind
                AND c.window_key = b.window_key AND c.part = COALESCE(b.part, '')
              WHERE ",
            $which,
            "(? IS NULL OR user_id = ?)
                AND (? IS NULL OR team = ? OR user_id IN (SELECT u.user_id FROM users u WHERE u.team = ?))
                AND (? = 0 OR held = 1) AND (? IS NULL OR since >= ?) AND (? IS NULL OR since < ?)
                AND (? IS NULL OR kind = ?) AND (? IS NULL OR INSTR(LOWER(COALESCE(user_id, team)), ?) > 0
                  OR INSTR(LOWER(reason), ?) > 0 OR INSTR(LOWER(author), ?) > 0 OR INSTR(LOWER(lifted_by), ?) > 0)
                AND (? IS NULL OR since ",
            $after,
            " ? OR (since = ? AND id ",
            $same,
            " ?))
              ORDER BY since",
            $way,
            ", id",
            $way_of_same,
            " LIMIT ?"
        )
    };
}

statements! {
    USERS_ALL = users!("");
    USERS_OF_A_TEAM = users!(" WHERE u.team = ?");
    USERS_SEEN = users!(" WHERE u.last_seen >= ?");
    MEMBER_LINES = concat!("SELECT ", user_columns!(), ", ", day_and_month!(), " FROM users u",
        joined!("user", "u.user_id"), " WHERE u.team = ? ORDER BY u.user_id");
    USERS_IN_WINDOW = concat!("SELECT scope_id, ", sum_columns!(), " FROM usage_counters
        WHERE scope_kind = 'user' AND window_kind = ? AND window_key = ? AND part = ''");
    // A team that an administrator has put somebody into has a row once a call is made for it.
    TEAM_LINES = concat!("SELECT n.team, t.display_name, t.owner_email,
          (SELECT COUNT(*) FROM users u WHERE u.team = n.team),
          (SELECT COUNT(*) FROM users u WHERE u.team = n.team AND u.is_blocked = 1), ",
        day_and_month!(), " FROM (SELECT team FROM teams UNION SELECT DISTINCT team FROM users) n
        LEFT JOIN teams t ON t.team = n.team", joined!("team", "n.team"),
        " WHERE (? IS NULL OR n.team = ?) ORDER BY n.team");
    SERIES = concat!("SELECT window_key, ", sum_columns!(), " FROM usage_counters
        WHERE scope_kind = ? AND scope_id = ? AND window_kind = ? AND window_key >= ?
          AND window_key <= ? AND part = ? ORDER BY window_key");
    MANUAL_BLOCKS = "SELECT user_id, team FROM blocks
        WHERE lifted_at IS NULL AND kind = 'manual' AND part IS NULL AND held = 0
          AND (until IS NULL OR until > ?)";
    ENDS_OF_PROTECTIONS = "SELECT user_id, until FROM protections WHERE ended_at IS NULL";
    CALLS_BETWEEN = concat!("SELECT COUNT(*), ", summed_requests!(), " FROM bedrock_requests
        WHERE request_timestamp >= ? AND request_timestamp < ? AND (? IS NULL OR team = ?)");
    CALLS = calls!("", newest first);
    CALLS_OF_USER = calls!("user_id = ? AND ", newest first);
    CALLS_OLDEST = calls!("", oldest first);
    CALLS_OF_USER_OLDEST = calls!("user_id = ? AND ", oldest first);
    AGENTS = agents!("");
    AGENTS_OF_USER = agents!("user_id = ? AND ");
    DAY_USER = crossed!(hourly, "local_day", "user_id");
    DAY_TEAM = crossed!(hourly, "local_day", "team");
    DAY_MODEL = crossed!(hourly, "local_day", "model_id");
    DAY_TOOL = crossed!(hourly, "local_day", "tool");
    TEAM_USER = crossed!(hourly, "team", "user_id");
    TEAM_MODEL = crossed!(hourly, "team", "model_id");
    TEAM_TOOL = crossed!(hourly, "team", "tool");
    USER_MODEL = crossed!(hourly, "user_id", "model_id");
    USER_TOOL = crossed!(hourly, "user_id", "tool");
    MODEL_TOOL = crossed!(hourly, "model_id", "tool");
    DAY_USER_OF_USER = crossed!(hourly_of_user, "local_day", "user_id");
    DAY_TEAM_OF_USER = crossed!(hourly_of_user, "local_day", "team");
    DAY_MODEL_OF_USER = crossed!(hourly_of_user, "local_day", "model_id");
    DAY_TOOL_OF_USER = crossed!(hourly_of_user, "local_day", "tool");
    TEAM_USER_OF_USER = crossed!(hourly_of_user, "team", "user_id");
    TEAM_MODEL_OF_USER = crossed!(hourly_of_user, "team", "model_id");
    TEAM_TOOL_OF_USER = crossed!(hourly_of_user, "team", "tool");
    USER_MODEL_OF_USER = crossed!(hourly_of_user, "user_id", "model_id");
    USER_TOOL_OF_USER = crossed!(hourly_of_user, "user_id", "tool");
    MODEL_TOOL_OF_USER = crossed!(hourly_of_user, "model_id", "tool");
    DAYS_OF_EACH = concat!("SELECT window_key, scope_id, ", sum_columns!(), of_windows!("?", "'day'"),
        " AND part = '' AND (? IS NULL OR scope_id = ?) ORDER BY window_key, scope_id");
    EACH_OVER = concat!("SELECT scope_id, ", summed!(), of_windows!("?", "?"),
        " AND part = '' AND (? IS NULL OR scope_id = ?) GROUP BY scope_id");
    PARTS = of_parts!("part", "9 DESC, part");
    PARTS_BY_DAY = of_parts!("window_key, part", "window_key, part");
    PARTS_BY_TEAM = of_parts!("scope_id, part", "scope_id, part");
    DAYS_AND_TEAMS_OF_PART = of_parts!("window_key, scope_id", "window_key, scope_id");
    RANKED_BY_REQUESTS = ranked!("requests");
    RANKED_BY_TOKENS =
        ranked!("input_tokens + cache_write_5m_tokens + cache_write_1h_tokens + output_tokens");
    RANKED_BY_TOKENS_ALL = ranked!("input_tokens + cache_read_tokens + cache_write_5m_tokens \
         + cache_write_1h_tokens + output_tokens");
    RANKED_BY_COST = ranked!("cost_nanos");
    BLOCKS_ACTIVE = blocks!("lifted_at IS NULL AND ", newest first);
    BLOCKS_EVER = blocks!("", newest first);
    BLOCKS_ACTIVE_OLDEST = blocks!("lifted_at IS NULL AND ", oldest first);
    BLOCKS_EVER_OLDEST = blocks!("", oldest first);
    PROTECTIONS_EVER = "SELECT id, user_id, author, reason, since, until, up_to_percent, ended_at, ended_by
        FROM protections WHERE user_id = ? ORDER BY since DESC, id LIMIT ?";
    TARGET_STATES = "SELECT t.account_id, t.kind, t.id, t.state FROM access_targets t
        WHERE t.state IN ('requested', 'applied', 'failed', 'cannot', 'gone')
          AND (? IS NULL OR EXISTS (SELECT 1 FROM access_members m JOIN users u ON u.user_id = m.user_id
                WHERE m.account_id = t.account_id AND m.kind = t.kind AND m.id = t.id AND u.team = ?))
        ORDER BY t.state, t.account_id, t.kind, t.id";
    ACCESS_OF = "SELECT m.user_id, t.state, CASE WHEN m.denial = '{}' THEN 1 ELSE 0 END, m.denies
        FROM access_members m
        JOIN access_targets t ON t.account_id = m.account_id AND t.kind = m.kind AND t.id = m.id
        WHERE m.denial <> '{}' OR t.state IN ('requested', 'applied', 'failed')";
    HELD_USERS = "SELECT user_id FROM blocks WHERE lifted_at IS NULL AND held = 1 AND user_id IS NOT NULL";
    NEWEST = "SELECT (SELECT MAX(id) FROM bedrock_requests), (SELECT seq FROM audit_head WHERE id = 1),
        (SELECT version FROM rules_head WHERE id = 1), (SELECT MAX(seq) FROM outbox),
        (SELECT MAX(last_seen) FROM dead_letters)";
}
