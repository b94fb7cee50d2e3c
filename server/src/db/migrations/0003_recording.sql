-- Up Migration

-- Writes what a group of log calls carries, in one call: points, params and tags of many runs of one tenant.
-- A series is one run and key; its points are `timestamps[lo:hi]` and so on, sorted by (timestamp, step, value).
-- Rows go in sorted by their key: two groups that touch the same rows in different orders would deadlock.
-- Where a param would change, nothing is written and the conflicts come back; the caller leaves those calls out and
-- calls again. Runs that are missing or deleted are skipped and named.
-- Rows are looked up by LATERAL … LIMIT 1, which stays a look-up by key: as a plain join, PostgreSQL reads the whole
-- table while it has no statistics of it, and on 6,000 runs that was three quarters of a call's time.
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

-- Creates runs in the experiments that are active, and says what became of each experiment asked for.
CREATE FUNCTION maestro.create_runs(
  tenant uuid,
  run_ids uuid[], experiment_ids bigint[], names text[], user_ids text[], start_times bigint[],
  tag_runs uuid[], tag_experiments bigint[], tag_keys text[], tag_values text[]
) RETURNS TABLE (experiment_id bigint, lifecycle_stage text, artifact_location text) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  active bigint[];
BEGIN
  SELECT array_agg(e.experiment_id) INTO active
    FROM maestro.experiments e
   WHERE e.tenant_id = tenant AND e.experiment_id = ANY (experiment_ids) AND e.lifecycle_stage = 'active';

  INSERT INTO maestro.runs (tenant_id, run_id, experiment_id, name, user_id, start_time, artifact_uri)
  SELECT tenant, w.run_id, w.experiment_id, w.name, w.user_id, w.start_time,
         CASE WHEN e.artifact_location <> 'mlflow-artifacts:/' || e.experiment_id
              THEN maestro.append_to_uri(e.artifact_location, replace(w.run_id::text, '-', '') || '/artifacts') END
    FROM unnest(run_ids, experiment_ids, names, user_ids, start_times)
      AS w(run_id, experiment_id, name, user_id, start_time)
    JOIN maestro.experiments e ON e.tenant_id = tenant AND e.experiment_id = w.experiment_id
   WHERE w.experiment_id = ANY (active)
  ON CONFLICT (tenant_id, run_id) DO NOTHING;

  INSERT INTO maestro.tags (tenant_id, run_id, key, value, experiment_id)
  SELECT tenant, w.run_id, w.key, w.value, w.experiment_id
    FROM unnest(tag_runs, tag_experiments, tag_keys, tag_values) AS w(run_id, experiment_id, key, value)
   WHERE w.experiment_id = ANY (active)
  ON CONFLICT (tenant_id, run_id, key) DO NOTHING;

  RETURN QUERY
    SELECT e.experiment_id, e.lifecycle_stage, e.artifact_location
      FROM maestro.experiments e
     WHERE e.tenant_id = tenant AND e.experiment_id = ANY (experiment_ids);
END
$$;

-- Puts a path behind a URI's own, before its query.
CREATE FUNCTION maestro.append_to_uri(uri text, path text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT rtrim(split_part(uri, '?', 1), '/') || '/' || path
         || CASE WHEN strpos(uri, '?') > 0 THEN substr(uri, strpos(uri, '?')) ELSE '' END
$$;

-- Joins the small chunks of one series into chunks of up to 4,096 points, without its duplicates.
-- What is written meanwhile is a chunk of its own and stays. Readers see the old rows or the new ones, never both.
CREATE FUNCTION maestro.merge_series(tenant uuid, series_run uuid, series_key text) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
  merged integer;
BEGIN
  -- Also keeps two mergers of the same series apart.
  PERFORM FROM maestro.latest_metrics l
    WHERE l.tenant_id = tenant AND l.run_id = series_run AND l.key = series_key FOR UPDATE;
  WITH small AS (
    DELETE FROM maestro.metric_chunks c
     WHERE c.tenant_id = tenant AND c.run_id = series_run AND c.key = series_key AND c.points < 2048
    RETURNING c.timestamps, c.steps, c.values
  ), numbered AS (
    SELECT p.timestamp, p.step, p.value,
           (row_number() OVER (ORDER BY p.timestamp, p.step, nullif(p.value, 'NaN'), p.value) - 1) / 4096 AS chunk
      FROM (SELECT DISTINCT u.timestamp, u.step, u.value
              FROM small s, unnest(s.timestamps, s.steps, s.values) AS u(timestamp, step, value)) AS p
  )
  INSERT INTO maestro.metric_chunks (tenant_id, run_id, key, first_timestamp, last_timestamp, first_step, last_step,
                                     points, timestamps, steps, values)
  SELECT tenant, series_run, series_key, min(n.timestamp), max(n.timestamp), min(n.step), max(n.step), count(*),
         array_agg(n.timestamp ORDER BY n.timestamp, n.step, nullif(n.value, 'NaN'), n.value),
         array_agg(n.step ORDER BY n.timestamp, n.step, nullif(n.value, 'NaN'), n.value),
         array_agg(n.value ORDER BY n.timestamp, n.step, nullif(n.value, 'NaN'), n.value)
    FROM numbered n GROUP BY n.chunk
  ON CONFLICT DO NOTHING;
  GET DIAGNOSTICS merged = ROW_COUNT;
  UPDATE maestro.latest_metrics l SET chunks = 1
   WHERE l.tenant_id = tenant AND l.run_id = series_run AND l.key = series_key;
  RETURN merged;
END
$$;

-- Down Migration

DROP FUNCTION maestro.merge_series, maestro.create_runs, maestro.append_to_uri, maestro.record;
