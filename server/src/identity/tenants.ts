import { randomUUID } from 'node:crypto';
import { build, type Database, type IdentityTx, type TenantTx } from '../db/tenancy.ts';
import { MaestroError } from '../errors.ts';
import type { BlobStore } from '../ports/blobs.ts';

/** All zeros, as everybody who reads a database by hand recognizes it. It cannot be deleted. */
export const defaultTenantId = '00000000-0000-0000-0000-000000000000';

export interface NewTenant {
  slug: string;
  name: string;
  session_days?: number | null;
  session_idle_minutes?: number | null;
  max_users?: number;
  max_projects?: number;
  max_artifacts?: number;
  requires_factor?: boolean;
  max_storage_bytes?: number | null;
  requests_per_second?: number | null;
  /** JSON texts. */
  settings?: string;
  metadata?: string;
}

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

/** A transaction for each table: a large tenant's deletion then holds no lock long, and goes on where it stopped. */
async function deleteRowsOf(db: Database, tenantId: string): Promise<void> {
  for (const table of await db.inIdentity(tenantTables)) {
    await db.inTenant(tenantId, async (tx) => {
      // A table of many rows takes longer than a request's statement may, however often the deletion is repeated.
      await tx.sql('SET LOCAL statement_timeout = 0');
      await tx.sql(`DELETE FROM maestro.${table} WHERE tenant_id = $1`, [tenantId]);
    });
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
 * Removes a tenant and all that is its own. `record` runs in the transaction that begins it, from which on nothing opens
 * the tenant again; `closed` once nobody can enter it any more. The tenant's row goes last, so that a deletion that was
 * interrupted, wherever that was, is completed by repeating it.
 */
export async function deleteTenant(
  db: Database,
  blobs: Pick<BlobStore, 'removeTenant'>,
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
    if (begun.length > 0) await record(tx);
    tx.onCommit(closed);
  });
  // Twice: requests that had entered before the tenant was closed may have written during the first time.
  for (let time = 0; time < 2; time++) {
    await deleteRowsOf(db, tenantId);
    await blobs.removeTenant(tenantId);
  }
  await deleteAuditOf(db, tenantId);
  await db.inIdentity(async (tx) => {
    await tx.all(build.deleteFrom('audit_copies').where('tenant_id', '=', tenantId));
    await tx.all(build.deleteFrom('tenants').where('tenant_id', '=', tenantId));
    tx.onCommit(closed);
  });
}
