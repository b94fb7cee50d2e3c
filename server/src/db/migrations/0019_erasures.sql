-- Up Migration

-- Deletions of people and of tenants: under way until `finished_at`, then the report of what was erased. `counts` holds,
-- for each step, how many of what it found; a step that is repeated keeps its first count. `sealed_names` is what the
-- person was called, sealed, for as long as it is still to be found.
CREATE TABLE maestro.erasures (
  subject_id uuid PRIMARY KEY,
  subject_kind text NOT NULL CHECK (subject_kind IN ('user', 'tenant')),
  sealed_names bytea,
  counts jsonb NOT NULL DEFAULT '{}',
  began_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz,
  CHECK (finished_at IS NULL OR sealed_names IS NULL)
);
CREATE INDEX erasures_under_way ON maestro.erasures (began_at) WHERE finished_at IS NULL;

-- Deletions that broke off before there was a report are completed like any other.
SELECT maestro.enter_identity();
INSERT INTO maestro.erasures (subject_id, subject_kind)
SELECT u.user_id, 'user' FROM maestro.users u
 WHERE u.deleted_at IS NOT NULL AND EXISTS (SELECT 1 FROM maestro.memberships m WHERE m.user_id = u.user_id)
UNION ALL
SELECT t.tenant_id, 'tenant' FROM maestro.tenants t WHERE t.deletion_began_at IS NOT NULL;
SET LOCAL maestro.identity = '';

SELECT maestro.isolate_as_identity('maestro.erasures');

-- Down Migration

DROP TABLE maestro.erasures;
