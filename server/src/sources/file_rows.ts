import type { TenantTx } from '../db/tenancy.ts';

export interface FilePlace {
  readonly repository: string;
  readonly path: string;
}

/**
 * Who are authors of a file, by the degree of authorship of Fritz et al. (Degree-of-knowledge, TOSEM 23(2), 2014) as
 * Avelino et al. (ICPC 2016) use it: DOA = 3.293 + 1.098 FA + 0.164 DL − 0.321 ln(1 + AC), FA being 1 for whoever made the
 * file, DL a person's other changes of it and AC those of everybody else. Authors are those with at least 3.293 and more
 * than 0.75 of the file's highest.
 */
const rowsText = `
  WITH touched AS (
    SELECT f.repository, f.path, f.person_id, f.first_at, f.last_at,
           row_number() OVER (PARTITION BY f.repository, f.path ORDER BY f.first_at, f.person_id) = 1 AS is_first,
           f.changes::double precision AS own,
           sum(f.changes) OVER (PARTITION BY f.repository, f.path)::double precision AS total
      FROM unnest($3::text[], $4::text[]) AS n(repository, path)
      JOIN maestro.code_file_people f
        ON f.tenant_id = $1 AND f.project_id = $2 AND f.repository = n.repository AND f.path = n.path
      JOIN maestro.code_people p
        ON p.tenant_id = $1 AND p.project_id = $2 AND p.person_id = f.person_id AND NOT p.is_left_out
  ), known AS (
    SELECT t.*, CASE WHEN t.is_first THEN 3.293 + 1.098 + 0.164 * (t.own - 1) - 0.321 * ln(1 + t.total - t.own)
                     ELSE 3.293 + 0.164 * t.own - 0.321 * ln(t.total - t.own) END AS doa
      FROM touched t
  ), ranked AS (
    SELECT k.*, max(k.doa) OVER (PARTITION BY k.repository, k.path) AS highest FROM known k
  )
  INSERT INTO maestro.code_files (tenant_id, project_id, repository, path, people, first_days, last_days, authors)
  SELECT $1, $2, r.repository, r.path, array_agg(r.person_id ORDER BY r.person_id),
         array_agg((r.first_at AT TIME ZONE 'UTC')::date - date '1970-01-01' ORDER BY r.person_id),
         array_agg((r.last_at AT TIME ZONE 'UTC')::date - date '1970-01-01' ORDER BY r.person_id),
         coalesce(array_agg(r.person_id ORDER BY r.person_id)
                    FILTER (WHERE r.doa >= 3.293 AND r.doa > 0.75 * r.highest), '{}')
    FROM ranked r GROUP BY r.repository, r.path ORDER BY r.repository, r.path
  ON CONFLICT (tenant_id, project_id, repository, path) DO UPDATE
     SET people = excluded.people, first_days = excluded.first_days, last_days = excluded.last_days,
         authors = excluded.authors`;

/** Puts together anew what is known of who changed some files, each named once. Of `fewer`, fewer people than before did. */
export async function renewFiles(
  tx: TenantTx,
  project: string,
  files: readonly FilePlace[],
  fewer: readonly FilePlace[],
): Promise<void> {
  const columnsOf = (places: readonly FilePlace[]) => [
    ...[tx.tenantId, project],
    ...[places.map(({ repository }) => repository), places.map(({ path }) => path)],
  ];
  if (fewer.length > 0)
    await tx.sql(
      // Who is left is asked of the given files alone: joined, it would be asked of all files there are.
      `WITH gone AS MATERIALIZED (
         SELECT n.repository, n.path FROM unnest($3::text[], $4::text[]) AS n(repository, path)
          WHERE NOT EXISTS (
            SELECT 1 FROM (
              SELECT o.person_id FROM maestro.code_file_people o
               WHERE o.tenant_id = $1 AND o.project_id = $2 AND o.repository = n.repository AND o.path = n.path OFFSET 0) f
              JOIN maestro.code_people p
                ON p.tenant_id = $1 AND p.project_id = $2 AND p.person_id = f.person_id AND NOT p.is_left_out))
       DELETE FROM maestro.code_files c USING gone g
        WHERE c.tenant_id = $1 AND c.project_id = $2 AND c.repository = g.repository AND c.path = g.path`,
      columnsOf(fewer),
      'remove_code_files',
    );
  if (files.length > 0) await tx.sql(rowsText, columnsOf(files), 'renew_code_files');
}

/** The files that people changed. */
export const filesOf = (tx: TenantTx, project: string, persons: readonly string[]): Promise<FilePlace[]> =>
  tx.sql<FilePlace>(
    `SELECT DISTINCT repository, path FROM maestro.code_file_people
      WHERE tenant_id = $1 AND project_id = $2 AND person_id = ANY ($3::uuid[])`,
    [tx.tenantId, project, persons],
  );
