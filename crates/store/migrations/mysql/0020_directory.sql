-- oldest: 0.1.0
-- People of the directory behind Identity Center, as `weir sync` read them last.

-- step
CREATE TABLE directory_people (
  -- The directory user id: what identitystore:userId and onBehalfOf say.
  directory_id VARCHAR(64) NOT NULL PRIMARY KEY,
  -- The name they sign in with, as the directory writes it.
  user_name VARCHAR(128) NOT NULL,
  -- The person's name; NULL if the directory has none.
  person VARCHAR(255) NULL,
  -- The e-mail address; NULL if the directory has none.
  email VARCHAR(255) NULL,
  -- Names of the groups they are in, a JSON array, sorted.
  group_names MEDIUMTEXT NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
