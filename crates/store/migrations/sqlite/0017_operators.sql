-- oldest: 0.1.0
-- Who uses Weir itself. Of every secret that was drawn at random only the SHA-256 is kept.

-- step
CREATE TABLE operators (
  -- a-z, digits, `.`, `_`, `-`, `@`.
  name TEXT NOT NULL PRIMARY KEY,
  -- developer, team, viewer, operator, admin.
  role TEXT NOT NULL,
  -- The team of the role team; else NULL.
  team TEXT NULL,
  -- The user of the role developer, who may be nobody yet; else NULL.
  user_id TEXT NULL,
  -- argon2id, in PHC form.
  password_hash TEXT NOT NULL,
  -- When the operator was shut out, UTC microseconds; NULL while they may log in.
  disabled_at INTEGER NULL,
  -- UTC microseconds.
  created_at INTEGER NOT NULL,
  -- The latest log-in, UTC microseconds; NULL before the first.
  last_login_at INTEGER NULL
) WITHOUT ROWID, STRICT;

-- step
CREATE TABLE operator_sessions (
  -- SHA-256 of what the cookie holds.
  digest TEXT NOT NULL PRIMARY KEY,
  -- Whose.
  operator TEXT NOT NULL,
  -- UTC microseconds.
  created_at INTEGER NOT NULL,
  -- The latest request but for less than a minute, UTC microseconds.
  seen_at INTEGER NOT NULL,
  -- When it ends however busy it is, UTC microseconds.
  expires_at INTEGER NOT NULL
) WITHOUT ROWID, STRICT;

-- step
CREATE INDEX operator_sessions_operator ON operator_sessions (operator);

-- step
CREATE INDEX operator_sessions_end ON operator_sessions (expires_at);

-- step
CREATE TABLE api_tokens (
  -- SHA-256 of the token.
  digest TEXT NOT NULL PRIMARY KEY,
  -- What people call it by; no secret.
  id TEXT NOT NULL,
  -- In whose name it acts.
  operator TEXT NOT NULL,
  -- What it is for, in the operator's words.
  label TEXT NOT NULL,
  -- The most it may do; never more than the operator.
  role TEXT NOT NULL,
  -- UTC microseconds.
  created_at INTEGER NOT NULL,
  -- UTC microseconds.
  expires_at INTEGER NOT NULL,
  -- UTC microseconds; NULL while it is good.
  revoked_at INTEGER NULL,
  -- The latest request but for less than a minute, UTC microseconds; NULL before the first.
  used_at INTEGER NULL
) WITHOUT ROWID, STRICT;

-- step
CREATE UNIQUE INDEX api_tokens_id ON api_tokens (id);

-- step
CREATE INDEX api_tokens_operator ON api_tokens (operator);

-- step
CREATE TABLE login_attempts (
  -- account: and four digits of the SHA-256 of the name, so that what was typed as a name is kept nowhere;
  -- or the SHA-256 of the address.
  digest TEXT NOT NULL PRIMARY KEY,
  -- Failures in a row.
  failures INTEGER NOT NULL,
  -- The latest, UTC microseconds.
  last_at INTEGER NOT NULL
) WITHOUT ROWID, STRICT;

-- step
CREATE INDEX login_attempts_age ON login_attempts (last_at);

-- step
CREATE TABLE operator_setup (
  -- Always 1: one link at a time.
  id INTEGER NOT NULL PRIMARY KEY,
  -- SHA-256 of what the link holds.
  digest TEXT NOT NULL,
  -- UTC microseconds.
  expires_at INTEGER NOT NULL,
  CHECK (id = 1)
) STRICT;
