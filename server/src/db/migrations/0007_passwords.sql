-- Up Migration

-- When somebody last showed to read the mail of this address.
ALTER TABLE maestro.users ADD COLUMN email_verified_at timestamptz;

-- Links of mails: invitations, verifications of an address, resets of a password. Only hashes are kept. `ended_at` says
-- that a newer one took its place, or that it was withdrawn.
CREATE TABLE maestro.one_time_tokens (
  token_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  token_hash bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
  purpose text NOT NULL CHECK (purpose IN ('invitation', 'verification', 'reset')),
  email text NOT NULL,
  user_id uuid REFERENCES maestro.users ON DELETE CASCADE,
  tenant_id uuid REFERENCES maestro.tenants ON DELETE CASCADE,
  role text,
  -- Who asked for it, where that was a user, and from which address.
  asked_by uuid REFERENCES maestro.users ON DELETE CASCADE,
  address text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  used_at timestamptz,
  ended_at timestamptz,
  CHECK ((tenant_id IS NULL) = (role IS NULL)),
  CHECK (purpose = 'invitation' OR (user_id IS NOT NULL AND tenant_id IS NULL)),
  CHECK (user_id IS NOT NULL OR tenant_id IS NOT NULL)
);
CREATE INDEX one_time_tokens_by_user ON maestro.one_time_tokens (user_id, created_at);
CREATE INDEX one_time_tokens_by_tenant ON maestro.one_time_tokens (tenant_id, created_at);
CREATE INDEX one_time_tokens_by_asker ON maestro.one_time_tokens (asked_by);
CREATE INDEX one_time_tokens_by_address ON maestro.one_time_tokens (address, created_at);
CREATE INDEX one_time_tokens_by_end ON maestro.one_time_tokens (expires_at);
SELECT maestro.isolate_as_identity('maestro.one_time_tokens');

-- Down Migration

DROP TABLE maestro.one_time_tokens;
ALTER TABLE maestro.users DROP COLUMN email_verified_at;
