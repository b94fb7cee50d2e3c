-- Up Migration

-- Lists of runs that a link names: the name is a digest of the list. Whoever reads one sees of it what they may read.
CREATE TABLE maestro.run_sets (
  tenant_id uuid NOT NULL,
  set_id uuid NOT NULL,
  run_ids uuid[] NOT NULL,
  used_at timestamptz NOT NULL DEFAULT statement_timestamp(),
  PRIMARY KEY (tenant_id, set_id)
);
CREATE INDEX run_sets_by_use ON maestro.run_sets (tenant_id, used_at DESC);

SELECT maestro.isolate_by_tenant('maestro.run_sets');

-- Down Migration

DROP TABLE maestro.run_sets;
