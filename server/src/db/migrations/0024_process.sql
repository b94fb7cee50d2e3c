-- Up Migration

-- A measurement of how a project is worked on. `external_key` is the caller's own name for it: a measurement that is sent
-- again under its key is the same one.
CREATE TABLE maestro.process_metrics (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  metric_type text COLLATE "C" NOT NULL CHECK (length(metric_type) BETWEEN 1 AND 100),
  at timestamptz NOT NULL,
  metric_id uuid NOT NULL DEFAULT gen_random_uuid(),
  value double precision NOT NULL CHECK (value > '-Infinity' AND value < 'Infinity'),
  source text COLLATE "C" NOT NULL CHECK (length(source) BETWEEN 1 AND 100),
  external_key text COLLATE "C" CHECK (length(external_key) BETWEEN 1 AND 200),
  metadata jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (tenant_id, project_id, metric_type, at, metric_id),
  FOREIGN KEY (tenant_id, project_id) REFERENCES maestro.projects ON DELETE CASCADE
);
CREATE UNIQUE INDEX process_metrics_by_key ON maestro.process_metrics (tenant_id, project_id, metric_type, external_key)
  WHERE external_key IS NOT NULL;

-- The measurements of a day (UTC) with values of about one size: what summaries are read from. `bucket` orders as values
-- do; the values in one differ by 4 % at most (process/cells.ts).
CREATE TABLE maestro.process_metric_days (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  metric_type text COLLATE "C" NOT NULL,
  day date NOT NULL,
  bucket integer NOT NULL,
  count bigint NOT NULL,
  sum double precision NOT NULL,
  min double precision NOT NULL,
  max double precision NOT NULL,
  PRIMARY KEY (tenant_id, project_id, metric_type, day, bucket),
  FOREIGN KEY (tenant_id, project_id) REFERENCES maestro.projects ON DELETE CASCADE
);

-- Who works on a project, as a team lead says. `user_id` is of a user of Maestro, where it is one.
CREATE TABLE maestro.team_members (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  member_id uuid NOT NULL DEFAULT gen_random_uuid(),
  user_id uuid,
  name text COLLATE "C" NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  role text COLLATE "C" NOT NULL CHECK (length(role) BETWEEN 1 AND 100),
  experience_level text COLLATE "C" CHECK (experience_level IN ('junior', 'mid', 'senior', 'lead')),
  contribution_hours double precision CHECK (contribution_hours BETWEEN 0 AND 1000000),
  performance_score double precision CHECK (performance_score BETWEEN 0 AND 100),
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant_id, project_id, member_id),
  FOREIGN KEY (tenant_id, project_id) REFERENCES maestro.projects ON DELETE CASCADE
);
CREATE UNIQUE INDEX team_members_by_user ON maestro.team_members (tenant_id, project_id, user_id)
  WHERE user_id IS NOT NULL;
CREATE INDEX team_members_by_name ON maestro.team_members (tenant_id, project_id, name, member_id);

-- Who is in the history of a project's code. Everything else of the code names a person by `person_id` alone. Whoever is
-- left out counts in no measure.
CREATE TABLE maestro.code_people (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  person_id uuid NOT NULL DEFAULT gen_random_uuid(),
  name text COLLATE "C" NOT NULL CHECK (length(name) <= 200),
  email text COLLATE "C" NOT NULL CHECK (length(email) <= 320),
  user_id uuid,
  is_left_out boolean NOT NULL DEFAULT false,
  PRIMARY KEY (tenant_id, project_id, person_id),
  FOREIGN KEY (tenant_id, project_id) REFERENCES maestro.projects ON DELETE CASCADE
);

-- The addresses (in lower case) and accounts ('github:octocat') under which a person is in the history.
CREATE TABLE maestro.code_aliases (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  email text COLLATE "C" NOT NULL CHECK (length(email) <= 320),
  person_id uuid NOT NULL,
  PRIMARY KEY (tenant_id, project_id, email),
  FOREIGN KEY (tenant_id, project_id, person_id) REFERENCES maestro.code_people ON DELETE CASCADE
);
CREATE INDEX code_aliases_by_person ON maestro.code_aliases (tenant_id, project_id, person_id);

