import type { TenantTx } from '../db/tenancy.ts';
import type { Counts } from './erasures.ts';

/** The person that a statement is about, whichever of the two it needs. */
const withPerson = 'WITH person AS (SELECT $2::uuid AS id, $3::text[] AS names)';
const personId = '(SELECT id FROM person)';
const isNamed = (column: string): string => {
  const names = '((SELECT names FROM person)::text[])';
  return `(${column} = ANY ${names} OR lower(${column}) = ANY ${names})`;
};
const isUserTag = `key = 'mlflow.user' AND ${isNamed('value')}`;

interface Trace {
  readonly isOwn: string;
  /** What becomes of the rows; they go where it is not said. */
  readonly set?: string;
}

/**
 * What a tenant's tables hold of a person. What people wrote as they liked (names of experiments, notes, files) is the
 * tenant's, and none of it.
 */
const traces: Readonly<Record<string, Trace>> = {
  // A key that was revoked stays, so that what it did still has an owner.
  api_keys: {
    isOwn: `user_id = ${personId}`,
    set: `revoked_at = coalesce(revoked_at, now()), name = 'of a deleted user', last_used_address = NULL,
          allowed_addresses = NULL`,
  },
  grants: { isOwn: `subject_kind = 'user' AND subject_id = ${personId}` },
  // Runs of one person stay those of one person: by the id, which says no more who it was.
  runs: { isOwn: isNamed('user_id'), set: `user_id = ${personId}::text` },
  tags: { isOwn: isUserTag, set: `value = ${personId}::text` },
  logged_model_tags: { isOwn: isUserTag, set: `value = ${personId}::text` },
};

/** How many rows of each table tell of the person. */
export async function countTraces(tx: TenantTx, userId: string, names: readonly string[]): Promise<Counts> {
  // A tenant may have more runs than are looked through within a request's bound on a statement.
  await tx.sql('SET LOCAL statement_timeout = 0');
  const counts: Counts = {};
  for (const [table, { isOwn }] of Object.entries(traces)) {
    const [found] = await tx.sql<{ rows: number }>(
      `${withPerson} SELECT count(*) AS rows FROM maestro.${table} WHERE tenant_id = $1 AND ${isOwn}`,
      [tx.tenantId, userId, names],
    );
    counts[table] = found?.rows ?? 0;
  }
  return counts;
}

/** Takes what tells of the person, or makes it tell of nobody. Safe to repeat. */
export async function removeTraces(tx: TenantTx, userId: string, names: readonly string[]): Promise<void> {
  await tx.sql('SET LOCAL statement_timeout = 0');
  for (const [table, { isOwn, set }] of Object.entries(traces)) {
    const what = set === undefined ? `DELETE FROM maestro.${table}` : `UPDATE maestro.${table} SET ${set}`;
    await tx.sql(`${withPerson} ${what} WHERE tenant_id = $1 AND ${isOwn}`, [tx.tenantId, userId, names]);
  }
}
