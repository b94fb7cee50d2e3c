import type { Database, IdentityTx, TenantTx } from '../db/tenancy.ts';
import { type StoredEvent, storedColumns } from './chain.ts';

interface Pending {
  event_id: string;
  tenant_id: string;
  /** False also for a tenant that is being deleted: its log goes. */
  exists: boolean;
}

const batch = 200;

/** Copies that tenants are still to get, of one event or of any. */
function pendingCopies(tx: IdentityTx, eventId: string | undefined): Promise<Pending[]> {
  return tx.sql<Pending>(
    `SELECT c.event_id, c.tenant_id,
            EXISTS (SELECT FROM maestro.tenants t
                     WHERE t.tenant_id = c.tenant_id AND t.deletion_began_at IS NULL) AS exists
       FROM maestro.audit_copies c WHERE $1::uuid IS NULL OR c.event_id = $1
      ORDER BY c.tenant_id, c.event_id LIMIT ${batch}`,
    [eventId ?? null],
  );
}

/** How many copies tenants are still to get. */
export async function countPendingCopies(tx: IdentityTx): Promise<number> {
  const [row] = await tx.sql<{ pending: number }>('SELECT count(*) AS pending FROM maestro.audit_copies', []);
  return row?.pending ?? 0;
}

async function eventById(tx: IdentityTx, eventId: string): Promise<StoredEvent | undefined> {
  const [row] = await tx.sql<StoredEvent>(
    `SELECT ${storedColumns('copy_to::text')} FROM maestro.operator_audit_events WHERE event_id = $1`,
    [eventId],
  );
  return row;
}

/** Appends the row to the tenant's log, unless it stands there already. */
async function insertCopy(tx: TenantTx, row: StoredEvent): Promise<void> {
  tx.atCommit(
    `SELECT maestro.append_audit_event($1, $2, to_timestamp(0) + $3::bigint * interval '1 microsecond',
                                       $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [
      tx.tenantId,
      row.event_id,
      row.at_micros,
      row.actor_kind,
      row.actor_id,
      row.action,
      row.target,
      row.outcome,
      row.request_id,
      row.address,
      row.detail,
      row.person,
      row.personal,
    ],
    'copy_audit_event',
  );
}

/**
 * Copies rows of the operators' audit into the logs of the tenants concerned: of one event, or all that a crash or a
 * lost connection left. Personal and tenant tables are never in one transaction, so a copy is noted in the transaction
 * of its row, and made here; made twice, it is there once. Gives how many were made; throws where one failed.
 */
export async function copyEvents(db: Database, eventId?: string): Promise<number> {
  let made = 0;
  for (;;) {
    const pending = await db.inIdentity((tx) => pendingCopies(tx, eventId));
    const failures: unknown[] = [];
    for (const each of pending) {
      // One tenant's trouble keeps no other from its copies.
      await copyOne(db, each).catch((error) => failures.push(error));
    }
    made += pending.length - failures.length;
    if (failures.length > 0) throw failures[0];
    if (pending.length < batch) return made;
  }
}

async function copyOne(db: Database, { event_id, tenant_id, exists }: Pending): Promise<void> {
  const row = exists ? await db.inIdentity((tx) => eventById(tx, event_id)) : undefined;
  // Without its tenant, or with its row taken by retention, there is nothing to copy, or nowhere to.
  if (row) await db.inTenant(tenant_id, (tx) => insertCopy(tx, row));
  await db.inIdentity((tx) =>
    tx.sql('DELETE FROM maestro.audit_copies WHERE event_id = $1 AND tenant_id = $2', [event_id, tenant_id]),
  );
}
