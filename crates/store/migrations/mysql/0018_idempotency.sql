-- oldest: 0.1.0
-- Requests that change something and bring a key of their own: done once, however often they are sent.

-- step
CREATE TABLE idempotency_keys (
  -- SHA-256 of who sent it and of the key.
  digest CHAR(64) NOT NULL PRIMARY KEY,
  -- SHA-256 of the key, method, address and body; the key is on no file.
  request CHAR(64) NOT NULL,
  -- The HTTP status of the answer; NULL while the request is at work.
  status BIGINT NULL,
  -- The answer, without what is shown once; NULL for none.
  body LONGTEXT NULL,
  -- UTC microseconds.
  created_at BIGINT NOT NULL,
  -- Until when it may be at work; then it may be done again, UTC microseconds.
  lease_until BIGINT NOT NULL,
  KEY idempotency_keys_age (created_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
