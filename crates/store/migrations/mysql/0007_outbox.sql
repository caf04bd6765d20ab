-- oldest: 0.1.0
-- What leaves the transaction that decided it: jobs, and messages to people.

-- step
CREATE TABLE outbox (
  -- Order of writing.
  seq BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  -- Kind, subject and occasion: deciding twice enqueues once.
  id VARCHAR(400) NOT NULL,
  -- Whom it is about.
  subject VARCHAR(255) NOT NULL,
  -- Not before, UTC microseconds.
  not_before BIGINT NOT NULL,
  -- evaluate, evaluate-team, evaluate-all; of a message its type.
  kind VARCHAR(32) NOT NULL,
  -- The user or team of the job; of a message its user or team, or nothing.
  about VARCHAR(191) NOT NULL,
  -- Go on after this user.
  after_user VARCHAR(191) NULL,
  -- The message, JSON; NULL for a job.
  payload MEDIUMTEXT NULL,
  -- Of a job waiting or done; of a message untold, told or unsent.
  state VARCHAR(8) NOT NULL,
  -- Who holds it.
  lease_owner VARCHAR(128) NULL,
  -- Until when; others may take it then.
  lease_until BIGINT NULL,
  -- How often it was tried.
  attempts INT NOT NULL,
  -- The message in whose place this one was told, and in whose order.
  in_place_of BIGINT NULL,
  -- What went wrong last; why a message is not sent.
  last_error TEXT NULL,
  -- When it was written, UTC microseconds.
  created_at BIGINT NOT NULL,
  UNIQUE KEY outbox_id (id),
  KEY outbox_due (state, not_before),
  KEY outbox_subject (subject, state)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
