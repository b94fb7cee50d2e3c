import type { TenantTx } from '../../db/tenancy.ts';

/** The order of use, by which sets make room, is told to the day: a read of a set is seldom a write. */
const isStale = "used_at < statement_timestamp() - interval '1 day'";

/** Keeps a list of runs under a name of its own; one that is there is as if it were looked at now. */
export async function insertRunSet(tx: TenantTx, setId: string, runIds: readonly string[]): Promise<void> {
  await tx.sql(
    `INSERT INTO maestro.run_sets AS s (tenant_id, set_id, run_ids) VALUES ($1, $2, $3::uuid[])
     ON CONFLICT (tenant_id, set_id) DO UPDATE SET used_at = statement_timestamp() WHERE s.${isStale}`,
    [tx.tenantId, setId, runIds],
    'insert_run_set',
  );
}

/**
 * Removes, of the sets whose names lie from `first` to `last`, those beyond the `max` that were used last. What another
 * call is removing or looking at it leaves to the next one: two that trim never wait for each other.
 */
export async function trimRunSets(tx: TenantTx, first: string, last: string, max: number): Promise<void> {
  await tx.sql(
    `WITH old AS (
       SELECT s.set_id FROM maestro.run_sets s WHERE s.tenant_id = $1 AND s.set_id BETWEEN $2 AND $3
        ORDER BY s.used_at DESC, s.set_id OFFSET $4 FOR UPDATE SKIP LOCKED
     )
     DELETE FROM maestro.run_sets d USING old WHERE d.tenant_id = $1 AND d.set_id = old.set_id`,
    [tx.tenantId, first, last, max],
    'trim_run_sets',
  );
}

/** The runs of a set, 32 hex digits each, in their order; notes that it was used. */
export async function findRunSet(tx: TenantTx, setId: string): Promise<string[] | undefined> {
  const [set] = await tx.sql<{ run_ids: string; is_stale: boolean }>(
    `SELECT replace(array_to_string(run_ids, ','), '-', '') AS run_ids, ${isStale} AS is_stale
       FROM maestro.run_sets WHERE tenant_id = $1 AND set_id = $2`,
    [tx.tenantId, setId],
    'run_set',
  );
  if (set?.is_stale) {
    await tx.sql(
      `UPDATE maestro.run_sets SET used_at = statement_timestamp()
        WHERE tenant_id = $1 AND set_id = $2 AND ${isStale}`,
      [tx.tenantId, setId],
      'touch_run_set',
    );
  }
  return set?.run_ids.split(',');
}
