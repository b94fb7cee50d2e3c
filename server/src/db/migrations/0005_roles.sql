-- Up Migration

-- A role is one that every tenant has or one of the tenant's own; which names there are is checked where one is given.
-- A name that no role has any more grants nothing.
ALTER TABLE maestro.memberships DROP CONSTRAINT memberships_role_check;
ALTER TABLE maestro.memberships ADD CONSTRAINT memberships_role_length CHECK (length(role) BETWEEN 1 AND 63);
ALTER TABLE maestro.service_accounts DROP CONSTRAINT service_accounts_role_check;
ALTER TABLE maestro.service_accounts ADD CONSTRAINT service_accounts_role_length CHECK (length(role) BETWEEN 1 AND 63);

CREATE TABLE maestro.roles (
  tenant_id uuid NOT NULL,
  name text COLLATE "C" NOT NULL CHECK (length(name) BETWEEN 1 AND 63),
  description text NOT NULL DEFAULT '',
  inherits text[] NOT NULL DEFAULT '{}',
  permissions text[] NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, name)
);

-- What somebody may do to one thing beyond their role: permissions by name, or those of a role.
CREATE TABLE maestro.grants (
  tenant_id uuid NOT NULL,
  grant_id uuid NOT NULL DEFAULT gen_random_uuid(),
  subject_kind text NOT NULL CHECK (subject_kind IN ('user', 'service_account')),
  subject_id uuid NOT NULL,
  resource_kind text NOT NULL CHECK (resource_kind IN ('experiment', 'project', 'model')),
  resource_id text COLLATE "C" NOT NULL CHECK (length(resource_id) BETWEEN 1 AND 250),
  role text,
  permissions text[] NOT NULL DEFAULT '{}',
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant_id, grant_id),
  UNIQUE (tenant_id, subject_kind, subject_id, resource_kind, resource_id)
);
CREATE INDEX grants_by_time ON maestro.grants (tenant_id, created_at);

SELECT maestro.isolate_by_tenant(t) FROM unnest(ARRAY['maestro.roles', 'maestro.grants']::regclass[]) AS t;

-- An operator's stay in a tenant: one at a time for a session, over by itself.
CREATE TABLE maestro.operator_switches (
  session_id uuid PRIMARY KEY REFERENCES maestro.sessions ON DELETE CASCADE,
  tenant_id uuid NOT NULL REFERENCES maestro.tenants ON DELETE CASCADE,
  role text NOT NULL,
  reason text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL
);
CREATE INDEX operator_switches_by_end ON maestro.operator_switches (expires_at);
SELECT maestro.isolate_as_identity('maestro.operator_switches');

-- Down Migration

DROP TABLE maestro.operator_switches, maestro.grants, maestro.roles;
-- Not checked against the rows that are there: they may name roles of a tenant's own.
ALTER TABLE maestro.service_accounts DROP CONSTRAINT service_accounts_role_length;
ALTER TABLE maestro.service_accounts ADD CONSTRAINT service_accounts_role_check
  CHECK (role IN ('viewer', 'data_scientist', 'ml_engineer', 'tenant_admin')) NOT VALID;
ALTER TABLE maestro.memberships DROP CONSTRAINT memberships_role_length;
ALTER TABLE maestro.memberships ADD CONSTRAINT memberships_role_check
  CHECK (role IN ('viewer', 'data_scientist', 'ml_engineer', 'tenant_admin')) NOT VALID;
