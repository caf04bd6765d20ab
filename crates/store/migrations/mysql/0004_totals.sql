-- oldest: 0.1.0
-- Running totals. Every invocation is in them exactly once.

-- step
CREATE TABLE usage_counters (
  -- organisation, team, user, tool (of a user), model (of a user), team-tool, team-model and team-user (by days alone).
  scope_kind VARCHAR(16) NOT NULL,
  -- The team or user; empty for the organisation.
  scope_id VARCHAR(191) NOT NULL,
  -- hour, day, month.
  window_kind VARCHAR(8) NOT NULL,
  -- 2026-11-20T14, 2026-11-20 or 2026-11, local.
  window_key VARCHAR(13) NOT NULL,
  -- The tool, model or user; else empty.
  part VARCHAR(191) NOT NULL,
  -- Invocations that did not fail.
  requests BIGINT NOT NULL,
  -- The others.
  failed BIGINT NOT NULL,
  -- Uncached input tokens.
  input_tokens BIGINT NOT NULL,
  -- Input tokens read from the cache.
  cache_read_tokens BIGINT NOT NULL,
  -- Input tokens written to the five-minute cache.
  cache_write_5m_tokens BIGINT NOT NULL,
  -- Input tokens written to the one-hour cache.
  cache_write_1h_tokens BIGINT NOT NULL,
  -- Output tokens.
  output_tokens BIGINT NOT NULL,
  -- Known cost in nano-dollars.
  cost_nanos BIGINT NOT NULL,
  -- Invocations without a price.
  unpriced BIGINT NOT NULL,
  -- Invocations without counts.
  unmetered BIGINT NOT NULL,
  -- Tokens that may still change.
  provisional_tokens BIGINT NOT NULL,
  -- Cost that may still change.
  provisional_cost_nanos BIGINT NOT NULL,
  -- Held by the gateway: requests.
  reserved_requests BIGINT NOT NULL DEFAULT 0,
  -- Held by the gateway: tokens.
  reserved_tokens BIGINT NOT NULL DEFAULT 0,
  -- Held by the gateway: nano-dollars.
  reserved_cost_nanos BIGINT NOT NULL DEFAULT 0,
  -- By windows, so that those of everybody lie side by side; those of one are found by the other.
  PRIMARY KEY (scope_kind, window_kind, window_key, scope_id, part),
  KEY usage_counters_scope (scope_kind, scope_id, window_kind, window_key, part)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- step
CREATE TABLE usage_hourly (
  -- 2026-11-20T14, local.
  local_hour CHAR(13) NOT NULL,
  -- The account that called.
  account_id VARCHAR(20) NOT NULL,
  -- The source Region.
  region VARCHAR(32) NOT NULL,
  -- Who.
  user_id VARCHAR(191) NOT NULL,
  -- The team at the time of the call.
  team VARCHAR(128) NOT NULL,
  -- With what.
  tool VARCHAR(100) NOT NULL,
  -- The canonical model.
  model_id VARCHAR(160) NOT NULL,
  -- 2026-11-20, local.
  local_day CHAR(10) GENERATED ALWAYS AS (LEFT(local_hour, 10)) VIRTUAL,
  -- Invocations that did not fail.
  requests BIGINT NOT NULL,
  -- The others.
  failed BIGINT NOT NULL,
  -- Uncached input tokens.
  input_tokens BIGINT NOT NULL,
  -- Input tokens read from the cache.
  cache_read_tokens BIGINT NOT NULL,
  -- Input tokens written to the five-minute cache.
  cache_write_5m_tokens BIGINT NOT NULL,
  -- Input tokens written to the one-hour cache.
  cache_write_1h_tokens BIGINT NOT NULL,
  -- Output tokens.
  output_tokens BIGINT NOT NULL,
  -- Known cost in nano-dollars.
  cost_nanos BIGINT NOT NULL,
  -- Invocations without a price.
  unpriced BIGINT NOT NULL,
  -- Invocations without counts.
  unmetered BIGINT NOT NULL,
  -- Tokens that may still change.
  provisional_tokens BIGINT NOT NULL,
  -- Cost that may still change.
  provisional_cost_nanos BIGINT NOT NULL,
  PRIMARY KEY (local_hour, user_id, tool, model_id, team, account_id, region)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
