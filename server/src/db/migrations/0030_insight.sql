-- Up Migration

-- What was learned from a tenant's finished projects. A version is one training: a row for each outcome that enough was
-- known of; the greatest version is the one in use. `model` is JSON, compressed: what predicts, and the features it reads.
-- `report` is what is told of it: errors, calibration, importances. `projects` are those that taught it, in the order of
-- the model's rows. `data_hash` is of all that the version was learned from: the same data make no new version.
CREATE TABLE maestro.insight_models (
  tenant_id uuid NOT NULL,
  version integer NOT NULL,
  outcome text COLLATE "C" NOT NULL CHECK (outcome IN ('success_score', 'duration_days', 'cost')),
  trained_at timestamptz NOT NULL,
  data_hash bytea NOT NULL CHECK (length(data_hash) = 32),
  projects uuid[] NOT NULL,
  model bytea NOT NULL,
  report jsonb NOT NULL,
  PRIMARY KEY (tenant_id, version, outcome)
);

-- What was predicted, for a project or for one that is not made. `asked` is what the caller said: the fields of a project
-- not made, or changes to one that is. `answer` is kept as it was given; what came of it is read from the project.
-- `model_version` is null where no project had ended. `is_scored` is false where there is nothing to hold it against: a
-- project that is not made, changes, or a project that had ended already.
CREATE TABLE maestro.predictions (
  tenant_id uuid NOT NULL,
  prediction_id uuid NOT NULL DEFAULT gen_random_uuid(),
  project_id uuid,
  asked jsonb NOT NULL,
  model_version integer,
  answer jsonb NOT NULL,
  is_scored boolean NOT NULL,
  created_by text COLLATE "C" NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant_id, prediction_id),
  FOREIGN KEY (tenant_id, project_id) REFERENCES maestro.projects ON DELETE CASCADE
);
CREATE INDEX predictions_by_time ON maestro.predictions (tenant_id, created_at, prediction_id);
CREATE INDEX predictions_by_project ON maestro.predictions (tenant_id, project_id, created_at, prediction_id);
CREATE INDEX predictions_by_model ON maestro.predictions (tenant_id, model_version);
CREATE INDEX predictions_by_creator ON maestro.predictions (tenant_id, created_by);

SELECT maestro.isolate_by_tenant(t)
  FROM unnest(ARRAY['maestro.insight_models', 'maestro.predictions']::regclass[]) AS t;

-- Down Migration

DROP TABLE maestro.predictions, maestro.insight_models;
ALTER TABLE maestro.tenant_counters NO FORCE ROW LEVEL SECURITY;
DELETE FROM maestro.tenant_counters WHERE name IN ('insight_model', 'insight_training');
ALTER TABLE maestro.tenant_counters FORCE ROW LEVEL SECURITY;
