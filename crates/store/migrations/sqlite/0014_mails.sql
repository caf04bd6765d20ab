-- oldest: 0.1.0
-- What the e-mail function sent, so that a request that comes twice is sent once.

-- step
CREATE TABLE mails_sent (
  -- SHA-256 of the message's id and the address, which is not kept here.
  mail TEXT NOT NULL PRIMARY KEY,
  -- UTC microseconds. Rows leave with the outbox rows of their age.
  sent_at INTEGER NOT NULL,
  -- Until when whoever began to send it has for that; NULL once it is sent.
  held_until INTEGER NULL
) WITHOUT ROWID, STRICT;

-- step
CREATE INDEX mails_sent_by_age ON mails_sent (sent_at);
