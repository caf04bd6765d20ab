-- oldest: 0.1.0
-- Work that leaves the transaction that decided it.

-- step
CREATE TABLE outbox (
  -- Order of writing.
  seq INTEGER NOT NULL PRIMARY KEY,
  -- Kind, subject and occasion: deciding twice enqueues once.
  id TEXT NOT NULL,
  -- Whom it is about.
  subject TEXT NOT NULL,
  -- Not before, UTC microseconds.
  not_before INTEGER NOT NULL,
  -- evaluate, evaluate-team, evaluate-all.
  kind TEXT NOT NULL,
  -- The user or team of the job.
  about TEXT NOT NULL,
  -- Go on after this user.
  after_user TEXT NULL,
  -- Account, kind and id of the target it waits for; NULL for none.
  waits_for TEXT NULL,
  -- The generation of that target.
  waits_generation INTEGER NULL,
  -- What else the kind needs, JSON.
  payload TEXT NULL,
  -- waiting or done.
  state TEXT NOT NULL,
  -- Who holds it.
  lease_owner TEXT NULL,
  -- Until when; others may take it then.
  lease_until INTEGER NULL,
  -- How often it was tried.
  attempts INTEGER NOT NULL,
  -- What went wrong last.
  last_error TEXT NULL,
  -- When it was written, UTC microseconds.
  created_at INTEGER NOT NULL
) STRICT;

-- step
CREATE UNIQUE INDEX outbox_id ON outbox (id);

-- step
CREATE INDEX outbox_due ON outbox (state, not_before);

-- step
CREATE INDEX outbox_subject ON outbox (subject, state);
