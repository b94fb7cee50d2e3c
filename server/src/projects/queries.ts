import type { TenantTx } from '../db/tenancy.ts';

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

const fields = [
  'name',
  'problem_class',
  'complexity_score',
  'team_size',
  'start_date',
  'completion_date',
  'success_score',
  'model_performance',
  'compute_cost',
  'business_impact',
  'metadata',
] as const satisfies (keyof ProjectFields)[];

const columns = ['project_id', ...fields, 'created_by', 'created_at', 'updated_at'].join(', ');

/** Undefined where the name is taken. */
export async function insertProject(
  tx: TenantTx,
  project: ProjectFields,
  createdBy: string,
): Promise<ProjectRow | undefined> {
  const values = fields.map((field) => (field === 'metadata' ? JSON.stringify(project.metadata) : project[field]));
  const [row] = await tx.sql<ProjectRow>(
    `INSERT INTO maestro.projects (tenant_id, created_by, ${fields.join(', ')})
     VALUES ($1, $2, ${fields.map((_, index) => `$${index + 3}`).join(', ')})
     ON CONFLICT (tenant_id, name) DO NOTHING RETURNING ${columns}`,
    [tx.tenantId, createdBy, ...values],
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
