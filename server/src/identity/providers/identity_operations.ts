import Type, { type Static } from 'typebox';
import { insertOperatorAuditEvent } from '../../audit/queries.ts';
import { MaestroError, notFound } from '../../errors.ts';
import { defineOperation } from '../../operation.ts';
import { emailOf, lockUser } from '../factor_queries.ts';
import { requireFresh, sessionOf } from '../fresh.ts';
import { identitiesChangedMail } from '../mails.ts';
import { findPerson } from '../person_queries.ts';
import { tenantsOfUser } from '../queries.ts';
import { recordOf } from '../record.ts';
import { id, strict, time } from '../schemas.ts';
import { endSessionsOf } from '../session_queries.ts';
import { beginFlow, defaultReturnTo, providerName, providerOf, returnTo } from './flow.ts';
import { deleteIdentity, type IdentityRow, identitiesOf } from './identity_queries.ts';

const identity = Type.Object({
  id,
  provider: Type.String({ description: 'The name of the provider that it was last used with.' }),
  issuer: Type.String(),
  email: Type.Union([Type.String(), Type.Null()], { description: 'What the provider said last.' }),
  created_at: time,
  last_used_at: Type.Union([time, Type.Null()]),
});

const shown = ({ identity_id, created_at, last_used_at, ...row }: IdentityRow): Static<typeof identity> => ({
  id: identity_id,
  ...row,
  created_at: created_at.toISOString(),
  last_used_at: last_used_at?.toISOString() ?? null,
});

/** The accounts at identity providers that the caller signs in with. */
export const list = defineOperation({
  name: 'identity.list',
  permission: 'signed_in',
  transaction: 'identity',
  input: Type.Object({}, strict),
  output: Type.Object({ identities: Type.Array(identity) }),
  run: async ({ tx, caller }) => ({ identities: (await identitiesOf(tx, sessionOf(caller).userId)).map(shown) }),
});

/** Begins to add one: as a sign-in, but what comes back is added to the caller, by the caller's browser alone. */
export const begin = defineOperation({
  name: 'identity.begin_link',
  permission: 'signed_in',
  transaction: 'administration',
  input: Type.Object({ provider: providerName, return_to: Type.Optional(returnTo) }, strict),
  output: Type.Object({ authorization_url: Type.String({ description: 'Where to send the browser.' }) }),
  run(context, input) {
    const { ports, caller } = context;
    const { userId, sessionId } = requireFresh(caller, ports.identity.policy);
    return beginFlow(context, providerOf(ports, input.provider), {
      return_to: input.return_to ?? defaultReturnTo,
      tenant: null,
      link_user_id: userId,
      link_session_id: sessionId,
    });
  },
});

/** Removes one; all other sessions end, since it may have opened them. The last way in stays. */
export const remove = defineOperation({
  name: 'identity.unlink',
  permission: 'signed_in',
  transaction: 'identity',
  audit: 'own',
  input: Type.Object({ identity_id: id }, strict),
  output: Type.Null(),
  async run(context, { identity_id: identityId }) {
    const { tx, ports, caller } = context;
    const { userId, sessionId } = requireFresh(caller, ports.identity.policy);
    await lockUser(tx, userId);
    const [account, identities] = [await findPerson(tx, userId), await identitiesOf(tx, userId)];
    const gone = identities.find(({ identity_id }) => identity_id === identityId);
    if (!gone || !(await deleteIdentity(tx, userId, identityId))) throw notFound(`Identity '${identityId}' not found`);
    if (identities.length === 1 && account?.password_hash === null) {
      throw new MaestroError('invalid_state', 'This is the only way you sign in; set a password or add another first.');
    }
    await endSessionsOf(tx, userId, 'an identity was removed', sessionId);
    const event = recordOf(context, 'identity.unlink', identityId, { provider: gone.provider });
    await insertOperatorAuditEvent(tx, event, await tenantsOfUser(tx, userId));
    const email = await emailOf(tx, userId);
    const label = ports.providers.get(gone.provider)?.label ?? gone.provider;
    tx.onCommit(() => {
      ports.mail.send(identitiesChangedMail(email, label, 'removed from'));
      return ports.identity.changed({ kind: 'user', id: userId });
    });
    return null;
  },
});
