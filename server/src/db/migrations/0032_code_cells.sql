-- Up Migration

-- Measurements are counted by week, too: three years of weeks are then read without their days.
ALTER TABLE maestro.process_metric_cells
  DROP CONSTRAINT process_metric_cells_period_check,
  ADD CONSTRAINT process_metric_cells_period_check CHECK (period IN ('day', 'week', 'month', 'year'));
ALTER TABLE maestro.process_metric_cells NO FORCE ROW LEVEL SECURITY;
INSERT INTO maestro.process_metric_cells
       (tenant_id, project_id, metric_type, period, start, bucket, count, sum, min, max)
SELECT c.tenant_id, c.project_id, c.metric_type, 'week', date_trunc('week', c.start::timestamp)::date, c.bucket,
       sum(c.count), sum(c.sum), min(c.min), max(c.max)
  FROM maestro.process_metric_cells c WHERE c.period = 'day' GROUP BY 1, 2, 3, 5, 6 ORDER BY 1, 2, 3, 5, 6;
ALTER TABLE maestro.process_metric_cells FORCE ROW LEVEL SECURITY;

-- What a project's code and builds come to on a day (UTC): commits by who is not left out, merges aside; builds that began
-- on it by how they ended, and the tests of all that did.
CREATE TABLE maestro.code_days (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  day date NOT NULL,
  commits integer NOT NULL DEFAULT 0,
  builds_succeeded integer NOT NULL DEFAULT 0,
  builds_failed integer NOT NULL DEFAULT 0,
  builds_cancelled integer NOT NULL DEFAULT 0,
  tests bigint NOT NULL DEFAULT 0,
  tests_failed bigint NOT NULL DEFAULT 0,
  tests_skipped bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, project_id, day),
  FOREIGN KEY (tenant_id, project_id) REFERENCES maestro.projects ON DELETE CASCADE
);

-- What one person did in a day, month or year (UTC), also of who is left out. Commits count when they were committed; of
-- those that are no merges `at_night`, `at_weekend` and `authored_days` (days since 1970, in order) are by the author's own
-- clock. Changes count when they were `opened` and when `merged`, of these the `reviewed` ones by somebody else before;
-- `reviews` are the person's own.
CREATE TABLE maestro.code_person_cells (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  period text COLLATE "C" NOT NULL CHECK (period IN ('day', 'month', 'year')),
  start date NOT NULL,
  person_id uuid NOT NULL,
  commits integer NOT NULL DEFAULT 0,
  merges integer NOT NULL DEFAULT 0,
  additions bigint NOT NULL DEFAULT 0,
  deletions bigint NOT NULL DEFAULT 0,
  at_night integer NOT NULL DEFAULT 0,
  at_weekend integer NOT NULL DEFAULT 0,
  authored_days integer[] NOT NULL DEFAULT '{}',
  opened integer NOT NULL DEFAULT 0,
  merged integer NOT NULL DEFAULT 0,
  reviewed integer NOT NULL DEFAULT 0,
  reviews integer NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, project_id, period, start, person_id),
  FOREIGN KEY (tenant_id, project_id, person_id) REFERENCES maestro.code_people ON DELETE CASCADE
);
CREATE INDEX code_person_cells_by_person ON maestro.code_person_cells (tenant_id, project_id, person_id, period, start);

-- Values of a time that are of about one size, counted together as in process_metric_cells. Of `series`: 'build' are the
-- seconds that builds took; 'open', 'review' and 'merge' the hours until changes by who is not left out were opened, reviewed and
-- merged; 'lead' those from commits to the deployment to `environment` that brought them ('': the release). Weeks are kept of
-- builds alone; `environment` and `repository` of lead times, else ''.
CREATE TABLE maestro.code_cells (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  series text COLLATE "C" NOT NULL CHECK (series IN ('build', 'open', 'review', 'merge', 'lead')),
  environment text COLLATE "C" NOT NULL,
  period text COLLATE "C" NOT NULL CHECK (period IN ('day', 'week', 'month', 'year')),
  start date NOT NULL,
  repository text COLLATE "C" NOT NULL,
  bucket integer NOT NULL,
  count bigint NOT NULL,
  sum double precision NOT NULL,
  min double precision NOT NULL,
  max double precision NOT NULL,
  PRIMARY KEY (tenant_id, project_id, series, environment, period, start, repository, bucket),
  FOREIGN KEY (tenant_id, project_id) REFERENCES maestro.projects ON DELETE CASCADE
);

