-- Up Migration

-- Measurements are counted by month and by year, too: a summary of three years then reads some whole ones.
ALTER TABLE maestro.process_metric_days RENAME TO process_metric_cells;
ALTER TABLE maestro.process_metric_cells RENAME COLUMN day TO start;
ALTER TABLE maestro.process_metric_cells
  ADD COLUMN period text COLLATE "C" NOT NULL DEFAULT 'day' CHECK (period IN ('day', 'month', 'year'));
ALTER TABLE maestro.process_metric_cells
  ALTER COLUMN period DROP DEFAULT,
  DROP CONSTRAINT process_metric_days_pkey,
  ADD PRIMARY KEY (tenant_id, project_id, metric_type, period, start, bucket);
ALTER TABLE maestro.process_metric_cells NO FORCE ROW LEVEL SECURITY;
INSERT INTO maestro.process_metric_cells
       (tenant_id, project_id, metric_type, period, start, bucket, count, sum, min, max)
SELECT c.tenant_id, c.project_id, c.metric_type, p.period, date_trunc(p.period, c.start::timestamp)::date, c.bucket,
       sum(c.count), sum(c.sum), min(c.min), max(c.max)
  FROM maestro.process_metric_cells c, unnest(ARRAY['month', 'year']) AS p(period) GROUP BY 1, 2, 3, 4, 5, 6;
ALTER TABLE maestro.process_metric_cells FORCE ROW LEVEL SECURITY;

-- Analyses of a project's history are read from an index alone, as far as the asked span goes.
DROP INDEX maestro.code_commits_by_time, maestro.code_changes_by_time, maestro.code_changes_by_merge,
  maestro.code_reviews_by_time, maestro.ci_runs_by_time, maestro.deployments_by_time;
CREATE INDEX code_commits_by_time ON maestro.code_commits (tenant_id, project_id, committed_at)
  INCLUDE (person_id, is_merge, additions, deletions, authored_at, authored_offset);
CREATE INDEX code_commits_by_repository ON maestro.code_commits (tenant_id, project_id, repository, committed_at)
  INCLUDE (person_id, is_merge, authored_at);
CREATE INDEX code_changes_by_time ON maestro.code_changes (tenant_id, project_id, opened_at)
  INCLUDE (person_id, first_review_at);
CREATE INDEX code_changes_by_merge ON maestro.code_changes (tenant_id, project_id, merged_at)
  INCLUDE (person_id, opened_at, first_review_at);
CREATE INDEX code_reviews_by_time ON maestro.code_reviews (tenant_id, project_id, at)
  INCLUDE (person_id, repository, change_key);
CREATE INDEX ci_runs_by_time ON maestro.ci_runs (tenant_id, project_id, started_at)
  INCLUDE (status, finished_at, tests, tests_failed, tests_skipped);
CREATE INDEX deployments_by_time ON maestro.deployments (tenant_id, project_id, environment, at)
  INCLUDE (repository, status, sha);

-- Another state whenever something else is known of who changed which file of a project: what was read of it is
-- remembered as long.
CREATE TABLE maestro.code_states (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  state uuid NOT NULL,
  PRIMARY KEY (tenant_id, project_id),
  FOREIGN KEY (tenant_id, project_id) REFERENCES maestro.projects ON DELETE CASCADE
);
SELECT maestro.isolate_by_tenant('maestro.code_states');

-- Whether some hundred things have a term is looked up in the order of the things: walking all terms of each took thrice as
-- long.
DROP INDEX maestro.search_terms_by_subject;
CREATE INDEX search_terms_by_subject ON maestro.search_terms (tenant_id, kind, subject_id);
CREATE INDEX search_terms_by_term ON maestro.search_terms (tenant_id, kind, term, subject_id) INCLUDE (weight);

-- Down Migration

DROP INDEX maestro.search_terms_by_subject, maestro.search_terms_by_term;
CREATE INDEX search_terms_by_subject ON maestro.search_terms (tenant_id, kind, subject_id, term) INCLUDE (weight);

DROP TABLE maestro.code_states;

DROP INDEX maestro.code_commits_by_time, maestro.code_commits_by_repository, maestro.code_changes_by_time,
  maestro.code_changes_by_merge, maestro.code_reviews_by_time, maestro.ci_runs_by_time, maestro.deployments_by_time;
CREATE INDEX code_commits_by_time ON maestro.code_commits (tenant_id, project_id, committed_at);
CREATE INDEX code_changes_by_time ON maestro.code_changes (tenant_id, project_id, opened_at);
CREATE INDEX code_changes_by_merge ON maestro.code_changes (tenant_id, project_id, merged_at);
CREATE INDEX code_reviews_by_time ON maestro.code_reviews (tenant_id, project_id, at);
CREATE INDEX ci_runs_by_time ON maestro.ci_runs (tenant_id, project_id, started_at);
CREATE INDEX deployments_by_time ON maestro.deployments (tenant_id, project_id, environment, at);

ALTER TABLE maestro.process_metric_cells NO FORCE ROW LEVEL SECURITY;
DELETE FROM maestro.process_metric_cells WHERE period <> 'day';
ALTER TABLE maestro.process_metric_cells FORCE ROW LEVEL SECURITY;
ALTER TABLE maestro.process_metric_cells
  DROP CONSTRAINT process_metric_cells_pkey,
  DROP COLUMN period;
ALTER TABLE maestro.process_metric_cells RENAME COLUMN start TO day;
ALTER TABLE maestro.process_metric_cells ADD CONSTRAINT process_metric_days_pkey
  PRIMARY KEY (tenant_id, project_id, metric_type, day, bucket);
ALTER TABLE maestro.process_metric_cells RENAME TO process_metric_days;
