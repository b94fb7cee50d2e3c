import type { TenantTx } from '../db/tenancy.ts';
import { isUniqueViolation } from '../identity/tenants.ts';

/** What callers say of a project. Days are texts such as 2026-11-26. */
export interface ProjectFields {
  name: string;
  problem_class: string | null;
  complexity_score: number | null;
  team_size: number | null;
  start_date: string | null;
  completion_date: string | null;
  success_score: number | null;
  model_performance: number | null;
  compute_cost: number | null;
  business_impact: number | null;
  metadata: Record<string, unknown>;
}

export interface ProjectRow extends ProjectFields {
  project_id: string;
  created_by: string;
  created_at: Date;
  updated_at: Date;
}

/** The fields, and PostgreSQL's types of them. */
export const fieldTypes = {
  name: 'text',
  problem_class: 'text',
  complexity_score: 'integer',
  team_size: 'integer',
  start_date: 'date',
  completion_date: 'date',
  success_score: 'float8',
  model_performance: 'float8',
  compute_cost: 'float8',
  business_impact: 'float8',
  metadata: 'jsonb',
} as const satisfies Record<keyof ProjectFields, string>;

export const fields = Object.keys(fieldTypes) as (keyof ProjectFields)[];

export const columns = ['project_id', ...fields, 'created_by', 'created_at', 'updated_at'].join(', ');

const valuesOf = (project: ProjectFields): unknown[] =>
  fields.map((field) => (field === 'metadata' ? JSON.stringify(project.metadata) : project[field]));

/** Undefined where the name is taken. */
export async function insertProject(
  tx: TenantTx,
  project: ProjectFields,
  createdBy: string,
): Promise<ProjectRow | undefined> {
  const [row] = await tx.sql<ProjectRow>(
    `INSERT INTO maestro.projects (tenant_id, created_by, ${fields.join(', ')})
     VALUES ($1, $2, ${fields.map((_, index) => `$${index + 3}`).join(', ')})
     ON CONFLICT (tenant_id, name) DO NOTHING RETURNING ${columns}`,
    [tx.tenantId, createdBy, ...valuesOf(project)],
  );
  return row;
}

export async function findProject(tx: TenantTx, id: string): Promise<ProjectRow | undefined> {
  const [row] = await tx.sql<ProjectRow>(
    `SELECT ${columns} FROM maestro.projects WHERE tenant_id = $1 AND project_id = $2`,
    [tx.tenantId, id],
    'project',
  );
  return row;
}

/** Locks a project until the commit. */
export async function lockProject(tx: TenantTx, id: string): Promise<ProjectRow | undefined> {
  const [row] = await tx.sql<ProjectRow>(
    `SELECT ${columns} FROM maestro.projects WHERE tenant_id = $1 AND project_id = $2 FOR UPDATE`,
    [tx.tenantId, id],
    'lock_project',
  );
  return row;
}

/** Keeps a project from being deleted, to the end of the transaction. False where there is none. */
export async function shareProject(tx: TenantTx, project: string): Promise<boolean> {
  const rows = await tx.sql(
    'SELECT 1 FROM maestro.projects WHERE tenant_id = $1 AND project_id = $2 FOR KEY SHARE',
    [tx.tenantId, project],
    'share_project',
  );
  return rows.length > 0;
}

/** Gives a project other fields; undefined where the name is another one's. */
export async function updateProject(tx: TenantTx, id: string, project: ProjectFields): Promise<ProjectRow | undefined> {
  try {
    const [row] = await tx.sql<ProjectRow>(
      `UPDATE maestro.projects SET ${fields.map((field, index) => `${field} = $${index + 3}`).join(', ')}, updated_at = now()
        WHERE tenant_id = $1 AND project_id = $2 RETURNING ${columns}`,
      [tx.tenantId, id, ...valuesOf(project)],
      'update_project',
    );
    return row;
  } catch (error) {
    if (isUniqueViolation(error)) return undefined;
    throw error;
  }
}

export async function deleteProject(tx: TenantTx, id: string): Promise<void> {
  await tx.sql('DELETE FROM maestro.projects WHERE tenant_id = $1 AND project_id = $2', [tx.tenantId, id]);
}
