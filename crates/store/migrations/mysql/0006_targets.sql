-- oldest: 0.1.0
-- Where a denial is made real (rules 7): what is wanted, and how far it has come.

-- step
CREATE TABLE access_targets (
  -- The account it lives in.
  account_id VARCHAR(20) NOT NULL,
  -- iam-user, role, identity-center, permission-set-policy, scp, tool-keys, undeniable.
  kind VARCHAR(20) NOT NULL,
  -- Its name within account and kind.
  id VARCHAR(300) NOT NULL,
  -- Counts every change of what is wanted.
  generation BIGINT NOT NULL,
  -- 1 if AWS must deny anything in it.
  denies TINYINT NOT NULL,
  -- none, off, dry_run, verified, applied, requested, held, gone, cannot, failed.
  state VARCHAR(16) NOT NULL,
  -- The generation that was read back last.
  verified_generation BIGINT NULL,
  -- When the newest generation was asked for, UTC microseconds.
  requested_at BIGINT NULL,
  -- When it was read back.
  verified_at BIGINT NULL,
  -- The first denied call seen since.
  first_denied_at BIGINT NULL,
  -- How often it was tried since it was last verified.
  attempts INT NOT NULL,
  -- Not to be tried before; NULL is nothing to try.
  next_attempt_at BIGINT NULL,
  -- What went wrong last, or why nothing will be done.
  last_error TEXT NULL,
  -- Who holds it.
  lease_owner VARCHAR(128) NULL,
  -- Until when; others may take it then.
  lease_until BIGINT NULL,
  PRIMARY KEY (account_id, kind, id),
  KEY access_targets_due (next_attempt_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- step
CREATE TABLE access_members (
  -- The target's account.
  account_id VARCHAR(20) NOT NULL,
  -- The target's kind.
  kind VARCHAR(20) NOT NULL,
  -- The target's id.
  id VARCHAR(300) NOT NULL,
  -- Whose access it is.
  user_id VARCHAR(191) NOT NULL,
  -- whole, session, source-identity or person: how the Deny finds the user.
  reach_kind VARCHAR(16) NOT NULL,
  -- The session, source identity or directory user id; else empty.
  reach VARCHAR(236) NOT NULL,
  -- What is denied, JSON; an empty object is nothing.
  denial TEXT NOT NULL,
  -- 1 if AWS must deny it; 0 if nothing is denied, or mode or scope let it only be recorded.
  denies TINYINT NOT NULL,
  PRIMARY KEY (account_id, kind, id, user_id, reach),
  KEY access_members_user (user_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- step
CREATE TABLE access_target_keys (
  -- The target's account.
  account_id VARCHAR(20) NOT NULL,
  -- The target's kind.
  kind VARCHAR(20) NOT NULL,
  -- The target's id.
  id VARCHAR(300) NOT NULL,
  -- A key that is about to be deactivated or was: noted before the call, gone with the outcome that
  -- says it is active again.
  key_id VARCHAR(128) NOT NULL,
  -- The IAM user it belongs to.
  iam_user VARCHAR(64) NOT NULL,
  PRIMARY KEY (account_id, kind, id, key_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
