-- Up Migration

-- The least and the greatest value that a series ever had, NaN left aside; null where it has nothing else. They are
-- written with the last point, whose row is written anyway.
ALTER TABLE maestro.latest_metrics ADD COLUMN min_value double precision, ADD COLUMN max_value double precision;

ALTER TABLE maestro.latest_metrics NO FORCE ROW LEVEL SECURITY;
ALTER TABLE maestro.metric_chunks NO FORCE ROW LEVEL SECURITY;
UPDATE maestro.latest_metrics l SET min_value = e.least, max_value = e.greatest
  FROM (
    SELECT c.tenant_id, c.run_id, c.key, min(p.value) AS least, max(p.value) AS greatest
      FROM maestro.metric_chunks c, unnest(c.values) AS p(value)
     WHERE p.value <> 'NaN' GROUP BY c.tenant_id, c.run_id, c.key) e
 WHERE l.tenant_id = e.tenant_id AND l.run_id = e.run_id AND l.key = e.key;
ALTER TABLE maestro.metric_chunks FORCE ROW LEVEL SECURITY;
ALTER TABLE maestro.latest_metrics FORCE ROW LEVEL SECURITY;

-- What is told of all runs of an experiment (an order by the best value, means of groups) is read from the index alone:
-- 100,000 rows of the table lie on as many pages. An index of its own would cost each write more.
DROP INDEX maestro.latest_metrics_by_value;
CREATE INDEX latest_metrics_by_value ON maestro.latest_metrics (tenant_id, experiment_id, key, is_nan, value)
  INCLUDE (run_id, min_value, max_value);

-- As 0003 has it, but for those two. Processes of the version before do not give them: then they are found here.
DROP FUNCTION maestro.record;
CREATE FUNCTION maestro.record(
  tenant uuid,
  run_ids uuid[],
  series_runs uuid[], series_keys text[], los integer[], his integer[],
  timestamps bigint[], steps bigint[], points double precision[],
  first_steps bigint[], last_steps bigint[],
  newest_timestamps bigint[], newest_values double precision[], newest_nans boolean[],
  param_runs uuid[], param_keys text[], param_values text[],
  tag_runs uuid[], tag_keys text[], tag_values text[],
  min_values double precision[] DEFAULT NULL, max_values double precision[] DEFAULT NULL,
  OUT unusable_runs uuid[], OUT unusable_stages text[],
  OUT conflict_runs uuid[], OUT conflict_keys text[], OUT conflict_values text[],
  OUT crowded_runs uuid[], OUT crowded_keys text[]
) LANGUAGE plpgsql AS $$
DECLARE
  active uuid[];
  active_experiments bigint[];
