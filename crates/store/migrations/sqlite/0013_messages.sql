-- oldest: 0.1.0
-- Messages on their way to people, and incidents that administrators are told of (rules 8).

-- step
CREATE TABLE deliveries (
  -- Order of writing.
  seq INTEGER NOT NULL PRIMARY KEY,
  -- The message, by outbox.seq.
  message_seq INTEGER NOT NULL,
  -- Whom the message is about: one subject's leave in order through a channel.
  subject TEXT NOT NULL,
  -- smtp, ses, sns, webhook.NAME, chat.NAME.
  channel TEXT NOT NULL,
  -- The address; empty through a channel that broadcasts, or where none is known.
  recipient TEXT NOT NULL,
  -- user, team-owner, admins.
  audience TEXT NOT NULL,
  -- es or en.
  language TEXT NOT NULL,
  -- What to call the reader.
  name TEXT NULL,
  -- waiting, sent, failed, skipped.
  state TEXT NOT NULL,
  -- Not before, UTC microseconds.
  not_before INTEGER NOT NULL,
  -- Who sends it.
  lease_owner TEXT NULL,
  -- Until when; others may send it then.
  lease_until INTEGER NULL,
  -- How often it was tried.
  attempts INTEGER NOT NULL,
  -- What went wrong last; why it is skipped.
  last_error TEXT NULL,
  -- When it was written, UTC microseconds.
  created_at INTEGER NOT NULL,
  -- When it was sent, or given up.
  ended_at INTEGER NULL
) STRICT;

-- step
CREATE UNIQUE INDEX deliveries_one ON deliveries (message_seq, channel, recipient);

-- step
CREATE INDEX deliveries_due ON deliveries (state, not_before);

-- step
CREATE INDEX deliveries_subject ON deliveries (subject, channel, state);

-- step
CREATE TABLE incidents (
  -- The type of the message that tells of it.
  kind TEXT NOT NULL,
  -- Which of that kind: a target, a model and its Region.
  subject TEXT NOT NULL,
  -- When it began last, UTC microseconds.
  opened_at INTEGER NOT NULL,
  -- When the administrators were told last.
  reminded_at INTEGER NOT NULL,
  -- When it was over; NULL while it lasts.
  closed_at INTEGER NULL,
  PRIMARY KEY (kind, subject)
) WITHOUT ROWID, STRICT;
