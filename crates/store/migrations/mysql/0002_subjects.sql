-- oldest: 0.1.0
-- Who is governed: users, the identities they consist of, teams.

-- step
CREATE TABLE users (
  -- The governed subject that principals resolve to.
  user_id VARCHAR(191) NOT NULL PRIMARY KEY,
  -- The team the user is in now.
  team VARCHAR(128) NOT NULL,
  -- The person's name.
  person_tag VARCHAR(255) NULL,
  -- Where mail goes.
  email VARCHAR(255) NULL,
  -- es or en; NULL is the configured language.
  language VARCHAR(8) NULL,
  -- human, workload, service, unknown: as said, else the most human of the principals.
  class VARCHAR(16) NOT NULL,
  -- 1 if tagged WeirExempt in IAM.
  exempt TINYINT NOT NULL,
  -- 1 once a call proved that the user exists, or an administrator spoke of it; 0 while only the log of a
  -- role session names it, which may turn out to be somebody else (rules C3, Q1).
  confirmed TINYINT NOT NULL,
  -- The user's own limit of requests a day; NULL is inherited. A mirror of quotas.
  daily_limit BIGINT NULL,
  -- The user's own limit of requests a month; NULL is inherited. A mirror of quotas.
  monthly_limit BIGINT NULL,
  -- 1 while a block is active. A mirror of blocks.
  is_blocked TINYINT NOT NULL,
  -- The headline of the block that lasts longest.
  blocked_reason TEXT NULL,
  -- Its end, UTC microseconds; NULL while blocked is indefinite.
  blocked_until BIGINT NULL,
  -- Who protects the user. A mirror of protections.
  admin_protection_by VARCHAR(255) NULL,
  -- The latest call, UTC microseconds; 0 for none.
  last_seen BIGINT NOT NULL,
  -- The transaction that made the row.
  settle_id VARCHAR(64) NOT NULL,
  -- First sight, UTC microseconds.
  created_at BIGINT NOT NULL,
  -- Last change of the row, UTC microseconds.
  updated_at BIGINT NOT NULL,
  KEY users_team (team, class),
  KEY users_last_seen (last_seen)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- step
CREATE TABLE user_principals (
  -- The account.
  account_id VARCHAR(20) NOT NULL,
  -- iam-user, identity-center, role, role-session, source-identity, root, service, unknown.
  kind VARCHAR(20) NOT NULL,
  -- User name, role name or service; no path.
  name VARCHAR(128) NOT NULL,
  -- Session name or source identity, where it tells people apart; else empty.
  session VARCHAR(191) NOT NULL,
  -- The user it is part of.
  user_id VARCHAR(191) NOT NULL,
  -- AIDA..., AROA... or directory user id; NULL until one was seen.
  stable_id VARCHAR(128) NULL,
  -- 1 if an administrator made it part of the user.
  linked TINYINT NOT NULL,
  -- The first call, UTC microseconds.
  first_seen BIGINT NOT NULL,
  -- The latest call, UTC microseconds.
  last_seen BIGINT NOT NULL,
  -- human, workload, service, unknown; NULL until AWS has described it.
  class VARCHAR(16) NULL,
  -- The latest call for which the class was certain, UTC microseconds; 0 for none.
  class_seen BIGINT NOT NULL,
  PRIMARY KEY (account_id, kind, name, session),
  KEY user_principals_user (user_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- step
CREATE TABLE teams (
  -- The normalised name.
  team VARCHAR(128) NOT NULL PRIMARY KEY,
  -- As people write it; NULL is the name.
  display_name VARCHAR(255) NULL,
  -- Who gets the team's mail.
  owner_email VARCHAR(255) NULL,
  -- First sight, UTC microseconds.
  created_at BIGINT NOT NULL,
  -- Last change of the row, UTC microseconds.
  updated_at BIGINT NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- step
CREATE TRIGGER users_touch BEFORE UPDATE ON users FOR EACH ROW
  SET NEW.updated_at = IF(NEW.updated_at = OLD.updated_at,
    GREATEST(OLD.updated_at + 1, CAST(UNIX_TIMESTAMP(NOW(6)) * 1000000 AS SIGNED)), NEW.updated_at);

-- step
CREATE TRIGGER teams_touch BEFORE UPDATE ON teams FOR EACH ROW
  SET NEW.updated_at = IF(NEW.updated_at = OLD.updated_at,
    GREATEST(OLD.updated_at + 1, CAST(UNIX_TIMESTAMP(NOW(6)) * 1000000 AS SIGNED)), NEW.updated_at);

-- step
CREATE TRIGGER quotas_touch BEFORE UPDATE ON quotas FOR EACH ROW
  SET NEW.updated_at = IF(NEW.updated_at = OLD.updated_at,
    GREATEST(OLD.updated_at + 1, CAST(UNIX_TIMESTAMP(NOW(6)) * 1000000 AS SIGNED)), NEW.updated_at);
