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
SELECT maestro.isolate_by_tenant('maestro.insight_due');

-- Down Migration

DROP TABLE maestro.insight_due;
