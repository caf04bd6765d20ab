-- oldest: 0.1.0
-- How far sources that are read bit by bit have been read.

-- step
CREATE TABLE intake_cursors (
  -- What is read: a followed log group, or a backfill with its range. Backfills that came to their end have no row.
  source VARCHAR(700) NOT NULL PRIMARY KEY,
  -- How far: the last object key, or an instant. What it means is up to the source.
  position MEDIUMTEXT NOT NULL,
  -- When that was written, UTC microseconds.
  updated_at BIGINT NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
