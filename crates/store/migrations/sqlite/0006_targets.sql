-- oldest: 0.1.0
-- Where a denial is made real (rules 7): what is wanted, and how far it has come.

-- step
CREATE TABLE access_targets (
  -- The account it lives in.
  account_id TEXT NOT NULL,
  -- iam-user, role, identity-center, permission-set-policy, scp, tool-keys, undeniable.
  kind TEXT NOT NULL,
  -- Its name within account and kind.
  id TEXT NOT NULL,
  -- Counts every change of what is wanted.
  generation INTEGER NOT NULL,
  -- 1 if AWS must deny anything in it.
  denies INTEGER NOT NULL,
  -- none, off, dry_run, verified, applied, requested, held, gone, cannot, failed.
  state TEXT NOT NULL,
  -- The generation that was read back last.
  verified_generation INTEGER NULL,
  -- When the newest generation was asked for, UTC microseconds.
  requested_at INTEGER NULL,
  -- When it was read back.
  verified_at INTEGER NULL,
  -- The first denied call seen since.
  first_denied_at INTEGER NULL,
  -- How often it was tried since it was last verified.
  attempts INTEGER NOT NULL,
  -- Not to be tried before; NULL is nothing to try.
  next_attempt_at INTEGER NULL,
  -- What went wrong last, or why nothing will be done.
  last_error TEXT NULL,
  -- Who holds it.
  lease_owner TEXT NULL,
  -- Until when; others may take it then.
  lease_until INTEGER NULL,
  PRIMARY KEY (account_id, kind, id)
) WITHOUT ROWID, STRICT;

-- step
CREATE INDEX access_targets_due ON access_targets (next_attempt_at);

-- step
CREATE TABLE access_members (
  -- The target's account.
  account_id TEXT NOT NULL,
  -- The target's kind.
  kind TEXT NOT NULL,
  -- The target's id.
  id TEXT NOT NULL,
  -- Whose access it is.
  user_id TEXT NOT NULL,
  -- whole, session, source-identity or person: how the Deny finds the user.
  reach_kind TEXT NOT NULL,
  -- The session, source identity or directory user id; else empty.
  reach TEXT NOT NULL,
  -- What is denied, JSON; an empty object is nothing.
  denial TEXT NOT NULL,
  -- 1 if AWS must deny it; 0 if nothing is denied, or mode or scope let it only be recorded.
  denies INTEGER NOT NULL,
  PRIMARY KEY (account_id, kind, id, user_id, reach)
) WITHOUT ROWID, STRICT;

-- step
CREATE INDEX access_members_user ON access_members (user_id);

-- step
CREATE TABLE access_target_keys (
  -- The target's account.
  account_id TEXT NOT NULL,
  -- The target's kind.
  kind TEXT NOT NULL,
  -- The target's id.
  id TEXT NOT NULL,
  -- A key that is about to be deactivated or was: noted before the call, gone with the outcome that
  -- says it is active again.
  key_id TEXT NOT NULL,
  -- The IAM user it belongs to.
  iam_user TEXT NOT NULL,
  PRIMARY KEY (account_id, kind, id, key_id)
) WITHOUT ROWID, STRICT;
