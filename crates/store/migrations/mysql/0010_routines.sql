-- oldest: 0.1.0
-- Procedures of the hot path: one round trip each, whatever the size of the batch. They store and
-- sum; they decide nothing. Every argument that names a document is a JSON array of arrays.

-- step
-- What is known of users, teams and the organisation in some windows. The first column names the kind.
CREATE PROCEDURE weir_standing(
  IN p_users LONGTEXT, IN p_teams LONGTEXT, IN p_scopes LONGTEXT, IN p_subjects LONGTEXT,
  IN p_windows LONGTEXT, IN p_ended_since BIGINT)
  READS SQL DATA SQL SECURITY INVOKER
BEGIN
  SELECT 'user', u.user_id, u.team, u.class, u.exempt, u.confirmed
    FROM JSON_TABLE(p_users, '$[*]' COLUMNS (user_id VARCHAR(191) PATH '$')) j
    STRAIGHT_JOIN users u ON u.user_id = j.user_id;
  SELECT 'principal', p.user_id, p.account_id, p.kind, p.name, p.session, p.stable_id
    FROM JSON_TABLE(p_users, '$[*]' COLUMNS (user_id VARCHAR(191) PATH '$')) j
    STRAIGHT_JOIN user_principals p ON p.user_id = j.user_id;
  SELECT 'counter', c.scope_kind, c.scope_id, c.window_kind, c.window_key, c.part,
         c.requests, c.failed, c.input_tokens, c.cache_read_tokens, c.cache_write_5m_tokens, c.cache_write_1h_tokens,
         c.output_tokens, c.cost_nanos, c.unpriced, c.unmetered, c.provisional_tokens, c.provisional_cost_nanos
    FROM JSON_TABLE(p_scopes, '$[*]' COLUMNS (
      scope_kind VARCHAR(16) PATH '$[0]',
      scope_id VARCHAR(191) PATH '$[1]')) s
    STRAIGHT_JOIN JSON_TABLE(p_windows, '$[*]' COLUMNS (
      window_kind VARCHAR(8) PATH '$[0]',
      window_key VARCHAR(13) PATH '$[1]')) w
    STRAIGHT_JOIN usage_counters c FORCE INDEX (PRIMARY) ON c.scope_kind = s.scope_kind AND c.scope_id = s.scope_id
      AND c.window_kind = w.window_kind AND c.window_key = w.window_key;
  SELECT 'block', b.id, b.scope_kind, b.user_id, b.team, b.part, b.kind, b.window_kind, b.window_key, b.reason, b.evidence, b.author, b.since, b.until, b.held, b.requested_at, b.verified_at, b.first_denied_at, b.lifted_at, b.lifted_by, b.lifted_why
    FROM JSON_TABLE(p_users, '$[*]' COLUMNS (user_id VARCHAR(191) PATH '$')) j
    STRAIGHT_JOIN blocks b ON b.user_id = j.user_id
      AND (b.lifted_at IS NULL OR b.lifted_at > p_ended_since);
  SELECT 'block', b.id, b.scope_kind, b.user_id, b.team, b.part, b.kind, b.window_kind, b.window_key, b.reason, b.evidence, b.author, b.since, b.until, b.held, b.requested_at, b.verified_at, b.first_denied_at, b.lifted_at, b.lifted_by, b.lifted_why
    FROM (SELECT u.team FROM JSON_TABLE(p_users, '$[*]' COLUMNS (user_id VARCHAR(191) PATH '$')) j
            STRAIGHT_JOIN users u ON u.user_id = j.user_id
          UNION
          SELECT t.team FROM JSON_TABLE(p_teams, '$[*]' COLUMNS (team VARCHAR(128) PATH '$')) t) j
    STRAIGHT_JOIN blocks b ON b.team = j.team
      AND (b.lifted_at IS NULL OR b.lifted_at > p_ended_since);
  SELECT 'protection', p.id, p.user_id, p.author, p.reason, p.since, p.until, p.up_to_percent
    FROM JSON_TABLE(p_users, '$[*]' COLUMNS (user_id VARCHAR(191) PATH '$')) j
    STRAIGHT_JOIN protections p ON p.user_id = j.user_id AND p.ended_at IS NULL;
  SELECT 'warning', s.subject, s.scope_kind, s.scope_name, s.metric, s.window_kind, s.window_key,
         s.threshold, s.limit_value
    FROM JSON_TABLE(p_subjects, '$[*]' COLUMNS (subject VARCHAR(200) PATH '$')) j
    STRAIGHT_JOIN JSON_TABLE(p_windows, '$[*]' COLUMNS (
      window_kind VARCHAR(8) PATH '$[0]',
      window_key VARCHAR(13) PATH '$[1]')) w
    STRAIGHT_JOIN warnings_sent s ON s.subject = j.subject AND s.window_kind = w.window_kind
      AND s.window_key = w.window_key;
  SELECT 'access', t.account_id, t.kind, t.id, t.generation, t.denies, t.state,
         t.verified_generation, t.requested_at, t.verified_at, t.first_denied_at, t.attempts,
         t.next_attempt_at, t.last_error,
         m.account_id, m.kind, m.id, m.user_id, m.reach_kind, m.reach, m.denial, m.denies
    FROM JSON_TABLE(p_users, '$[*]' COLUMNS (user_id VARCHAR(191) PATH '$')) j
    STRAIGHT_JOIN access_members m ON m.user_id = j.user_id
    STRAIGHT_JOIN access_targets t ON t.account_id = m.account_id AND t.kind = m.kind
      AND t.id = m.id;
  SELECT 'key', k.user_id, k.tool, k.key_id
    FROM JSON_TABLE(p_users, '$[*]' COLUMNS (user_id VARCHAR(191) PATH '$')) j
    STRAIGHT_JOIN api_keys k ON k.user_id = j.user_id AND k.status <> 'revoked';