-- Who reviewed changes of whom in a day, month or year (UTC); also of who is left out.
CREATE TABLE maestro.code_review_ties (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  period text COLLATE "C" NOT NULL CHECK (period IN ('day', 'month', 'year')),
  start date NOT NULL,
  reviewer_id uuid NOT NULL,
  author_id uuid NOT NULL CHECK (author_id <> reviewer_id),
  PRIMARY KEY (tenant_id, project_id, period, start, reviewer_id, author_id),
  FOREIGN KEY (tenant_id, project_id, reviewer_id) REFERENCES maestro.code_people (tenant_id, project_id, person_id)
    ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, project_id, author_id) REFERENCES maestro.code_people (tenant_id, project_id, person_id)
    ON DELETE CASCADE
);
CREATE INDEX code_review_ties_by_reviewer ON maestro.code_review_ties (tenant_id, project_id, reviewer_id);
CREATE INDEX code_review_ties_by_author ON maestro.code_review_ties (tenant_id, project_id, author_id);

-- The files of code_file_people, each in one row, as far as anybody who is not left out changed it: `people` in order, with the
-- days since 1970 (UTC) on which each changed it first and last, and those of them who count as its `authors`.
CREATE TABLE maestro.code_files (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  repository text COLLATE "C" NOT NULL,
  path text COLLATE "C" NOT NULL,
  people uuid[] NOT NULL,
  first_days integer[] NOT NULL,
  last_days integer[] NOT NULL,
  authors uuid[] NOT NULL,
  PRIMARY KEY (tenant_id, project_id, repository, path),
  FOREIGN KEY (tenant_id, project_id) REFERENCES maestro.projects ON DELETE CASCADE
);

-- Which deployments a commit is in is looked up by repository.
CREATE INDEX deployments_by_repository ON maestro.deployments (tenant_id, project_id, repository, environment, at)
  INCLUDE (status, sha);
CREATE INDEX deployments_by_sha ON maestro.deployments (tenant_id, project_id, repository, sha) WHERE sha IS NOT NULL;
CREATE INDEX code_releases_by_repository ON maestro.code_releases (tenant_id, project_id, repository, at);

-- What is there is counted.
ALTER TABLE maestro.code_people NO FORCE ROW LEVEL SECURITY;
ALTER TABLE maestro.code_commits NO FORCE ROW LEVEL SECURITY;
ALTER TABLE maestro.code_changes NO FORCE ROW LEVEL SECURITY;
ALTER TABLE maestro.code_reviews NO FORCE ROW LEVEL SECURITY;
ALTER TABLE maestro.code_file_people NO FORCE ROW LEVEL SECURITY;
ALTER TABLE maestro.ci_runs NO FORCE ROW LEVEL SECURITY;
ALTER TABLE maestro.deployments NO FORCE ROW LEVEL SECURITY;
ALTER TABLE maestro.code_releases NO FORCE ROW LEVEL SECURITY;

INSERT INTO maestro.code_days (tenant_id, project_id, day, commits, builds_succeeded, builds_failed, builds_cancelled,
                               tests, tests_failed, tests_skipped)
SELECT d.tenant_id, d.project_id, d.day, sum(d.commits), sum(d.succeeded), sum(d.failed), sum(d.cancelled),
       sum(d.tests), sum(d.tests_failed), sum(d.tests_skipped)
  FROM (
    SELECT c.tenant_id, c.project_id, (c.committed_at AT TIME ZONE 'UTC')::date AS day, 1 AS commits, 0 AS succeeded,
           0 AS failed, 0 AS cancelled, 0 AS tests, 0 AS tests_failed, 0 AS tests_skipped
      FROM maestro.code_commits c JOIN maestro.code_people p USING (tenant_id, project_id, person_id)
     WHERE NOT c.is_merge AND NOT p.is_left_out
    UNION ALL
    SELECT tenant_id, project_id, (started_at AT TIME ZONE 'UTC')::date, 0, (status = 'success')::integer,
           (status = 'failure')::integer, (status = 'cancelled')::integer, coalesce(tests, 0), coalesce(tests_failed, 0),
           coalesce(tests_skipped, 0)
      FROM maestro.ci_runs) d
 GROUP BY 1, 2, 3;

INSERT INTO maestro.code_person_cells (tenant_id, project_id, period, start, person_id, commits, merges, additions,
                                       deletions, at_night, at_weekend, authored_days, opened, merged, reviewed, reviews)
