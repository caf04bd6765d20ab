-- oldest: 0.1.0
-- Who is governed: users, the identities they consist of, teams.

-- step
CREATE TABLE users (
  -- The governed subject that principals resolve to.
  user_id TEXT NOT NULL PRIMARY KEY,
  -- The team the user is in now.
  team TEXT NOT NULL,
  -- The person's name.
  person_tag TEXT NULL,
  -- Where mail goes.
  email TEXT NULL,
  -- es or en; NULL is the configured language.
  language TEXT NULL,
  -- human, workload, service, unknown: as said, else the most human of the principals.
  class TEXT NOT NULL,
  -- 1 if tagged WeirExempt in IAM.
  exempt INTEGER NOT NULL,
  -- 1 once a call proved that the user exists, or an administrator spoke of it; 0 while only the log of a
  -- role session names it, which may turn out to be somebody else (rules C3, Q1).
  confirmed INTEGER NOT NULL,
  -- The user's own limit of requests a day; NULL is inherited. A mirror of quotas.
  daily_limit INTEGER NULL,
  -- The user's own limit of requests a month; NULL is inherited. A mirror of quotas.
  monthly_limit INTEGER NULL,
  -- 1 while a block is active. A mirror of blocks.
  is_blocked INTEGER NOT NULL,
  -- The headline of the block that lasts longest.
  blocked_reason TEXT NULL,
  -- Its end, UTC microseconds; NULL while blocked is indefinite.
  blocked_until INTEGER NULL,
  -- Who protects the user. A mirror of protections.
  admin_protection_by TEXT NULL,
  -- The latest call, UTC microseconds; 0 for none.
  last_seen INTEGER NOT NULL,
  -- The transaction that made the row.
  settle_id TEXT NOT NULL,
  -- First sight, UTC microseconds.
  created_at INTEGER NOT NULL,
  -- Last change of the row, UTC microseconds.
  updated_at INTEGER NOT NULL
) STRICT;

-- step
CREATE INDEX users_team ON users (team, class);

-- step
CREATE INDEX users_last_seen ON users (last_seen);

-- step
CREATE TABLE user_principals (
  -- The account.
  account_id TEXT NOT NULL,
  -- iam-user, identity-center, role, role-session, source-identity, root, service, unknown.
  kind TEXT NOT NULL,
  -- User name, role name or service; no path.
  name TEXT NOT NULL,
  -- Session name or source identity, where it tells people apart; else empty.
  session TEXT NOT NULL,
  -- The user it is part of.
  user_id TEXT NOT NULL,
  -- AIDA..., AROA... or directory user id; NULL until one was seen.
  stable_id TEXT NULL,
  -- 1 if an administrator made it part of the user.
  linked INTEGER NOT NULL,
  -- The first call, UTC microseconds.
  first_seen INTEGER NOT NULL,
  -- The latest call, UTC microseconds.
  last_seen INTEGER NOT NULL,
  -- human, workload, service, unknown; NULL until AWS has described it.
  class TEXT NULL,
  -- The latest call for which the class was certain, UTC microseconds; 0 for none.
  class_seen INTEGER NOT NULL,
  PRIMARY KEY (account_id, kind, name, session)
) WITHOUT ROWID, STRICT;

-- step
CREATE INDEX user_principals_user ON user_principals (user_id);

-- step
CREATE TABLE teams (
  -- The normalised name.
  team TEXT NOT NULL PRIMARY KEY,
  -- As people write it; NULL is the name.
  display_name TEXT NULL,
  -- Who gets the team's mail.
  owner_email TEXT NULL,
  -- First sight, UTC microseconds.
  created_at INTEGER NOT NULL,
  -- Last change of the row, UTC microseconds.
  updated_at INTEGER NOT NULL
) STRICT;

-- step
CREATE TRIGGER users_touch AFTER UPDATE ON users WHEN NEW.updated_at = OLD.updated_at
BEGIN
  UPDATE users
     SET updated_at = max(OLD.updated_at + 1, CAST(unixepoch('now', 'subsec') * 1000000 AS INTEGER))
   WHERE user_id = NEW.user_id;
END;

-- step
CREATE TRIGGER teams_touch AFTER UPDATE ON teams WHEN NEW.updated_at = OLD.updated_at
BEGIN
  UPDATE teams
     SET updated_at = max(OLD.updated_at + 1, CAST(unixepoch('now', 'subsec') * 1000000 AS INTEGER))
   WHERE team = NEW.team;
END;

-- step
CREATE TRIGGER quotas_touch AFTER UPDATE ON quotas WHEN NEW.updated_at = OLD.updated_at
BEGIN
  UPDATE quotas
     SET updated_at = max(OLD.updated_at + 1, CAST(unixepoch('now', 'subsec') * 1000000 AS INTEGER))
   WHERE scope_kind = NEW.scope_kind AND scope_name = NEW.scope_name
         AND metric = NEW.metric AND window_kind = NEW.window_kind;
END;