END;

-- step
-- Counts: subjects are made or locked, the version of the rules is held, differences go into the
-- totals, and the standing of those in question follows. Stops after the version if it moved.
CREATE PROCEDURE weir_count(
  IN p_settle_id VARCHAR(64), IN p_now BIGINT, IN p_version BIGINT, IN p_seen LONGTEXT,
  IN p_principals LONGTEXT, IN p_seen_teams LONGTEXT, IN p_counters LONGTEXT,
  IN p_hourly LONGTEXT, IN p_emptied LONGTEXT, IN p_users LONGTEXT, IN p_teams LONGTEXT,
  IN p_scopes LONGTEXT, IN p_subjects LONGTEXT, IN p_windows LONGTEXT,
  IN p_ended_since BIGINT)
  MODIFIES SQL DATA SQL SECURITY INVOKER
counting: BEGIN
  DECLARE v_version BIGINT;
  DECLARE v_locked BIGINT;
  INSERT INTO users (user_id, team, person_tag, email, language, class, exempt, confirmed,
      daily_limit, monthly_limit, is_blocked, blocked_reason, blocked_until, admin_protection_by,
      last_seen, settle_id, created_at, updated_at)
    SELECT j.user_id, j.team, j.person, j.email, NULL, 'workload', j.exempt, j.confirmed, NULL, NULL,
           0, NULL, NULL, NULL, j.seen_at, p_settle_id, p_now, p_now
      FROM JSON_TABLE(p_seen, '$[*]' COLUMNS (
      user_id VARCHAR(191) PATH '$[0]',
      team VARCHAR(128) PATH '$[1]',
      exempt TINYINT PATH '$[2]',
      set_team VARCHAR(128) PATH '$[3]',
      set_exempt TINYINT PATH '$[4]',
      person VARCHAR(255) PATH '$[5]',
      email VARCHAR(255) PATH '$[6]',
      seen_at BIGINT PATH '$[7]',
      confirmed TINYINT PATH '$[8]')) j
    ON DUPLICATE KEY UPDATE
      team = IF(j.seen_at >= users.last_seen, COALESCE(j.set_team, users.team), users.team),
      exempt = IF(j.seen_at >= users.last_seen, COALESCE(j.set_exempt, users.exempt), users.exempt),
      person_tag = IF(j.seen_at >= users.last_seen, COALESCE(j.person, person_tag), person_tag),
      email = IF(j.seen_at >= users.last_seen, COALESCE(j.email, users.email), users.email),
      confirmed = GREATEST(users.confirmed, j.confirmed),
      updated_at = GREATEST(p_now, updated_at + 1),
      last_seen = GREATEST(last_seen, j.seen_at);
  -- MySQL refuses locking clauses over JSON_TABLE itself, not over a table derived from it.
  SELECT COUNT(*) INTO v_locked
    FROM (SELECT d.user_id FROM JSON_TABLE(p_users, '$[*]' COLUMNS (user_id VARCHAR(191) PATH '$')) d) j
    STRAIGHT_JOIN users u ON u.user_id = j.user_id FOR UPDATE;
  -- Whether another bears a name than the one on file; where there are several, who is on file.
  SELECT 'changed-id', p.account_id, p.kind, p.name, p.session, p.stable_id, p.first_seen
    FROM (SELECT d.* FROM JSON_TABLE(p_principals, '$[*]' COLUMNS (
      account_id VARCHAR(20) PATH '$[0]',
      kind VARCHAR(20) PATH '$[1]',
      name VARCHAR(128) PATH '$[2]',
      session VARCHAR(191) PATH '$[3]',
      stable_id VARCHAR(128) PATH '$[5]',
      held_against TINYINT PATH '$[11]')) d) j
    STRAIGHT_JOIN user_principals p ON p.account_id = j.account_id AND p.kind = j.kind
      AND p.name = j.name AND p.session = j.session
   WHERE p.stable_id IS NOT NULL AND (j.held_against = 2
     OR (j.held_against = 1 AND p.stable_id <> j.stable_id)) FOR UPDATE;
  -- A name passes to whoever the rules say.
  UPDATE JSON_TABLE(p_principals, '$[*]' COLUMNS (
      account_id VARCHAR(20) PATH '$[0]',
      kind VARCHAR(20) PATH '$[1]',
      name VARCHAR(128) PATH '$[2]',
      session VARCHAR(191) PATH '$[3]',
      user_id VARCHAR(191) PATH '$[4]',
      stable_id VARCHAR(128) PATH '$[5]',
      by_rules TINYINT PATH '$[10]')) j
    STRAIGHT_JOIN user_principals p ON p.account_id = j.account_id AND p.kind = j.kind
      AND p.name = j.name AND p.session = j.session
    SET p.user_id = j.user_id, p.stable_id = j.stable_id, p.class = NULL, p.class_seen = 0
    WHERE j.by_rules = 1 AND NOT (p.stable_id <=> j.stable_id);
  INSERT INTO user_principals (account_id, kind, name, session, user_id, stable_id, linked,
      first_seen, last_seen, class, class_seen)
    SELECT j.account_id, j.kind, j.name, j.session, j.user_id, j.stable_id, 0, j.first_at,
           j.last_at, j.class, j.class_at
      FROM JSON_TABLE(p_principals, '$[*]' COLUMNS (
      account_id VARCHAR(20) PATH '$[0]',
      kind VARCHAR(20) PATH '$[1]',
      name VARCHAR(128) PATH '$[2]',
      session VARCHAR(191) PATH '$[3]',
      user_id VARCHAR(191) PATH '$[4]',
      stable_id VARCHAR(128) PATH '$[5]',
      first_at BIGINT PATH '$[6]',
      last_at BIGINT PATH '$[7]',
      class VARCHAR(16) PATH '$[8]',
      class_at BIGINT PATH '$[9]')) j
    ON DUPLICATE KEY UPDATE
      user_id = IF(j.last_at >= last_seen, j.user_id, user_principals.user_id),
      stable_id = COALESCE(user_principals.stable_id, j.stable_id),
      first_seen = IF(first_seen = 0, j.first_at, LEAST(first_seen, j.first_at)),
      last_seen = GREATEST(last_seen, j.last_at),
      class = IF(j.class_at > class_seen OR (j.class_at = class_seen AND j.class = 'human'),
        j.class, user_principals.class),
      class_seen = GREATEST(class_seen, j.class_at);
  INSERT INTO teams (team, display_name, owner_email, created_at, updated_at)
    SELECT j.team, NULL, NULL, p_now, p_now
      FROM JSON_TABLE(p_seen_teams, '$[*]' COLUMNS (team VARCHAR(128) PATH '$[0]')) j
     WHERE NOT EXISTS (SELECT 1 FROM teams t WHERE t.team = j.team)
    ON DUPLICATE KEY UPDATE team = teams.team;
  SELECT version INTO v_version FROM rules_head WHERE id = 1 LOCK IN SHARE MODE;
  SELECT 'version', v_version;
  IF v_version <> p_version THEN
    LEAVE counting;
  END IF;
  -- As an administrator says, else the most human of the principals (rules A10); after the version,
  -- because what administrators say is part of the rules.
  UPDATE JSON_TABLE(p_seen, '$[*]' COLUMNS (user_id VARCHAR(191) PATH '$[0]')) j
    STRAIGHT_JOIN users ON users.user_id = j.user_id
    SET users.class = COALESCE((SELECT s.class FROM people s WHERE s.user_id = users.user_id),
      (SELECT CASE MIN(CASE p.class WHEN 'human' THEN 1 WHEN 'workload' THEN 2
                WHEN 'service' THEN 3 WHEN 'unknown' THEN 4 END)
              WHEN 1 THEN 'human' WHEN 3 THEN 'service' WHEN 4 THEN 'unknown' END
         FROM user_principals p WHERE p.user_id = users.user_id),
      (SELECT 'human' FROM people s WHERE s.user_id = users.user_id
          AND (s.person IS NOT NULL OR s.email IS NOT NULL)),
      (SELECT MIN(p.class) FROM user_principals p WHERE p.user_id = users.user_id),
      users.class),
        users.updated_at = GREATEST(p_now, users.updated_at + 1)
    WHERE users.class <> COALESCE((SELECT s.class FROM people s WHERE s.user_id = users.user_id),
      (SELECT CASE MIN(CASE p.class WHEN 'human' THEN 1 WHEN 'workload' THEN 2
                WHEN 'service' THEN 3 WHEN 'unknown' THEN 4 END)
              WHEN 1 THEN 'human' WHEN 3 THEN 'service' WHEN 4 THEN 'unknown' END
         FROM user_principals p WHERE p.user_id = users.user_id),
      (SELECT 'human' FROM people s WHERE s.user_id = users.user_id
          AND (s.person IS NOT NULL OR s.email IS NOT NULL)),
      (SELECT MIN(p.class) FROM user_principals p WHERE p.user_id = users.user_id),
      users.class);
  INSERT INTO usage_counters (scope_kind, scope_id, window_kind, window_key, part,
      requests, failed, input_tokens, cache_read_tokens,
      cache_write_5m_tokens, cache_write_1h_tokens, output_tokens, cost_nanos,
      unpriced, unmetered, provisional_tokens, provisional_cost_nanos)
    SELECT j.scope_kind, j.scope_id, j.window_kind, j.window_key, j.part,
           j.s0, j.s1, j.s2, j.s3, j.s4, j.s5, j.s6, j.s7, j.s8, j.s9, j.s10, j.s11
      FROM JSON_TABLE(p_counters, '$[*]' COLUMNS (
      scope_kind VARCHAR(16) PATH '$[0]',
      scope_id VARCHAR(191) PATH '$[1]',
      window_kind VARCHAR(8) PATH '$[2]',
      window_key VARCHAR(13) PATH '$[3]',
      part VARCHAR(191) PATH '$[4]',
      s0 BIGINT PATH '$[5]',
      s1 BIGINT PATH '$[6]',
      s2 BIGINT PATH '$[7]',
      s3 BIGINT PATH '$[8]',
      s4 BIGINT PATH '$[9]',
      s5 BIGINT PATH '$[10]',
      s6 BIGINT PATH '$[11]',
      s7 BIGINT PATH '$[12]',
      s8 BIGINT PATH '$[13]',
      s9 BIGINT PATH '$[14]',
      s10 BIGINT PATH '$[15]',
      s11 BIGINT PATH '$[16]')) j
    ON DUPLICATE KEY UPDATE
      requests = requests + j.s0,
      failed = failed + j.s1,
      input_tokens = input_tokens + j.s2,
      cache_read_tokens = cache_read_tokens + j.s3,
      cache_write_5m_tokens = cache_write_5m_tokens + j.s4,
      cache_write_1h_tokens = cache_write_1h_tokens + j.s5,
      output_tokens = output_tokens + j.s6,
      cost_nanos = cost_nanos + j.s7,
      unpriced = unpriced + j.s8,
      unmetered = unmetered + j.s9,
      provisional_tokens = provisional_tokens + j.s10,
      provisional_cost_nanos = provisional_cost_nanos + j.s11;
  INSERT INTO usage_hourly (local_hour, account_id, region, user_id, team, tool, model_id,
      requests, failed, input_tokens, cache_read_tokens,
      cache_write_5m_tokens, cache_write_1h_tokens, output_tokens, cost_nanos,
      unpriced, unmetered, provisional_tokens, provisional_cost_nanos)
    SELECT j.local_hour, j.account_id, j.region, j.user_id, j.team, j.tool, j.model_id,
           j.s0, j.s1, j.s2, j.s3, j.s4, j.s5, j.s6, j.s7, j.s8, j.s9, j.s10, j.s11
      FROM JSON_TABLE(p_hourly, '$[*]' COLUMNS (
      local_hour VARCHAR(13) PATH '$[0]',
      account_id VARCHAR(20) PATH '$[1]',
      region VARCHAR(32) PATH '$[2]',
      user_id VARCHAR(191) PATH '$[3]',
      team VARCHAR(128) PATH '$[4]',
      tool VARCHAR(100) PATH '$[5]',
      model_id VARCHAR(160) PATH '$[6]',
      s0 BIGINT PATH '$[7]',
      s1 BIGINT PATH '$[8]',
      s2 BIGINT PATH '$[9]',
      s3 BIGINT PATH '$[10]',
      s4 BIGINT PATH '$[11]',
      s5 BIGINT PATH '$[12]',
      s6 BIGINT PATH '$[13]',
      s7 BIGINT PATH '$[14]',
      s8 BIGINT PATH '$[15]',
      s9 BIGINT PATH '$[16]',
      s10 BIGINT PATH '$[17]',
      s11 BIGINT PATH '$[18]')) j
    ON DUPLICATE KEY UPDATE
      requests = requests + j.s0,
      failed = failed + j.s1,
      input_tokens = input_tokens + j.s2,
      cache_read_tokens = cache_read_tokens + j.s3,
      cache_write_5m_tokens = cache_write_5m_tokens + j.s4,
      cache_write_1h_tokens = cache_write_1h_tokens + j.s5,
      output_tokens = output_tokens + j.s6,
      cost_nanos = cost_nanos + j.s7,
      unpriced = unpriced + j.s8,
      unmetered = unmetered + j.s9,
      provisional_tokens = provisional_tokens + j.s10,
      provisional_cost_nanos = provisional_cost_nanos + j.s11;
  -- What lost its last call goes. Of new calls there is none, and nothing is looked for.
  IF p_emptied <> '[]' THEN
    DELETE h FROM JSON_TABLE(p_emptied, '$[*]' COLUMNS (
        local_hour VARCHAR(13) PATH '$[0]',
        account_id VARCHAR(20) PATH '$[1]',
        region VARCHAR(32) PATH '$[2]',
        user_id VARCHAR(191) PATH '$[3]',
        team VARCHAR(128) PATH '$[4]',
        tool VARCHAR(100) PATH '$[5]',
        model_id VARCHAR(160) PATH '$[6]')) j
    STRAIGHT_JOIN usage_hourly h ON h.local_hour = j.local_hour AND h.user_id = j.user_id
      AND h.tool = j.tool AND h.model_id = j.model_id AND h.team = j.team
      AND h.account_id = j.account_id AND h.region = j.region
    WHERE h.requests = 0 AND h.failed = 0;
  END IF;
  SELECT 'new-user', u.user_id
    FROM JSON_TABLE(p_seen, '$[*]' COLUMNS (user_id VARCHAR(191) PATH '$[0]')) j
    STRAIGHT_JOIN users u ON u.user_id = j.user_id
   WHERE u.settle_id = p_settle_id;
  CALL weir_standing(p_users, p_teams, p_scopes, p_subjects, p_windows, p_ended_since);
