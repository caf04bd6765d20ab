-- oldest: 0.1.0
-- Messages on their way to people, and incidents that administrators are told of (rules 8).

-- step
CREATE TABLE deliveries (
  -- Order of writing.
  seq BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  -- The message, by outbox.seq.
  message_seq BIGINT NOT NULL,
  -- Whom the message is about: one subject's leave in order through a channel.
  subject VARCHAR(255) NOT NULL,
  -- smtp, ses, sns, webhook.NAME, chat.NAME.
  channel VARCHAR(191) NOT NULL,
  -- The address; empty through a channel that broadcasts, or where none is known.
  recipient VARCHAR(320) NOT NULL,
  -- user, team-owner, admins.
  audience VARCHAR(16) NOT NULL,
  -- es or en.
  language VARCHAR(8) NOT NULL,
  -- What to call the reader.
  name VARCHAR(255) NULL,
  -- waiting, sent, failed, skipped.
  state VARCHAR(8) NOT NULL,
  -- Not before, UTC microseconds.
  not_before BIGINT NOT NULL,
  -- Who sends it.
  lease_owner VARCHAR(128) NULL,
  -- Until when; others may send it then.
  lease_until BIGINT NULL,
  -- How often it was tried.
  attempts INT NOT NULL,
  -- What went wrong last; why it is skipped.
  last_error TEXT NULL,
  -- When it was written, UTC microseconds.
  created_at BIGINT NOT NULL,
  -- When it was sent, or given up.
  ended_at BIGINT NULL,
  UNIQUE KEY deliveries_one (message_seq, channel, recipient),
  KEY deliveries_due (state, not_before),
  KEY deliveries_subject (subject, channel, state)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- step
CREATE TABLE incidents (
  -- The type of the message that tells of it.
  kind VARCHAR(32) NOT NULL,
  -- Which of that kind: a target, a model and its Region.
  subject VARCHAR(400) NOT NULL,
  -- When it began last, UTC microseconds.
  opened_at BIGINT NOT NULL,
  -- When the administrators were told last.
  reminded_at BIGINT NOT NULL,
  -- When it was over; NULL while it lasts.
  closed_at BIGINT NULL,
  PRIMARY KEY (kind, subject)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
