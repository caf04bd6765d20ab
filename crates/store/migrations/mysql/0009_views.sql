-- oldest: 0.1.0
-- For BI tools and people with a SQL prompt: plain sums, money in dollars, no decisions.

-- step
CREATE FUNCTION weir_usd(nanos BIGINT) RETURNS DECIMAL(20, 9) DETERMINISTIC NO SQL
  -- A quotient has four decimals more than what is divided: of an integer that would be four.
  RETURN CAST(nanos AS DECIMAL(38, 9)) / 1000000000;

-- step
CREATE VIEW v_user_realtime_usage AS
  SELECT u.user_id, u.team, u.person_tag, u.email, u.is_blocked, u.blocked_reason, u.blocked_until,
         c.window_kind, c.window_key, c.requests, c.failed,
         c.input_tokens, c.cache_read_tokens,
         c.cache_write_5m_tokens + c.cache_write_1h_tokens AS cache_write_tokens,
         c.output_tokens, weir_usd(c.cost_nanos) AS cost_usd, c.unpriced, c.unmetered
    FROM users u
    JOIN usage_counters c ON c.scope_kind = 'user' AND c.scope_id = u.user_id
   WHERE c.window_key = (SELECT MAX(o.window_key) FROM usage_counters o
                          WHERE o.scope_kind = 'organisation' AND o.scope_id = ''
                            AND o.window_kind = c.window_kind);

-- step
CREATE VIEW v_team_usage_dashboard AS
  SELECT c.scope_id AS team,
         (SELECT COUNT(*) FROM users u WHERE u.team = c.scope_id) AS members,
         c.window_kind, c.window_key, c.requests, c.failed,
         c.input_tokens, c.cache_read_tokens,
         c.cache_write_5m_tokens + c.cache_write_1h_tokens AS cache_write_tokens,
         c.output_tokens, weir_usd(c.cost_nanos) AS cost_usd, c.unpriced, c.unmetered
    FROM usage_counters c
   WHERE c.scope_kind = 'team'
     AND c.window_key = (SELECT MAX(o.window_key) FROM usage_counters o
                          WHERE o.scope_kind = 'organisation' AND o.scope_id = ''
                            AND o.window_kind = c.window_kind);

-- step
CREATE VIEW v_hourly_usage AS
  SELECT local_day, local_hour, user_id, team, tool, model_id,
         SUM(requests) AS requests, SUM(failed) AS failed,
         SUM(input_tokens) AS input_tokens, SUM(cache_read_tokens) AS cache_read_tokens,
         SUM(cache_write_5m_tokens + cache_write_1h_tokens) AS cache_write_tokens,
         SUM(output_tokens) AS output_tokens, weir_usd(SUM(cost_nanos)) AS cost_usd,
         SUM(unpriced) AS unpriced, SUM(unmetered) AS unmetered
    FROM usage_hourly
   GROUP BY local_day, local_hour, user_id, team, tool, model_id;

-- step
CREATE VIEW v_last_10_days_usage AS
  SELECT local_day, COUNT(DISTINCT user_id) AS users,
         SUM(requests) AS requests, SUM(failed) AS failed,
         SUM(input_tokens) AS input_tokens, SUM(cache_read_tokens) AS cache_read_tokens,
         SUM(cache_write_5m_tokens + cache_write_1h_tokens) AS cache_write_tokens,
         SUM(output_tokens) AS output_tokens, weir_usd(SUM(cost_nanos)) AS cost_usd,
         SUM(unpriced) AS unpriced, SUM(unmetered) AS unmetered
    FROM usage_hourly
   GROUP BY local_day
   ORDER BY local_day DESC
   LIMIT 10;

-- step
CREATE VIEW v_model_usage_stats AS
  SELECT model_id, COUNT(DISTINCT user_id) AS users,
         SUM(requests) AS requests, SUM(failed) AS failed,
         SUM(input_tokens) AS input_tokens, SUM(cache_read_tokens) AS cache_read_tokens,
         SUM(cache_write_5m_tokens + cache_write_1h_tokens) AS cache_write_tokens,
         SUM(output_tokens) AS output_tokens, weir_usd(SUM(cost_nanos)) AS cost_usd,
         SUM(unpriced) AS unpriced, SUM(unmetered) AS unmetered
    FROM usage_hourly
   GROUP BY model_id;