END;

-- step
-- Writes what was decided.
CREATE PROCEDURE weir_write_plan(
  IN p_now BIGINT, IN p_projections LONGTEXT, IN p_blocks LONGTEXT, IN p_revisions LONGTEXT, IN
  p_lifts LONGTEXT, IN p_protections LONGTEXT, IN p_unprotections LONGTEXT, IN p_forgotten
  LONGTEXT, IN p_warnings LONGTEXT, IN p_members LONGTEXT, IN p_targets LONGTEXT,
  IN p_followed LONGTEXT, IN p_denied
  LONGTEXT, IN p_leaked LONGTEXT, IN p_dead_letters LONGTEXT, IN p_outbox LONGTEXT, IN p_done
  LONGTEXT)
  MODIFIES SQL DATA SQL SECURITY INVOKER
BEGIN
  IF p_projections <> '[]' THEN
    UPDATE JSON_TABLE(p_projections, '$[*]' COLUMNS (
        user_id VARCHAR(191) PATH '$[0]',
        is_blocked TINYINT PATH '$[1]',
        reason TEXT PATH '$[2]',
        until BIGINT PATH '$[3]',
        protected_by VARCHAR(255) PATH '$[4]')) j
    STRAIGHT_JOIN users u ON u.user_id = j.user_id
    SET u.is_blocked = j.is_blocked, u.blocked_reason = j.reason, u.blocked_until = j.until,
        u.admin_protection_by = j.protected_by, u.updated_at = GREATEST(p_now, u.updated_at + 1);
  END IF;
  IF p_blocks <> '[]' THEN
    INSERT INTO blocks (id, scope_kind, user_id, team, part, kind, window_kind, window_key, reason,
        evidence, author, since, until, held, lifted_at, lifted_by, lifted_why, lifted_note)
      SELECT j.id, j.scope_kind, j.user_id, j.team, j.part, j.kind, j.window_kind, j.window_key, j.reason, j.evidence, j.author, j.since, j.until, j.held,
             NULL, NULL, NULL, NULL
        FROM JSON_TABLE(p_blocks, '$[*]' COLUMNS (
        id VARCHAR(255) PATH '$[0]',
        scope_kind VARCHAR(8) PATH '$[1]',
        user_id VARCHAR(191) PATH '$[2]',
        team VARCHAR(128) PATH '$[3]',
        part VARCHAR(160) PATH '$[4]',
        kind VARCHAR(16) PATH '$[5]',
        window_kind VARCHAR(8) PATH '$[6]',
        window_key VARCHAR(13) PATH '$[7]',
        reason TEXT PATH '$[8]',
        evidence TEXT PATH '$[9]',
        author VARCHAR(255) PATH '$[10]',
        since BIGINT PATH '$[11]',
        until BIGINT PATH '$[12]',
        held TINYINT PATH '$[13]')) j
      ON DUPLICATE KEY UPDATE reason = j.reason, evidence = j.evidence, author = j.author,
        since = j.since, until = j.until, held = j.held, lifted_at = NULL, lifted_by = NULL,
        lifted_why = NULL, lifted_note = NULL, requested_at = NULL, verified_at = NULL,
        first_denied_at = NULL;
  END IF;
  IF p_revisions <> '[]' THEN
    UPDATE JSON_TABLE(p_revisions, '$[*]' COLUMNS (
        id VARCHAR(255) PATH '$[0]',
        reason TEXT PATH '$[1]',
        author VARCHAR(255) PATH '$[2]',
        evidence TEXT PATH '$[3]',
        until BIGINT PATH '$[4]',
        held TINYINT PATH '$[5]')) j
    STRAIGHT_JOIN blocks b ON b.id = j.id
    SET b.reason = j.reason, b.author = j.author, b.evidence = j.evidence, b.until = j.until,
        b.held = j.held;
  END IF;
  IF p_lifts <> '[]' THEN
    UPDATE JSON_TABLE(p_lifts, '$[*]' COLUMNS (
        id VARCHAR(255) PATH '$[0]',
        lifted_by VARCHAR(255) PATH '$[1]',
        why VARCHAR(24) PATH '$[2]',
        note TEXT PATH '$[3]')) j
    STRAIGHT_JOIN blocks b ON b.id = j.id AND b.lifted_at IS NULL
    SET b.lifted_at = p_now, b.lifted_by = j.lifted_by, b.lifted_why = j.why, b.lifted_note = j.note;
  END IF;
  IF p_protections <> '[]' THEN
    INSERT INTO protections (id, user_id, author, reason, since, until, up_to_percent, ended_at,
        ended_by)
      SELECT j.id, j.user_id, j.author, j.reason, j.since, j.until, j.up_to_percent, NULL, NULL
        FROM JSON_TABLE(p_protections, '$[*]' COLUMNS (
        id VARCHAR(255) PATH '$[0]',
        user_id VARCHAR(191) PATH '$[1]',
        author VARCHAR(255) PATH '$[2]',
        reason TEXT PATH '$[3]',
        since BIGINT PATH '$[4]',
        until BIGINT PATH '$[5]',
        up_to_percent INT PATH '$[6]')) j
      ON DUPLICATE KEY UPDATE author = j.author, reason = j.reason, since = j.since, until = j.until,
        up_to_percent = j.up_to_percent, ended_at = NULL, ended_by = NULL;
  END IF;
  IF p_unprotections <> '[]' THEN
    UPDATE JSON_TABLE(p_unprotections, '$[*]' COLUMNS (
        id VARCHAR(255) PATH '$[0]',
        ended_by VARCHAR(255) PATH '$[1]')) j
    STRAIGHT_JOIN protections p ON p.id = j.id AND p.ended_at IS NULL
    SET p.ended_at = p_now, p.ended_by = j.ended_by;
  END IF;
  IF p_forgotten <> '[]' THEN
    DELETE s FROM JSON_TABLE(p_forgotten, '$[*]' COLUMNS (
        subject VARCHAR(200) PATH '$[0]',
        scope_kind VARCHAR(16) PATH '$[1]',
        scope_name VARCHAR(191) PATH '$[2]',
        metric VARCHAR(16) PATH '$[3]',
        window_kind VARCHAR(8) PATH '$[4]',
        window_key VARCHAR(13) PATH '$[5]',
        threshold INT PATH '$[6]',
        limit_value BIGINT PATH '$[7]')) j
    STRAIGHT_JOIN warnings_sent s ON s.subject = j.subject AND s.scope_kind = j.scope_kind AND s.scope_name = j.scope_name AND s.metric = j.metric AND s.window_kind = j.window_kind AND s.window_key = j.window_key AND s.threshold = j.threshold AND s.limit_value = j.limit_value;
  END IF;
  IF p_warnings <> '[]' THEN
    INSERT INTO warnings_sent (subject, scope_kind, scope_name, metric, window_kind, window_key,
        threshold, limit_value, used, told, created_at)
      SELECT j.subject, j.scope_kind, j.scope_name, j.metric, j.window_kind, j.window_key, j.threshold, j.limit_value, j.used, j.told, p_now
        FROM JSON_TABLE(p_warnings, '$[*]' COLUMNS (
        subject VARCHAR(200) PATH '$[0]',
        scope_kind VARCHAR(16) PATH '$[1]',
        scope_name VARCHAR(191) PATH '$[2]',
        metric VARCHAR(16) PATH '$[3]',
        window_kind VARCHAR(8) PATH '$[4]',
        window_key VARCHAR(13) PATH '$[5]',
        threshold INT PATH '$[6]',
        limit_value BIGINT PATH '$[7]',
        used BIGINT PATH '$[8]',
        told TINYINT PATH '$[9]')) j
      ON DUPLICATE KEY UPDATE limit_value = j.limit_value, used = j.used, told = j.told,
        created_at = p_now;
  END IF;
  IF p_members <> '[]' THEN
    INSERT INTO access_members (account_id, kind, id, user_id, reach_kind, reach, denial, denies)
      SELECT j.account_id, j.kind, j.id, j.user_id, j.reach_kind, j.reach, j.denial, j.denies
        FROM JSON_TABLE(p_members, '$[*]' COLUMNS (
        account_id VARCHAR(20) PATH '$[0]',
        kind VARCHAR(20) PATH '$[1]',
        id VARCHAR(300) PATH '$[2]',
        user_id VARCHAR(191) PATH '$[3]',
        reach_kind VARCHAR(16) PATH '$[4]',
        reach VARCHAR(236) PATH '$[5]',
        denial TEXT PATH '$[6]',
        denies TINYINT PATH '$[7]')) j
      ON DUPLICATE KEY UPDATE reach_kind = j.reach_kind, denial = j.denial,
        denies = j.denies;
  END IF;
  IF p_targets <> '[]' THEN
    INSERT INTO access_targets (account_id, kind, id, generation, denies, state,
        verified_generation, requested_at, verified_at, first_denied_at, attempts, next_attempt_at,
        last_error, lease_owner, lease_until)
      SELECT j.account_id, j.kind, j.id, 1,
             EXISTS (SELECT 1 FROM access_members m WHERE m.account_id = j.account_id
                AND m.kind = j.kind AND m.id = j.id AND m.denies = 1),
             IF(j.state IN ('dry_run', 'off')
                  AND NOT EXISTS (SELECT 1 FROM access_members m WHERE m.account_id = j.account_id
                    AND m.kind = j.kind AND m.id = j.id AND m.denial <> '{}'), 'none', j.state),
             NULL, p_now, NULL, NULL, 0, j.due_at, j.note, NULL, NULL
        FROM JSON_TABLE(p_targets, '$[*]' COLUMNS (
        account_id VARCHAR(20) PATH '$[0]',
        kind VARCHAR(20) PATH '$[1]',
        id VARCHAR(300) PATH '$[2]',
        state VARCHAR(16) PATH '$[3]',
        due_at BIGINT PATH '$[4]',
        note TEXT PATH '$[5]')) j
      ON DUPLICATE KEY UPDATE
        -- What is only recorded leaves alone what is done for others; assigned from left to right.
        generation = IF(j.state IN ('dry_run', 'off'), generation, generation + 1),
        denies = VALUES(denies),
        requested_at = IF(j.state IN ('dry_run', 'off'), requested_at, p_now),
        verified_at = IF(j.state IN ('dry_run', 'off'), verified_at, NULL),
        first_denied_at = IF(j.state IN ('dry_run', 'off'), first_denied_at, NULL),
        attempts = IF(j.state IN ('dry_run', 'off'), attempts, 0),
        next_attempt_at = IF(j.state IN ('dry_run', 'off'), next_attempt_at, j.due_at),
        last_error = IF(j.state IN ('dry_run', 'off')
                        AND (denies = 1 OR access_targets.state NOT IN ('none', 'dry_run', 'off', 'cannot')),
                        last_error, j.note),
        state = IF(j.state IN ('dry_run', 'off')
                   AND (denies = 1 OR access_targets.state NOT IN ('none', 'dry_run', 'off', 'cannot')),
                   access_targets.state, VALUES(state));
  END IF;
  IF p_followed <> '[]' THEN
    UPDATE JSON_TABLE(p_followed, '$[*]' COLUMNS (
        id VARCHAR(255) PATH '$[0]',
        withdrawn TINYINT PATH '$[1]',
        requested_at BIGINT PATH '$[2]',
        verified_at BIGINT PATH '$[3]',
        denied_at BIGINT PATH '$[4]')) j
    STRAIGHT_JOIN blocks b ON b.id = j.id
    SET b.requested_at = IF(j.withdrawn = 1, NULL, COALESCE(b.requested_at, j.requested_at)),
        b.verified_at = IF(j.withdrawn = 1, NULL, COALESCE(b.verified_at, j.verified_at)),
        b.first_denied_at = IF(j.withdrawn = 1, NULL,
          COALESCE(LEAST(b.first_denied_at, j.denied_at), b.first_denied_at, j.denied_at));
  END IF;
  IF p_denied <> '[]' THEN
    UPDATE JSON_TABLE(p_denied, '$[*]' COLUMNS (
        account_id VARCHAR(20) PATH '$[0]',
        kind VARCHAR(20) PATH '$[1]',
        id VARCHAR(300) PATH '$[2]',
        seen_at BIGINT PATH '$[3]')) j
    STRAIGHT_JOIN access_targets t ON t.account_id = j.account_id AND t.kind = j.kind AND t.id = j.id
    SET t.first_denied_at = LEAST(COALESCE(t.first_denied_at, j.seen_at), j.seen_at);
  END IF;
  IF p_leaked <> '[]' THEN
    UPDATE JSON_TABLE(p_leaked, '$[*]' COLUMNS (
        account_id VARCHAR(20) PATH '$[0]',
        kind VARCHAR(20) PATH '$[1]',
        id VARCHAR(300) PATH '$[2]')) j
    STRAIGHT_JOIN access_targets t ON t.account_id = j.account_id AND t.kind = j.kind AND t.id = j.id
    SET t.next_attempt_at = p_now, t.attempts = 0;
  END IF;
  IF p_dead_letters <> '[]' THEN
    INSERT INTO dead_letters (digest, source, reason, shape, first_seen, last_seen, seen)
      SELECT j.digest, j.source, j.reason, j.shape, p_now, p_now, j.seen
        FROM JSON_TABLE(p_dead_letters, '$[*]' COLUMNS (
        digest VARCHAR(64) PATH '$[0]',
        source TEXT PATH '$[1]',
        reason TEXT PATH '$[2]',
        shape TEXT PATH '$[3]',
        seen BIGINT PATH '$[4]')) j
      ON DUPLICATE KEY UPDATE seen = dead_letters.seen + j.seen, last_seen = GREATEST(last_seen, p_now);
  END IF;
  IF p_outbox <> '[]' THEN
    INSERT INTO outbox (id, subject, not_before, kind, about, after_user, payload, state,
        lease_owner, lease_until, attempts, last_error, created_at)
      SELECT j.id, j.subject, j.not_before, j.kind, j.about, j.after_user, j.payload,
             IF(j.payload IS NULL, 'waiting', 'untold'), NULL, NULL, 0, NULL, p_now
        FROM JSON_TABLE(p_outbox, '$[*]' COLUMNS (
        id VARCHAR(400) PATH '$[0]',
        subject VARCHAR(255) PATH '$[1]',
        not_before BIGINT PATH '$[2]',
        kind VARCHAR(32) PATH '$[3]',
        about VARCHAR(191) PATH '$[4]',
        after_user VARCHAR(191) PATH '$[5]',
        payload MEDIUMTEXT PATH '$[6]')) j
      ON DUPLICATE KEY UPDATE id = outbox.id;
  END IF;
  IF p_done <> '[]' THEN
    UPDATE JSON_TABLE(p_done, '$[*]' COLUMNS (
        id VARCHAR(400) PATH '$[0]')) j
    STRAIGHT_JOIN outbox o ON o.id = j.id
    SET o.state = 'done', o.lease_owner = NULL, o.lease_until = NULL, o.last_error = NULL;
  END IF;