SELECT d.tenant_id, d.project_id, p.period, date_trunc(p.period, d.day::timestamp)::date AS start, d.person_id,
       count(*) FILTER (WHERE d.what = 'commit'), count(*) FILTER (WHERE d.what = 'merge'), coalesce(sum(d.additions), 0),
       coalesce(sum(d.deletions), 0), count(*) FILTER (WHERE extract(hour FROM d.own) >= 22 OR extract(hour FROM d.own) < 6),
       count(*) FILTER (WHERE extract(isodow FROM d.own) >= 6),
       coalesce(array_agg(DISTINCT d.own::date - date '1970-01-01' ORDER BY d.own::date - date '1970-01-01')
                  FILTER (WHERE d.own IS NOT NULL), '{}'),
       count(*) FILTER (WHERE d.what = 'opened'), count(*) FILTER (WHERE d.what = 'merged'),
       count(*) FILTER (WHERE d.what = 'merged' AND d.is_reviewed), count(*) FILTER (WHERE d.what = 'review')
  FROM (
    SELECT tenant_id, project_id, person_id, (committed_at AT TIME ZONE 'UTC')::date AS day,
           CASE WHEN is_merge THEN 'merge' ELSE 'commit' END AS what, additions, deletions, false AS is_reviewed,
           CASE WHEN NOT is_merge THEN (authored_at AT TIME ZONE 'UTC') + make_interval(mins => authored_offset) END AS own
      FROM maestro.code_commits
    UNION ALL
    SELECT tenant_id, project_id, person_id, (opened_at AT TIME ZONE 'UTC')::date, 'opened', 0, 0, false, NULL
      FROM maestro.code_changes
    UNION ALL
    SELECT tenant_id, project_id, person_id, (merged_at AT TIME ZONE 'UTC')::date, 'merged', 0, 0,
           coalesce(first_review_at <= merged_at, false), NULL
      FROM maestro.code_changes WHERE merged_at IS NOT NULL
    UNION ALL
    SELECT tenant_id, project_id, person_id, (at AT TIME ZONE 'UTC')::date, 'review', 0, 0, false, NULL
      FROM maestro.code_reviews) d, unnest(ARRAY['day', 'month', 'year']) AS p(period)
 GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5;

INSERT INTO maestro.code_review_ties (tenant_id, project_id, period, start, reviewer_id, author_id)
SELECT DISTINCT r.tenant_id, r.project_id, p.period, date_trunc(p.period, r.at AT TIME ZONE 'UTC')::date, r.person_id,
       c.person_id
  FROM maestro.code_reviews r JOIN maestro.code_changes c USING (tenant_id, project_id, repository, change_key),
       unnest(ARRAY['day', 'month', 'year']) AS p(period)
 WHERE r.person_id <> c.person_id ORDER BY 1, 2, 3, 4;

INSERT INTO maestro.code_files (tenant_id, project_id, repository, path, people, first_days, last_days, authors)
SELECT r.tenant_id, r.project_id, r.repository, r.path, array_agg(r.person_id ORDER BY r.person_id),
       array_agg((r.first_at AT TIME ZONE 'UTC')::date - date '1970-01-01' ORDER BY r.person_id),
       array_agg((r.last_at AT TIME ZONE 'UTC')::date - date '1970-01-01' ORDER BY r.person_id),
       coalesce(array_agg(r.person_id ORDER BY r.person_id) FILTER (WHERE r.doa >= 3.293 AND r.doa > 0.75 * r.highest), '{}')
  FROM (
    SELECT k.*, max(k.doa) OVER (PARTITION BY k.tenant_id, k.project_id, k.repository, k.path) AS highest
      FROM (
        SELECT t.*, CASE WHEN t.is_first THEN 3.293 + 1.098 + 0.164 * (t.own - 1) - 0.321 * ln(1 + t.total - t.own)
                         ELSE 3.293 + 0.164 * t.own - 0.321 * ln(t.total - t.own) END AS doa
          FROM (
            SELECT f.*, f.changes::double precision AS own,
                   row_number() OVER (PARTITION BY f.tenant_id, f.project_id, f.repository, f.path
                                      ORDER BY f.first_at, f.person_id) = 1 AS is_first,
                   sum(f.changes) OVER (PARTITION BY f.tenant_id, f.project_id, f.repository, f.path)::double precision AS total
              FROM maestro.code_file_people f JOIN maestro.code_people p USING (tenant_id, project_id, person_id)
             WHERE NOT p.is_left_out) t) k) r
 GROUP BY 1, 2, 3, 4;

