import type { IdentityTx, TenantTx } from '../db/tenancy.ts';
import type { Due } from './due.ts';

/** Whose work something is: nobody else's before the lease ends. */
export interface Lease {
  readonly what: Due;
  readonly worker: string;
  readonly leaseMs: number;
}

/** Some of the tenants, by id. */
export async function tenantsAfter(tx: IdentityTx, after: string, limit: number): Promise<string[]> {
  const rows = await tx.sql<{ tenant_id: string }>(
    `SELECT tenant_id FROM maestro.tenants WHERE tenant_id > $1 AND deletion_began_at IS NULL
      ORDER BY tenant_id LIMIT $2`,
    [after, limit],
  );
  return rows.map(({ tenant_id }) => tenant_id);
}

/** What is due in the tenant, and in how many milliseconds it may be taken. */
export function dueIn(tx: TenantTx): Promise<{ what: Due; wait_ms: number }[]> {
  return tx.sql(
    `SELECT what, CASE WHEN free_at <= now() THEN 0 ELSE extract(epoch FROM free_at - now()) * 1000 END::float8 AS wait_ms
       FROM maestro.insight_due WHERE tenant_id = $1`,
    [tx.tenantId],
    'insight_due',
  );
}

/** Takes the work, unless it is not due or another's; gives the count of the marks that it is for. */
export async function takeDue(tx: TenantTx, { what, worker, leaseMs }: Lease): Promise<number | undefined> {
  const [row] = await tx.sql<{ marks: number }>(
    `UPDATE maestro.insight_due SET worker = $3, free_at = now() + $4::float8 * interval '1 ms'
      WHERE tenant_id = $1 AND what = $2 AND free_at <= now() RETURNING marks`,
    [tx.tenantId, what, worker, leaseMs],
  );
  return row?.marks;
}

/** Keeps the work for another while. */
export async function keepDue(tx: TenantTx, { what, worker, leaseMs }: Lease): Promise<void> {
  await tx.sql(
    `UPDATE maestro.insight_due SET free_at = now() + $4::float8 * interval '1 ms'
      WHERE tenant_id = $1 AND what = $2 AND worker = $3`,
    [tx.tenantId, what, worker, leaseMs],
  );
}

/**
 * Ends the work: its mark goes, or stays for what came meanwhile. Gives which of the two; undefined where the work is no
 * longer the worker's, or the tenant is gone: nothing of it may then be kept.
 */
export async function endDue(
  tx: TenantTx,
  { what, worker }: Lease,
  marks: number,
): Promise<'done' | 'due again' | undefined> {
  const gone = await tx.sql(
    `DELETE FROM maestro.insight_due WHERE tenant_id = $1 AND what = $2 AND worker = $3 AND marks = $4 RETURNING 1`,
    [tx.tenantId, what, worker, marks],
  );
  if (gone.length > 0) return 'done';
  const left = await tx.sql(
    `UPDATE maestro.insight_due SET worker = NULL, free_at = '-infinity', failures = 0, due_since = now()
      WHERE tenant_id = $1 AND what = $2 AND worker = $3 RETURNING 1`,
    [tx.tenantId, what, worker],
  );
  return left.length > 0 ? 'due again' : undefined;
}

/** Gives the work back undone: for anybody at once. */
export async function giveBackDue(tx: TenantTx, { what, worker }: Lease): Promise<void> {
  await tx.sql(
    `UPDATE maestro.insight_due SET worker = NULL, free_at = '-infinity'
      WHERE tenant_id = $1 AND what = $2 AND worker = $3`,
    [tx.tenantId, what, worker],
  );
}

/** Gives failed work back, for later: after `firstMs`, each time twice as long, up to `longestMs`. */
export async function failDue(
  tx: TenantTx,
  { what, worker }: Lease,
  { firstMs, longestMs }: { firstMs: number; longestMs: number },
): Promise<void> {
  await tx.sql(
    `UPDATE maestro.insight_due
        SET worker = NULL, failures = failures + 1,
            free_at = now() + least($5::float8, $4::float8 * 2 ^ least(failures, 30)) * interval '1 ms'
      WHERE tenant_id = $1 AND what = $2 AND worker = $3`,
    [tx.tenantId, what, worker, firstMs, longestMs],
  );
}