END;

-- step
-- Appends entries to the audit log and moves its head, which the caller has locked.
CREATE PROCEDURE weir_append_audit(
  IN p_entries LONGTEXT, IN p_seq BIGINT, IN p_hash VARCHAR(64))
  MODIFIES SQL DATA SQL SECURITY INVOKER
BEGIN
  INSERT INTO blocking_operations (seq, version, operation, subject, reason, performed_by,
      claimed_by, created_at, origin, expires_at, state_before, state_after, evidence, prev_hash,
      hash, seals)
    SELECT j.seq, j.version, j.operation, j.subject, j.reason, j.performed_by,
           j.claimed_by, j.created_at, j.origin, j.expires_at, j.state_before, j.state_after,
           j.evidence, j.prev_hash, j.hash, j.seals
      FROM JSON_TABLE(p_entries, '$[*]' COLUMNS (
      seq BIGINT PATH '$[0]',
      version INT PATH '$[1]',
      operation VARCHAR(64) PATH '$[2]',
      subject VARCHAR(400) PATH '$[3]',
      reason MEDIUMTEXT PATH '$[4]',
      performed_by VARCHAR(400) PATH '$[5]',
      claimed_by VARCHAR(400) PATH '$[6]',
      created_at BIGINT PATH '$[7]',
      origin VARCHAR(64) PATH '$[8]',
      expires_at BIGINT PATH '$[9]',
      state_before MEDIUMTEXT PATH '$[10]',
      state_after MEDIUMTEXT PATH '$[11]',
      evidence MEDIUMTEXT PATH '$[12]',
      prev_hash VARCHAR(64) PATH '$[13]',
      hash VARCHAR(64) PATH '$[14]',
      seals VARCHAR(700) PATH '$[15]')) j;
  UPDATE audit_head SET seq = p_seq, hash = p_hash WHERE id = 1;
END;