BEGIN
  SELECT array_agg(w.id) FILTER (WHERE r.lifecycle_stage = 'active'),
         array_agg(r.experiment_id) FILTER (WHERE r.lifecycle_stage = 'active'),
         array_agg(w.id) FILTER (WHERE r.lifecycle_stage IS DISTINCT FROM 'active'),
         array_agg(coalesce(r.lifecycle_stage, '')) FILTER (WHERE r.lifecycle_stage IS DISTINCT FROM 'active')
    INTO active, active_experiments, unusable_runs, unusable_stages
    FROM unnest(run_ids) AS w(id)
    LEFT JOIN LATERAL (
      SELECT x.lifecycle_stage, x.experiment_id FROM maestro.runs x
       WHERE x.tenant_id = tenant AND x.run_id = w.id LIMIT 1
    ) r ON true;
  IF active IS NULL THEN
    RETURN;
  END IF;

  IF cardinality(param_runs) > 0 THEN
    SELECT array_agg(p.run_id), array_agg(p.key), array_agg(p.value)
      INTO conflict_runs, conflict_keys, conflict_values
      FROM unnest(param_runs, param_keys, param_values) AS w(run_id, key, value)
      CROSS JOIN LATERAL (
        SELECT x.run_id, x.key, x.value FROM maestro.params x
         WHERE x.tenant_id = tenant AND x.run_id = w.run_id AND x.key = w.key LIMIT 1
      ) p
     WHERE p.value <> w.value AND w.run_id = ANY (active);
    IF conflict_runs IS NOT NULL THEN
      RETURN;
    END IF;
    INSERT INTO maestro.params (tenant_id, run_id, key, value, experiment_id)
    SELECT tenant, w.run_id, w.key, w.value, r.experiment_id
      FROM unnest(param_runs, param_keys, param_values) AS w(run_id, key, value)
      JOIN unnest(active, active_experiments) AS r(run_id, experiment_id) ON r.run_id = w.run_id
     ORDER BY w.run_id, w.key
    ON CONFLICT (tenant_id, run_id, key) DO NOTHING;
    -- Another process may have committed the same param between the check and the insert, which waited for it.
    IF EXISTS (
      SELECT FROM unnest(param_runs, param_keys, param_values) AS w(run_id, key, value)
       CROSS JOIN LATERAL (
         SELECT x.value FROM maestro.params x
          WHERE x.tenant_id = tenant AND x.run_id = w.run_id AND x.key = w.key LIMIT 1
       ) p
       WHERE p.value <> w.value
    ) THEN
      RAISE EXCEPTION 'a param changed meanwhile' USING ERRCODE = 'serialization_failure';
    END IF;
  END IF;

  IF cardinality(series_runs) > 0 THEN
    INSERT INTO maestro.metric_chunks (tenant_id, run_id, key, first_timestamp, last_timestamp, first_step, last_step,
                                       points, timestamps, steps, values)
    SELECT tenant, w.run_id, w.key, timestamps[w.lo], timestamps[w.hi], w.first_step, w.last_step,
           w.hi - w.lo + 1, timestamps[w.lo:w.hi], steps[w.lo:w.hi], points[w.lo:w.hi]
      FROM unnest(series_runs, series_keys, los, his, first_steps, last_steps)
        AS w(run_id, key, lo, hi, first_step, last_step)
     WHERE w.run_id = ANY (active)
    ON CONFLICT DO NOTHING;

    WITH newest AS (
      INSERT INTO maestro.latest_metrics AS l (tenant_id, run_id, key, value, is_nan, step, timestamp, experiment_id,
                                               min_value, max_value)
      SELECT tenant, w.run_id, w.key, w.value, w.is_nan, w.step, w.timestamp, r.experiment_id, e.least, e.greatest
        FROM unnest(series_runs, series_keys, last_steps, newest_timestamps, newest_values, newest_nans, los, his,
                    min_values, max_values)
          AS w(run_id, key, step, timestamp, value, is_nan, lo, hi, least, greatest)
       CROSS JOIN LATERAL (
         SELECT nullif(w.least, 'NaN') AS least, nullif(w.greatest, 'NaN') AS greatest WHERE min_values IS NOT NULL
         UNION ALL
         SELECT min(p.value), max(p.value) FROM unnest(points[w.lo:w.hi]) AS p(value)
          WHERE p.value <> 'NaN' HAVING min_values IS NULL
       ) e
        JOIN unnest(active, active_experiments) AS r(run_id, experiment_id) ON r.run_id = w.run_id
       ORDER BY w.run_id, w.key
      -- Points that are not the newest add a chunk all the same: a series logged backwards is merged, too.
      ON CONFLICT (tenant_id, run_id, key) DO UPDATE
        SET value = CASE WHEN (excluded.step, excluded.timestamp, excluded.value) > (l.step, l.timestamp, l.value)
                         THEN excluded.value ELSE l.value END,
            is_nan = CASE WHEN (excluded.step, excluded.timestamp, excluded.value) > (l.step, l.timestamp, l.value)
                          THEN excluded.is_nan ELSE l.is_nan END,
            timestamp = CASE WHEN (excluded.step, excluded.timestamp, excluded.value) > (l.step, l.timestamp, l.value)
                             THEN excluded.timestamp ELSE l.timestamp END,
            step = greatest(excluded.step, l.step),
            min_value = least(excluded.min_value, l.min_value),
            max_value = greatest(excluded.max_value, l.max_value),
            chunks = l.chunks + 1
      RETURNING l.run_id, l.key, l.chunks
    )
    SELECT array_agg(n.run_id), array_agg(n.key) INTO crowded_runs, crowded_keys
      FROM newest n WHERE n.chunks >= 64 AND n.chunks % 64 = 0;
  END IF;

  IF cardinality(tag_runs) > 0 THEN
    INSERT INTO maestro.tags (tenant_id, run_id, key, value, experiment_id)
    SELECT tenant, w.run_id, w.key, w.value, r.experiment_id
      FROM unnest(tag_runs, tag_keys, tag_values) AS w(run_id, key, value)
      JOIN unnest(active, active_experiments) AS r(run_id, experiment_id) ON r.run_id = w.run_id
     ORDER BY w.run_id, w.key
    ON CONFLICT (tenant_id, run_id, key) DO UPDATE SET value = excluded.value;
    IF 'mlflow.runName' = ANY (tag_keys) THEN
      UPDATE maestro.runs r SET name = w.value
        FROM unnest(tag_runs, tag_keys, tag_values) AS w(run_id, key, value)
       WHERE r.tenant_id = tenant AND r.run_id = w.run_id AND r.run_id = ANY (active)
         AND w.key = 'mlflow.runName' AND w.value <> '';
    END IF;
  END IF;
