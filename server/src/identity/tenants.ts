import { randomUUID } from 'node:crypto';
import type { Insertable } from 'kysely';
import type { DB } from '../db/tables.ts';
import { build, type Database, type IdentityTx, type TenantTx } from '../db/tenancy.ts';
import { MaestroError } from '../errors.ts';
import type { Ports } from '../ports/ports.ts';
import { beginErasure, finishErasure, keepCounts } from './erasures.ts';

/** All zeros, as everybody who reads a database by hand recognizes it. It cannot be deleted. */
export const defaultTenantId = '00000000-0000-0000-0000-000000000000';

export type NewTenant = Insertable<DB['tenants']>;

const uniqueViolation = '23505';
export const isUniqueViolation = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === uniqueViolation;

/** What every tenant has from its first moment: the counter of experiment ids, and experiment 0. Safe to repeat. */
export async function seedTenant(tx: TenantTx): Promise<void> {
  const now = Date.now();
  await tx.all(
    build
      .insertInto('tenant_counters')
      .values({ tenant_id: tx.tenantId, name: 'experiment', value: 0 })
      .onConflict((conflict) => conflict.doNothing()),
  );
  await tx.all(
    build
      .insertInto('experiments')
      .values({
        tenant_id: tx.tenantId,
        experiment_id: 0,
        name: 'Default',
        artifact_location: 'mlflow-artifacts:/0',
        creation_time: now,
        last_update_time: now,
      })
      .onConflict((conflict) => conflict.doNothing()),
  );
}

/**
 * Makes a tenant with its experiment `0`. `record` runs in the transaction that makes the tenant appear. What the
 * tenant holds is written before that, so nobody meets a half-made one; a crash between leaves rows of an id that
 * no tenant has. Throws `already_exists` where the slug is taken.
 */
export async function createTenant(
  db: Database,
  tenant: NewTenant,
  record: (tx: IdentityTx, tenantId: string) => Promise<void>,
): Promise<string> {
  const tenantId = randomUUID();
  const taken = new MaestroError('already_exists', `slug: a tenant '${tenant.slug}' exists`, { field: 'slug' });
  const known = await db.inIdentity((tx) =>
    tx.first(build.selectFrom('tenants').select('tenant_id').where('slug', '=', tenant.slug)),
  );
  if (known) throw taken;
  await db.inTenant(tenantId, seedTenant);
  try {
    await db.inIdentity(async (tx) => {
      await tx.all(build.insertInto('tenants').values({ tenant_id: tenantId, ...tenant }));
      await record(tx, tenantId);
    });
  } catch (error) {
    await deleteRowsOf(db, tenantId);
    throw isUniqueViolation(error) ? taken : error;
  }
  return tenantId;
}

/** The tables that `maestro.isolate_by_tenant` closed, but for the audit's: those whose rows the server may delete. */
async function tenantTables(tx: IdentityTx): Promise<string[]> {
  const rows = await tx.sql<{ table: string }>(
    `SELECT quote_ident(c.relname) AS table FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
      WHERE p.polname = 'own_tenant' AND c.relnamespace = 'maestro'::regnamespace AND NOT c.relispartition
        AND has_table_privilege(c.oid, 'DELETE')
      ORDER BY c.relname`,
  );
  return rows.map((row) => row.table);
}

/** How many rows of a table are the tenant's. */
async function countOf(tx: Pick<TenantTx, 'sql'>, table: string, tenantId: string): Promise<number> {
  const [found] = await tx.sql<{ rows: number }>(`SELECT count(*) AS rows FROM maestro.${table} WHERE tenant_id = $1`, [
    tenantId,
  ]);
  return found?.rows ?? 0;
}

/**
 * A transaction for each table: a large tenant's deletion then holds no lock long, and goes on where it stopped. `before`
 * hears what a table holds before it is emptied.
 */
async function deleteRowsOf(
  db: Database,
  tenantId: string,
  before?: (table: string, rows: number) => Promise<void>,
): Promise<void> {
  for (const table of await db.inIdentity(tenantTables)) {
    const inTenant = <T>(run: (tx: TenantTx) => Promise<T>): Promise<T> =>
      db.inTenant(tenantId, async (tx) => {
        // A table of many rows takes longer than a request's statement may, however often the deletion is repeated.
        await tx.sql('SET LOCAL statement_timeout = 0');
        return run(tx);
      });
    if (before) await before(table, await inTenant((tx) => countOf(tx, table, tenantId)));
    await inTenant((tx) => tx.sql(`DELETE FROM maestro.${table} WHERE tenant_id = $1`, [tenantId]));
  }
}

/** The tenant's audit log, which the server's own login cannot delete. */
async function deleteAuditOf(db: Database, tenantId: string): Promise<void> {
  await db.asSystem(`the deletion of the tenant ${tenantId}`, async (tx) => {
    for (const table of ['audit_events', 'audit_heads', 'audit_anchors']) {
      await tx.sql(`DELETE FROM maestro.${table} WHERE tenant_id = $1`, [tenantId]);
    }
  });
}

/**
 * Closes a tenant for good: nothing opens it again. `record` runs in the transaction that does it, and `closed` once nobody
 * can enter it any more. `completeTenantErasure` does the rest.
 */
export async function closeTenantForGood(
  db: Database,
  tenantId: string,
  closed: () => void | Promise<void>,
  record: (tx: IdentityTx) => Promise<void>,
): Promise<void> {
  await db.inIdentity(async (tx) => {
    const begun = await tx.all(
      build
        .updateTable('tenants')
        .set({ is_active: false, deletion_began_at: new Date() })
        .where('tenant_id', '=', tenantId)
        .where('deletion_began_at', 'is', null)
        .returning('tenant_id'),
    );
    if (begun.length > 0) {
      await beginErasure(tx, 'tenant', tenantId);
      await record(tx);
    }
    tx.onCommit(closed);
  });
}

/**
 * Removes a tenant that was closed for good and all that is its own. What a step finds is counted before it is taken, and
 * the tenant's row goes last, so that a deletion that was interrupted, wherever that was, is completed by repeating this.
 */
export async function completeTenantErasure(
  { db, blobs, identity }: Pick<Ports, 'db' | 'blobs' | 'identity'>,
  tenantId: string,
): Promise<void> {
  const keep = (what: string, count: number): Promise<void> =>
    db.inIdentity((tx) => keepCounts(tx, tenantId, what, { [what]: count }));
  // Twice: requests that had entered before the tenant was closed may have written during the first time.
  for (let time = 0; time < 2; time++) {
    await deleteRowsOf(db, tenantId, keep);
    await blobs.measure(tenantId, (bytes) => keep('file_bytes', bytes));
    await blobs.removeTenant(tenantId);
  }
  await keep('audit_events', await db.inTenant(tenantId, (tx) => countOf(tx, 'audit_events', tenantId)));
  await deleteAuditOf(db, tenantId);
  await db.inIdentity(async (tx) => {
    await keepCounts(tx, tenantId, 'memberships', { memberships: await countOf(tx, 'memberships', tenantId) });
    await tx.all(build.deleteFrom('audit_copies').where('tenant_id', '=', tenantId));
    await tx.all(build.deleteFrom('tenants').where('tenant_id', '=', tenantId));
    await finishErasure(tx, tenantId);
    tx.onCommit(() => identity.changed({ kind: 'tenant', id: tenantId }));
  });
}
