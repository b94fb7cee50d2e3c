-- Up Migration

-- A commit that a webhook told of comes without the size of its changes: it is incomplete until the history is read.
ALTER TABLE maestro.code_commits ADD COLUMN is_complete boolean NOT NULL DEFAULT true;

-- How far a repository's history was read: oldest first, so that everything `last_sha` descends from is there.
CREATE TABLE maestro.code_syncs (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  repository text COLLATE "C" NOT NULL CHECK (length(repository) BETWEEN 1 AND 300),
  last_sha text COLLATE "C" NOT NULL CHECK (length(last_sha) BETWEEN 7 AND 64),
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant_id, project_id, repository),
  FOREIGN KEY (tenant_id, project_id) REFERENCES maestro.projects ON DELETE CASCADE
);

-- Who is left out of a project's measures, by a SHA-256 over the project's id and the address or account: neither is stored.
CREATE TABLE maestro.code_left_out (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  address_hash bytea NOT NULL CHECK (length(address_hash) = 32),
  person_id uuid NOT NULL,
  PRIMARY KEY (tenant_id, project_id, address_hash),
  FOREIGN KEY (tenant_id, project_id, person_id) REFERENCES maestro.code_people ON DELETE CASCADE
);
CREATE INDEX code_left_out_by_person ON maestro.code_left_out (tenant_id, project_id, person_id);

-- Deliveries of a webhook that were recorded, to know them when they come again; the newest of each webhook.
CREATE TABLE maestro.webhook_deliveries (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  webhook_id uuid NOT NULL,
  delivery_id text COLLATE "C" NOT NULL CHECK (length(delivery_id) BETWEEN 1 AND 200),
  body_hash bytea NOT NULL CHECK (length(body_hash) = 32),
  received_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, webhook_id, delivery_id),
  FOREIGN KEY (tenant_id, project_id) REFERENCES maestro.projects ON DELETE CASCADE
);
CREATE INDEX webhook_deliveries_by_body ON maestro.webhook_deliveries (tenant_id, webhook_id, body_hash);
CREATE INDEX webhook_deliveries_by_time ON maestro.webhook_deliveries (tenant_id, webhook_id, received_at);
CREATE INDEX webhook_deliveries_by_project ON maestro.webhook_deliveries (tenant_id, project_id);

SELECT maestro.isolate_by_tenant(t)
  FROM unnest(ARRAY['maestro.code_syncs', 'maestro.code_left_out', 'maestro.webhook_deliveries']::regclass[]) AS t;

-- Where GitHub and GitLab report to. Read by a stranger's call, before it is known to come from them, and sealed anew with
-- the other secrets: so it is no tenant's table.
CREATE TABLE maestro.webhooks (
  webhook_id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES maestro.tenants ON DELETE CASCADE,
  project_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('github', 'gitlab')),
  sealed_secret bytea NOT NULL,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX webhooks_by_project ON maestro.webhooks (tenant_id, project_id, created_at, webhook_id);
SELECT maestro.isolate_as_identity('maestro.webhooks');

-- Down Migration

DROP TABLE maestro.webhooks, maestro.webhook_deliveries, maestro.code_left_out, maestro.code_syncs;
ALTER TABLE maestro.code_commits DROP COLUMN is_complete;