-- `authored_offset`: minutes that the author's clock was ahead of UTC. `files`, `additions` and `deletions` are 0 for a
-- merge. `repository` is 'github.com/owner/name' or a name of the caller's own, the same in all tables of the code.
CREATE TABLE maestro.code_commits (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  repository text COLLATE "C" NOT NULL CHECK (length(repository) BETWEEN 1 AND 300),
  sha text COLLATE "C" NOT NULL CHECK (length(sha) BETWEEN 7 AND 64),
  person_id uuid NOT NULL,
  authored_at timestamptz NOT NULL,
  authored_offset smallint NOT NULL CHECK (authored_offset BETWEEN -1439 AND 1439),
  committed_at timestamptz NOT NULL,
  additions integer NOT NULL CHECK (additions >= 0),
  deletions integer NOT NULL CHECK (deletions >= 0),
  files integer NOT NULL CHECK (files >= 0),
  is_merge boolean NOT NULL,
  PRIMARY KEY (tenant_id, project_id, repository, sha),
  FOREIGN KEY (tenant_id, project_id, person_id) REFERENCES maestro.code_people ON DELETE CASCADE
);
CREATE INDEX code_commits_by_time ON maestro.code_commits (tenant_id, project_id, committed_at);
CREATE INDEX code_commits_by_person ON maestro.code_commits (tenant_id, project_id, person_id, committed_at);

-- Who changed which file of the code as it is now, and how often: what the bus factor is read from. Kept while commits are
-- recorded, oldest first: a commit adds one change of each of its files, a removed file takes its rows with it, a renamed
-- one takes them to its new path. Merges add nothing, nor do commits of more than 500 files (they move or format).
CREATE TABLE maestro.code_file_people (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  repository text COLLATE "C" NOT NULL,
  path text COLLATE "C" NOT NULL CHECK (length(path) <= 1000),
  person_id uuid NOT NULL,
  changes integer NOT NULL CHECK (changes > 0),
  first_at timestamptz NOT NULL,
  last_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, project_id, repository, path, person_id),
  FOREIGN KEY (tenant_id, project_id, person_id) REFERENCES maestro.code_people ON DELETE CASCADE
);
CREATE INDEX code_file_people_by_person ON maestro.code_file_people (tenant_id, project_id, person_id);

-- Pull and merge requests. `change_key` is the number at the source. `first_review_at`: of the first review by somebody
-- else than the author. `first_commit_at`: when its oldest commit was authored. `closed_at` is also set of a merged one.
CREATE TABLE maestro.code_changes (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  repository text COLLATE "C" NOT NULL CHECK (length(repository) BETWEEN 1 AND 300),
  change_key text COLLATE "C" NOT NULL CHECK (length(change_key) BETWEEN 1 AND 100),
  person_id uuid NOT NULL,
  opened_at timestamptz NOT NULL,
  first_commit_at timestamptz,
  first_review_at timestamptz,
  merged_at timestamptz,
  closed_at timestamptz,
  merge_sha text COLLATE "C",
  additions integer NOT NULL DEFAULT 0 CHECK (additions >= 0),
  deletions integer NOT NULL DEFAULT 0 CHECK (deletions >= 0),
  files integer NOT NULL DEFAULT 0 CHECK (files >= 0),
  commits integer NOT NULL DEFAULT 0 CHECK (commits >= 0),
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, project_id, repository, change_key),
  FOREIGN KEY (tenant_id, project_id, person_id) REFERENCES maestro.code_people ON DELETE CASCADE
);
CREATE INDEX code_changes_by_time ON maestro.code_changes (tenant_id, project_id, opened_at);
CREATE INDEX code_changes_by_merge ON maestro.code_changes (tenant_id, project_id, merged_at);
CREATE INDEX code_changes_by_person ON maestro.code_changes (tenant_id, project_id, person_id);

-- `person_id` is the reviewer.
CREATE TABLE maestro.code_reviews (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  repository text COLLATE "C" NOT NULL,
  change_key text COLLATE "C" NOT NULL,
  review_key text COLLATE "C" NOT NULL CHECK (length(review_key) BETWEEN 1 AND 100),
  person_id uuid NOT NULL,
  at timestamptz NOT NULL,
  state text COLLATE "C" NOT NULL CHECK (state IN ('approved', 'changes_requested', 'commented', 'dismissed')),
  PRIMARY KEY (tenant_id, project_id, repository, change_key, review_key),
  FOREIGN KEY (tenant_id, project_id, repository, change_key) REFERENCES maestro.code_changes ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, project_id, person_id) REFERENCES maestro.code_people ON DELETE CASCADE
);
CREATE INDEX code_reviews_by_time ON maestro.code_reviews (tenant_id, project_id, at);
CREATE INDEX code_reviews_by_person ON maestro.code_reviews (tenant_id, project_id, person_id);

