-- oldest: 0.1.0
-- What decisions go by and what changes seldom: quotas, prices, keys, what administrators said.

-- step
CREATE TABLE rules_head (
  -- Always 1: the table has one row.
  id TINYINT NOT NULL PRIMARY KEY,
  -- Raised by every change of the rules; settle holds it shared while it counts.
  version BIGINT NOT NULL,
  -- IANA name of the business zone; empty until it is stored, then fixed.
  zone VARCHAR(64) NOT NULL,
  -- Whether denials are written to AWS: dry-run, iam, off.
  mode VARCHAR(16) NOT NULL,
  -- 1 if iam was left and the Denies of that time stay until their users are unblocked.
  mode_keeps TINYINT NOT NULL,
  -- 1 if an administrator put the mode in force by command.
  mode_commanded TINYINT NOT NULL,
  -- The home account (rules A6); NULL until it is known.
  home_account VARCHAR(20) NULL,
  -- The key of the pseudonyms that roles see which only look; empty until it is first needed.
  pseudonym_key VARCHAR(64) NOT NULL,
  CHECK (id = 1)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- step
INSERT INTO rules_head (id, version, zone, mode, mode_keeps, mode_commanded, home_account,
    pseudonym_key)
  VALUES (1, 0, '', 'dry-run', 0, 0, NULL, '')
  ON DUPLICATE KEY UPDATE id = 1;

-- step
CREATE TABLE quotas (
  -- user, defaults, team-defaults, team, tool, model, organisation.
  scope_kind VARCHAR(16) NOT NULL,
  -- The name within the kind; empty for defaults and organisation.
  scope_name VARCHAR(191) NOT NULL,
  -- requests, tokens, tokens_all, cost.
  metric VARCHAR(16) NOT NULL,
  -- hour, day, month.
  window_kind VARCHAR(8) NOT NULL,
  -- A count, or nano-dollars for cost; NULL is unlimited.
  limit_value BIGINT NULL,
  -- block or notify.
  action VARCHAR(8) NOT NULL,
  -- Warning thresholds in percent, ascending, separated by commas.
  warn VARCHAR(200) NOT NULL,
  -- Who set it; built-in for the quotas Weir starts with.
  author VARCHAR(255) NOT NULL,
  -- When the row was last changed, UTC microseconds.
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (scope_kind, scope_name, metric, window_kind)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- step
CREATE TABLE quota_additions (
  -- The quota's scope kind.
  scope_kind VARCHAR(16) NOT NULL,
  -- The quota's scope name.
  scope_name VARCHAR(191) NOT NULL,
  -- The quota's metric.
  metric VARCHAR(16) NOT NULL,
  -- The quota's window.
  window_kind VARCHAR(8) NOT NULL,
  -- Place in the list of additions.
  place INT NOT NULL,
  -- How much more.
  amount BIGINT NOT NULL,
  -- The first instant at which it no longer holds, UTC microseconds.
  until BIGINT NOT NULL,
  -- 1 if it adds to what the user inherits.
  inherited TINYINT NOT NULL,
  PRIMARY KEY (scope_kind, scope_name, metric, window_kind, place),
  FOREIGN KEY (scope_kind, scope_name, metric, window_kind)
    REFERENCES quotas (scope_kind, scope_name, metric, window_kind) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- step
CREATE TABLE model_pricing (
  -- The canonical model id, exactly.
  model VARCHAR(160) NOT NULL,
  -- global or regional.
  class VARCHAR(16) NOT NULL,
  -- Source Regions: eu-west-1, eu-* or *.
  region VARCHAR(40) NOT NULL,
  -- input, cache_read, cache_write_5m, cache_write_1h, output.
  token_class VARCHAR(24) NOT NULL,
  -- standard, batch, flex, priority.
  tier VARCHAR(16) NOT NULL,
  -- From how many tokens of whole input; 0 is the base band.
  band_from BIGINT NOT NULL,
  -- From when, UTC microseconds; 0 is always.
  effective_from BIGINT NOT NULL,
  -- Before when, alike; NULL has no end.
  effective_until BIGINT NULL,
  -- Nano-dollars per million tokens; NULL is known to be unknown.
  price_nanos_per_mtok BIGINT NULL,
  -- administrator or price-list.
  source VARCHAR(24) NOT NULL,
  PRIMARY KEY (model, class, region, token_class, tier, band_from, effective_from, source)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- step
CREATE TABLE api_keys (
  -- Access key id or service-specific credential id. Never a secret.
  key_id VARCHAR(128) NOT NULL PRIMARY KEY,
  -- Whose it is.
  user_id VARCHAR(191) NOT NULL,
  -- The one tool it was made for.
  tool VARCHAR(100) NOT NULL,
  -- access-key, bedrock or gateway.
  kind VARCHAR(16) NOT NULL,
  -- 1 if Weir made it, so that Weir may deactivate it.
  made_by_weir TINYINT NOT NULL,
  -- The IAM user that holds it; NULL if not known.
  iam_user VARCHAR(64) NULL,
  -- When it was made, UTC microseconds; NULL if not known.
  created_at BIGINT NULL,
  -- When it ends by itself; NULL if never or not known.
  expires_at BIGINT NULL,
  -- active or inactive, as commands left it; revoked keys stay, for calls of the past.
  status VARCHAR(16) NOT NULL,
  KEY api_keys_user (user_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- step
CREATE TABLE people (
  -- About whom an administrator said something.
  user_id VARCHAR(191) NOT NULL PRIMARY KEY,
  -- The team, whatever tags say; NULL was not said.
  team VARCHAR(128) NULL,
  -- The person's name; NULL was not said.
  person VARCHAR(255) NULL,
  -- The e-mail address; NULL was not said.
  email VARCHAR(255) NULL,
  -- es or en; NULL was not said.
  language VARCHAR(8) NULL,
  -- human, workload, service, unknown; NULL was not said.
  class VARCHAR(16) NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- step
CREATE TABLE principal_holders (
  -- The name: its account.
  account_id VARCHAR(20) NOT NULL,
  -- As in user_principals.
  kind VARCHAR(20) NOT NULL,
  -- As in user_principals.
  name VARCHAR(128) NOT NULL,
  -- As in user_principals; empty for none.
  session VARCHAR(191) NOT NULL,
  -- Who bore the name: AIDA..., AROA..., directory user id.
  stable_id VARCHAR(128) NOT NULL,
  -- Whose calls its calls are.
  user_id VARCHAR(191) NOT NULL,
  -- Its first call as far as known, UTC microseconds.
  since BIGINT NOT NULL,
  -- 1 if an administrator said so, or nobody had to: it was the first.
  confirmed TINYINT NOT NULL,
  PRIMARY KEY (account_id, kind, name, session, stable_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
