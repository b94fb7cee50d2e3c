-- Up Migration

-- A piece of ML work with an outcome. It is finished once it has a completion date. `created_by` is the id of a user or of
-- a service account.
CREATE TABLE maestro.projects (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL DEFAULT gen_random_uuid(),
  name text COLLATE "C" NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  problem_class text COLLATE "C" CHECK (length(problem_class) BETWEEN 1 AND 100),
  complexity_score integer CHECK (complexity_score BETWEEN 1 AND 100),
  team_size integer CHECK (team_size BETWEEN 1 AND 100000),
  start_date date,
  completion_date date,
  success_score double precision CHECK (success_score BETWEEN 0 AND 100),
  model_performance double precision,
  compute_cost double precision CHECK (compute_cost >= 0),
  business_impact double precision,
  metadata jsonb NOT NULL DEFAULT '{}',
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant_id, project_id),
  UNIQUE (tenant_id, name),
  CHECK (completion_date >= start_date)
);
CREATE INDEX projects_by_time ON maestro.projects (tenant_id, created_at, project_id);

-- An experiment belongs to one project at most.
CREATE TABLE maestro.project_experiments (
  tenant_id uuid NOT NULL,
  experiment_id bigint NOT NULL,
  project_id uuid NOT NULL,
  PRIMARY KEY (tenant_id, experiment_id),
  FOREIGN KEY (tenant_id, experiment_id) REFERENCES maestro.experiments ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, project_id) REFERENCES maestro.projects ON DELETE CASCADE
);
CREATE INDEX project_experiments_by_project ON maestro.project_experiments (tenant_id, project_id, experiment_id);

SELECT maestro.isolate_by_tenant(t)
  FROM unnest(ARRAY['maestro.projects', 'maestro.project_experiments']::regclass[]) AS t;

-- Down Migration

DROP TABLE maestro.project_experiments, maestro.projects;
