-- oldest: 0.1.0
-- Running totals. Every invocation is in them exactly once.

-- step
CREATE TABLE usage_counters (
  -- organisation, team, user, tool (of a user), model (of a user), team-tool, team-model and team-user (by days alone).
  scope_kind TEXT NOT NULL,
  -- The team or user; empty for the organisation.
  scope_id TEXT NOT NULL,
  -- hour, day, month.
  window_kind TEXT NOT NULL,
  -- 2026-11-20T14, 2026-11-20 or 2026-11, local.
  window_key TEXT NOT NULL,
  -- The tool, model or user; else empty.
  part TEXT NOT NULL,
  -- Invocations that did not fail.
  requests INTEGER NOT NULL,
  -- The others.
  failed INTEGER NOT NULL,
  -- Uncached input tokens.
  input_tokens INTEGER NOT NULL,
  -- Input tokens read from the cache.
  cache_read_tokens INTEGER NOT NULL,
  -- Input tokens written to the five-minute cache.
  cache_write_5m_tokens INTEGER NOT NULL,
  -- Input tokens written to the one-hour cache.
  cache_write_1h_tokens INTEGER NOT NULL,
  -- Output tokens.
  output_tokens INTEGER NOT NULL,
  -- Known cost in nano-dollars.
  cost_nanos INTEGER NOT NULL,
  -- Invocations without a price.
  unpriced INTEGER NOT NULL,
  -- Invocations without counts.
  unmetered INTEGER NOT NULL,
  -- Tokens that may still change.
  provisional_tokens INTEGER NOT NULL,
  -- Cost that may still change.
  provisional_cost_nanos INTEGER NOT NULL,
  -- Held by the gateway: requests.
  reserved_requests INTEGER NOT NULL DEFAULT 0,
  -- Held by the gateway: tokens.
  reserved_tokens INTEGER NOT NULL DEFAULT 0,
  -- Held by the gateway: nano-dollars.
  reserved_cost_nanos INTEGER NOT NULL DEFAULT 0,
  -- By windows, so that those of everybody lie side by side.
  PRIMARY KEY (scope_kind, window_kind, window_key, scope_id, part)
) WITHOUT ROWID, STRICT;

-- step
-- Those of one user or team.
CREATE INDEX usage_counters_scope ON usage_counters (scope_kind, scope_id, window_kind, window_key, part);

-- step
CREATE TABLE usage_hourly (
  -- 2026-11-20T14, local.
  local_hour TEXT NOT NULL,
  -- The account that called.
  account_id TEXT NOT NULL,
  -- The source Region.
  region TEXT NOT NULL,
  -- Who.
  user_id TEXT NOT NULL,
  -- The team at the time of the call.
  team TEXT NOT NULL,
  -- With what.
  tool TEXT NOT NULL,
  -- The canonical model.
  model_id TEXT NOT NULL,
  -- 2026-11-20, local.
  local_day TEXT GENERATED ALWAYS AS (substr(local_hour, 1, 10)) VIRTUAL,
  -- Invocations that did not fail.
  requests INTEGER NOT NULL,
  -- The others.
  failed INTEGER NOT NULL,
  -- Uncached input tokens.
  input_tokens INTEGER NOT NULL,
  -- Input tokens read from the cache.
  cache_read_tokens INTEGER NOT NULL,
  -- Input tokens written to the five-minute cache.
  cache_write_5m_tokens INTEGER NOT NULL,
  -- Input tokens written to the one-hour cache.
  cache_write_1h_tokens INTEGER NOT NULL,
  -- Output tokens.
  output_tokens INTEGER NOT NULL,
  -- Known cost in nano-dollars.
  cost_nanos INTEGER NOT NULL,
  -- Invocations without a price.
  unpriced INTEGER NOT NULL,
  -- Invocations without counts.
  unmetered INTEGER NOT NULL,
  -- Tokens that may still change.
  provisional_tokens INTEGER NOT NULL,
  -- Cost that may still change.
  provisional_cost_nanos INTEGER NOT NULL,
  PRIMARY KEY (local_hour, user_id, tool, model_id, team, account_id, region)
) WITHOUT ROWID, STRICT;
