-- oldest: 0.1.0
-- One row per invocation, and what it takes to derive it again from the set of its records (rules C3).

-- step
CREATE TABLE bedrock_requests (
  -- Order of arrival.
  id INTEGER NOT NULL PRIMARY KEY,
  -- The AWS request id: makes it count once.
  request_id TEXT NOT NULL,
  -- The account that called.
  account_id TEXT NOT NULL,
  -- Whose call it is.
  user_id TEXT NOT NULL,
  -- The team at the time of the call.
  team TEXT NOT NULL,
  -- With what: claude-code, cline, boto3.
  tool TEXT NOT NULL,
  -- When the call was made, UTC microseconds.
  request_timestamp INTEGER NOT NULL,
  -- The local hour it counts in: 2026-11-20T14.
  local_hour TEXT NOT NULL,
  -- The local day it counts in: 2026-11-20.
  local_day TEXT GENERATED ALWAYS AS (substr(local_hour, 1, 10)) VIRTUAL,
  -- The canonical model.
  model_id TEXT NOT NULL,
  -- The inference profile, where one was used.
  profile_id TEXT NULL,
  -- The model as the caller sent it.
  model_sent TEXT NULL,
  -- A name for people, where one is known.
  model_name TEXT NULL,
  -- Event name or log operation.
  request_type TEXT NOT NULL,
  -- Uncached input tokens; NULL with the other counts is unmetered.
  input_tokens INTEGER NULL,
  -- Input tokens read from the cache.
  cache_read_tokens INTEGER NULL,
  -- Input tokens written to the five-minute cache.
  cache_write_5m_tokens INTEGER NULL,
  -- Input tokens written to the one-hour cache.
  cache_write_1h_tokens INTEGER NULL,
  -- Output tokens.
  output_tokens INTEGER NULL,
  -- All of them, cache reads too.
  total_tokens INTEGER GENERATED ALWAYS AS (input_tokens + cache_read_tokens + cache_write_5m_tokens
    + cache_write_1h_tokens + output_tokens) VIRTUAL,
  -- Nano-dollars; NULL is not known.
  cost_nanos INTEGER NULL,
  -- The model, while there are counts and no cost; else NULL.
  unpriced_model TEXT GENERATED ALWAYS AS (CASE WHEN cost_nanos IS NULL AND input_tokens IS NOT NULL
    THEN model_id END) VIRTUAL,
  -- By which price it was costed.
  price_reference TEXT NULL,
  -- Where the counts come from: api-call, log, completion; NULL is nowhere.
  usage_source TEXT NULL,
  -- 1 while the counts may still change.
  provisional INTEGER NOT NULL,
  -- The source Region: what prices go by.
  region TEXT NOT NULL,
  -- The Region that ran it.
  inference_region TEXT NULL,
  -- The address that called; kept 30 days.
  source_ip TEXT NULL,
  -- The program that called; kept 30 days.
  user_agent TEXT NULL,
  -- The identity that called: iam-user/ana, role-session/Dev/ana.
  principal TEXT NOT NULL,
  -- 1 if a Bedrock API key was used.
  bearer INTEGER NOT NULL,
  -- The access key that signed.
  access_key_id TEXT NULL,
  -- ok, failed (not counted against quotas), partial (an error, and output all the same).
  status TEXT NOT NULL,
  -- The error.
  error_code TEXT NULL,
  -- Its text; kept 30 days.
  error_message TEXT NULL,
  -- 1 if the look-up of the caller failed.
  unresolved INTEGER NOT NULL,
  -- The set of its records and look-ups, JSON; no prompt text.
  evidence TEXT NOT NULL,
  -- The transaction that inserted the row.
  settle_id TEXT NOT NULL,
  -- First record, UTC microseconds.
  created_at INTEGER NOT NULL,
  -- Latest record, UTC microseconds. Every transaction that brings records raises it.
  updated_at INTEGER NOT NULL
) STRICT;

-- step
CREATE UNIQUE INDEX bedrock_requests_request ON bedrock_requests (request_id);

-- step
CREATE INDEX bedrock_requests_user_time ON bedrock_requests (user_id, request_timestamp);

-- step
CREATE INDEX bedrock_requests_time ON bedrock_requests (request_timestamp);

-- step
-- What is open: ordinary invocations are in neither index.
CREATE INDEX bedrock_requests_unresolved ON bedrock_requests (unpriced_model) WHERE unresolved = 1;

-- step
CREATE INDEX bedrock_requests_unpriced ON bedrock_requests (unpriced_model, unresolved)
  WHERE unpriced_model IS NOT NULL;

-- step
CREATE TRIGGER bedrock_requests_touch AFTER UPDATE ON bedrock_requests WHEN NEW.updated_at = OLD.updated_at
BEGIN
  UPDATE bedrock_requests
     SET updated_at = max(OLD.updated_at + 1, CAST(unixepoch('now', 'subsec') * 1000000 AS INTEGER))
   WHERE id = NEW.id;
END;

-- step
CREATE TABLE dead_letters (
  -- Number.
  id INTEGER NOT NULL PRIMARY KEY,
  -- SHA-256 of source, reason and shape: the same thing is counted, not repeated.
  digest TEXT NOT NULL,
  -- Where it came from: a file name and place, http.
  source TEXT NOT NULL,
  -- What is wrong, naming what and where.
  reason TEXT NOT NULL,
  -- Keys and types of the payload; no prompt text.
  shape TEXT NOT NULL,
  -- UTC microseconds.
  first_seen INTEGER NOT NULL,
  -- UTC microseconds.
  last_seen INTEGER NOT NULL,
  -- How often.
  seen INTEGER NOT NULL
) STRICT;

-- step
CREATE UNIQUE INDEX dead_letters_digest ON dead_letters (digest);
