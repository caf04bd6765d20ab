-- oldest: 0.1.0
-- The record of everything (rules 10). Append-only; each entry carries the hash of the one before. The hash goes
-- over digests of the texts that may name people, so that names can leave (rules P2).

-- step
CREATE TABLE blocking_operations (
  -- Gap-free, from 1.
  seq INTEGER NOT NULL PRIMARY KEY,
  -- The version of the hashed form.
  version INTEGER NOT NULL,
  -- What was done: block, unblock, quota-set.
  operation TEXT NOT NULL,
  -- To whom: user:ana, quota:defaults/requests/day.
  subject TEXT NOT NULL,
  -- Why.
  reason TEXT NOT NULL,
  -- Who, by what can be proved.
  performed_by TEXT NOT NULL,
  -- Who, by their own word.
  claimed_by TEXT NULL,
  -- Wall time, UTC microseconds.
  created_at INTEGER NOT NULL,
  -- From where: cli, server, ingest.
  origin TEXT NOT NULL,
  -- When what was done ends, UTC microseconds.
  expires_at INTEGER NULL,
  -- State before, JSON text.
  state_before TEXT NULL,
  -- State after, JSON text.
  state_after TEXT NULL,
  -- What the decision rests on, JSON text.
  evidence TEXT NULL,
  -- The hash of the entry before.
  prev_hash TEXT NOT NULL,
  -- SHA-256 over version, seq, prev_hash, the fields, and for the texts that may name people (subject, reason,
  -- performed_by, claimed_by, state_before, state_after, evidence) their salted digests.
  hash TEXT NOT NULL,
  -- Of each of these texts the salt; of one that was replaced its first digest and the salt of the new text.
  seals TEXT NOT NULL
) STRICT;

-- step
CREATE INDEX blocking_operations_subject ON blocking_operations (subject);

-- step
CREATE INDEX blocking_operations_operation ON blocking_operations (operation);

-- step
CREATE TABLE audit_head (
  -- Always 1: the table has one row. Locked last.
  id INTEGER NOT NULL PRIMARY KEY,
  -- The last number.
  seq INTEGER NOT NULL,
  -- Its hash.
  hash TEXT NOT NULL,
  CHECK (id = 1)
) STRICT;

-- step
INSERT INTO audit_head (id, seq, hash)
  VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000')
  ON CONFLICT (id) DO NOTHING;

-- step
CREATE TABLE audit_start (
  -- Always 1: the table has one row.
  id INTEGER NOT NULL PRIMARY KEY,
  -- The last entry that left after its term (rules P1); 0 for none. What stays begins after it.
  seq INTEGER NOT NULL,
  -- Its hash. The last `audit-trim` entry says the same.
  hash TEXT NOT NULL,
  CHECK (id = 1)
) STRICT;

-- step
INSERT INTO audit_start (id, seq, hash)
  VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000')
  ON CONFLICT (id) DO NOTHING;

-- step
-- The one change there is puts a pseudonym in the place of a name: the chain stays, a salt leaves.
CREATE TRIGGER blocking_operations_no_update BEFORE UPDATE ON blocking_operations
WHEN NOT (NEW.seq = OLD.seq AND NEW.version = OLD.version AND NEW.operation = OLD.operation
          AND NEW.created_at = OLD.created_at AND NEW.origin = OLD.origin
          AND NEW.expires_at IS OLD.expires_at AND NEW.prev_hash = OLD.prev_hash
          AND NEW.hash = OLD.hash AND NEW.seals <> OLD.seals
          AND length(NEW.seals) >= length(OLD.seals))
BEGIN
  SELECT RAISE(ABORT, 'the audit log is append-only: no UPDATE');
END;

-- step
CREATE TRIGGER blocking_operations_no_delete BEFORE DELETE ON blocking_operations
WHEN OLD.seq > (SELECT seq FROM audit_start WHERE id = 1)
BEGIN
  SELECT RAISE(ABORT, 'the audit log is append-only: no DELETE');
END;

-- step
CREATE TRIGGER audit_start_no_way_back BEFORE UPDATE ON audit_start
WHEN NEW.seq <= OLD.seq
BEGIN
  SELECT RAISE(ABORT, 'the audit log is append-only: what left does not come back');
END;

-- step
CREATE TRIGGER audit_start_no_delete BEFORE DELETE ON audit_start
BEGIN
  SELECT RAISE(ABORT, 'the audit log is append-only: no DELETE');
END;

-- step
CREATE TRIGGER blocking_operations_no_insert_before_head BEFORE INSERT ON blocking_operations
WHEN NEW.seq <= (SELECT seq FROM audit_head)
BEGIN
  SELECT RAISE(ABORT, 'the audit log is append-only: this number is taken');
END;
