-- Up Migration

-- Times are milliseconds since 1970 as clients send them. Text that is compared or ordered is in collation "C":
-- byte order, the same on every machine, and what MLflow's default store does.

-- Rows of a run's data as items of the JSON lists that MLflow's clients read, made when they are written: a search page
-- of 100 runs reads some 3,000 of them, and printing took longer than finding them (4.4 ms of PostgreSQL's time, 2.5
-- ready-made). In plpgsql, which evaluates one expression in a third of the time of a function in SQL.

CREATE FUNCTION maestro.pair_item(key text, value text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  RETURN '{"key":' || to_json(key) || ',"value":' || to_json(value) || '}';
END
$$;

-- A double stays a double: `1.0`, not `1`. PostgreSQL prints the shortest text that reads back the same, with an
-- exponent from 1e15 on; adding zero turns -0 into 0.
CREATE FUNCTION maestro.metric_item(key text, value double precision, is_nan boolean, at bigint, step bigint) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  RETURN '{"key":' || to_json(key) || ',"value":'
    || CASE WHEN is_nan THEN '"NaN"'
            WHEN value = trunc(value) AND abs(value) < 1e15 THEN (value + 0)::text || '.0'
            ELSE value::text END
    || ',"timestamp":' || at || ',"step":' || step || '}';
END
$$;

CREATE TABLE maestro.experiments (
  tenant_id uuid NOT NULL,
  experiment_id bigint NOT NULL,
  name text COLLATE "C" NOT NULL,
  artifact_location text NOT NULL,
  lifecycle_stage text NOT NULL DEFAULT 'active' CHECK (lifecycle_stage IN ('active', 'deleted')),
  creation_time bigint NOT NULL,
  last_update_time bigint NOT NULL,
  PRIMARY KEY (tenant_id, experiment_id),
  UNIQUE (tenant_id, name)
);
CREATE INDEX experiments_by_time ON maestro.experiments (tenant_id, creation_time);

CREATE TABLE maestro.experiment_tags (
  tenant_id uuid NOT NULL,
  experiment_id bigint NOT NULL,
  key text COLLATE "C" NOT NULL,
  value text COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant_id, experiment_id, key),
  FOREIGN KEY (tenant_id, experiment_id) REFERENCES maestro.experiments ON DELETE CASCADE
);

-- The tables below that take writes on the hot path hold no foreign key: the check costs a row lock per inserted row
-- on the one parent everybody writes to. The write functions join `runs` instead, in the same statement.
-- `artifact_uri` is null where it follows from the ids (the default location).
-- `is_linked` is true once the run has inputs or outputs: few have, and a page of 100 runs need not look for them.
CREATE TABLE maestro.runs (
  tenant_id uuid NOT NULL,
  run_id uuid NOT NULL,
  experiment_id bigint NOT NULL,
  name text COLLATE "C" NOT NULL,
  user_id text COLLATE "C" NOT NULL DEFAULT '',
  status text COLLATE "C" NOT NULL DEFAULT 'RUNNING'
    CHECK (status IN ('RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED')),
  start_time bigint NOT NULL DEFAULT 0,
  end_time bigint,
  deleted_time bigint,
  lifecycle_stage text NOT NULL DEFAULT 'active' CHECK (lifecycle_stage IN ('active', 'deleted')),
  artifact_uri text COLLATE "C",
  is_linked boolean NOT NULL DEFAULT false,
  PRIMARY KEY (tenant_id, run_id)
);
CREATE INDEX runs_by_time ON maestro.runs (tenant_id, experiment_id, start_time DESC, run_id);

