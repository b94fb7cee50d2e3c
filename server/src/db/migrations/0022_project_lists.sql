-- Up Migration

-- Lists walk the index of the field that they are ordered by, forwards or backwards, and end with the rows that have no
-- value there. `created_at` and `name` have theirs since the table was made.
CREATE INDEX projects_by_problem_class ON maestro.projects (tenant_id, problem_class, project_id);
CREATE INDEX projects_by_complexity_score ON maestro.projects (tenant_id, complexity_score, project_id);
CREATE INDEX projects_by_team_size ON maestro.projects (tenant_id, team_size, project_id);
CREATE INDEX projects_by_start_date ON maestro.projects (tenant_id, start_date, project_id);
CREATE INDEX projects_by_completion_date ON maestro.projects (tenant_id, completion_date, project_id);
CREATE INDEX projects_by_success_score ON maestro.projects (tenant_id, success_score, project_id);
CREATE INDEX projects_by_model_performance ON maestro.projects (tenant_id, model_performance, project_id);
CREATE INDEX projects_by_compute_cost ON maestro.projects (tenant_id, compute_cost, project_id);
CREATE INDEX projects_by_business_impact ON maestro.projects (tenant_id, business_impact, project_id);
CREATE INDEX projects_by_update ON maestro.projects (tenant_id, updated_at, project_id);

-- Down Migration

DROP INDEX maestro.projects_by_problem_class, maestro.projects_by_complexity_score, maestro.projects_by_team_size,
  maestro.projects_by_start_date, maestro.projects_by_completion_date, maestro.projects_by_success_score,
  maestro.projects_by_model_performance, maestro.projects_by_compute_cost, maestro.projects_by_business_impact,
  maestro.projects_by_update;
DELETE FROM maestro.tenant_counters WHERE name = 'projects';
