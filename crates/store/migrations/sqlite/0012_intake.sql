-- oldest: 0.1.0
-- How far sources that are read bit by bit have been read.

-- step
CREATE TABLE intake_cursors (
  -- What is read: a followed log group, or a backfill with its range. Backfills that came to their end have no row.
  source TEXT NOT NULL PRIMARY KEY,
  -- How far: the last object key, or an instant. What it means is up to the source.
  position TEXT NOT NULL,
  -- When that was written, UTC microseconds.
  updated_at INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
