-- Up Migration

-- What is to be learnt anew of a tenant's finished projects, marked in the transaction of the outcome. `marks` counts, so
-- that one that comes during the work is not lost; whoever does the work is `worker`, and nobody else before `free_at`.
CREATE TABLE maestro.insight_due (
  tenant_id uuid NOT NULL,
  what text COLLATE "C" NOT NULL CHECK (what IN ('impact', 'model')),
  marks bigint NOT NULL DEFAULT 1,
  due_since timestamptz NOT NULL DEFAULT clock_timestamp(),
  failures integer NOT NULL DEFAULT 0,
  worker uuid,
  free_at timestamptz NOT NULL DEFAULT '-infinity',
  PRIMARY KEY (tenant_id, what)
);
-- What ended before teaches, too. Migrations see a tenant's rows only where its security is lifted.
ALTER TABLE maestro.projects NO FORCE ROW LEVEL SECURITY;
INSERT INTO maestro.insight_due (tenant_id, what)
SELECT p.tenant_id, w.what
  FROM (SELECT DISTINCT tenant_id FROM maestro.projects
         WHERE completion_date IS NOT NULL OR success_score IS NOT NULL OR compute_cost IS NOT NULL
            OR metadata ? 'duration_days') p
 CROSS JOIN unnest(ARRAY['impact', 'model']) AS w(what);
ALTER TABLE maestro.projects FORCE ROW LEVEL SECURITY;
SELECT maestro.isolate_by_tenant('maestro.insight_due');

-- `impact` holds the estimates for success, duration and cost with their intervals, the evidence, and when they were
-- computed; `avg_impact_score` is its success in points and `impact_low` the lower end of that, by which artifacts are ranked.
ALTER TABLE maestro.artifacts ADD COLUMN impact jsonb, ADD COLUMN impact_low double precision;
DROP INDEX maestro.artifacts_by_impact;
CREATE INDEX artifacts_by_impact ON maestro.artifacts (tenant_id, impact_low, artifact_id) WHERE impact_low IS NOT NULL;

-- The points of the project's success that the use is reckoned to have brought; null until the success is known.
ALTER TABLE maestro.artifact_usages ADD COLUMN impact_score double precision;

-- Down Migration

ALTER TABLE maestro.artifact_usages DROP COLUMN impact_score;
DROP INDEX maestro.artifacts_by_impact;
ALTER TABLE maestro.artifacts DROP COLUMN impact, DROP COLUMN impact_low;
ALTER TABLE maestro.artifacts NO FORCE ROW LEVEL SECURITY;
UPDATE maestro.artifacts SET avg_impact_score = NULL, impact_projects = 0;
ALTER TABLE maestro.artifacts FORCE ROW LEVEL SECURITY;
CREATE INDEX artifacts_by_impact ON maestro.artifacts (tenant_id, avg_impact_score, artifact_id)
  WHERE avg_impact_score IS NOT NULL;
DROP TABLE maestro.insight_due;