END
$$;

-- What somebody looks at: a page of the interface, by its path below the tenant's, and its query string. Of an experiment
-- where it shows one. What is not shared is its maker's alone.
CREATE TABLE maestro.saved_views (
  tenant_id uuid NOT NULL,
  view_id uuid NOT NULL DEFAULT gen_random_uuid(),
  experiment_id bigint,
  name text COLLATE "C" NOT NULL,
  path text COLLATE "C" NOT NULL,
  query text NOT NULL,
  is_shared boolean NOT NULL,
  created_by text COLLATE "C" NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant_id, view_id),
  FOREIGN KEY (tenant_id, experiment_id) REFERENCES maestro.experiments ON DELETE CASCADE
);
CREATE INDEX saved_views_by_experiment ON maestro.saved_views (tenant_id, experiment_id, name, view_id);
CREATE INDEX saved_views_by_maker ON maestro.saved_views (tenant_id, created_by);

SELECT maestro.isolate_by_tenant('maestro.saved_views');

-- Down Migration

DROP TABLE maestro.saved_views;

DROP FUNCTION maestro.record;
CREATE FUNCTION maestro.record(
  tenant uuid,
  run_ids uuid[],
  series_runs uuid[], series_keys text[], los integer[], his integer[],
  timestamps bigint[], steps bigint[], points double precision[],
  first_steps bigint[], last_steps bigint[],
  newest_timestamps bigint[], newest_values double precision[], newest_nans boolean[],
  param_runs uuid[], param_keys text[], param_values text[],
  tag_runs uuid[], tag_keys text[], tag_values text[],
  OUT unusable_runs uuid[], OUT unusable_stages text[],
  OUT conflict_runs uuid[], OUT conflict_keys text[], OUT conflict_values text[],
  OUT crowded_runs uuid[], OUT crowded_keys text[]
) LANGUAGE plpgsql AS $$
DECLARE
  active uuid[];
  active_experiments bigint[];
