import { randomUUID } from 'node:crypto';
import type { IdentityTx, TenantTx } from '../db/tenancy.ts';
import { type People, peopleOf } from '../identity/people.ts';
import { copyEvents } from './copies.ts';

/** One row of an audit log. `detail` holds no secret, and nothing personal: that goes into `personal`. */
export interface AuditEvent {
  actor: { kind: string; id: string };
  action: string;
  target: string;
  outcome: 'success' | 'refused';
  requestId: string;
  /** Where the call came from. A person's is sealed, a machine's is not. */
  address: string;
  detail?: Record<string, unknown>;
  /** Sealed with the address: the device, an e-mail address that was tried. */
  personal?: Record<string, string>;
}

const appendText = `SELECT maestro.append_audit_event($1, $2, NULL, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`;
const appendOperatorText = `SELECT maestro.append_operator_audit_event($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::uuid[])`;

/** What a sealed text is sealed for: a copy of the row, in another log, opens as the row does. */
export const contextOf = (eventId: string): string => `audit ${eventId}`;

/** A machine's address is nobody's personal field. */
const isMachine = (kind: string): boolean => kind !== 'user' && kind !== 'anonymous';

async function sealedFields(
  people: () => People,
  eventId: string,
  { actor, address, personal = {} }: AuditEvent,
  tx: IdentityTx | undefined,
): Promise<[address: string, person: string, personal: Buffer | null]> {
  const shown = isMachine(actor.kind) ? address : '';
  const fields = { ...(shown === '' && address !== '' ? { address } : {}), ...personal };
  if (Object.keys(fields).length === 0) return [shown, '', null];
  const owner = actor.kind === 'user' ? actor.id : undefined;
  const { person, sealed } = await people().seal(owner, JSON.stringify(fields), contextOf(eventId), tx);
  return [shown, person, sealed];
}

const plainFields = ({ actor, action, target, outcome, requestId }: AuditEvent) => [
  actor.kind,
  actor.id,
  action,
  target,
  outcome,
  requestId,
];

/**
 * Writes into the tenant's audit log, as the last statement of the transaction of what it records. The key of a person
 * who acts is prepared before the transaction opens (see `People.prepare`).
 */
export async function insertAuditEvent(tx: TenantTx, event: AuditEvent): Promise<void> {
  const eventId = randomUUID();
  const [address, person, personal] = await sealedFields(() => peopleOf(tx.db), eventId, event, undefined);
  const detail = JSON.stringify(event.detail ?? {});
  const values = [tx.tenantId, eventId, ...plainFields(event), address, detail, person, personal];
  tx.atCommit(appendText, values, 'append_audit_event');
}

/**
 * Writes into the operators' audit log, as the last statement of the transaction of what it records. The tenants of
 * `copyTo` get a copy of the row right after the commit, or where that fails at the next sweep.
 */
export async function insertOperatorAuditEvent(
  tx: IdentityTx,
  event: AuditEvent,
  copyTo: readonly string[] = [],
): Promise<void> {
  const eventId = randomUUID();
  const [address, person, personal] = await sealedFields(() => peopleOf(tx.db), eventId, event, tx);
  const detail = JSON.stringify(event.detail ?? {});
  const values = [eventId, ...plainFields(event), address, detail, person, personal, [...new Set(copyTo)].sort()];
  tx.atCommit(appendOperatorText, values, 'append_operator_audit_event');
  if (copyTo.length > 0) tx.onCommit(() => copyEvents(tx.db, eventId).then(() => undefined));
}
