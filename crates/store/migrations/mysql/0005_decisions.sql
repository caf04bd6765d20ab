-- oldest: 0.1.0
-- What was decided: blocks, protections, warnings.

-- step
CREATE TABLE blocks (
  -- Unique for ever.
  id VARCHAR(255) NOT NULL PRIMARY KEY,
  -- What it denies: user, team, tool (of a user), model (of a user).
  scope_kind VARCHAR(8) NOT NULL,
  -- The user; NULL for a team.
  user_id VARCHAR(191) NULL,
  -- The team; NULL for a user.
  team VARCHAR(128) NULL,
  -- The tool or model; NULL for everything.
  part VARCHAR(160) NULL,
  -- automatic or manual.
  kind VARCHAR(16) NOT NULL,
  -- The violated window of an automatic block: hour, day, month.
  window_kind VARCHAR(8) NULL,
  -- Its key.
  window_key VARCHAR(13) NULL,
  -- One line for people.
  reason TEXT NOT NULL,
  -- All violated quotas, JSON; the first is the headline.
  evidence TEXT NOT NULL,
  -- weir for automatic blocks, else who.
  author VARCHAR(255) NOT NULL,
  -- When it began, UTC microseconds.
  since BIGINT NOT NULL,
  -- When it ends; NULL is indefinite.
  until BIGINT NULL,
  -- 0 in force, 1 kept back by the breaker, 2 discarded by an administrator (teams).
  held TINYINT NOT NULL,
  -- When it was lifted; NULL while it is active.
  lifted_at BIGINT NULL,
  -- Who lifted it.
  lifted_by VARCHAR(255) NULL,
  -- expired, no-longer-holds, protected, administrator, discarded.
  lifted_why VARCHAR(24) NULL,
  -- An administrator's words.
  lifted_note TEXT NULL,
  -- When its Deny was asked for; NULL where it is only recorded.
  requested_at BIGINT NULL,
  -- When the Deny was first read back wherever it is wanted.
  verified_at BIGINT NULL,
  -- The first denied call that it explains.
  first_denied_at BIGINT NULL,
  KEY blocks_user (user_id, lifted_at),
  KEY blocks_team (team, lifted_at),
  KEY blocks_end (lifted_at, until),
  KEY blocks_since (since)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- step
CREATE TABLE protections (
  -- Unique for ever.
  id VARCHAR(255) NOT NULL PRIMARY KEY,
  -- Whom.
  user_id VARCHAR(191) NOT NULL,
  -- Who decided.
  author VARCHAR(255) NOT NULL,
  -- Why.
  reason TEXT NOT NULL,
  -- When it began, UTC microseconds.
  since BIGINT NOT NULL,
  -- When it ends; NULL is indefinite.
  until BIGINT NULL,
  -- Percent of a limit beyond which blocks apply again; NULL is no cap.
  up_to_percent INT NULL,
  -- When it was ended; NULL while it holds.
  ended_at BIGINT NULL,
  -- Who ended it.
  ended_by VARCHAR(255) NULL,
  KEY protections_user (user_id, ended_at),
  KEY protections_end (ended_at, until)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- step
CREATE TABLE warnings_sent (
  -- Whom it is about: user:ana, team:sap, organisation.
  subject VARCHAR(200) NOT NULL,
  -- hour, day, month.
  window_kind VARCHAR(8) NOT NULL,
  -- The window.
  window_key VARCHAR(13) NOT NULL,
  -- The quota's scope kind.
  scope_kind VARCHAR(16) NOT NULL,
  -- The quota's scope name.
  scope_name VARCHAR(191) NOT NULL,
  -- The quota's metric.
  metric VARCHAR(16) NOT NULL,
  -- Percent; 1000 marks protected and over the limit.
  threshold INT NOT NULL,
  -- The limit it was given for.
  limit_value BIGINT NOT NULL,
  -- How much was used.
  used BIGINT NOT NULL,
  -- 1 if told, 0 if jumped over.
  told TINYINT NOT NULL,
  -- When, UTC microseconds.
  created_at BIGINT NOT NULL,
  PRIMARY KEY (subject, window_kind, window_key, scope_kind, scope_name, metric, threshold)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
