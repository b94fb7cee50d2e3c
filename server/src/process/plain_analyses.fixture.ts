import type { TenantTx } from '../db/tenancy.ts';
import { bucketText, type Cell } from './cells.ts';
import { during } from './during.ts';
import type { Span } from './periods.ts';

/** The analyses of a project, each read from the rows themselves: what the kept counts must come to. */

const byPeople = (table: string, alias: string): string => `
  maestro.${table} ${alias} JOIN maestro.code_people p
    ON p.tenant_id = $1 AND p.project_id = ${alias}.project_id AND p.person_id = ${alias}.person_id
   AND NOT p.is_left_out`;
const own = (alias: string): string => `${alias}.tenant_id = $1 AND ${alias}.project_id = $2`;
const within = (column: string): string => during(column, '$3', '$4');

const cellsText = (of: string): string => `
  SELECT v.bucket, count(*) AS count, sum(v.value) AS sum, min(v.value) AS min, max(v.value) AS max
    FROM (SELECT o.value, ${bucketText('o.value')} AS bucket FROM (${of}) o WHERE o.value IS NOT NULL) v
   GROUP BY v.bucket ORDER BY v.bucket`;
const cells = (tx: TenantTx, project: string, of: string, { from, to }: Span): Promise<Cell[]> =>
  tx.sql<Cell>(cellsText(of), [tx.tenantId, project, from, to]);

const row = async (tx: TenantTx, project: string, text: string, { from, to }: Span) =>
  (await tx.sql<Record<string, number>>(text, [tx.tenantId, project, from, to]))[0]!;

export const commitCounts = (tx: TenantTx, project: string, span: Span) =>
  row(
    tx,
    project,
    `SELECT count(DISTINCT c.person_id) FILTER (WHERE NOT c.is_merge) AS people,
            count(*) FILTER (WHERE NOT c.is_merge) AS commits, count(*) FILTER (WHERE c.is_merge) AS merges,
            coalesce(sum(c.additions), 0)::bigint AS additions, coalesce(sum(c.deletions), 0)::bigint AS deletions
       FROM ${byPeople('code_commits', 'c')} WHERE ${own('c')} AND ${within('c.committed_at')}`,
    span,
  );

export const changeCounts = (tx: TenantTx, project: string, span: Span) =>
  row(
    tx,
    project,
    `SELECT (SELECT count(*) FROM ${byPeople('code_changes', 'c')} WHERE ${own('c')} AND ${within('c.opened_at')}) AS opened,
            (SELECT count(DISTINCT a.person_id) FROM ${byPeople('code_changes', 'a')}
              WHERE ${own('a')} AND (${within('a.opened_at')} OR ${within('a.merged_at')})) AS people_of_changes,
            count(*) AS merged, count(*) FILTER (WHERE m.first_review_at <= m.merged_at) AS merged_after_review
       FROM ${byPeople('code_changes', 'm')} WHERE ${own('m')} AND ${within('m.merged_at')}`,
    span,
  );

const hours = (since: string, until: string): string =>
  `CASE WHEN c.${until} >= c.${since} THEN extract(epoch FROM c.${until} - c.${since})::double precision / 3600 END AS value`;

export const changeHours = async (tx: TenantTx, project: string, span: Span) => {
  const of = (at: string, since: string, until: string) =>
    cells(
      tx,
      project,
      `SELECT ${hours(since, until)} FROM ${byPeople('code_changes', 'c')} WHERE ${own('c')} AND ${within(`c.${at}`)}`,
      span,
    );
  return {
    open: await of('opened_at', 'first_commit_at', 'opened_at'),
    review: await of('opened_at', 'opened_at', 'first_review_at'),
    merge: await of('merged_at', 'opened_at', 'merged_at'),
  };
};

export const buildSeconds = (tx: TenantTx, project: string, span: Span) =>
  cells(
    tx,
    project,
    `SELECT extract(epoch FROM r.finished_at - r.started_at)::double precision AS value FROM maestro.ci_runs r
      WHERE ${own('r')} AND ${within('r.started_at')} AND r.status IN ('success', 'failure') AND r.finished_at >= r.started_at`,
    span,
  );

