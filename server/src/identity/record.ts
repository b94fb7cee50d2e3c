import type { AuditEvent } from '../audit/queries.ts';
import type { Call } from '../operation.ts';
import { actorOf, type Caller, type Place } from './caller.ts';

/** What an audit row says of an action: also that an operator did it who is no member (see Place.switched). */
export const detailIn = (
  place: Place | undefined,
  detail: Record<string, unknown> | undefined,
): { detail?: Record<string, unknown> } => {
  if (place?.switched) return { detail: { ...detail, switched: true } };
  return detail ? { detail } : {};
};

/** The audit row of a success, for operations that write it into a transaction they opened themselves. */
export const recordOf = (
  { caller, call, place }: { caller: Caller; call: Call; place?: Place },
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
  ...detailIn(place, detail),
});
