-- Up Migration

-- Who a user is at an identity provider: by the provider's issuer and its name for the person, never by an address.
-- `email` is what the provider said last, for the person to tell their identities apart.
CREATE TABLE maestro.identities (
  identity_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  issuer text NOT NULL CHECK (length(issuer) BETWEEN 1 AND 600),
  subject text NOT NULL CHECK (length(subject) BETWEEN 1 AND 255),
  user_id uuid NOT NULL REFERENCES maestro.users ON DELETE CASCADE,
  provider text NOT NULL,
  email text,
  created_at timestamptz NOT NULL DEFAULT now(),
  last_used_at timestamptz,
  UNIQUE (issuer, subject)
);
CREATE INDEX identities_by_user ON maestro.identities (user_id);

-- Sign-ins that a browser was sent to a provider for. Of `state` and of the browser's cookie only hashes are kept; what
-- must be sent to the provider (nonce, PKCE's verifier) is sealed. `link_user_id`: it adds an identity to that user.
CREATE TABLE maestro.provider_flows (
  state_hash bytea PRIMARY KEY CHECK (length(state_hash) = 32),
  cookie_hash bytea NOT NULL CHECK (length(cookie_hash) = 32),
  provider text NOT NULL,
  sealed_checks bytea NOT NULL,
  return_to text NOT NULL,
  tenant text,
  link_user_id uuid REFERENCES maestro.users ON DELETE CASCADE,
  link_session_id uuid REFERENCES maestro.sessions ON DELETE CASCADE,
  expires_at timestamptz NOT NULL,
  CHECK ((link_user_id IS NULL) = (link_session_id IS NULL))
);
CREATE INDEX provider_flows_by_end ON maestro.provider_flows (expires_at);
CREATE INDEX provider_flows_by_user ON maestro.provider_flows (link_user_id);
CREATE INDEX provider_flows_by_session ON maestro.provider_flows (link_session_id);

-- A session that a provider opened: the domain of the address that it vouched for, '' where it vouched for none. NULL:
-- signed in otherwise.
ALTER TABLE maestro.sessions ADD COLUMN provider_domain text;

-- A second factor is asked for after a provider as after a password.
ALTER TABLE maestro.factor_challenges
  ADD COLUMN provider_domain text,
  DROP CONSTRAINT factor_challenges_purpose_check,
  ADD CONSTRAINT factor_challenges_purpose_check
    CHECK (purpose IN ('second_factor', 'passkey', 'registration', 'reauthentication', 'provider'));

-- What a tenant says of people who come by a provider. `group_roles`: a list of {provider, group, role}, of which the
-- first that fits counts.
ALTER TABLE maestro.tenants
  ADD COLUMN allowed_email_domains text[] NOT NULL DEFAULT '{}',
  ADD COLUMN jit_providers text[] NOT NULL DEFAULT '{}',
  ADD COLUMN jit_role text NOT NULL DEFAULT 'viewer',
  ADD COLUMN group_roles jsonb NOT NULL DEFAULT '[]';

SELECT maestro.isolate_as_identity(t) FROM unnest(ARRAY[
  'maestro.identities', 'maestro.provider_flows']::regclass[]) AS t;

-- Down Migration

ALTER TABLE maestro.tenants
  DROP COLUMN allowed_email_domains, DROP COLUMN jit_providers, DROP COLUMN jit_role, DROP COLUMN group_roles;
DELETE FROM maestro.factor_challenges WHERE purpose = 'provider';
ALTER TABLE maestro.factor_challenges
  DROP COLUMN provider_domain,
  DROP CONSTRAINT factor_challenges_purpose_check,
  ADD CONSTRAINT factor_challenges_purpose_check
    CHECK (purpose IN ('second_factor', 'passkey', 'registration', 'reauthentication'));
DELETE FROM maestro.sessions WHERE provider_domain IS NOT NULL;
ALTER TABLE maestro.sessions DROP COLUMN provider_domain;
DROP TABLE maestro.provider_flows, maestro.identities;
