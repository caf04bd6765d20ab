-- oldest: 0.1.0
-- One row per invocation, and what it takes to derive it again from the set of its records (rules C3).

-- step
CREATE TABLE bedrock_requests (
  -- Order of arrival.
  id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  -- The AWS request id: makes it count once.
  request_id VARCHAR(128) NOT NULL,
  -- The account that called.
  account_id VARCHAR(20) NOT NULL,
  -- Whose call it is.
  user_id VARCHAR(191) NOT NULL,
  -- The team at the time of the call.
  team VARCHAR(128) NOT NULL,
  -- With what: claude-code, cline, boto3.
  tool VARCHAR(100) NOT NULL,
  -- When the call was made, UTC microseconds.
  request_timestamp BIGINT NOT NULL,
  -- The local hour it counts in: 2026-11-20T14.
  local_hour CHAR(13) NOT NULL,
  -- The local day it counts in: 2026-11-20.
  local_day CHAR(10) GENERATED ALWAYS AS (LEFT(local_hour, 10)) VIRTUAL,
  -- The canonical model.
  model_id VARCHAR(160) NOT NULL,
  -- The inference profile, where one was used.
  profile_id VARCHAR(512) NULL,
  -- The model as the caller sent it.
  model_sent TEXT NULL,
  -- A name for people, where one is known.
  model_name VARCHAR(160) NULL,
  -- Event name or log operation.
  request_type VARCHAR(128) NOT NULL,
  -- Uncached input tokens; NULL with the other counts is unmetered.
  input_tokens BIGINT NULL,
  -- Input tokens read from the cache.
  cache_read_tokens BIGINT NULL,
  -- Input tokens written to the five-minute cache.
  cache_write_5m_tokens BIGINT NULL,
  -- Input tokens written to the one-hour cache.
  cache_write_1h_tokens BIGINT NULL,
  -- Output tokens.
  output_tokens BIGINT NULL,
  -- All of them, cache reads too.
  total_tokens BIGINT GENERATED ALWAYS AS (input_tokens + cache_read_tokens + cache_write_5m_tokens
    + cache_write_1h_tokens + output_tokens) VIRTUAL,
  -- Nano-dollars; NULL is not known.
  cost_nanos BIGINT NULL,
  -- The model, while there are counts and no cost; else NULL.
  unpriced_model VARCHAR(160) GENERATED ALWAYS AS (CASE WHEN cost_nanos IS NULL AND input_tokens IS NOT NULL
    THEN model_id END) VIRTUAL,
  -- By which price it was costed.
  price_reference VARCHAR(512) NULL,
  -- Where the counts come from: api-call, log, completion; NULL is nowhere.
  usage_source VARCHAR(16) NULL,
  -- 1 while the counts may still change.
  provisional TINYINT NOT NULL,
  -- The source Region: what prices go by.
  region VARCHAR(32) NOT NULL,
  -- The Region that ran it.
  inference_region VARCHAR(32) NULL,
  -- The address that called; kept 30 days.
  source_ip VARCHAR(128) NULL,
  -- The program that called; kept 30 days.
  user_agent VARCHAR(512) NULL,
  -- The identity that called: iam-user/ana, role-session/Dev/ana.
  principal VARCHAR(400) NOT NULL,
  -- 1 if a Bedrock API key was used.
  bearer TINYINT NOT NULL,
  -- The access key that signed.
  access_key_id VARCHAR(128) NULL,
  -- ok, failed (not counted against quotas), partial (an error, and output all the same).
  status VARCHAR(8) NOT NULL,
  -- The error.
  error_code VARCHAR(255) NULL,
  -- Its text; kept 30 days.
  error_message TEXT NULL,
  -- 1 if the look-up of the caller failed.
  unresolved TINYINT NOT NULL,
  -- The set of its records and look-ups, JSON; no prompt text.
  evidence MEDIUMTEXT NOT NULL,
  -- The transaction that inserted the row.
  settle_id VARCHAR(64) NOT NULL,
  -- First record, UTC microseconds.
  created_at BIGINT NOT NULL,
  -- Latest record, UTC microseconds. Every transaction that brings records raises it.
  updated_at BIGINT NOT NULL,
  UNIQUE KEY bedrock_requests_request (request_id),
  KEY bedrock_requests_user_time (user_id, request_timestamp),
  KEY bedrock_requests_time (request_timestamp),
  -- What is open. One index for both questions: of an ordinary invocation it holds (0, NULL), which is a byte
  -- more than an index on either alone, in the order of arrival.
  KEY bedrock_requests_open (unresolved, unpriced_model)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- step
CREATE TRIGGER bedrock_requests_touch BEFORE UPDATE ON bedrock_requests FOR EACH ROW
  SET NEW.updated_at = IF(NEW.updated_at = OLD.updated_at,
    GREATEST(OLD.updated_at + 1, CAST(UNIX_TIMESTAMP(NOW(6)) * 1000000 AS SIGNED)), NEW.updated_at);

-- step
CREATE TABLE dead_letters (
  -- Number.
  id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  -- SHA-256 of source, reason and shape: the same thing is counted, not repeated.
  digest CHAR(64) NOT NULL,
  -- Where it came from: a file name and place, http.
  source TEXT NOT NULL,
  -- What is wrong, naming what and where.
  reason TEXT NOT NULL,
  -- Keys and types of the payload; no prompt text.
  shape TEXT NOT NULL,
  -- UTC microseconds.
  first_seen BIGINT NOT NULL,
  -- UTC microseconds.
  last_seen BIGINT NOT NULL,
  -- How often.
  seen BIGINT NOT NULL,
  UNIQUE KEY dead_letters_digest (digest)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
