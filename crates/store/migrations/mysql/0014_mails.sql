-- oldest: 0.1.0
-- What the e-mail function sent, so that a request that comes twice is sent once.

-- step
CREATE TABLE mails_sent (
  -- SHA-256 of the message's id and the address, which is not kept here.
  mail CHAR(64) NOT NULL PRIMARY KEY,
  -- UTC microseconds. Rows leave with the outbox rows of their age.
  sent_at BIGINT NOT NULL,
  -- Until when whoever began to send it has for that; NULL once it is sent.
  held_until BIGINT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- step
CREATE INDEX mails_sent_by_age ON mails_sent (sent_at);