BEGIN
  SELECT array_agg(w.id) FILTER (WHERE r.lifecycle_stage = 'active'),
         array_agg(r.experiment_id) FILTER (WHERE r.lifecycle_stage = 'active'),
         array_agg(w.id) FILTER (WHERE r.lifecycle_stage IS DISTINCT FROM 'active'),
         array_agg(coalesce(r.lifecycle_stage, '')) FILTER (WHERE r.lifecycle_stage IS DISTINCT FROM 'active')
    INTO active, active_experiments, unusable_runs, unusable_stages
    FROM unnest(run_ids) AS w(id)
    LEFT JOIN LATERAL (
      SELECT x.lifecycle_stage, x.experiment_id FROM maestro.runs x
       WHERE x.tenant_id = tenant AND x.run_id = w.id LIMIT 1
    ) r ON true;
  IF active IS NULL THEN
    RETURN;
  END IF;

  IF cardinality(param_runs) > 0 THEN
    SELECT array_agg(p.run_id), array_agg(p.key), array_agg(p.value)
      INTO conflict_runs, conflict_keys, conflict_values
      FROM unnest(param_runs, param_keys, param_values) AS w(run_id, key, value)
      CROSS JOIN LATERAL (
        SELECT x.run_id, x.key, x.value FROM maestro.params x
         WHERE x.tenant_id = tenant AND x.run_id = w.run_id AND x.key = w.key LIMIT 1
      ) p
     WHERE p.value <> w.value AND w.run_id = ANY (active);
    IF conflict_runs IS NOT NULL THEN
      RETURN;
    END IF;
    INSERT INTO maestro.params (tenant_id, run_id, key, value, experiment_id)
    SELECT tenant, w.run_id, w.key, w.value, r.experiment_id
      FROM unnest(param_runs, param_keys, param_values) AS w(run_id, key, value)
      JOIN unnest(active, active_experiments) AS r(run_id, experiment_id) ON r.run_id = w.run_id
     ORDER BY w.run_id, w.key
    ON CONFLICT (tenant_id, run_id, key) DO NOTHING;
    -- Another process may have committed the same param between the check and the insert, which waited for it.
    IF EXISTS (
      SELECT FROM unnest(param_runs, param_keys, param_values) AS w(run_id, key, value)
       CROSS JOIN LATERAL (
         SELECT x.value FROM maestro.params x
          WHERE x.tenant_id = tenant AND x.run_id = w.run_id AND x.key = w.key LIMIT 1
       ) p
       WHERE p.value <> w.value
    ) THEN
      RAISE EXCEPTION 'a param changed meanwhile' USING ERRCODE = 'serialization_failure';
    END IF;
  END IF;

  IF cardinality(series_runs) > 0 THEN
    INSERT INTO maestro.metric_chunks (tenant_id, run_id, key, first_timestamp, last_timestamp, first_step, last_step,
                                       points, timestamps, steps, values)
    SELECT tenant, w.run_id, w.key, timestamps[w.lo], timestamps[w.hi], w.first_step, w.last_step,
           w.hi - w.lo + 1, timestamps[w.lo:w.hi], steps[w.lo:w.hi], points[w.lo:w.hi]
      FROM unnest(series_runs, series_keys, los, his, first_steps, last_steps)
        AS w(run_id, key, lo, hi, first_step, last_step)
     WHERE w.run_id = ANY (active)
    ON CONFLICT DO NOTHING;

    WITH newest AS (
      INSERT INTO maestro.latest_metrics AS l (tenant_id, run_id, key, value, is_nan, step, timestamp, experiment_id)
      SELECT tenant, w.run_id, w.key, w.value, w.is_nan, w.step, w.timestamp, r.experiment_id
        FROM unnest(series_runs, series_keys, last_steps, newest_timestamps, newest_values, newest_nans)
          AS w(run_id, key, step, timestamp, value, is_nan)
        JOIN unnest(active, active_experiments) AS r(run_id, experiment_id) ON r.run_id = w.run_id
       ORDER BY w.run_id, w.key
      -- Points that are not the newest add a chunk all the same: a series logged backwards is merged, too.
      ON CONFLICT (tenant_id, run_id, key) DO UPDATE
        SET value = CASE WHEN (excluded.step, excluded.timestamp, excluded.value) > (l.step, l.timestamp, l.value)
                         THEN excluded.value ELSE l.value END,
            is_nan = CASE WHEN (excluded.step, excluded.timestamp, excluded.value) > (l.step, l.timestamp, l.value)
                          THEN excluded.is_nan ELSE l.is_nan END,
            timestamp = CASE WHEN (excluded.step, excluded.timestamp, excluded.value) > (l.step, l.timestamp, l.value)
                             THEN excluded.timestamp ELSE l.timestamp END,
            step = greatest(excluded.step, l.step),
            chunks = l.chunks + 1
      RETURNING l.run_id, l.key, l.chunks
    )
    SELECT array_agg(n.run_id), array_agg(n.key) INTO crowded_runs, crowded_keys
      FROM newest n WHERE n.chunks >= 64 AND n.chunks % 64 = 0;
  END IF;

  IF cardinality(tag_runs) > 0 THEN
    INSERT INTO maestro.tags (tenant_id, run_id, key, value, experiment_id)
    SELECT tenant, w.run_id, w.key, w.value, r.experiment_id
      FROM unnest(tag_runs, tag_keys, tag_values) AS w(run_id, key, value)
      JOIN unnest(active, active_experiments) AS r(run_id, experiment_id) ON r.run_id = w.run_id
     ORDER BY w.run_id, w.key
    ON CONFLICT (tenant_id, run_id, key) DO UPDATE SET value = excluded.value;
    IF 'mlflow.runName' = ANY (tag_keys) THEN
      UPDATE maestro.runs r SET name = w.value
        FROM unnest(tag_runs, tag_keys, tag_values) AS w(run_id, key, value)
       WHERE r.tenant_id = tenant AND r.run_id = w.run_id AND r.run_id = ANY (active)
         AND w.key = 'mlflow.runName' AND w.value <> '';
    END IF;
  END IF;
END
$$;

DROP INDEX maestro.latest_metrics_by_value;
ALTER TABLE maestro.latest_metrics DROP COLUMN min_value, DROP COLUMN max_value;
CREATE INDEX latest_metrics_by_value ON maestro.latest_metrics (tenant_id, experiment_id, key, is_nan, value);
