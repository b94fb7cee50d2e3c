import type { TenantTx } from '../db/tenancy.ts';
import type { KnownFiles } from './bus_factor.ts';
import { bucketText, type Cell } from './cells.ts';
import { during } from './during.ts';
import type { Span } from './periods.ts';

/** Rows of `table` by somebody who is not left out. */
export const byPeople = (table: string, alias: string): string => `
  maestro.${table} ${alias} JOIN maestro.code_people p
    ON p.tenant_id = $1 AND p.project_id = ${alias}.project_id AND p.person_id = ${alias}.person_id
   AND NOT p.is_left_out`;

/** Cells of values: `of` gives rows of `value`; those without one are left aside. */
export const cellsText = (of: string): string => `
  SELECT v.bucket, count(*) AS count, sum(v.value) AS sum, min(v.value) AS min, max(v.value) AS max
    FROM (SELECT o.value, ${bucketText('o.value')} AS bucket FROM (${of}) o WHERE o.value IS NOT NULL) v
   GROUP BY v.bucket`;

const hoursText = (from: string, to: string): string =>
  `CASE WHEN ${to} >= ${from} THEN extract(epoch FROM ${to} - ${from})::double precision / 3600 END`;

interface CommitCounts {
  readonly people: number;
  readonly commits: number;
  readonly merges: number;
  readonly additions: number;
  readonly deletions: number;
}

/** Commits of a span by their time of commit; merges are counted apart. */
export async function commitCounts(tx: TenantTx, project: string, { from, to }: Span): Promise<CommitCounts> {
  const [row] = await tx.sql<CommitCounts>(
    `SELECT count(DISTINCT c.person_id) FILTER (WHERE NOT c.is_merge) AS people,
            count(*) FILTER (WHERE NOT c.is_merge) AS commits, count(*) FILTER (WHERE c.is_merge) AS merges,
            coalesce(sum(c.additions), 0)::bigint AS additions, coalesce(sum(c.deletions), 0)::bigint AS deletions
       FROM ${byPeople('code_commits', 'c')}
      WHERE c.tenant_id = $1 AND c.project_id = $2 AND ${during('c.committed_at', '$3', '$4')}`,
    [tx.tenantId, project, from, to],
    'code_commit_counts',
  );
  return row as CommitCounts;
}

interface ChangeCounts {
  readonly opened: number;
  readonly merged: number;
  readonly merged_after_review: number;
  /** Who opened any of them. */
  readonly people: number;
}

/** Changes that were opened, and those that were merged, in a span. */
export async function changeCounts(tx: TenantTx, project: string, { from, to }: Span): Promise<ChangeCounts> {
  const [row] = await tx.sql<ChangeCounts>(
    `SELECT (SELECT count(*) FROM ${byPeople('code_changes', 'c')}
              WHERE c.tenant_id = $1 AND c.project_id = $2 AND ${during('c.opened_at', '$3', '$4')}) AS opened,
            (SELECT count(DISTINCT a.person_id) FROM ${byPeople('code_changes', 'a')}
              WHERE a.tenant_id = $1 AND a.project_id = $2 AND (${during('a.opened_at', '$3', '$4')}
                 OR ${during('a.merged_at', '$3', '$4')})) AS people,
            count(*) AS merged, count(*) FILTER (WHERE m.first_review_at <= m.merged_at) AS merged_after_review
       FROM ${byPeople('code_changes', 'm')}
      WHERE m.tenant_id = $1 AND m.project_id = $2 AND ${during('m.merged_at', '$3', '$4')}`,
    [tx.tenantId, project, from, to],
    'code_change_counts',
  );
  return row as ChangeCounts;
}

/** Reads the hours from one time of changes to another, of those that have the time `at` in a span. */
const changeHours =
  (name: string, at: string, from: string, to: string) =>
  (tx: TenantTx, project: string, span: Span): Promise<Cell[]> =>
    tx.sql<Cell>(
      cellsText(
        `SELECT ${hoursText(`c.${from}`, `c.${to}`)} AS value FROM ${byPeople('code_changes', 'c')}
          WHERE c.tenant_id = $1 AND c.project_id = $2 AND ${during(`c.${at}`, '$3', '$4')}`,
      ),
      [tx.tenantId, project, span.from, span.to],
      name,
    );

/** Hours until somebody else reviewed, of changes opened in a span. */
export const reviewHours = changeHours('code_review_hours', 'opened_at', 'opened_at', 'first_review_at');

/** Hours from the writing of the first commit to opening, of changes opened in a span whose first commit is known. */
export const openHours = changeHours('code_open_hours', 'opened_at', 'first_commit_at', 'opened_at');

/** Hours from opening to merging, of changes merged in a span. */
export const mergeHours = changeHours('code_merge_hours', 'merged_at', 'opened_at', 'merged_at');

/** What differs whenever something else may be known of who changed which file. */
export async function knownFilesState(tx: TenantTx, project: string): Promise<string> {
  const [row] = await tx.sql<{ state: string }>(
    `SELECT concat_ws(' ', (SELECT s.state FROM maestro.code_states s WHERE s.tenant_id = $1 AND s.project_id = $2),
                      count(*), sum(hashtextextended(p.person_id || ' ' || p.is_left_out, 0)::numeric)) AS state
       FROM maestro.code_people p WHERE p.tenant_id = $1 AND p.project_id = $2`,
    [tx.tenantId, project],
    'known_files_state',
  );
  return row!.state;
}

/**
 * Who are authors of the files of the code as it is now, by the degree of authorship of Fritz et al. (Degree-of-knowledge,
 * TOSEM 23(2), 2014) as Avelino et al. (ICPC 2016) use it: DOA = 3.293 + 1.098 FA + 0.164 DL − 0.321 ln(1 + AC), FA being 1
 * for whoever made the file, DL a person's other changes of it and AC those of everybody else. Authors are those with at
 * least 3.293 and more than 0.75 of the file's highest.
 */
export const knownFiles = (tx: TenantTx, project: string): Promise<KnownFiles[]> =>
  tx.sql<KnownFiles>(
    `WITH touched AS (
       SELECT f.repository, f.path, f.person_id,
              row_number() OVER (PARTITION BY f.repository, f.path ORDER BY f.first_at, f.person_id) = 1 AS is_first,
              f.changes::double precision AS own,
              sum(f.changes) OVER (PARTITION BY f.repository, f.path)::double precision AS total
         FROM ${byPeople('code_file_people', 'f')}
        WHERE f.tenant_id = $1 AND f.project_id = $2
     ), known AS (
       SELECT t.repository, t.path, t.person_id,
              CASE WHEN t.is_first THEN 3.293 + 1.098 + 0.164 * (t.own - 1) - 0.321 * ln(1 + t.total - t.own)
                   ELSE 3.293 + 0.164 * t.own - 0.321 * ln(t.total - t.own) END AS doa
         FROM touched t
     ), ranked AS (
       SELECT k.*, max(k.doa) OVER (PARTITION BY k.repository, k.path) AS highest FROM known k
     )
     SELECT coalesce(a.authors, '{}') AS authors, count(*) AS files
       FROM (SELECT array_agg(r.person_id::text ORDER BY r.person_id)
                      FILTER (WHERE r.doa >= 3.293 AND r.doa > 0.75 * r.highest) AS authors
               FROM ranked r GROUP BY r.repository, r.path) a
      GROUP BY a.authors`,
    [tx.tenantId, project],
    'code_known_files',
  );
