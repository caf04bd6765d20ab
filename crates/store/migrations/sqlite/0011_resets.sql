-- oldest: 0.1.0
-- The daily reset, one row per local date (rules 9), and how far retention has come (rules 13).

-- step
CREATE TABLE reset_runs (
  -- The local date that began: 2026-11-20. The summary is of the day before.
  local_date TEXT NOT NULL PRIMARY KEY,
  -- When the latest run began, UTC microseconds.
  started_at INTEGER NOT NULL,
  -- When a run last came to its end; NULL until one did.
  finished_at INTEGER NULL,
  -- How many runs came to their end.
  runs INTEGER NOT NULL,
  -- What was done: blocks ended, users evaluated, rows removed. JSON.
  counts TEXT NULL,
  -- What went wrong without stopping the rest: a JSON array of sentences.
  errors TEXT NULL,
  -- The summary of the day before, JSON.
  summary TEXT NULL,
  -- Who runs it.
  lease_owner TEXT NULL,
  -- Until when; others may take it then, UTC microseconds.
  lease_until INTEGER NULL
) WITHOUT ROWID, STRICT;

-- step
CREATE TABLE retention_marks (
  -- client-facts: source IP, user agent and error text are gone up to this row of bedrock_requests.
  -- invocations: calls made before this instant, UTC microseconds, are gone.
  what TEXT NOT NULL PRIMARY KEY,
  -- How far, as it says there.
  mark INTEGER NOT NULL
) WITHOUT ROWID, STRICT;

-- step
CREATE INDEX dead_letters_seen ON dead_letters (last_seen);
