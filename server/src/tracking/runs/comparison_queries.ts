import type { TenantTx } from '../../db/tenancy.ts';
import { shownText } from '../shown_text.ts';

export const comparedKinds = ['metrics', 'params', 'tags'] as const;
export type ComparedKind = (typeof comparedKinds)[number];

/** A key and what runs have under it, by the run's place among those asked for; runs that have none are not in it. */
export interface ComparedKey {
  readonly key: string;
  readonly places: number[];
  readonly values: (string | number)[];
  readonly differs: boolean;
}

const sources: Record<ComparedKind, { readonly table: string; readonly value: string; readonly least: string }> = {
  metrics: {
    table: 'latest_metrics',
    value: `CASE WHEN x.is_nan THEN '"NaN"'::json ELSE to_json(x.value) END`,
    least: '(x.is_nan, x.value)',
  },
  params: { table: 'params', value: `to_json(${shownText('x.value')})`, least: 'x.value' },
  tags: { table: 'tags', value: `to_json(${shownText('x.value')})`, least: 'x.value' },
};

/**
 * The next `limit` keys behind $3, found by a walk of each run's own: no run is read further than the page needs. Then
 * what the runs have from there to the last of these keys.
 */
const statementOf = ({ table, value, least }: (typeof sources)[ComparedKind], isSearch: boolean) => {
  const isFound = isSearch ? 'AND x.key ILIKE $5' : '';
  return `WITH page AS MATERIALIZED (
      SELECT DISTINCT found.key FROM unnest($2::uuid[]) AS w(run_id)
       CROSS JOIN LATERAL (
         SELECT x.key FROM maestro.${table} x
          WHERE x.tenant_id = $1 AND x.run_id = w.run_id AND x.key > $3 ${isFound} ORDER BY x.key LIMIT $4) found
       ORDER BY found.key LIMIT $4),
    kept AS (
      SELECT x.key, w.place, ${value} AS value, ${least} AS rank
        FROM unnest($2::uuid[]) WITH ORDINALITY AS w(run_id, place)
        JOIN maestro.${table} x ON x.tenant_id = $1 AND x.run_id = w.run_id
       WHERE x.key > $3 AND x.key <= (SELECT max(page.key) FROM page) ${isFound})
    SELECT kept.key, array_agg(kept.place::integer - 1 ORDER BY kept.place) AS places,
           json_agg(kept.value ORDER BY kept.place) AS values,
           count(*) < cardinality($2::uuid[]) OR count(DISTINCT kept.rank) > 1 AS differs
      FROM kept GROUP BY kept.key ORDER BY kept.key`;
};

const likeOf = (part: string): string => `%${part.replace(/[\\%_]/g, '\\$&')}%`;

/**
 * Up to `limit` keys behind `after`, in byte order, that any of the runs has, with what each has there.
 *
 * @param search part of the keys, in any case; '' for all.
 */
export function comparedKeys(
  tx: TenantTx,
  kind: ComparedKind,
  { runIds, after, limit, search }: { runIds: readonly string[]; after: string; limit: number; search: string },
): Promise<ComparedKey[]> {
  const values = [tx.tenantId, runIds, after, limit, ...(search === '' ? [] : [likeOf(search)])];
  const name = `compared_${kind}${search === '' ? '' : '_found'}`;
  return tx.sql<ComparedKey>(statementOf(sources[kind], search !== ''), values, name);
}