CREATE TABLE maestro.params (
  tenant_id uuid NOT NULL,
  run_id uuid NOT NULL,
  key text COLLATE "C" NOT NULL,
  value text COLLATE "C" NOT NULL,
  experiment_id bigint NOT NULL,
  value_head text COLLATE "C" GENERATED ALWAYS AS (left(value, 200)) STORED,
  item text GENERATED ALWAYS AS (maestro.pair_item(key, value)) STORED,
  PRIMARY KEY (tenant_id, run_id, key)
);
-- A value of 6,000 characters does not fit an index row: its first 200 are indexed, and rechecked. A column, not an
-- expression: under row-level security only leakproof conditions reach an index, and left() is not leakproof.
CREATE INDEX params_by_value ON maestro.params (tenant_id, experiment_id, key, value_head);

CREATE TABLE maestro.tags (
  tenant_id uuid NOT NULL,
  run_id uuid NOT NULL,
  key text COLLATE "C" NOT NULL,
  value text COLLATE "C" NOT NULL,
  experiment_id bigint NOT NULL,
  value_head text COLLATE "C" GENERATED ALWAYS AS (left(value, 200)) STORED,
  item text GENERATED ALWAYS AS (maestro.pair_item(key, value)) STORED,
  PRIMARY KEY (tenant_id, run_id, key)
);
CREATE INDEX tags_by_value ON maestro.tags (tenant_id, experiment_id, key, value_head);

-- The last point of each series: the greatest (step, timestamp, value). NaN is stored as value 0 with is_nan, as the
-- MLflow store does, so that filters and orders agree with it. `chunks` counts the unmerged chunks of the series.
CREATE TABLE maestro.latest_metrics (
  tenant_id uuid NOT NULL,
  run_id uuid NOT NULL,
  key text COLLATE "C" NOT NULL,
  value double precision NOT NULL,
  is_nan boolean NOT NULL,
  step bigint NOT NULL,
  timestamp bigint NOT NULL,
  experiment_id bigint NOT NULL,
  chunks integer NOT NULL DEFAULT 1,
  item text GENERATED ALWAYS AS (maestro.metric_item(key, value, is_nan, timestamp, step)) STORED,
  PRIMARY KEY (tenant_id, run_id, key)
);
CREATE INDEX latest_metrics_by_value ON maestro.latest_metrics (tenant_id, experiment_id, key, is_nan, value);

-- A series in pieces: parallel arrays of points, sorted by (timestamp, step, value). NaN stands as itself here.
-- 24 bytes a point; a primary key entry per chunk, not per point.
CREATE TABLE maestro.metric_chunks (
  tenant_id uuid NOT NULL,
  run_id uuid NOT NULL,
  key text COLLATE "C" NOT NULL,
  first_timestamp bigint NOT NULL,
  chunk_id uuid NOT NULL DEFAULT gen_random_uuid(),
  last_timestamp bigint NOT NULL,
  first_step bigint NOT NULL,
  last_step bigint NOT NULL,
  points integer NOT NULL,
  timestamps bigint[] NOT NULL,
  steps bigint[] NOT NULL,
  values double precision[] NOT NULL,
  PRIMARY KEY (tenant_id, run_id, key, first_timestamp, first_step, chunk_id)
);
-- Stored as they are: compressing numbers costs more than it saves here, and rows up to a page stay in the table.
ALTER TABLE maestro.metric_chunks
  ALTER COLUMN timestamps SET STORAGE EXTERNAL,
  ALTER COLUMN steps SET STORAGE EXTERNAL,
  ALTER COLUMN values SET STORAGE EXTERNAL,
  SET (toast_tuple_target = 8160);

CREATE TABLE maestro.datasets (
  tenant_id uuid NOT NULL,
  experiment_id bigint NOT NULL,
  name text COLLATE "C" NOT NULL,
  digest text COLLATE "C" NOT NULL,
  dataset_id uuid NOT NULL DEFAULT gen_random_uuid(),
  source_type text NOT NULL,
  source text NOT NULL,
  schema text,
  profile text,
  PRIMARY KEY (tenant_id, experiment_id, name, digest),
  UNIQUE (tenant_id, dataset_id)
);

