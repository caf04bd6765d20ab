-- oldest: 0.1.0
-- What leaves the transaction that decided it: jobs, and messages to people.

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
  -- evaluate, evaluate-team, evaluate-all; of a message its type.
  kind TEXT NOT NULL,
  -- The user or team of the job; of a message its user or team, or nothing.
  about TEXT NOT NULL,
  -- Go on after this user.
  after_user TEXT NULL,
  -- The message, JSON; NULL for a job.
  payload TEXT NULL,
  -- Of a job waiting or done; of a message untold, told or unsent.
  state TEXT NOT NULL,
  -- Who holds it.
  lease_owner TEXT NULL,
  -- Until when; others may take it then.
  lease_until INTEGER NULL,
  -- How often it was tried.
  attempts INTEGER NOT NULL,
  -- The message in whose place this one was told, and in whose order.
  in_place_of INTEGER NULL,
  -- What went wrong last; why a message is not sent.
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
