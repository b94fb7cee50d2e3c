-- Up Migration

-- The tenant of a transaction. SET LOCAL, not set_config: only the former reaches the workers of a Citus cluster.
-- Called as the first statement after BEGIN, never inside a savepoint.
CREATE FUNCTION maestro.set_tenant(tenant uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('SET LOCAL maestro.tenant = %L', tenant);
END
$$;

-- Opens the personal and global tables to one transaction, which then sees no tenant's table.
CREATE FUNCTION maestro.enter_identity() RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  SET LOCAL maestro.identity = 'on';
END
$$;

-- Gives a tenant table its row-level security: forced, so that it binds the owner too.
CREATE FUNCTION maestro.isolate_by_tenant(tenant_table regclass) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', tenant_table);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', tenant_table);
  EXECUTE format(
    'CREATE POLICY own_tenant ON %s USING (tenant_id = nullif(current_setting(''maestro.tenant'', true), '''')::uuid)',
    tenant_table);
END
$$;

-- Gives a reference table (personal or global) its row-level security: closed to a tenant's transaction.
CREATE FUNCTION maestro.isolate_as_identity(reference_table regclass) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', reference_table);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', reference_table);
  EXECUTE format(
    'CREATE POLICY identity_only ON %s USING (current_setting(''maestro.identity'', true) = ''on'')',
    reference_table);
END
$$;

-- Reference tables: personal and global.

CREATE TABLE maestro.tenants (
  tenant_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  slug text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  is_active boolean NOT NULL DEFAULT true,
  max_users integer NOT NULL DEFAULT 10 CHECK (max_users > 0),
  max_projects integer NOT NULL DEFAULT 100 CHECK (max_projects > 0),
  max_artifacts integer NOT NULL DEFAULT 1000 CHECK (max_artifacts > 0),
  settings jsonb NOT NULL DEFAULT '{}',
  metadata jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE maestro.users (
  user_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  email text NOT NULL,
  name text NOT NULL DEFAULT '',
  password_hash text,
  is_operator boolean NOT NULL DEFAULT false,
  is_active boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX users_email ON maestro.users (lower(email));

CREATE TABLE maestro.memberships (
  tenant_id uuid NOT NULL REFERENCES maestro.tenants ON DELETE CASCADE,
  user_id uuid NOT NULL REFERENCES maestro.users ON DELETE CASCADE,
  role text NOT NULL CHECK (role IN ('viewer', 'data_scientist', 'ml_engineer', 'tenant_admin')),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, user_id)
);
CREATE INDEX memberships_by_user ON maestro.memberships (user_id);

CREATE TABLE maestro.sessions (
  session_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id uuid NOT NULL REFERENCES maestro.users ON DELETE CASCADE,
  tenant_id uuid REFERENCES maestro.tenants ON DELETE CASCADE,
  device text NOT NULL DEFAULT '',
  address text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  ended_at timestamptz,
  end_reason text
);
CREATE INDEX sessions_by_user ON maestro.sessions (user_id, created_at);

-- Only hashes of token ids are kept. A row used a second time ends its session.
CREATE TABLE maestro.refresh_tokens (
  token_hash bytea PRIMARY KEY,
  session_id uuid NOT NULL REFERENCES maestro.sessions ON DELETE CASCADE,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  used_at timestamptz
);
CREATE INDEX refresh_tokens_by_session ON maestro.refresh_tokens (session_id);

-- Operators' audit: what happened to tenants and users, outside any one tenant.
CREATE TABLE maestro.operator_audit_events (
  event_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  actor_kind text NOT NULL,
  actor_id text NOT NULL,
  action text NOT NULL,
  target text NOT NULL DEFAULT '',
  outcome text NOT NULL CHECK (outcome IN ('success', 'refused')),
  request_id text NOT NULL DEFAULT '',
  address text NOT NULL DEFAULT '',
  detail jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX operator_audit_events_by_time ON maestro.operator_audit_events (created_at);

SELECT maestro.isolate_as_identity(t) FROM unnest(ARRAY[
  'maestro.tenants', 'maestro.users', 'maestro.memberships', 'maestro.sessions', 'maestro.refresh_tokens',
  'maestro.operator_audit_events']::regclass[]) AS t;

-- Tenant tables.

CREATE TABLE maestro.service_accounts (
  tenant_id uuid NOT NULL,
  service_account_id uuid NOT NULL DEFAULT gen_random_uuid(),
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  role text NOT NULL CHECK (role IN ('viewer', 'data_scientist', 'ml_engineer', 'tenant_admin')),
  is_active boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, service_account_id),
  UNIQUE (tenant_id, name)
);

-- An API key's text names its tenant, so that looking it up is one shard's work. The secret is stored as SHA-256.
CREATE TABLE maestro.api_keys (
  tenant_id uuid NOT NULL,
  key_id uuid NOT NULL DEFAULT gen_random_uuid(),
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  prefix text NOT NULL,
  secret_hash bytea NOT NULL CHECK (length(secret_hash) = 32),
  user_id uuid,
  service_account_id uuid,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz,
  PRIMARY KEY (tenant_id, key_id),
  UNIQUE (tenant_id, secret_hash),
  CHECK ((user_id IS NULL) <> (service_account_id IS NULL)),
  FOREIGN KEY (tenant_id, service_account_id) REFERENCES maestro.service_accounts ON DELETE CASCADE
);
CREATE INDEX api_keys_by_time ON maestro.api_keys (tenant_id, created_at);

CREATE TABLE maestro.audit_events (
  tenant_id uuid NOT NULL,
  event_id uuid NOT NULL DEFAULT gen_random_uuid(),
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  actor_kind text NOT NULL,
  actor_id text NOT NULL,
  action text NOT NULL,
  target text NOT NULL DEFAULT '',
  outcome text NOT NULL CHECK (outcome IN ('success', 'refused')),
  request_id text NOT NULL DEFAULT '',
  address text NOT NULL DEFAULT '',
  detail jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (tenant_id, event_id)
);
CREATE INDEX audit_events_by_time ON maestro.audit_events (tenant_id, created_at);

-- Numbers that people see (experiment ids) come from here, by UPDATE … RETURNING: exact under concurrency.
CREATE TABLE maestro.tenant_counters (
  tenant_id uuid NOT NULL,
  name text NOT NULL,
  value bigint NOT NULL,
  PRIMARY KEY (tenant_id, name)
);

SELECT maestro.isolate_by_tenant(t) FROM unnest(ARRAY[
  'maestro.service_accounts', 'maestro.api_keys', 'maestro.audit_events', 'maestro.tenant_counters']::regclass[]) AS t;

-- Down Migration

DROP TABLE maestro.tenant_counters, maestro.audit_events, maestro.api_keys, maestro.service_accounts,
  maestro.operator_audit_events, maestro.refresh_tokens, maestro.sessions, maestro.memberships, maestro.users,
  maestro.tenants;
DROP FUNCTION maestro.isolate_by_tenant, maestro.isolate_as_identity, maestro.enter_identity, maestro.set_tenant;
