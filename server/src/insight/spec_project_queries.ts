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

/** The projects that were finished last, of `only` where it is given. */
export function finishedProjects(tx: TenantTx, only: readonly string[] | null, limit: number): Promise<ProjectRow[]> {
  return tx.sql<ProjectRow>(
    `SELECT ${columns} FROM maestro.projects
      WHERE tenant_id = $1 AND completion_date IS NOT NULL AND ($2::uuid[] IS NULL OR project_id = ANY ($2))
      ORDER BY completion_date DESC, project_id DESC LIMIT $3`,
    [tx.tenantId, only, limit],
    'finished_projects',
  );
}
