import { insertAuditEvent, insertOperatorAuditEvent } from '../audit/queries.ts';
import type { TenantTx } from '../db/tenancy.ts';
import { MaestroError } from '../errors.ts';
import type { Contexts } from '../operation.ts';
import { recordOf } from './record.ts';
import { tenantBySlug } from './tenant_operations.ts';

/** What was done in a tenant, and the audit row's words for it. */
export interface Done<T> {
  readonly result: T;
  readonly target: string;
  readonly detail?: Record<string, unknown>;
}

/**
 * Runs in a tenant for the operator key, which has no place in any: audited for operators first, then in the tenant in
 * the transaction of what it records. An operator who is a user goes in by a switch of its own, not this way.
 */
export async function asOperatorKey<T>(
  context: Contexts['administration'],
  action: string,
  tenantName: string,
  run: (tx: TenantTx) => Promise<Done<T>>,
): Promise<T> {
  const { caller, db } = context;
  if (caller.kind !== 'operator_key') {
    throw new MaestroError('permission_denied', 'Only the operator key may do this; a member does it in the tenant.');
  }
  const { tenant_id } = await db.inIdentity(async (tx) => {
    const tenant = await tenantBySlug(tx, tenantName);
    await insertOperatorAuditEvent(tx, recordOf(context, action, tenant.tenant_id));
    return tenant;
  });
  return db.inTenant(tenant_id, async (tx) => {
    const { result, target, detail } = await run(tx);
    await insertAuditEvent(tx, recordOf(context, action, target, detail));
    return result;
  });
}
