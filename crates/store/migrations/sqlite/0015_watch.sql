-- oldest: 0.1.0
-- What AWS counted beside what Weir did, and what one of several servers does for all of them.

-- step
CREATE TABLE coverage (
  -- The start of the UTC hour, microseconds.
  hour_start INTEGER NOT NULL,
  -- The account that was called from.
  account_id TEXT NOT NULL,
  -- The Region that was called.
  region TEXT NOT NULL,
  -- Calls of that hour on file, of the kind that CloudWatch counts.
  counted INTEGER NOT NULL,
  -- AWS/Bedrock Invocations of that hour, as CloudWatch said last.
  reported INTEGER NOT NULL,
  -- When both were read, UTC microseconds. Before the hour is half an hour over they may still grow.
  read_at INTEGER NOT NULL,
  PRIMARY KEY (hour_start, account_id, region)
) WITHOUT ROWID, STRICT;

-- step
CREATE TABLE duties (
  -- coverage, metrics.
  name TEXT NOT NULL PRIMARY KEY,
  -- Who is at it.
  lease_owner TEXT NULL,
  -- Until when; others may take it then, UTC microseconds.
  lease_until INTEGER NULL,
  -- When it was done last, UTC microseconds; NULL is never.
  done_at INTEGER NULL,
  -- What went wrong then: a JSON array of sentences.
  problems TEXT NULL
) WITHOUT ROWID, STRICT;

-- step
INSERT INTO duties (name) VALUES ('coverage'), ('metrics')
  ON CONFLICT (name) DO NOTHING;
