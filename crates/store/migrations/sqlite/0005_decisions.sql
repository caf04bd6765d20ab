-- oldest: 0.1.0
-- What was decided: blocks, protections, warnings.

-- step
CREATE TABLE blocks (
  -- Unique for ever.
  id TEXT NOT NULL PRIMARY KEY,
  -- What it denies: user, team, tool (of a user), model (of a user).
  scope_kind TEXT NOT NULL,
  -- The user; NULL for a team.
  user_id TEXT NULL,
  -- The team; NULL for a user.
  team TEXT NULL,
  -- The tool or model; NULL for everything.
  part TEXT NULL,
  -- automatic or manual.
  kind TEXT NOT NULL,
  -- The violated window of an automatic block: hour, day, month.
  window_kind TEXT NULL,
  -- Its key.
  window_key TEXT NULL,
  -- One line for people.
  reason TEXT NOT NULL,
  -- All violated quotas, JSON; the first is the headline.
  evidence TEXT NOT NULL,
  -- weir for automatic blocks, else who.
  author TEXT NOT NULL,
  -- When it began, UTC microseconds.
  since INTEGER NOT NULL,
  -- When it ends; NULL is indefinite.
  until INTEGER NULL,
  -- 0 in force, 1 kept back by the breaker, 2 discarded by an administrator (teams).
  held INTEGER NOT NULL,
  -- When it was lifted; NULL while it is active.
  lifted_at INTEGER NULL,
  -- Who lifted it.
  lifted_by TEXT NULL,
  -- expired, no-longer-holds, protected, administrator, discarded.
  lifted_why TEXT NULL,
  -- An administrator's words.
  lifted_note TEXT NULL,
  -- When its Deny was asked for; NULL where it is only recorded.
  requested_at INTEGER NULL,
  -- When the Deny was first read back wherever it is wanted.
  verified_at INTEGER NULL,
  -- The first denied call that it explains.
  first_denied_at INTEGER NULL
) STRICT;

-- step
CREATE INDEX blocks_user ON blocks (user_id, lifted_at);

-- step
CREATE INDEX blocks_team ON blocks (team, lifted_at);

-- step
CREATE INDEX blocks_end ON blocks (lifted_at, until);

-- step
CREATE INDEX blocks_since ON blocks (since);

-- step
CREATE TABLE protections (
  -- Unique for ever.
  id TEXT NOT NULL PRIMARY KEY,
  -- Whom.
  user_id TEXT NOT NULL,
  -- Who decided.
  author TEXT NOT NULL,
  -- Why.
  reason TEXT NOT NULL,
  -- When it began, UTC microseconds.
  since INTEGER NOT NULL,
  -- When it ends; NULL is indefinite.
  until INTEGER NULL,
  -- Percent of a limit beyond which blocks apply again; NULL is no cap.
  up_to_percent INTEGER NULL,
  -- When it was ended; NULL while it holds.
  ended_at INTEGER NULL,
  -- Who ended it.
  ended_by TEXT NULL
) STRICT;

-- step
CREATE INDEX protections_user ON protections (user_id, ended_at);

-- step
CREATE INDEX protections_end ON protections (ended_at, until);

-- step
CREATE TABLE warnings_sent (
  -- Whom it is about: user:ana, team:sap, organisation.
  subject TEXT NOT NULL,
  -- hour, day, month.
  window_kind TEXT NOT NULL,
  -- The window.
  window_key TEXT NOT NULL,
  -- The quota's scope kind.
  scope_kind TEXT NOT NULL,
  -- The quota's scope name.
  scope_name TEXT NOT NULL,
  -- The quota's metric.
  metric TEXT NOT NULL,
  -- Percent; 1000 marks protected and over the limit.
  threshold INTEGER NOT NULL,
  -- The limit it was given for.
  limit_value INTEGER NOT NULL,
  -- How much was used.
  used INTEGER NOT NULL,
  -- 1 if told, 0 if jumped over.
  told INTEGER NOT NULL,
  -- When, UTC microseconds.
  created_at INTEGER NOT NULL,
  PRIMARY KEY (subject, window_kind, window_key, scope_kind, scope_name, metric, threshold)
) WITHOUT ROWID, STRICT;
