-- Up Migration

-- A list of projects of one class or state in an order in which these are rare sorts all of them, read from this index alone.
CREATE INDEX projects_by_class_and_state ON maestro.projects (tenant_id, problem_class, completion_date, project_id)
  INCLUDE (name, complexity_score, team_size, start_date, success_score, model_performance, compute_cost, business_impact,
           created_at, updated_at);

-- What a thousand matches are ranked by is read from here: their rows lie on as many pages.
CREATE INDEX artifacts_standings ON maestro.artifacts (tenant_id, artifact_id)
  INCLUDE (uses, avg_impact_score, impact_low, created_at);

-- Searches ask for the least estimate; where few have it, all of these are looked at.
CREATE INDEX artifacts_by_score ON maestro.artifacts (tenant_id, avg_impact_score, artifact_id)
  WHERE avg_impact_score IS NOT NULL;

-- Down Migration

DROP INDEX maestro.artifacts_by_score, maestro.artifacts_standings, maestro.projects_by_class_and_state;
