-- oldest: 0.1.0
-- Users who are being forgotten (rules P2): what it takes to go on where it stopped.

-- step
CREATE TABLE forgettings (
  -- Who. The row leaves with the last step, so that nobody finds the name here.
  user_id TEXT NOT NULL PRIMARY KEY,
  -- What takes the name's place.
  pseudonym TEXT NOT NULL,
  -- Every name the user goes by, a JSON array.
  names TEXT NOT NULL,
  -- When it began, UTC microseconds.
  begun_at INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
