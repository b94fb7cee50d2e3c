import type { AuditEvent } from '../audit/queries.ts';
import type { Call } from '../operation.ts';
import { actorOf, type Caller } from './caller.ts';

/** The audit row of a success, for operations that write it into a transaction they opened themselves. */
export const recordOf = (
  { caller, call }: { caller: Caller; call: Call },
  action: string,
  target: string,
  detail?: Record<string, unknown>,
): AuditEvent => ({
  actor: actorOf(caller),
  action,
  target,
  outcome: 'success',
  requestId: call.requestId,
  address: call.address,
  ...(detail ? { detail } : {}),
});
