import type { TenantTx } from '../db/tenancy.ts';
import type { Counted } from '../limits/counted.ts';

export interface UsageRow {
  version: string;
  project_id: string;
  project_name: string;
  used_by: string;
  used_at: Date;
  impact_score: number | null;
}

const columns = 'u.version, u.project_id, p.name AS project_name, u.used_by, u.used_at, u.impact_score';
const source = `maestro.artifact_usages u
  JOIN maestro.projects p ON p.tenant_id = $1 AND p.project_id = u.project_id`;

/** Locks a version against its deletion while a usage of it is written; false where there is none. */
export async function shareVersion(tx: TenantTx, artifact: string, version: string): Promise<boolean> {
  const rows = await tx.sql(
    `SELECT 1 FROM maestro.artifact_versions
      WHERE tenant_id = $1 AND artifact_id = $2 AND version = $3 FOR KEY SHARE`,
    [tx.tenantId, artifact, version],
    'share_artifact_version',
  );
  return rows.length > 0;
}

/** Notes a use, and counts it where it is new: one statement, so that what is repeated at once counts once. */
export async function insertUsage(
  tx: TenantTx,
  { artifact, version, project, usedBy }: { artifact: string; version: string; project: string; usedBy: string },
): Promise<boolean> {
  const rows = await tx.sql(
    `WITH new AS (
       INSERT INTO maestro.artifact_usages (tenant_id, artifact_id, version, project_id, used_by)
       VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING artifact_id)
     UPDATE maestro.artifacts a SET uses = uses + 1 FROM new
      WHERE a.tenant_id = $1 AND a.artifact_id = new.artifact_id RETURNING 1`,
    [tx.tenantId, artifact, version, project, usedBy],
    'insert_artifact_usage',
  );
  return rows.length > 0;
}

export async function findUsage(
  tx: TenantTx,
  artifact: string,
  version: string,
  project: string,
): Promise<UsageRow | undefined> {
  const [row] = await tx.sql<UsageRow>(
    `SELECT ${columns} FROM ${source}
      WHERE u.tenant_id = $1 AND u.artifact_id = $2 AND u.version = $3 AND u.project_id = $4`,
    [tx.tenantId, artifact, version, project],
    'artifact_usage',
  );
  return row;
}

/** Where a list of usages goes on: at this time (with microseconds), behind so many of it. */
export interface UsagePlace {
  readonly at: string;
  readonly passed: number;
}

/** The newest first. */
export function listUsages(
  tx: TenantTx,
  artifact: string,
  place: UsagePlace | undefined,
  limit: number,
): Promise<(UsageRow & { place: string })[]> {
  return tx.sql<UsageRow & { place: string }>(
    `SELECT ${columns}, u.used_at::text AS place FROM ${source}
      WHERE u.tenant_id = $1 AND u.artifact_id = $2 AND u.used_at <= coalesce($3::timestamptz, 'infinity')
      ORDER BY u.used_at DESC, u.project_id DESC, u.version DESC LIMIT $5
     OFFSET least($4::bigint, (SELECT count(*) FROM maestro.artifact_usages n
                                WHERE n.tenant_id = $1 AND n.artifact_id = $2 AND n.used_at = $3))`,
    [tx.tenantId, artifact, place?.at ?? null, place?.passed ?? 0, limit],
    'artifact_usages',
  );
}

/** Takes the uses of a project that goes off the artifacts' counts; the rows go with the project. */
export async function releaseUsages(tx: TenantTx, project: string): Promise<void> {
  await tx.sql(
    `SELECT 1 FROM maestro.artifacts a
      WHERE a.tenant_id = $1 AND a.artifact_id IN (
        SELECT u.artifact_id FROM maestro.artifact_usages u WHERE u.tenant_id = $1 AND u.project_id = $2)
      ORDER BY a.artifact_id FOR UPDATE`,
    [tx.tenantId, project],
  );
  await tx.sql(
    `WITH gone AS (
       DELETE FROM maestro.artifact_usages WHERE tenant_id = $1 AND project_id = $2 RETURNING artifact_id),
     counted AS (SELECT artifact_id, count(*) AS uses FROM gone GROUP BY artifact_id)
     UPDATE maestro.artifacts a SET uses = a.uses - c.uses FROM counted c
      WHERE a.tenant_id = $1 AND a.artifact_id = c.artifact_id`,
    [tx.tenantId, project],
  );
}

