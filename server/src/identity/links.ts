import Type from 'typebox';
import { insertOperatorAuditEvent } from '../audit/queries.ts';
import type { IdentityTx } from '../db/tenancy.ts';
import { invalid, type MaestroError } from '../errors.ts';
import type { Call } from '../operation.ts';
import type { Ports } from '../ports/ports.ts';
import { noteRefusal } from './new_session.ts';
import { tenantsOfUser } from './queries.ts';

/** The token of a mail's link. What is none is refused as one that does not hold. */
export const linkToken = Type.String({ minLength: 1, maxLength: 200, description: 'Of the link in the mail.' });

/** What somebody is told whose request may send a mail: the same whether there is such an account or not. */
export const accepted = Type.Object({
  accepted: Type.Literal(true, { description: 'If there is something to send, a mail is on its way.' }),
});
export const acceptedAnswer = { accepted: true as const };

/** The one refusal of all links that do not hold, whatever is wrong with them. */
export const noLink = (): MaestroError =>
  invalid(
    'token: the link does not hold; it was used or withdrawn, a newer one took its place, or its time has passed. Ask for a new one.',
    'token',
  );

/** Audits that a link did not hold, in a flood once a minute, and gives the refusal. */
export async function refuseLink(ports: Ports, call: Call, action: string): Promise<MaestroError> {
  await noteRefusal(ports, call, action, undefined, 'the link does not hold');
  return noLink();
}

/**
 * Audits what a person did who proved it by a link, and not by a session: for the tenants of `copyTo`, or all that the
 * person is in.
 */
export async function recordByLink(
  tx: IdentityTx,
  { requestId, address }: Call,
  action: string,
  userId: string,
  detail: Record<string, unknown> = {},
  copyTo?: readonly string[],
): Promise<void> {
  const actor = { kind: 'user', id: userId };
  const event = { actor, action, target: userId, outcome: 'success', requestId, address, detail } as const;
  await insertOperatorAuditEvent(tx, event, copyTo ?? (await tenantsOfUser(tx, userId)));
}
