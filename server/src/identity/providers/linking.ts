import { insertOperatorAuditEvent } from '../../audit/queries.ts';
import { emailOf } from '../factor_queries.ts';
import { identitiesChangedMail } from '../mails.ts';
import { tenantsOfUser } from '../queries.ts';
import { isUniqueViolation } from '../tenants.ts';
import { Failure, type FlowContext } from './flow.ts';
import { type Flow, isStillSignedIn } from './flow_queries.ts';
import { holderOf, insertIdentity } from './identity_queries.ts';
import type { Claimed, Provider } from './provider.ts';

/**
 * Adds an identity to the user whose session asked for it, where that session has not ended. One that is the user's
 * already stays; one of somebody else is never moved. Throws `Failure`.
 */
export async function linkIdentity(
  { db, ports, call }: FlowContext,
  provider: Provider,
  flow: Flow,
  claimed: Claimed,
): Promise<void> {
  const userId = flow.link_user_id!;
  const add = () =>
    db.inIdentity(async (tx) => {
      if (!(await isStillSignedIn(tx, userId, flow.link_session_id!))) {
        throw new Failure('changed', 'the session that asked for it has ended', userId);
      }
      const holder = await holderOf(tx, claimed);
      if (holder === userId) return;
      if (holder !== undefined) throw new Failure('identity-in-use', 'the identity is another user’s', userId);
      const { identity_id: identityId } = await insertIdentity(tx, userId, provider.name, claimed);
      await insertOperatorAuditEvent(
        tx,
        {
          actor: { kind: 'user', id: userId },
          action: 'identity.link',
          target: identityId,
          outcome: 'success',
          requestId: call.requestId,
          address: call.address,
          detail: { provider: provider.name },
        },
        await tenantsOfUser(tx, userId),
      );
      const email = await emailOf(tx, userId);
      tx.onCommit(() => ports.mail.send(identitiesChangedMail(email, provider.label, 'added to')));
    });
  try {
    await add();
  } catch (error) {
    // Somebody added it between the look-up and now: the second look finds whom it is of.
    if (!isUniqueViolation(error)) throw error;
    await add();
  }
}