export const buildCounts = (tx: TenantTx, project: string, span: Span) =>
  row(
    tx,
    project,
    `SELECT count(*) FILTER (WHERE status = 'success') AS success, count(*) FILTER (WHERE status = 'failure') AS failure,
            count(*) FILTER (WHERE status = 'cancelled') AS cancelled, coalesce(sum(tests), 0)::bigint AS tests,
            coalesce(sum(tests_failed), 0)::bigint AS tests_failed, coalesce(sum(tests_skipped), 0)::bigint AS tests_skipped
       FROM maestro.ci_runs r WHERE ${own('r')} AND ${within('started_at')}`,
    span,
  );

export const commitsByDay = (tx: TenantTx, project: string, { from, to }: Span) =>
  tx.sql(
    `SELECT (c.committed_at AT TIME ZONE 'UTC')::date AS day, count(*) AS value FROM ${byPeople('code_commits', 'c')}
      WHERE ${own('c')} AND ${within('c.committed_at')} AND NOT c.is_merge GROUP BY 1 ORDER BY 1`,
    [tx.tenantId, project, from, to],
  );

/** In the order of the most active. */
export async function activePeople(tx: TenantTx, project: string, { from, to }: Span): Promise<string[]> {
  const rows = await tx.sql<{ person_id: string }>(
    `SELECT a.person_id FROM (
       SELECT c.person_id FROM ${byPeople('code_commits', 'c')}
        WHERE ${own('c')} AND ${within('c.committed_at')} AND NOT c.is_merge
       UNION ALL
       SELECT o.person_id FROM ${byPeople('code_changes', 'o')} WHERE ${own('o')} AND ${within('o.opened_at')}
       UNION ALL
       SELECT r.person_id FROM ${byPeople('code_reviews', 'r')} WHERE ${own('r')} AND ${within('r.at')}
     ) a GROUP BY a.person_id ORDER BY count(*) DESC, a.person_id LIMIT 300`,
    [tx.tenantId, project, from, to],
  );
  return rows.map(({ person_id }) => person_id);
}

/** Each set of people as their ids in order, and the sets in order. */
export async function coEditors(tx: TenantTx, project: string, { from, to }: Span): Promise<string[]> {
  const rows = await tx.sql<{ people: string[] }>(
    `SELECT array_agg(f.person_id::text) AS people FROM ${byPeople('code_file_people', 'f')}
      WHERE ${own('f')} AND f.last_at >= ($3::date)::timestamp AT TIME ZONE 'UTC'
        AND f.first_at < ($4::date + 1)::timestamp AT TIME ZONE 'UTC'
      GROUP BY f.repository, f.path HAVING count(*) BETWEEN 2 AND 50`,
    [tx.tenantId, project, from, to],
  );
  return [...new Set(rows.map(({ people }) => people.sort().join()))].sort();
}

/** Reviewer and author, in order. */
export async function reviewTies(tx: TenantTx, project: string, { from, to }: Span): Promise<string[]> {
  const rows = await tx.sql<{ tie: string }>(
    `SELECT DISTINCT r.person_id || ' ' || c.person_id AS tie
       FROM ${byPeople('code_reviews', 'r')} JOIN maestro.code_changes c ON c.tenant_id = $1 AND c.project_id = r.project_id
        AND c.repository = r.repository AND c.change_key = r.change_key
      WHERE ${own('r')} AND ${within('r.at')} AND r.person_id <> c.person_id`,
    [tx.tenantId, project, from, to],
  );
  return rows.map(({ tie }) => tie).sort();
}