-- Runs of workflows and pipelines. `run_key` is the source's own ('github:123:1', with the attempt). `tests…` are of JUnit
-- reports; null where there was none.
CREATE TABLE maestro.ci_runs (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  repository text COLLATE "C" NOT NULL CHECK (length(repository) BETWEEN 1 AND 300),
  run_key text COLLATE "C" NOT NULL CHECK (length(run_key) BETWEEN 1 AND 200),
  workflow text COLLATE "C" NOT NULL CHECK (length(workflow) <= 300),
  branch text COLLATE "C" CHECK (length(branch) <= 300),
  sha text COLLATE "C" CHECK (length(sha) <= 64),
  status text COLLATE "C" NOT NULL CHECK (status IN ('running', 'success', 'failure', 'cancelled', 'skipped')),
  started_at timestamptz NOT NULL,
  finished_at timestamptz,
  tests integer CHECK (tests >= 0),
  tests_failed integer CHECK (tests_failed >= 0),
  tests_skipped integer CHECK (tests_skipped >= 0),
  tests_seconds double precision CHECK (tests_seconds >= 0),
  PRIMARY KEY (tenant_id, project_id, repository, run_key),
  FOREIGN KEY (tenant_id, project_id) REFERENCES maestro.projects ON DELETE CASCADE
);
CREATE INDEX ci_runs_by_time ON maestro.ci_runs (tenant_id, project_id, started_at);

-- `at`: when it reached its status.
CREATE TABLE maestro.deployments (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  repository text COLLATE "C" NOT NULL CHECK (length(repository) BETWEEN 1 AND 300),
  deployment_key text COLLATE "C" NOT NULL CHECK (length(deployment_key) BETWEEN 1 AND 200),
  environment text COLLATE "C" NOT NULL CHECK (length(environment) BETWEEN 1 AND 200),
  status text COLLATE "C" NOT NULL CHECK (status IN ('running', 'success', 'failure', 'cancelled')),
  at timestamptz NOT NULL,
  sha text COLLATE "C" CHECK (length(sha) <= 64),
  PRIMARY KEY (tenant_id, project_id, repository, deployment_key),
  FOREIGN KEY (tenant_id, project_id) REFERENCES maestro.projects ON DELETE CASCADE
);
CREATE INDEX deployments_by_time ON maestro.deployments (tenant_id, project_id, environment, at);

CREATE TABLE maestro.code_releases (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  repository text COLLATE "C" NOT NULL CHECK (length(repository) BETWEEN 1 AND 300),
  tag text COLLATE "C" NOT NULL CHECK (length(tag) BETWEEN 1 AND 300),
  at timestamptz NOT NULL,
  sha text COLLATE "C" CHECK (length(sha) <= 64),
  is_prerelease boolean NOT NULL,
  PRIMARY KEY (tenant_id, project_id, repository, tag),
  FOREIGN KEY (tenant_id, project_id) REFERENCES maestro.projects ON DELETE CASCADE
);
CREATE INDEX code_releases_by_time ON maestro.code_releases (tenant_id, project_id, at);

-- Failures of the service that users felt. `external_key` is the caller's own name for it.
CREATE TABLE maestro.incidents (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  external_key text COLLATE "C" NOT NULL CHECK (length(external_key) BETWEEN 1 AND 200),
  environment text COLLATE "C" NOT NULL CHECK (length(environment) BETWEEN 1 AND 200),
  started_at timestamptz NOT NULL,
  resolved_at timestamptz CHECK (resolved_at >= started_at),
  PRIMARY KEY (tenant_id, project_id, external_key),
  FOREIGN KEY (tenant_id, project_id) REFERENCES maestro.projects ON DELETE CASCADE
);
CREATE INDEX incidents_by_time ON maestro.incidents (tenant_id, project_id, environment, started_at);

SELECT maestro.isolate_by_tenant(('maestro.' || t)::regclass)
  FROM unnest(ARRAY['process_metrics', 'process_metric_days', 'team_members', 'code_people', 'code_aliases', 'code_commits',
                    'code_file_people', 'code_changes', 'code_reviews', 'ci_runs', 'deployments', 'code_releases',
                    'incidents']) AS t;

-- Down Migration

DROP TABLE maestro.incidents, maestro.code_releases, maestro.deployments, maestro.ci_runs, maestro.code_reviews,
  maestro.code_changes, maestro.code_file_people, maestro.code_commits, maestro.code_aliases, maestro.code_people,
  maestro.team_members, maestro.process_metric_days, maestro.process_metrics;
