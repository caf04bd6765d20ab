-- oldest: 0.1.0
-- Who uses Weir itself. Of every secret that was drawn at random only the SHA-256 is kept.

-- step
CREATE TABLE operators (
  -- a-z, digits, `.`, `_`, `-`, `@`.
  name VARCHAR(64) NOT NULL PRIMARY KEY,
  -- developer, team, viewer, operator, admin.
  role VARCHAR(16) NOT NULL,
  -- The team of the role team; else NULL.
  team VARCHAR(128) NULL,
  -- The user of the role developer, who may be nobody yet; else NULL.
  user_id VARCHAR(191) NULL,
  -- argon2id, in PHC form.
  password_hash VARCHAR(255) NOT NULL,
  -- When the operator was shut out, UTC microseconds; NULL while they may log in.
  disabled_at BIGINT NULL,
  -- UTC microseconds.
  created_at BIGINT NOT NULL,
  -- The latest log-in, UTC microseconds; NULL before the first.
  last_login_at BIGINT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- step
CREATE TABLE operator_sessions (
  -- SHA-256 of what the cookie holds.
  digest CHAR(64) NOT NULL PRIMARY KEY,
  -- Whose.
  operator VARCHAR(64) NOT NULL,
  -- UTC microseconds.
  created_at BIGINT NOT NULL,
  -- The latest request but for less than a minute, UTC microseconds.
  seen_at BIGINT NOT NULL,
  -- When it ends however busy it is, UTC microseconds.
  expires_at BIGINT NOT NULL,
  KEY operator_sessions_operator (operator),
  KEY operator_sessions_end (expires_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- step
CREATE TABLE api_tokens (
  -- SHA-256 of the token.
  digest CHAR(64) NOT NULL PRIMARY KEY,
  -- What people call it by; no secret.
  id VARCHAR(32) NOT NULL,
  -- In whose name it acts.
  operator VARCHAR(64) NOT NULL,
  -- What it is for, in the operator's words.
  label VARCHAR(100) NOT NULL,
  -- The most it may do; never more than the operator.
  role VARCHAR(16) NOT NULL,
  -- UTC microseconds.
  created_at BIGINT NOT NULL,
  -- UTC microseconds.
  expires_at BIGINT NOT NULL,
  -- UTC microseconds; NULL while it is good.
  revoked_at BIGINT NULL,
  -- The latest request but for less than a minute, UTC microseconds; NULL before the first.
  used_at BIGINT NULL,
  UNIQUE KEY api_tokens_id (id),
  KEY api_tokens_operator (operator)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- step
CREATE TABLE login_attempts (
  -- account: and four digits of the SHA-256 of the name, so that what was typed as a name is kept nowhere;
  -- or the SHA-256 of the address.
  digest CHAR(64) NOT NULL PRIMARY KEY,
  -- Failures in a row.
  failures BIGINT NOT NULL,
  -- The latest, UTC microseconds.
  last_at BIGINT NOT NULL,
  KEY login_attempts_age (last_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- step
CREATE TABLE operator_setup (
  -- Always 1: one link at a time.
  id BIGINT NOT NULL PRIMARY KEY,
  -- SHA-256 of what the link holds.
  digest CHAR(64) NOT NULL,
  -- UTC microseconds.
  expires_at BIGINT NOT NULL,
  CHECK (id = 1)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
