import type { TenantTx } from '../db/tenancy.ts';
import { columns, type ProjectRow } from '../projects/queries.ts';

/** Those of some projects that are there, in no order; only those of `among`, where it is given. */
export const projectsOf = (
  tx: TenantTx,
  ids: readonly string[],
  among: readonly string[] | undefined,
): Promise<ProjectRow[]> =>
  tx.sql<ProjectRow>(
    `SELECT ${columns} FROM maestro.projects
      WHERE tenant_id = $1 AND project_id = ANY ($2::uuid[]) AND ($3::uuid[] IS NULL OR project_id = ANY ($3))`,
    [tx.tenantId, ids, among ?? null],
    'projects_of',
  );
