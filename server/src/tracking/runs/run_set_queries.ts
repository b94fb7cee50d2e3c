import type { TenantTx } from '../../db/tenancy.ts';

/** Keeps a list of runs under a name of its own; one that is there is as if it were looked at now. */
export async function insertRunSet(tx: TenantTx, setId: string, runIds: readonly string[]): Promise<void> {
  await tx.sql(
    `INSERT INTO maestro.run_sets (tenant_id, set_id, run_ids) VALUES ($1, $2, $3::uuid[])
     ON CONFLICT (tenant_id, set_id) DO UPDATE SET used_at = statement_timestamp()`,
    [tx.tenantId, setId, runIds],
    'insert_run_set',
  );
}

/** Removes the sets beyond the `max` that were used last. */
export async function trimRunSets(tx: TenantTx, max: number): Promise<void> {
  await tx.sql(
    `DELETE FROM maestro.run_sets WHERE tenant_id = $1 AND set_id IN (
       SELECT s.set_id FROM maestro.run_sets s WHERE s.tenant_id = $1 ORDER BY s.used_at DESC OFFSET $2)`,
    [tx.tenantId, max],
    'trim_run_sets',
  );
}

/** The runs of a set, 32 hex digits each, in their order; notes that it was used. */
export async function findRunSet(tx: TenantTx, setId: string): Promise<string[] | undefined> {
  const [set] = await tx.sql<{ run_ids: string }>(
    `UPDATE maestro.run_sets SET used_at = statement_timestamp() WHERE tenant_id = $1 AND set_id = $2
     RETURNING replace(array_to_string(run_ids, ','), '-', '') AS run_ids`,
    [tx.tenantId, setId],
    'run_set',
  );
  return set?.run_ids.split(',');
}
