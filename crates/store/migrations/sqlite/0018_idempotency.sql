-- oldest: 0.1.0
-- Requests that change something and bring a key of their own: done once, however often they are sent.

-- step
CREATE TABLE idempotency_keys (
  -- SHA-256 of who sent it and of the key.
  digest TEXT NOT NULL PRIMARY KEY,
  -- SHA-256 of the key, method, address and body; the key is on no file.
  request TEXT NOT NULL,
  -- The HTTP status of the answer; NULL while the request is at work.
  status INTEGER NULL,
  -- The answer, without what is shown once; NULL for none.
  body TEXT NULL,
  -- UTC microseconds.
  created_at INTEGER NOT NULL,
  -- Until when it may be at work; then it may be done again, UTC microseconds.
  lease_until INTEGER NOT NULL
) WITHOUT ROWID, STRICT;

-- step
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);