WITH delivered AS (
  SELECT tenant_id, project_id, environment, repository, at, sha FROM maestro.deployments WHERE status = 'success'
  UNION ALL
  SELECT tenant_id, project_id, '', repository, at, sha FROM maestro.code_releases WHERE NOT is_prerelease
), reached AS (
  SELECT d.*, least(coalesce(c.landed_at, d.at), d.at) AS up_to
    FROM delivered d LEFT JOIN maestro.code_commits c USING (tenant_id, project_id, repository, sha)
), bringing AS (
  SELECT r.*, max(r.up_to) OVER (PARTITION BY r.tenant_id, r.project_id, r.environment, r.repository ORDER BY r.at, r.up_to
                                 ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS after
    FROM reached r
), brought AS MATERIALIZED (
  SELECT b.tenant_id, b.project_id, b.environment, b.repository, b.at, c.person_id,
         extract(epoch FROM b.at - c.begun_at)::double precision / 3600 AS value
    FROM bringing b CROSS JOIN LATERAL (
      SELECT o.person_id, least(o.authored_at, (
               SELECT min(m.first_commit_at) FROM maestro.code_changes m
                WHERE m.tenant_id = b.tenant_id AND m.project_id = b.project_id AND m.repository = b.repository
                  AND m.merge_sha = o.sha)) AS begun_at
        FROM maestro.code_commits o
       WHERE o.tenant_id = b.tenant_id AND o.project_id = b.project_id AND o.repository = b.repository
         AND o.landed_at > b.after AND o.landed_at <= b.up_to AND NOT o.is_merge AND o.authored_at <= b.at OFFSET 0) c
   WHERE b.after < b.up_to
), measured AS (
  SELECT tenant_id, project_id, 'build' AS series, '' AS environment, '' AS repository, started_at AS at,
         extract(epoch FROM finished_at - started_at)::double precision AS value
    FROM maestro.ci_runs WHERE status IN ('success', 'failure') AND finished_at >= started_at
  UNION ALL
  SELECT c.tenant_id, c.project_id, h.series, '', '', h.at, extract(epoch FROM h.until - h.since)::double precision / 3600
    FROM maestro.code_changes c JOIN maestro.code_people p USING (tenant_id, project_id, person_id), LATERAL (VALUES
         ('open', c.opened_at, c.first_commit_at, c.opened_at), ('review', c.opened_at, c.opened_at, c.first_review_at),
         ('merge', c.merged_at, c.opened_at, c.merged_at)) AS h(series, at, since, until)
   WHERE NOT p.is_left_out AND h.until >= h.since
  UNION ALL
  SELECT b.tenant_id, b.project_id, 'lead', b.environment, b.repository, b.at, b.value
    FROM brought b JOIN maestro.code_people p USING (tenant_id, project_id, person_id) WHERE NOT p.is_left_out
), counted AS (
  SELECT m.*, (m.at AT TIME ZONE 'UTC')::date AS day,
         CASE WHEN m.value = 0 THEN 0 ELSE (sign(m.value) * (100000 + ceil(ln(abs(m.value)) / 0.04)))::integer END AS bucket
    FROM measured m
)
INSERT INTO maestro.code_cells (tenant_id, project_id, series, environment, period, start, repository, bucket, count, sum,
                                min, max)
SELECT c.tenant_id, c.project_id, c.series, c.environment, p.period, date_trunc(p.period, c.day::timestamp)::date,
       c.repository, c.bucket, count(*), sum(c.value), min(c.value), max(c.value)
  FROM counted c, unnest(ARRAY['day', 'week', 'month', 'year']) AS p(period)
 WHERE p.period <> 'week' OR c.series = 'build'
 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8;

ALTER TABLE maestro.code_people FORCE ROW LEVEL SECURITY;
ALTER TABLE maestro.code_commits FORCE ROW LEVEL SECURITY;
ALTER TABLE maestro.code_changes FORCE ROW LEVEL SECURITY;
ALTER TABLE maestro.code_reviews FORCE ROW LEVEL SECURITY;
ALTER TABLE maestro.code_file_people FORCE ROW LEVEL SECURITY;
ALTER TABLE maestro.ci_runs FORCE ROW LEVEL SECURITY;
ALTER TABLE maestro.deployments FORCE ROW LEVEL SECURITY;
ALTER TABLE maestro.code_releases FORCE ROW LEVEL SECURITY;

SELECT maestro.isolate_by_tenant(('maestro.' || t)::regclass)
  FROM unnest(ARRAY['code_days', 'code_person_cells', 'code_cells', 'code_review_ties', 'code_files']) AS t;

-- Down Migration

DROP INDEX maestro.code_releases_by_repository, maestro.deployments_by_sha, maestro.deployments_by_repository;
DROP TABLE maestro.code_files, maestro.code_review_ties, maestro.code_cells, maestro.code_person_cells,
  maestro.code_days;
ALTER TABLE maestro.process_metric_cells NO FORCE ROW LEVEL SECURITY;
DELETE FROM maestro.process_metric_cells WHERE period = 'week';
ALTER TABLE maestro.process_metric_cells FORCE ROW LEVEL SECURITY;
ALTER TABLE maestro.process_metric_cells
  DROP CONSTRAINT process_metric_cells_period_check,
  ADD CONSTRAINT process_metric_cells_period_check CHECK (period IN ('day', 'month', 'year'));
