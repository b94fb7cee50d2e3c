import type { TenantTx } from '../db/tenancy.ts';

/** What a search asks for beside words. */
export interface Wanted {
  readonly name?: string | undefined;
  readonly type: string | undefined;
  readonly tags: readonly string[];
  readonly isActive: boolean;
  readonly minImpact: number | undefined;
}

/** What artifacts are ranked by, as they stand in the table. */
export interface Standing {
  artifact_id: string;
  uses: number;
  avg_impact_score: number | null;
  impact_low: number | null;
  created_at: Date;
}

/** Of `ids`, those that are wanted by what is no facet. */
export function standings(
  tx: TenantTx,
  ids: readonly string[],
  { minImpact, isActive }: Pick<Wanted, 'minImpact' | 'isActive'>,
): Promise<Standing[]> {
  return tx.sql<Standing>(
    `SELECT artifact_id, uses, avg_impact_score, impact_low, created_at FROM maestro.artifacts
      WHERE tenant_id = $1 AND artifact_id = ANY ($2::uuid[]) AND ($3::float8 IS NULL OR avg_impact_score >= $3)
        AND (is_active OR NOT $4::boolean)`,
    [tx.tenantId, ids, minImpact ?? null, isActive],
    'artifact_standings',
  );
}

/** Orders that an index has, the greatest first. */
const orders = {
  uses: { column: 'a.uses', type: 'bigint' },
  impact: { column: 'a.impact_low', type: 'float8' },
  created_at: { column: 'a.created_at', type: 'timestamptz' },
} as const;
export type Order = keyof typeof orders;

/** Goes along the index of an order from behind `place`, past what is not wanted: that must be the lesser part. */
export async function walkArtifacts(
  tx: TenantTx,
  wanted: Wanted,
  order: Order,
  place: readonly [key: string, id: string] | undefined,
  limit: number,
): Promise<{ artifact_id: string; key: string }[]> {
  const { column, type } = orders[order];
  const values: unknown[] = [tx.tenantId];
  const bound = (value: unknown, as: string): string => `$${values.push(value)}::${as}`;
  const conditions = ['a.tenant_id = $1', `${column} IS NOT NULL`];
  if (wanted.name !== undefined) conditions.push(`a.name = ${bound(wanted.name, 'text')}`);
  if (wanted.isActive) conditions.push('a.is_active');
  if (wanted.type !== undefined) conditions.push(`a.type = ${bound(wanted.type, 'text')}`);
  if (wanted.tags.length > 0) conditions.push(`a.tags @> ${bound(wanted.tags, 'text[]')}`);
  if (wanted.minImpact !== undefined) conditions.push(`a.avg_impact_score >= ${bound(wanted.minImpact, 'float8')}`);
  if (place) conditions.push(`(${column}, a.artifact_id) < (${bound(place[0], type)}, ${bound(place[1], 'uuid')})`);
  // The limit stands in the text: planned for any limit, PostgreSQL would rather sort them all.
  return tx.sql(
    `SELECT a.artifact_id, ${column}::text AS key FROM maestro.artifacts a WHERE ${conditions.join(' AND ')}
      ORDER BY ${column} DESC, a.artifact_id DESC LIMIT ${Math.trunc(limit)}`,
    values,
  );
}
