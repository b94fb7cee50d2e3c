import type { TenantTx } from '../db/tenancy.ts';
import { columns, type ProjectRow } from '../projects/queries.ts';

/** Projects, by id; what is not there is left out. */
export async function findProjects(tx: TenantTx, ids: readonly string[]): Promise<Map<string, ProjectRow>> {
  const rows = await tx.sql<ProjectRow>(
    `SELECT ${columns} FROM maestro.projects WHERE tenant_id = $1 AND project_id = ANY ($2::uuid[])`,
    [tx.tenantId, ids],
    'projects_by_id',
  );
  return new Map(rows.map((row) => [row.project_id, row]));
}

/** That projects use an artifact, with what came of them. */
export interface UseRow {
  artifact_id: string;
  project_id: string;
  success_score: number | null;
}

/** The active artifacts that projects use. */
export const usesOf = (tx: TenantTx, projects: readonly string[]): Promise<UseRow[]> =>
  tx.sql<UseRow>(
    `SELECT DISTINCT u.artifact_id, u.project_id, p.success_score
       FROM maestro.artifact_usages u
       JOIN maestro.projects p ON p.tenant_id = $1 AND p.project_id = u.project_id
       JOIN maestro.artifacts a ON a.tenant_id = $1 AND a.artifact_id = u.artifact_id AND a.is_active
      WHERE u.tenant_id = $1 AND u.project_id = ANY ($2::uuid[])`,
    [tx.tenantId, projects],
    'uses_of_projects',
  );

/** Projects of a class of problem, within `only` where it is given. */
export async function projectsOfClass(
  tx: TenantTx,
  problemClass: string,
  only: readonly string[] | null,
  limit: number,
): Promise<string[]> {
  const rows = await tx.sql<{ project_id: string }>(
    `SELECT project_id FROM maestro.projects
      WHERE tenant_id = $1 AND problem_class = $2 AND ($3::uuid[] IS NULL OR project_id = ANY ($3))
      ORDER BY project_id DESC LIMIT $4`,
    [tx.tenantId, problemClass, only, limit],
    'projects_of_class',
  );
  return rows.map(({ project_id }) => project_id);
}

/** The active artifacts that add most to success for sure: by the lower end of the estimate's interval. */
export async function bestArtifacts(tx: TenantTx, limit: number): Promise<string[]> {
  const rows = await tx.sql<{ artifact_id: string }>(
    `SELECT artifact_id FROM maestro.artifacts
      WHERE tenant_id = $1 AND impact_low > 0 AND is_active
      ORDER BY impact_low DESC, artifact_id DESC LIMIT $2`,
    [tx.tenantId, limit],
    'best_artifacts',
  );
  return rows.map(({ artifact_id }) => artifact_id);
}