-- What a run read (datasets, models) and wrote (models).
CREATE TABLE maestro.run_datasets (
  tenant_id uuid NOT NULL,
  run_id uuid NOT NULL,
  dataset_id uuid NOT NULL,
  tags jsonb NOT NULL DEFAULT '[]',
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant_id, run_id, dataset_id),
  FOREIGN KEY (tenant_id, dataset_id) REFERENCES maestro.datasets (tenant_id, dataset_id) ON DELETE CASCADE
);
CREATE INDEX run_datasets_by_dataset ON maestro.run_datasets (tenant_id, dataset_id);

CREATE TABLE maestro.run_models (
  tenant_id uuid NOT NULL,
  run_id uuid NOT NULL,
  direction text NOT NULL CHECK (direction IN ('input', 'output')),
  model_id text COLLATE "C" NOT NULL,
  step bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant_id, run_id, direction, model_id)
);

CREATE TABLE maestro.logged_models (
  tenant_id uuid NOT NULL,
  model_id text COLLATE "C" NOT NULL,
  experiment_id bigint NOT NULL,
  name text COLLATE "C" NOT NULL,
  artifact_location text COLLATE "C" NOT NULL,
  creation_time bigint NOT NULL,
  last_update_time bigint NOT NULL,
  status smallint NOT NULL,
  status_message text,
  lifecycle_stage text NOT NULL DEFAULT 'active' CHECK (lifecycle_stage IN ('active', 'deleted')),
  model_type text COLLATE "C",
  source_run_id text COLLATE "C",
  PRIMARY KEY (tenant_id, model_id),
  FOREIGN KEY (tenant_id, experiment_id) REFERENCES maestro.experiments ON DELETE CASCADE
);
CREATE INDEX logged_models_by_time ON maestro.logged_models (tenant_id, experiment_id, creation_time DESC, model_id);

CREATE TABLE maestro.logged_model_params (
  tenant_id uuid NOT NULL,
  model_id text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  value text COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant_id, model_id, key),
  FOREIGN KEY (tenant_id, model_id) REFERENCES maestro.logged_models ON DELETE CASCADE
);

CREATE TABLE maestro.logged_model_tags (
  tenant_id uuid NOT NULL,
  model_id text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  value text COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant_id, model_id, key),
  FOREIGN KEY (tenant_id, model_id) REFERENCES maestro.logged_models ON DELETE CASCADE
);

-- A metric that a run logged for a model, with the dataset it was measured on ('' where none).
CREATE TABLE maestro.logged_model_metrics (
  tenant_id uuid NOT NULL,
  model_id text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  timestamp bigint NOT NULL,
  step bigint NOT NULL,
  run_id uuid NOT NULL,
  value double precision NOT NULL,
  dataset_name text COLLATE "C" NOT NULL DEFAULT '',
  dataset_digest text COLLATE "C" NOT NULL DEFAULT '',
  experiment_id bigint NOT NULL,
  PRIMARY KEY (tenant_id, model_id, key, timestamp, step, run_id),
  FOREIGN KEY (tenant_id, model_id) REFERENCES maestro.logged_models ON DELETE CASCADE
);

SELECT maestro.isolate_by_tenant(t) FROM unnest(ARRAY[
  'maestro.experiments', 'maestro.experiment_tags', 'maestro.runs', 'maestro.params', 'maestro.tags',
  'maestro.latest_metrics', 'maestro.metric_chunks', 'maestro.datasets', 'maestro.run_datasets', 'maestro.run_models',
  'maestro.logged_models', 'maestro.logged_model_params', 'maestro.logged_model_tags',
  'maestro.logged_model_metrics']::regclass[]) AS t;

-- Down Migration

DROP TABLE maestro.logged_model_metrics, maestro.logged_model_tags, maestro.logged_model_params, maestro.logged_models,
  maestro.run_models, maestro.run_datasets, maestro.datasets, maestro.metric_chunks, maestro.latest_metrics,
  maestro.tags, maestro.params, maestro.runs, maestro.experiment_tags, maestro.experiments;
DROP FUNCTION maestro.metric_item, maestro.pair_item;
