import type { TenantTx } from '../db/tenancy.ts';

export interface View {
  view_id: string;
  experiment_id: number | null;
  name: string;
  path: string;
  query: string;
  is_shared: boolean;
  created_by: string;
  updated_at: Date;
}

export type ViewFields = Omit<View, 'view_id' | 'created_by' | 'updated_at'>;

const columns = 'view_id, experiment_id, name, path, query, is_shared, created_by, updated_at';

/**
 * The views of an experiment (null: those of none) that are shared or `maker`'s own, by name, behind `after` (name and
 * id) if given.
 */
export function viewsOf(
  tx: TenantTx,
  experiment: number | null,
  maker: string,
  after: readonly [name: string, id: string] | undefined,
  limit: number,
): Promise<View[]> {
  return tx.sql<View>(
    `SELECT ${columns} FROM maestro.saved_views
      WHERE tenant_id = $1 AND experiment_id IS NOT DISTINCT FROM $2 AND (is_shared OR created_by = $3)
        AND ($4::text IS NULL OR (name, view_id) > ($4, $5::uuid))
      ORDER BY name, view_id LIMIT $6`,
    [tx.tenantId, experiment, maker, after?.[0] ?? null, after?.[1] ?? null, limit],
    'saved_views',
  );
}

/** A view that is shared or `maker`'s own. */
export async function findView(tx: TenantTx, id: string, maker: string): Promise<View | undefined> {
  const rows = await tx.sql<View>(
    `SELECT ${columns} FROM maestro.saved_views
      WHERE tenant_id = $1 AND view_id = $2 AND (is_shared OR created_by = $3)`,
    [tx.tenantId, id, maker],
    'saved_view',
  );
  return rows[0];
}

/** The experiment that a view is of; null for none, undefined where there is no such view. */
export async function experimentOfView(tx: TenantTx, id: string): Promise<number | null | undefined> {
  const rows = await tx.sql<{ experiment_id: number | null }>(
    'SELECT experiment_id FROM maestro.saved_views WHERE tenant_id = $1 AND view_id = $2',
    [tx.tenantId, id],
    'experiment_of_view',
  );
  return rows[0]?.experiment_id;
}

export async function countViews(tx: TenantTx, maker: string): Promise<number> {
  const [row] = await tx.sql<{ count: number }>(
    'SELECT count(*) AS count FROM maestro.saved_views WHERE tenant_id = $1 AND created_by = $2',
    [tx.tenantId, maker],
    'count_saved_views',
  );
  return row?.count ?? 0;
}

export async function insertView(tx: TenantTx, view: ViewFields, maker: string): Promise<View> {
  const [made] = await tx.sql<View>(
    `INSERT INTO maestro.saved_views (tenant_id, experiment_id, name, path, query, is_shared, created_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING ${columns}`,
    [tx.tenantId, view.experiment_id, view.name, view.path, view.query, view.is_shared, maker],
  );
  return made as View;
}

export async function updateView(tx: TenantTx, { view_id: id, ...view }: View, now: Date): Promise<View> {
  const [changed] = await tx.sql<View>(
    `UPDATE maestro.saved_views SET name = $3, query = $4, is_shared = $5, updated_at = $6
      WHERE tenant_id = $1 AND view_id = $2 RETURNING ${columns}`,
    [tx.tenantId, id, view.name, view.query, view.is_shared, now],
  );
  return changed as View;
}

export async function deleteView(tx: TenantTx, id: string): Promise<void> {
  await tx.sql('DELETE FROM maestro.saved_views WHERE tenant_id = $1 AND view_id = $2', [tx.tenantId, id]);
}
