import { build, type IdentityTx, type TenantTx } from '../db/tenancy.ts';

/** One row of an audit log. `detail` holds no secret. */
export interface AuditEvent {
  actor: { kind: string; id: string };
  action: string;
  target: string;
  outcome: 'success' | 'refused';
  requestId: string;
  address: string;
  detail?: Record<string, unknown>;
}

const columns = (event: AuditEvent) => ({
  actor_kind: event.actor.kind,
  actor_id: event.actor.id,
  action: event.action,
  target: event.target,
  outcome: event.outcome,
  request_id: event.requestId,
  address: event.address,
  detail: JSON.stringify(event.detail ?? {}),
});

/** Writes into the tenant's audit log, in the transaction of what it records. */
export async function insertAuditEvent(tx: TenantTx, event: AuditEvent): Promise<void> {
  await tx.all(build.insertInto('audit_events').values({ tenant_id: tx.tenantId, ...columns(event) }));
}

/** Writes into the operators' audit log. */
export async function insertOperatorAuditEvent(tx: IdentityTx, event: AuditEvent): Promise<void> {
  await tx.all(build.insertInto('operator_audit_events').values(columns(event)));
}
