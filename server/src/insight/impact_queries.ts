import type { Impact } from '@maestro/insight/impact';
import type { TenantTx } from '../db/tenancy.ts';

/** A project of which an outcome is known. Days are texts such as 2026-11-26. */
export interface TeachingRow {
  project_id: string;
  problem_class: string | null;
  complexity_score: number | null;
  team_size: number | null;
  start_date: string | null;
  completion_date: string | null;
  success_score: number | null;
  compute_cost: number | null;
  created_by: string;
  created_at: Date;
}

/** The newest. */
export function teachingProjects(tx: TenantTx, limit: number): Promise<TeachingRow[]> {
  return tx.sql<TeachingRow>(
    `SELECT project_id, problem_class, complexity_score, team_size, start_date, completion_date, success_score,
            compute_cost, created_by, created_at
       FROM maestro.projects
      WHERE tenant_id = $1 AND (completion_date IS NOT NULL OR success_score IS NOT NULL OR compute_cost IS NOT NULL)
      ORDER BY created_at DESC, project_id LIMIT $2`,
    [tx.tenantId, limit],
  );
}

export interface TeamRow {
  project_id: string;
  /** An account's id, or a name. */
  who: string;
  experience_level: string | null;
}

export function teamsOf(tx: TenantTx, projects: readonly string[]): Promise<TeamRow[]> {
  return tx.sql<TeamRow>(
    `SELECT project_id, coalesce(user_id::text, lower(name)) AS who, experience_level
       FROM maestro.team_members WHERE tenant_id = $1 AND project_id = ANY ($2::uuid[])
      ORDER BY project_id, who`,
    [tx.tenantId, projects],
  );
}

/** That a project uses an artifact, in so many versions. */
export interface UseRow {
  project_id: string;
  artifact_id: string;
  versions: number;
}

export function usesOf(tx: TenantTx, projects: readonly string[]): Promise<UseRow[]> {
  return tx.sql<UseRow>(
    `SELECT project_id, artifact_id, count(*) AS versions FROM maestro.artifact_usages
      WHERE tenant_id = $1 AND project_id = ANY ($2::uuid[])
      GROUP BY project_id, artifact_id ORDER BY artifact_id, project_id`,
    [tx.tenantId, projects],
  );
}

/** What is written of an artifact that finished projects used. */
export type JudgedArtifact = { readonly id: string } & Impact;

/** Writes what was estimated of artifacts, and that nothing is known of all others. */
export async function writeImpacts(tx: TenantTx, judged: readonly JudgedArtifact[]): Promise<void> {
  // In the order in which a project's deletion locks them.
  await tx.sql(
    `SELECT 1 FROM maestro.artifacts WHERE tenant_id = $1 AND (impact IS NOT NULL OR artifact_id = ANY ($2::uuid[]))
      ORDER BY artifact_id FOR NO KEY UPDATE`,
    [tx.tenantId, judged.map(({ id }) => id)],
  );
  await tx.sql(
    `UPDATE maestro.artifacts SET impact = NULL, impact_low = NULL, avg_impact_score = NULL, impact_projects = 0
      WHERE tenant_id = $1 AND impact IS NOT NULL AND NOT artifact_id = ANY ($2::uuid[])`,
    [tx.tenantId, judged.map(({ id }) => id)],
  );
  await tx.sql(
    `UPDATE maestro.artifacts a
        SET impact = g.impact || jsonb_build_object('computed_at', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')),
            impact_low = g.low, avg_impact_score = g.score, impact_projects = g.projects
       FROM unnest($2::uuid[], $3::jsonb[], $4::float8[], $5::float8[], $6::integer[]) AS g(id, impact, low, score, projects)
      WHERE a.tenant_id = $1 AND a.artifact_id = g.id`,
    [
      tx.tenantId,
      judged.map(({ id }) => id),
      judged.map(({ success, duration, cost }) => JSON.stringify({ success, duration, cost })),
      judged.map(({ success }) => success?.low ?? null),
      judged.map(({ success }) => success?.value ?? null),
      judged.map(({ success }) => success?.projects ?? 0),
    ],
  );
}

/** The share of each version of an artifact that a project used. */
export interface Share {
  readonly project: string;
  readonly artifact: string;
  readonly points: number;
}

/** What is nearer than this to what stands is left as it is: a new outcome moves every share a little. */
const unmoved = 0.05;

/** Writes the shares of usages, and takes those of projects whose success is not known any more. */
export async function writeShares(tx: TenantTx, shares: readonly Share[]): Promise<void> {
  await tx.sql(
    `UPDATE maestro.artifact_usages u SET impact_score = g.points
       FROM unnest($2::uuid[], $3::uuid[], $4::float8[]) AS g(artifact, project, points)
      WHERE u.tenant_id = $1 AND u.artifact_id = g.artifact AND u.project_id = g.project
        AND (u.impact_score IS NULL OR abs(u.impact_score - g.points) > ${unmoved})`,
    [
      tx.tenantId,
      shares.map(({ artifact }) => artifact),
      shares.map(({ project }) => project),
      shares.map(({ points }) => points),
    ],
  );
  await tx.sql(
    `UPDATE maestro.artifact_usages u SET impact_score = NULL FROM maestro.projects p
      WHERE u.tenant_id = $1 AND u.impact_score IS NOT NULL
        AND p.tenant_id = $1 AND p.project_id = u.project_id AND p.success_score IS NULL`,
    [tx.tenantId],
  );
}
