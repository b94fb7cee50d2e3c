import type { TenantTx } from '../db/tenancy.ts';
import { hasEndedIn, toldIn } from './outcome_queries.ts';

/** JSON texts: what they hold is many rows, and is read in a thread. */
export interface TeachingTexts {
  /** An array of TaughtProject. */
  projects: string;
  /** An array of TeamMember. */
  teams: string;
  /** An array of Use. */
  uses: string;
}

/**
 * Projects that ended, with their teams and what they use: those that use anything first, which the others are held against,
 * and of either those that were completed last. When a project was recorded tells nothing: a history may be imported late.
 */
export async function teachingTexts(tx: TenantTx, limit: number): Promise<TeachingTexts> {
  const [texts] = await tx.sql<TeachingTexts>(
    `WITH taught AS (
       SELECT j.project_id, j.problem_class, j.complexity_score, j.team_size, ${toldIn}, j.created_by, j.created_at
         FROM maestro.projects j
         LEFT JOIN (SELECT DISTINCT project_id FROM maestro.artifact_usages WHERE tenant_id = $1) s
           ON s.project_id = j.project_id
        WHERE j.tenant_id = $1 AND ${hasEndedIn}
        ORDER BY s.project_id IS NULL, j.completion_date DESC NULLS LAST, j.created_at DESC, j.project_id LIMIT $2),
     teams AS (
       SELECT m.project_id, coalesce(m.user_id::text, lower(m.name)) AS who, m.experience_level
         FROM maestro.team_members m JOIN taught t ON t.project_id = m.project_id
        WHERE m.tenant_id = $1 ORDER BY m.project_id, who),
     uses AS (
       SELECT u.project_id, u.artifact_id, count(*) AS versions
         FROM maestro.artifact_usages u JOIN taught t ON t.project_id = u.project_id
        WHERE u.tenant_id = $1 GROUP BY u.project_id, u.artifact_id ORDER BY u.artifact_id, u.project_id)
     SELECT (SELECT coalesce(json_agg(t), '[]')::text FROM taught t) AS projects,
            (SELECT coalesce(json_agg(m), '[]')::text FROM teams m) AS teams,
            (SELECT coalesce(json_agg(u), '[]')::text FROM uses u) AS uses`,
    [tx.tenantId, limit],
  );
  return texts as TeachingTexts;
}

/** Writes what was estimated of artifacts, a JSON array of Judged, and that nothing is known of all others. */
export async function writeImpacts(tx: TenantTx, judged: string): Promise<void> {
  const given = 'jsonb_to_recordset($2::jsonb) AS g(id uuid, impact jsonb, low float8, score float8, projects integer)';
  // In the order in which a project's deletion locks them.
  await tx.sql(
    `SELECT 1 FROM maestro.artifacts
      WHERE tenant_id = $1 AND (impact IS NOT NULL OR artifact_id IN (SELECT g.id FROM ${given}))
      ORDER BY artifact_id FOR NO KEY UPDATE`,
    [tx.tenantId, judged],
  );
  await tx.sql(
    `UPDATE maestro.artifacts SET impact = NULL, impact_low = NULL, avg_impact_score = NULL, impact_projects = 0
      WHERE tenant_id = $1 AND impact IS NOT NULL AND artifact_id NOT IN (SELECT g.id FROM ${given})`,
    [tx.tenantId, judged],
  );
  await tx.sql(
    `UPDATE maestro.artifacts a
        SET impact = g.impact || jsonb_build_object('computed_at', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')),
            impact_low = g.low, avg_impact_score = g.score, impact_projects = g.projects
       FROM ${given} WHERE a.tenant_id = $1 AND a.artifact_id = g.id`,
    [tx.tenantId, judged],
  );
}

/** What is nearer than this to what stands is left as it is: a new outcome moves every share a little. */
const unmoved = 0.05;

/** Writes the shares of usages, a JSON array of Share, and takes those of projects whose success is not known any more. */
export async function writeShares(tx: TenantTx, shares: string): Promise<void> {
  await tx.sql(
    `UPDATE maestro.artifact_usages u SET impact_score = g.points
       FROM jsonb_to_recordset($2::jsonb) AS g(artifact uuid, project uuid, points float8)
      WHERE u.tenant_id = $1 AND u.artifact_id = g.artifact AND u.project_id = g.project
        AND (u.impact_score IS NULL OR abs(u.impact_score - g.points) > ${unmoved})`,
    [tx.tenantId, shares],
  );
  await tx.sql(
    `UPDATE maestro.artifact_usages u SET impact_score = NULL FROM maestro.projects p
      WHERE u.tenant_id = $1 AND u.impact_score IS NOT NULL
        AND p.tenant_id = $1 AND p.project_id = u.project_id AND p.success_score IS NULL`,
    [tx.tenantId],
  );
}
