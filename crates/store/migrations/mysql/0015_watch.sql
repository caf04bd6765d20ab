-- oldest: 0.1.0
-- What AWS counted beside what Weir did, and what one of several servers does for all of them.

-- step
CREATE TABLE coverage (
  -- The start of the UTC hour, microseconds.
  hour_start BIGINT NOT NULL,
  -- The account that was called from.
  account_id VARCHAR(20) NOT NULL,
  -- The Region that was called.
  region VARCHAR(32) NOT NULL,
  -- Calls of that hour on file, of the kind that CloudWatch counts.
  counted BIGINT NOT NULL,
  -- AWS/Bedrock Invocations of that hour, as CloudWatch said last.
  reported BIGINT NOT NULL,
  -- When both were read, UTC microseconds. Before the hour is half an hour over they may still grow.
  read_at BIGINT NOT NULL,
  PRIMARY KEY (hour_start, account_id, region)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- step
CREATE TABLE duties (
  -- coverage, metrics.
  name VARCHAR(32) NOT NULL PRIMARY KEY,
  -- Who is at it.
  lease_owner VARCHAR(128) NULL,
  -- Until when; others may take it then, UTC microseconds.
  lease_until BIGINT NULL,
  -- When it was done last, UTC microseconds; NULL is never.
  done_at BIGINT NULL,
  -- What went wrong then: a JSON array of sentences.
  problems MEDIUMTEXT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- step
INSERT INTO duties (name) VALUES ('coverage'), ('metrics')
  ON DUPLICATE KEY UPDATE name = VALUES(name);
