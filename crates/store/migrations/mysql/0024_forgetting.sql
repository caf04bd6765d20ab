-- oldest: 0.1.0
-- Users who are being forgotten (rules P2): what it takes to go on where it stopped.

-- step
CREATE TABLE forgettings (
  -- Who. The row leaves with the last step, so that nobody finds the name here.
  user_id VARCHAR(191) NOT NULL PRIMARY KEY,
  -- What takes the name's place.
  pseudonym VARCHAR(191) NOT NULL,
  -- Every name the user goes by, a JSON array.
  names MEDIUMTEXT NOT NULL,
  -- When it began, UTC microseconds.
  begun_at BIGINT NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
