-- oldest: 0.1.0
-- The daily reset, one row per local date (rules 9), and how far retention has come (rules 13).

-- step
CREATE TABLE reset_runs (
  -- The local date that began: 2026-11-20. The summary is of the day before.
  local_date CHAR(10) NOT NULL PRIMARY KEY,
  -- When the latest run began, UTC microseconds.
  started_at BIGINT NOT NULL,
  -- When a run last came to its end; NULL until one did.
  finished_at BIGINT NULL,
  -- How many runs came to their end.
  runs INT NOT NULL,
  -- What was done: blocks ended, users evaluated, rows removed. JSON.
  counts MEDIUMTEXT NULL,
  -- What went wrong without stopping the rest: a JSON array of sentences.
  errors MEDIUMTEXT NULL,
  -- The summary of the day before, JSON.
  summary MEDIUMTEXT NULL,
  -- Who runs it.
  lease_owner VARCHAR(128) NULL,
  -- Until when; others may take it then, UTC microseconds.
  lease_until BIGINT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- step
CREATE TABLE retention_marks (
  -- client-facts: source IP, user agent and error text are gone up to this row of bedrock_requests.
  -- invocations: calls made before this instant, UTC microseconds, are gone.
  what VARCHAR(32) NOT NULL PRIMARY KEY,
  -- How far, as it says there.
  mark BIGINT NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- step
CREATE INDEX dead_letters_seen ON dead_letters (last_seen);
