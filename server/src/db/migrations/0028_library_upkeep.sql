-- Up Migration

-- When somebody began to remove a file that no content has: no upload keeps it any more. One whose removal broke off is
-- begun anew after a while.
ALTER TABLE maestro.artifact_leftovers ADD COLUMN removal_began_at timestamptz;

-- What is deprecated is found by terms of a kind of its own: it takes no place among the best of those that are active.
ALTER TABLE maestro.search_terms DROP CONSTRAINT search_terms_kind_check,
  ADD CONSTRAINT search_terms_kind_check CHECK (kind IN ('artifact', 'deprecated_artifact', 'project'));

-- Migrations see a tenant's rows only where its security is lifted.
ALTER TABLE maestro.artifacts NO FORCE ROW LEVEL SECURITY;
ALTER TABLE maestro.search_terms NO FORCE ROW LEVEL SECURITY;
UPDATE maestro.search_terms t SET kind = 'deprecated_artifact'
  FROM maestro.artifacts a
 WHERE t.tenant_id = a.tenant_id AND t.subject_id = a.artifact_id AND t.kind = 'artifact' AND NOT a.is_active;
ALTER TABLE maestro.artifacts FORCE ROW LEVEL SECURITY;
ALTER TABLE maestro.search_terms FORCE ROW LEVEL SECURITY;

-- Down Migration

ALTER TABLE maestro.search_terms NO FORCE ROW LEVEL SECURITY;
UPDATE maestro.search_terms SET kind = 'artifact' WHERE kind = 'deprecated_artifact';
ALTER TABLE maestro.search_terms FORCE ROW LEVEL SECURITY;
ALTER TABLE maestro.search_terms DROP CONSTRAINT search_terms_kind_check,
  ADD CONSTRAINT search_terms_kind_check CHECK (kind IN ('artifact', 'project'));
ALTER TABLE maestro.artifact_leftovers DROP COLUMN removal_began_at;
