import type { TenantTx } from '../db/tenancy.ts';
import { fields, fieldTypes, type ProjectFields } from './queries.ts';

/** Those of the names that projects have. */
export async function takenNames(tx: TenantTx, names: readonly string[]): Promise<string[]> {
  const rows = await tx.sql<{ name: string }>(
    'SELECT name FROM maestro.projects WHERE tenant_id = $1 AND name = ANY ($2)',
    [tx.tenantId, names],
    'taken_project_names',
  );
  return rows.map(({ name }) => name);
}

/** Inserts projects and gives their ids by name; a project whose name is taken is left out. */
export async function insertProjects(
  tx: TenantTx,
  projects: readonly ProjectFields[],
  createdBy: string,
): Promise<Map<string, string>> {
  const columns = fields.map((field) => projects.map((project) => project[field]));
  const rows = await tx.sql<{ project_id: string; name: string }>(
    `INSERT INTO maestro.projects (tenant_id, created_by, ${fields.join(', ')})
     SELECT $1, $2, ${fields.map((field) => `given.${field}`).join(', ')}
       FROM unnest(${fields.map((field, at) => `$${at + 3}::${fieldTypes[field]}[]`).join(', ')}) AS given(${fields.join(', ')})
     ON CONFLICT (tenant_id, name) DO NOTHING RETURNING project_id, name`,
    [tx.tenantId, createdBy, ...columns],
    'insert_projects',
  );
  return new Map(rows.map(({ name, project_id }) => [name, project_id]));
}