export const workingPattern = (tx: TenantTx, project: string, span: Span) =>
  row(
    tx,
    project,
    `WITH written AS (
       SELECT c.person_id, (c.authored_at AT TIME ZONE 'UTC') + make_interval(mins => c.authored_offset) AS at
         FROM ${byPeople('code_commits', 'c')} WHERE ${own('c')} AND ${within('c.committed_at')} AND NOT c.is_merge
     ), days AS (
       SELECT w.person_id, w.at::date AS day, count(*) AS commits,
              count(*) FILTER (WHERE extract(hour FROM w.at) >= 22 OR extract(hour FROM w.at) < 6) AS at_night
         FROM written w GROUP BY 1, 2
     ), numbered AS (
       SELECT d.*, d.day - (row_number() OVER (PARTITION BY d.person_id ORDER BY d.day))::integer AS stretch FROM days d
     ), stretches AS (
       SELECT n.*, count(*) OVER (PARTITION BY n.person_id, n.stretch) AS length FROM numbered n
     )
     SELECT count(DISTINCT s.person_id) AS people, coalesce(sum(s.commits), 0)::bigint AS commits,
            sum(s.at_night)::double precision / sum(s.commits) AS night_share,
            coalesce(sum(s.commits) FILTER (WHERE extract(isodow FROM s.day) >= 6), 0)::double precision / sum(s.commits)
              AS weekend_share,
            count(*) FILTER (WHERE s.length >= 3)::double precision / nullif(count(*), 0) AS long_stretch_share
       FROM stretches s`,
    span,
  );

/** Hours to deliveries of an environment, '' for releases: each commit by itself, looked for in all deliveries. */
export const leadHours = (tx: TenantTx, project: string, environment: string, { from, to }: Span): Promise<Cell[]> =>
  tx.sql<Cell>(
    `WITH delivered AS (
       SELECT d.repository, d.at, d.sha FROM maestro.deployments d
        WHERE ${own('d')} AND d.environment = $5 AND d.status = 'success'
       UNION ALL
       SELECT r.repository, r.at, r.sha FROM maestro.code_releases r WHERE ${own('r')} AND $5 = '' AND NOT r.is_prerelease
     ), reached AS (
       SELECT d.repository, d.at, least(coalesce(c.landed_at, d.at), d.at) AS up_to
         FROM delivered d LEFT JOIN maestro.code_commits c ON ${own('c')} AND c.repository = d.repository AND c.sha = d.sha
     ), bringing AS (
       SELECT r.*, (SELECT max(b.up_to) FROM reached b
                     WHERE b.repository = r.repository AND (b.at, b.up_to) < (r.at, r.up_to)) AS after FROM reached r
     )
     ${cellsText(`
       SELECT extract(epoch FROM b.at - least(c.authored_at, (
                SELECT min(m.first_commit_at) FROM maestro.code_changes m
                 WHERE ${own('m')} AND m.repository = c.repository AND m.merge_sha = c.sha)))::double precision / 3600 AS value
         FROM bringing b JOIN ${byPeople('code_commits', 'c')} ON c.repository = b.repository
        WHERE ${own('c')} AND c.landed_at > b.after AND c.landed_at <= b.up_to AND NOT c.is_merge
          AND c.authored_at <= b.at AND ${within('b.at')}`)}`,
    [tx.tenantId, project, from, to, environment],
  );

/** Authors of files, each set with how many; in order. */
export async function knownFiles(tx: TenantTx, project: string): Promise<string[]> {
  const rows = await tx.sql<{ authors: string; files: number }>(
    `WITH touched AS (
       SELECT f.repository, f.path, f.person_id,
              row_number() OVER (PARTITION BY f.repository, f.path ORDER BY f.first_at, f.person_id) = 1 AS is_first,
              f.changes::double precision AS own,
              sum(f.changes) OVER (PARTITION BY f.repository, f.path)::double precision AS total
         FROM ${byPeople('code_file_people', 'f')} WHERE ${own('f')}
     ), known AS (
       SELECT t.repository, t.path, t.person_id,
              CASE WHEN t.is_first THEN 3.293 + 1.098 + 0.164 * (t.own - 1) - 0.321 * ln(1 + t.total - t.own)
                   ELSE 3.293 + 0.164 * t.own - 0.321 * ln(t.total - t.own) END AS doa
         FROM touched t
     ), ranked AS (
       SELECT k.*, max(k.doa) OVER (PARTITION BY k.repository, k.path) AS highest FROM known k
     )
     SELECT coalesce(a.authors, '') AS authors, count(*) AS files
       FROM (SELECT string_agg(r.person_id::text, ',' ORDER BY r.person_id)
                      FILTER (WHERE r.doa >= 3.293 AND r.doa > 0.75 * r.highest) AS authors
               FROM ranked r GROUP BY r.repository, r.path) a
      GROUP BY a.authors`,
    [tx.tenantId, project],
  );
  return rows.map(({ authors, files }) => `${authors} ${files}`).sort();
}
