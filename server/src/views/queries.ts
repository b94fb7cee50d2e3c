import { build, type TenantTx } from '../db/tenancy.ts';

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

const columns = ['view_id', 'experiment_id', 'name', 'path', 'query', 'is_shared', 'created_by', 'updated_at'] as const;

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
    `SELECT ${columns.join()} FROM maestro.saved_views
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
    `SELECT ${columns.join()} FROM maestro.saved_views
      WHERE tenant_id = $1 AND view_id = $2 AND (is_shared OR created_by = $3)`,
    [tx.tenantId, id, maker],
    'saved_view',
  );
  return rows[0];
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
     VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING ${columns.join()}`,
    [tx.tenantId, view.experiment_id, view.name, view.path, view.query, view.is_shared, maker],
  );
  return made as View;
}

export type ViewChange = Partial<Pick<View, 'name' | 'query' | 'is_shared'>> & Pick<View, 'updated_at'>;

/** Changes what is given of a view that `maker` may change, an own or a shared one; undefined where there is none. */
export async function updateView(
  tx: TenantTx,
  id: string,
  maker: string,
  change: ViewChange,
): Promise<View | undefined> {
  return tx.first(
    build
      .updateTable('saved_views')
      .set(change)
      .where('tenant_id', '=', tx.tenantId)
      .where('view_id', '=', id)
      .where((view) => view.or([view('is_shared', '=', true), view('created_by', '=', maker)]))
      .returning(columns),
  );
}

/** False where there is no such view that `maker` may delete, an own or a shared one. */
export async function deleteView(tx: TenantTx, id: string, maker: string): Promise<boolean> {
  const deleted = await tx.sql(
    `DELETE FROM maestro.saved_views
      WHERE tenant_id = $1 AND view_id = $2 AND (is_shared OR created_by = $3) RETURNING view_id`,
    [tx.tenantId, id, maker],
  );
  return deleted.length > 0;
}
