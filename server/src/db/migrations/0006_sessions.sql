-- Up Migration

-- What signs tokens, shared by all processes. Only the current key has its private part, sealed; a retired one verifies
-- until the last token that it signed has ended.
CREATE TABLE maestro.signing_keys (
  kid text PRIMARY KEY,
  -- JSON.
  public_jwk text NOT NULL,
  sealed_private bytea,
  created_at timestamptz NOT NULL DEFAULT now(),
  retired_at timestamptz,
  verify_until timestamptz,
  CHECK ((retired_at IS NULL) = (sealed_private IS NOT NULL)),
  CHECK ((retired_at IS NULL) = (verify_until IS NULL))
);
-- One current key at most, however many processes make one at once.
CREATE UNIQUE INDEX signing_keys_current ON maestro.signing_keys ((retired_at IS NULL)) WHERE retired_at IS NULL;
SELECT maestro.isolate_as_identity('maestro.signing_keys');

-- A browser's session is known by the hash of its cookie's secret; others by what their tokens say.
ALTER TABLE maestro.sessions
  ADD COLUMN last_seen_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN cookie_hash bytea UNIQUE CHECK (length(cookie_hash) = 32);

-- The first use of a token is answered once it is settled; whoever comes with it before that is in a race, and whoever
-- comes later has a stolen one.
ALTER TABLE maestro.refresh_tokens
  ADD COLUMN contested_at timestamptz,
  ADD COLUMN settled_at timestamptz;

-- Null: as the server's policy has it.
ALTER TABLE maestro.tenants
  ADD COLUMN session_idle_minutes integer CHECK (session_idle_minutes BETWEEN 5 AND 525600),
  ADD COLUMN session_days integer CHECK (session_days BETWEEN 1 AND 365);

-- Down Migration

ALTER TABLE maestro.tenants DROP COLUMN session_idle_minutes, DROP COLUMN session_days;
ALTER TABLE maestro.refresh_tokens DROP COLUMN contested_at, DROP COLUMN settled_at;
ALTER TABLE maestro.sessions DROP COLUMN last_seen_at, DROP COLUMN cookie_hash;
DROP TABLE maestro.signing_keys;
