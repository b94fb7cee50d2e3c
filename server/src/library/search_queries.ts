import type { TenantTx } from '../db/tenancy.ts';
import type { Part } from '../search_terms/match_queries.ts';

/** What a search asks for beside words. */
export interface Wanted {
  readonly name?: string | undefined;
  readonly type: string | undefined;
  readonly tags: readonly string[];
  readonly isActive: boolean;
  readonly minImpact: number | undefined;
}

/** Behind which artifact a page begins: its sort key as text, and its id. */
export type Place = readonly [key: string, id: string];

/** What things are ranked by that an index has, the greatest first. */
const kept = {
  uses: { column: 'a.uses', type: 'bigint' },
  impact: { column: 'a.impact_low', type: 'float8' },
  created_at: { column: 'a.created_at', type: 'timestamptz' },
} as const;
/** Orders that an index has; `unjudged` is that of uses, of those of whose impact nothing is known. */
const orders = { ...kept, unjudged: { ...kept.uses, only: 'a.impact_low IS NULL' } } as const;
export type Order = keyof typeof orders;

/**
 * Orders of what words find, numbers all of them: times are microseconds. `best`: the relevance, raised by use (each doubling of the uses by 15 %) and by what it is
 * expected to add to success (by half at most).
 */
const ranks = {
  ...kept,
  created_at: { column: '(extract(epoch FROM a.created_at) * 1000000)::bigint', type: 'bigint' },
  relevance: { column: 'm.relevance', type: 'float8' },
  best: {
    column: `m.relevance * (1 + 0.15 * ln(1 + a.uses::float8) / ln(2::float8))
      * (1 + 0.5 * tanh(coalesce(a.avg_impact_score, 0) / 10))`,
    type: 'float8',
  },
} as const;
export type Rank = keyof typeof ranks;

/** One that was found: its place in its order, and how well it matches the words (null without any). */
export interface Ranked {
  readonly id: string;
  readonly key: string;
  readonly relevance: number | null;
}

/** What matches, ranked: those behind `place`. What has no value to be ranked by is left out. */
export function ranked(rank: Rank, place: Place | undefined, limit: number): Part {
  const { column, type } = ranks[rank];
  return {
    name: `${rank}${place ? '_on' : ''}`,
    text: (matches, add) => `
      SELECT r.id, r.key::text AS key, r.relevance
        FROM (SELECT m.id, m.relevance, ${column} AS key
                FROM ${matches} m, LATERAL (
                  SELECT a.uses, a.impact_low, a.avg_impact_score, a.created_at FROM maestro.artifacts a
                   WHERE a.tenant_id = $1 AND a.artifact_id = m.id OFFSET 0) a) r
       WHERE r.key IS NOT NULL ${place ? `AND (r.key, r.id) < (${add(place[0])}::${type}, ${add(place[1])}::uuid)` : ''}
       ORDER BY r.key DESC, r.id DESC LIMIT ${add(limit)}`,
  };
}

/** Artifacts with at least this score, `limit` of them at most. */
export async function withScore(tx: TenantTx, least: number, limit: number): Promise<string[]> {
  const rows = await tx.sql<{ artifact_id: string }>(
    'SELECT artifact_id FROM maestro.artifacts WHERE tenant_id = $1 AND avg_impact_score >= $2 LIMIT $3',
    [tx.tenantId, least, limit],
    'artifacts_with_score',
  );
  return rows.map(({ artifact_id }) => artifact_id);
}

/** The same as a condition. They are gathered once: looked up for each match, thousands would be. */
export const scoredAtLeast = (least: number): Part => ({
  name: 'scored',
  text: (subject, add) => `(${subject} IN (
    SELECT i.artifact_id FROM maestro.artifacts i WHERE i.tenant_id = $1 AND i.avg_impact_score >= ${add(least)})) IS TRUE`,
});

/**
 * Goes along the index of an order from behind `place`, past what is not wanted: that must be the lesser part. Or puts
 * `among`, some thousands, in that order.
 */
export async function walkArtifacts(
  tx: TenantTx,
  wanted: Wanted,
  order: Order,
  { place, limit, among }: { place: Place | undefined; limit: number; among?: readonly string[] | undefined },
): Promise<Ranked[]> {
  const { column, type, ...narrowed } = orders[order];
  const values: unknown[] = [tx.tenantId];
  const bound = (value: unknown, as: string): string => `$${values.push(value)}::${as}`;
  const conditions = ['a.tenant_id = $1', `${column} IS NOT NULL`, ...Object.values(narrowed)];
  if (among) conditions.push(`a.artifact_id = ANY (${bound(among, 'uuid[]')})`);
  if (wanted.name !== undefined) conditions.push(`a.name = ${bound(wanted.name, 'text')}`);
  if (wanted.isActive) conditions.push('a.is_active');
  if (wanted.type !== undefined) conditions.push(`a.type = ${bound(wanted.type, 'text')}`);
  if (wanted.tags.length > 0) conditions.push(`a.tags @> ${bound(wanted.tags, 'text[]')}`);
  if (wanted.minImpact !== undefined) conditions.push(`a.avg_impact_score >= ${bound(wanted.minImpact, 'float8')}`);
  if (place) conditions.push(`(${column}, a.artifact_id) < (${bound(place[0], type)}, ${bound(place[1], 'uuid')})`);
  // The limit stands in the text: planned for any limit, PostgreSQL would rather sort them all.
  return tx.sql(
    `SELECT a.artifact_id AS id, ${column}::text AS key, NULL::float8 AS relevance
       FROM maestro.artifacts a WHERE ${conditions.join(' AND ')}
      ORDER BY ${column} DESC, a.artifact_id DESC LIMIT ${Math.trunc(limit)}`,
    values,
  );
}
