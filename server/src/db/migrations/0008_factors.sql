-- Up Migration

ALTER TABLE maestro.tenants ADD COLUMN requires_factor boolean NOT NULL DEFAULT false;

-- An authenticator app; unconfirmed until its user has shown a code of it. `last_step` is the newest time step whose
-- code was taken: neither it nor an older one is taken again. `failures` counts tries since the last success.
CREATE TABLE maestro.totp_factors (
  user_id uuid PRIMARY KEY REFERENCES maestro.users ON DELETE CASCADE,
  factor_id uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  sealed_seed bytea NOT NULL,
  last_step bigint NOT NULL DEFAULT 0,
  failures integer NOT NULL DEFAULT 0,
  failed_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  confirmed_at timestamptz,
  last_used_at timestamptz
);

-- A security key or a passkey. `counter` is the newest signature counter that it showed.
CREATE TABLE maestro.webauthn_credentials (
  credential_id text PRIMARY KEY CHECK (length(credential_id) BETWEEN 1 AND 1400),
  factor_id uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
  user_id uuid NOT NULL REFERENCES maestro.users ON DELETE CASCADE,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  public_key bytea NOT NULL,
  counter bigint NOT NULL,
  transports text[] NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  last_used_at timestamptz
);
CREATE INDEX webauthn_credentials_by_user ON maestro.webauthn_credentials (user_id);

CREATE TABLE maestro.backup_codes (
  user_id uuid NOT NULL REFERENCES maestro.users ON DELETE CASCADE,
  code_hash bytea NOT NULL CHECK (length(code_hash) = 32),
  created_at timestamptz NOT NULL DEFAULT now(),
  used_at timestamptz,
  PRIMARY KEY (user_id, code_hash)
);

-- What a caller must answer with a factor: only the hash of its secret is kept, until it is answered or runs out.
CREATE TABLE maestro.factor_challenges (
  challenge_hash bytea PRIMARY KEY CHECK (length(challenge_hash) = 32),
  purpose text NOT NULL CHECK (purpose IN ('second_factor', 'passkey', 'registration', 'reauthentication')),
  user_id uuid REFERENCES maestro.users ON DELETE CASCADE,
  session_id uuid REFERENCES maestro.sessions ON DELETE CASCADE,
  tenant text,
  attempts integer NOT NULL DEFAULT 0,
  expires_at timestamptz NOT NULL
);
CREATE INDEX factor_challenges_by_end ON maestro.factor_challenges (expires_at);
CREATE INDEX factor_challenges_by_user ON maestro.factor_challenges (user_id);

SELECT maestro.isolate_as_identity(t) FROM unnest(ARRAY[
  'maestro.totp_factors', 'maestro.webauthn_credentials', 'maestro.backup_codes',
  'maestro.factor_challenges']::regclass[]) AS t;

-- Down Migration

DROP TABLE maestro.factor_challenges, maestro.backup_codes, maestro.webauthn_credentials, maestro.totp_factors;
ALTER TABLE maestro.tenants DROP COLUMN requires_factor;
