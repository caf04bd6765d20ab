-- oldest: 0.1.0
-- What decisions go by and what changes seldom: quotas, prices, keys, what administrators said.

-- step
CREATE TABLE rules_head (
  -- Always 1: the table has one row.
  id INTEGER NOT NULL PRIMARY KEY,
  -- Raised by every change of the rules; settle holds it shared while it counts.
  version INTEGER NOT NULL,
  -- IANA name of the business zone; empty until it is stored, then fixed.
  zone TEXT NOT NULL,
  -- Whether denials are written to AWS: dry-run, iam, off.
  mode TEXT NOT NULL,
  -- 1 if iam was left and the Denies of that time stay until their users are unblocked.
  mode_keeps INTEGER NOT NULL,
  -- 1 if an administrator put the mode in force by command.
  mode_commanded INTEGER NOT NULL,
  -- The home account (rules A6); NULL until it is known.
  home_account TEXT NULL,
  -- The key of the pseudonyms that roles see which only look; empty until it is first needed.
  pseudonym_key TEXT NOT NULL,
  CHECK (id = 1)
) STRICT;

-- step
INSERT INTO rules_head (id, version, zone, mode, mode_keeps, mode_commanded, home_account,
    pseudonym_key)
  VALUES (1, 0, '', 'dry-run', 0, 0, NULL, '')
  ON CONFLICT (id) DO NOTHING;

-- step
CREATE TABLE quotas (
  -- user, defaults, team-defaults, team, tool, model, organisation.
  scope_kind TEXT NOT NULL,
  -- The name within the kind; empty for defaults and organisation.
  scope_name TEXT NOT NULL,
  -- requests, tokens, tokens_all, cost.
  metric TEXT NOT NULL,
  -- hour, day, month.
  window_kind TEXT NOT NULL,
  -- A count, or nano-dollars for cost; NULL is unlimited.
  limit_value INTEGER NULL,
  -- block or notify.
  action TEXT NOT NULL,
  -- Warning thresholds in percent, ascending, separated by commas.
  warn TEXT NOT NULL,
  -- Who set it; built-in for the quotas Weir starts with.
  author TEXT NOT NULL,
  -- When the row was last changed, UTC microseconds.
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (scope_kind, scope_name, metric, window_kind)
) WITHOUT ROWID, STRICT;

-- step
CREATE TABLE quota_additions (
  -- The quota's scope kind.
  scope_kind TEXT NOT NULL,
  -- The quota's scope name.
  scope_name TEXT NOT NULL,
  -- The quota's metric.
  metric TEXT NOT NULL,
  -- The quota's window.
  window_kind TEXT NOT NULL,
  -- Place in the list of additions.
  place INTEGER NOT NULL,
  -- How much more.
  amount INTEGER NOT NULL,
  -- The first instant at which it no longer holds, UTC microseconds.
  until INTEGER NOT NULL,
  -- 1 if it adds to what the user inherits.
  inherited INTEGER NOT NULL,
  PRIMARY KEY (scope_kind, scope_name, metric, window_kind, place),
  FOREIGN KEY (scope_kind, scope_name, metric, window_kind)
    REFERENCES quotas (scope_kind, scope_name, metric, window_kind) ON DELETE CASCADE
) WITHOUT ROWID, STRICT;

-- step
CREATE TABLE model_pricing (
  -- The canonical model id, exactly.
  model TEXT NOT NULL,
  -- global or regional.
  class TEXT NOT NULL,
  -- Source Regions: eu-west-1, eu-* or *.
  region TEXT NOT NULL,
  -- input, cache_read, cache_write_5m, cache_write_1h, output.
  token_class TEXT NOT NULL,
  -- standard, batch, flex, priority.
  tier TEXT NOT NULL,
  -- From how many tokens of whole input; 0 is the base band.
  band_from INTEGER NOT NULL,
  -- From when, UTC microseconds; 0 is always.
  effective_from INTEGER NOT NULL,
  -- Before when, alike; NULL has no end.
  effective_until INTEGER,
  -- Nano-dollars per million tokens; NULL is known to be unknown.
  price_nanos_per_mtok INTEGER NULL,
  -- administrator or price-list.
  source TEXT NOT NULL,
  PRIMARY KEY (model, class, region, token_class, tier, band_from, effective_from, source)
) WITHOUT ROWID, STRICT;

-- step
CREATE TABLE api_keys (
  -- Access key id or service-specific credential id. Never a secret.
  key_id TEXT NOT NULL PRIMARY KEY,
  -- Whose it is.
  user_id TEXT NOT NULL,
  -- The one tool it was made for.
  tool TEXT NOT NULL,
  -- access-key, bedrock or gateway.
  kind TEXT NOT NULL,
  -- 1 if Weir made it, so that Weir may deactivate it.
  made_by_weir INTEGER NOT NULL,
  -- The IAM user that holds it; NULL if not known.
  iam_user TEXT NULL,
  -- When it was made, UTC microseconds; NULL if not known.
  created_at INTEGER NULL,
  -- When it ends by itself; NULL if never or not known.
  expires_at INTEGER NULL,
  -- active or inactive, as commands left it; revoked keys stay, for calls of the past.
  status TEXT NOT NULL
) STRICT;

-- step
CREATE INDEX api_keys_user ON api_keys (user_id);

-- step
CREATE TABLE people (
  -- About whom an administrator said something.
  user_id TEXT NOT NULL PRIMARY KEY,
  -- The team, whatever tags say; NULL was not said.
  team TEXT NULL,
  -- The person's name; NULL was not said.
  person TEXT NULL,
  -- The e-mail address; NULL was not said.
  email TEXT NULL,
  -- es or en; NULL was not said.
  language TEXT NULL,
  -- human, workload, service, unknown; NULL was not said.
  class TEXT NULL
) STRICT;

-- step
CREATE TABLE principal_holders (
  -- The name: its account.
  account_id TEXT NOT NULL,
  -- As in user_principals.
  kind TEXT NOT NULL,
  -- As in user_principals.
  name TEXT NOT NULL,
  -- As in user_principals; empty for none.
  session TEXT NOT NULL,
  -- Who bore the name: AIDA..., AROA..., directory user id.
  stable_id TEXT NOT NULL,
  -- Whose calls its calls are.
  user_id TEXT NOT NULL,
  -- Its first call as far as known, UTC microseconds.
  since INTEGER NOT NULL,
  -- 1 if an administrator said so, or nobody had to: it was the first.
  confirmed INTEGER NOT NULL,
  PRIMARY KEY (account_id, kind, name, session, stable_id)
) WITHOUT ROWID, STRICT;
