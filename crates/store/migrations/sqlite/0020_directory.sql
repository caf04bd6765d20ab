-- oldest: 0.1.0
-- People of the directory behind Identity Center, as `weir sync` read them last.

-- step
CREATE TABLE directory_people (
  -- The directory user id: what identitystore:userId and onBehalfOf say.
  directory_id TEXT NOT NULL PRIMARY KEY,
  -- The name they sign in with, as the directory writes it.
  user_name TEXT NOT NULL,
  -- The person's name; NULL if the directory has none.
  person TEXT NULL,
  -- The e-mail address; NULL if the directory has none.
  email TEXT NULL,
  -- Names of the groups they are in, a JSON array, sorted.
  group_names TEXT NOT NULL
) STRICT;
