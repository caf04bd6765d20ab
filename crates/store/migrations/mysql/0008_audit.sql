-- oldest: 0.1.0
-- The record of everything (rules 10). Append-only; each entry carries the hash of the one before. The hash goes
-- over digests of the texts that may name people, so that names can leave (rules P2).

-- step
CREATE TABLE blocking_operations (
  -- Gap-free, from 1.
  seq BIGINT NOT NULL PRIMARY KEY,
  -- The version of the hashed form.
  version INT NOT NULL,
  -- What was done: block, unblock, quota-set.
  operation VARCHAR(64) NOT NULL,
  -- To whom: user:ana, quota:defaults/requests/day.
  subject VARCHAR(400) NOT NULL,
  -- Why.
  reason MEDIUMTEXT NOT NULL,
  -- Who, by what can be proved.
  performed_by VARCHAR(400) NOT NULL,
  -- Who, by their own word.
  claimed_by VARCHAR(400) NULL,
  -- Wall time, UTC microseconds.
  created_at BIGINT NOT NULL,
  -- From where: cli, server, ingest.
  origin VARCHAR(64) NOT NULL,
  -- When what was done ends, UTC microseconds.
  expires_at BIGINT NULL,
  -- State before, JSON text.
  state_before MEDIUMTEXT NULL,
  -- State after, JSON text.
  state_after MEDIUMTEXT NULL,
  -- What the decision rests on, JSON text.
  evidence MEDIUMTEXT NULL,
  -- The hash of the entry before.
  prev_hash CHAR(64) NOT NULL,
  -- SHA-256 over version, seq, prev_hash, the fields, and for the texts that may name people (subject, reason,
  -- performed_by, claimed_by, state_before, state_after, evidence) their salted digests.
  hash CHAR(64) NOT NULL,
  -- Of each of these texts the salt; of one that was replaced its first digest and the salt of the new text.
  seals VARCHAR(700) NOT NULL,
  KEY blocking_operations_subject (subject),
  KEY blocking_operations_operation (operation)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- step
CREATE TABLE audit_head (
  -- Always 1: the table has one row. Locked last.
  id TINYINT NOT NULL PRIMARY KEY,
  -- The last number.
  seq BIGINT NOT NULL,
  -- Its hash.
  hash CHAR(64) NOT NULL,
  CHECK (id = 1)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- step
INSERT INTO audit_head (id, seq, hash)
  VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000')
  ON DUPLICATE KEY UPDATE id = 1;

-- step
CREATE TABLE audit_start (
  -- Always 1: the table has one row.
  id TINYINT NOT NULL PRIMARY KEY,
  -- The last entry that left after its term (rules P1); 0 for none. What stays begins after it.
  seq BIGINT NOT NULL,
  -- Its hash. The last `audit-trim` entry says the same.
  hash CHAR(64) NOT NULL,
  CHECK (id = 1)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- step
INSERT INTO audit_start (id, seq, hash)
  VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000')
  ON DUPLICATE KEY UPDATE id = 1;

-- step
-- The one change there is puts a pseudonym in the place of a name: the chain stays, a salt leaves.
CREATE TRIGGER blocking_operations_no_update BEFORE UPDATE ON blocking_operations FOR EACH ROW
BEGIN
  IF NOT (NEW.seq = OLD.seq AND NEW.version = OLD.version AND NEW.operation = OLD.operation
          AND NEW.created_at = OLD.created_at AND NEW.origin = OLD.origin
          AND NEW.expires_at <=> OLD.expires_at AND NEW.prev_hash = OLD.prev_hash
          AND NEW.hash = OLD.hash AND NEW.seals <> OLD.seals
          AND CHAR_LENGTH(NEW.seals) >= CHAR_LENGTH(OLD.seals)) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the audit log is append-only: no UPDATE';
  END IF;
END;

-- step
CREATE TRIGGER blocking_operations_no_delete BEFORE DELETE ON blocking_operations FOR EACH ROW
BEGIN
  IF OLD.seq > (SELECT seq FROM audit_start WHERE id = 1) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the audit log is append-only: no DELETE';
  END IF;
END;

-- step
CREATE TRIGGER audit_start_no_way_back BEFORE UPDATE ON audit_start FOR EACH ROW
BEGIN
  IF NEW.seq <= OLD.seq THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the audit log is append-only: what left does not come back';
  END IF;
END;

-- step
CREATE TRIGGER audit_start_no_delete BEFORE DELETE ON audit_start FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the audit log is append-only: no DELETE';