/**
 * By the least that they add to success, in nine of ten cases; behind them, by use, those of which nothing is known. Or all
 * by use.
 */
export async function topArtifacts(
  tx: TenantTx,
  { type, limit, by }: { type: string | undefined; limit: number; by: 'impact' | 'uses' },
): Promise<string[]> {
  const best = (where: string, column: string, count: number) =>
    tx.sql<{ artifact_id: string }>(
      `SELECT artifact_id FROM maestro.artifacts
        WHERE tenant_id = $1 AND is_active AND ($2::text IS NULL OR type = $2) ${where}
        ORDER BY ${column} DESC, artifact_id DESC LIMIT $3`,
      [tx.tenantId, type ?? null, count],
      `top_artifacts_${where === '' ? 'used' : column}`,
    );
  const idsOf = (rows: readonly { artifact_id: string }[]) => rows.map(({ artifact_id }) => artifact_id);
  if (by === 'uses') return idsOf(await best('', 'uses', limit));
  const judged = await best('AND impact_low IS NOT NULL', 'impact_low', limit);
  const others = judged.length < limit ? await best('AND impact_low IS NULL', 'uses', limit - judged.length) : [];
  return idsOf([...judged, ...others]);
}

/** Uses in each month (in UTC), as texts such as 2026-11. */
export function usesByMonth(tx: TenantTx, artifact: string): Promise<{ month: string; uses: number }[]> {
  return tx.sql(
    `SELECT to_char(used_at AT TIME ZONE 'UTC', 'YYYY-MM') AS month, count(*) AS uses FROM maestro.artifact_usages
      WHERE tenant_id = $1 AND artifact_id = $2 GROUP BY 1 ORDER BY 1`,
    [tx.tenantId, artifact],
  );
}

/** How many projects, and of those with a success score how many and what score in the mean and the median. */
export interface Outcomes {
  projects: number;
  scored: number;
  mean: number | null;
  median: number | null;
}

/**
 * Of projects that use the artifact, and of all others, whose number comes of the tenant's counter of projects: in the same
 * statement, as a project that is made between two would be among the users and not among all. Reads the index of the scores,
 * in order: of 100,000 projects with their rows it took thrice as long.
 */
export async function outcomesOf(tx: TenantTx, artifact: string): Promise<{ users: Outcomes; others: Outcomes }> {
  const figures = (of: string, which: string): string => `
    count(*) FILTER (WHERE ${which}) AS ${of}_scored, avg(s.score) FILTER (WHERE ${which}) AS ${of}_mean,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY s.score) FILTER (WHERE ${which}) AS ${of}_median`;
  const [row] = await tx.sql<{ [figure: string]: number | null } & { users: number; projects: number | null }>(
    `WITH users AS MATERIALIZED (
       SELECT DISTINCT u.project_id FROM maestro.artifact_usages u WHERE u.tenant_id = $1 AND u.artifact_id = $2)
     SELECT (SELECT count(*) FROM users) AS users,
            (SELECT c.value FROM maestro.tenant_counters c WHERE c.tenant_id = $1 AND c.name = $3) AS projects,
            ${figures('users', 's.uses')}, ${figures('others', 'NOT s.uses')}
       FROM (SELECT p.success_score AS score, u.project_id IS NOT NULL AS uses
               FROM maestro.projects p LEFT JOIN users u ON u.project_id = p.project_id
              WHERE p.tenant_id = $1 AND p.success_score IS NOT NULL) s`,
    [tx.tenantId, artifact, 'projects' satisfies Counted],
    'artifact_outcomes',
  );
  const outcomes = (of: 'users' | 'others', projects: number): Outcomes => ({
    projects,
    scored: row![`${of}_scored`] as number,
    mean: row![`${of}_mean`] as number | null,
    median: row![`${of}_median`] as number | null,
  });
  return { users: outcomes('users', row!.users), others: outcomes('others', (row!.projects ?? 0) - row!.users) };
}
