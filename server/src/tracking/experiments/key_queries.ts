import type { TenantTx } from '../../db/tenancy.ts';

const tables = { metric: 'latest_metrics', param: 'params', tag: 'tags' } as const;

/** Names and values that are looked through: more distinct ones are told as if there were no more. */
const walkedMax = 50_000;

export interface Found {
  readonly items: string[];
  readonly total: number;
}

/**
 * SQL for the distinct values of a column, found by one look into an index each, however many rows have them: `$3` is
 * what they hold, `$4` how many are given. `from` is up to its WHERE conditions.
 */
const distinct = (column: string, from: string): string => `WITH RECURSIVE walk AS (
    (SELECT x.${column} AS found, 1 AS place ${from} ORDER BY x.${column} LIMIT 1)
    UNION ALL
    SELECT n.found, w.place + 1 FROM walk w CROSS JOIN LATERAL (
      SELECT x.${column} AS found ${from} AND x.${column} > w.found ORDER BY x.${column} LIMIT 1) n
     WHERE w.place < ${walkedMax})
  SELECT w.found, count(*) OVER () AS total FROM walk w
   WHERE strpos(lower(w.found COLLATE "default"), lower($3 COLLATE "default")) > 0
   ORDER BY starts_with(lower(w.found COLLATE "default"), lower($3 COLLATE "default")) DESC, w.found LIMIT $4`;

async function found(tx: TenantTx, text: string, values: readonly unknown[], name: string): Promise<Found> {
  const rows = await tx.sql<{ found: string; total: number }>(text, [tx.tenantId, ...values], name);
  return { items: rows.map((row) => row.found), total: rows[0]?.total ?? 0 };
}

/** Names of metrics, params or tags of an experiment's runs that hold `part`, in either case. */
export const findKeys = (
  tx: TenantTx,
  experiment: number,
  kind: keyof typeof tables,
  part: string,
  limit: number,
): Promise<Found> =>
  found(
    tx,
    distinct('key', `FROM maestro.${tables[kind]} x WHERE x.tenant_id = $1 AND x.experiment_id = $2`),
    [experiment, part, limit],
    `keys_of_${kind}`,
  );

/** Values of a param or tag among an experiment's runs that hold `part`, of long ones the first 200 characters. */
export const findValues = (
  tx: TenantTx,
  experiment: number,
  kind: 'param' | 'tag',
  key: string,
  part: string,
  limit: number,
): Promise<Found> =>
  found(
    tx,
    distinct(
      'value_head',
      `FROM maestro.${tables[kind]} x WHERE x.tenant_id = $1 AND x.experiment_id = $2 AND x.key = $5`,
    ),
    [experiment, part, limit, key],
    `values_of_${kind}`,
  );
