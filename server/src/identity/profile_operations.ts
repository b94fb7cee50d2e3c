import Type, { type Static } from 'typebox';
import { insertOperatorAuditEvent } from '../audit/queries.ts';
import type { IdentityTx } from '../db/tenancy.ts';
import { invalid, MaestroError, notFound } from '../errors.ts';
import { defineOperation } from '../operation.ts';
import { checkAddress } from '../ports/mail.ts';
import type { SessionCaller } from './caller.ts';
import { requireFresh, sessionOf } from './fresh.ts';
import { accepted, acceptedAnswer } from './links.ts';
import { passwordChangedMail, verificationMail } from './mails.ts';
import { auditRefusal, noteRefusal } from './new_session.ts';
import { endTokensOf, issueToken } from './one_time_tokens.ts';
import { givenPassword, requireAcceptable } from './password_policy.ts';
import { provePasswordOf } from './password_proof.ts';
import { type Account, findPerson, passwordOwnerOf, replaceHash } from './person_queries.ts';
import { findUserByEmail, tenantsOfUser } from './queries.ts';
import { recordOf } from './record.ts';
import { email, id, strict, text, time } from './schemas.ts';
import { endSessionsOf } from './session_queries.ts';

const profile = Type.Object({
  id,
  email: Type.String(),
  name: Type.String(),
  email_verified_at: Type.Union([time, Type.Null()]),
  has_password: Type.Boolean(),
  created_at: time,
  updated_at: time,
});

const shown = (account: Account): Static<typeof profile> => ({
  id: account.user_id,
  email: account.email,
  name: account.name,
  email_verified_at: account.email_verified_at?.toISOString() ?? null,
  has_password: account.password_hash !== null,
  created_at: account.created_at.toISOString(),
  updated_at: account.updated_at.toISOString(),
});

async function accountOf(tx: IdentityTx, { userId }: SessionCaller): Promise<Account> {
  const account = await findPerson(tx, userId);
  if (!account) throw notFound(`User '${userId}' not found`);
  return account;
}

/** The caller's own account. */
export const get = defineOperation({
  name: 'profile.get',
  permission: 'signed_in',
  transaction: 'identity',
  input: Type.Object({}, strict),
  output: profile,
  run: async ({ tx, caller }) => shown(await accountOf(tx, sessionOf(caller))),
});

export const update = defineOperation({
  name: 'profile.update',
  permission: 'signed_in',
  transaction: 'identity',
  audit: true,
  input: Type.Object({ name: text(0, 200) }, strict),
  output: profile,
  async run({ tx, caller, audit }, input) {
    const session = sessionOf(caller);
    audit(session.userId);
    await tx.sql('UPDATE maestro.users SET name = $2, updated_at = now() WHERE user_id = $1', [
      session.userId,
      input.name,
    ]);
    return shown(await accountOf(tx, session));
  },
});

/** Changes the caller's own password. Every other session of the caller ends; this one stays. */
export const changePassword = defineOperation({
  name: 'profile.change_password',
  permission: 'signed_in',
  transaction: 'administration',
  input: Type.Object({ current_password: text(1, 1024), new_password: givenPassword }, strict),
  output: Type.Object({
    sessions_ended: Type.Integer({ description: 'How many other sessions of yours were signed out.' }),
    this_session_kept: Type.Literal(true),
  }),
  async run(context, input) {
    const { ports, call, caller, db } = context;
    const { policy, passwords } = ports.identity;
    const session = requireFresh(caller, policy);
    const { account, owner } = await db.inIdentity(async (tx) => {
      const found = await accountOf(tx, session);
      return { account: found, owner: await passwordOwnerOf(tx, found) };
    });
    const { userId, sessionId } = session;
    const action = 'profile.change_password';
    const current = await provePasswordOf({ ports, call, action }, account, input.current_password);
    if (current === undefined) {
      await auditRefusal(ports, call, action, userId, 'wrong password');
      throw invalid('current_password: is not your password', 'current_password');
    }
    await requireAcceptable(input.new_password, policy, owner, 'new_password');
    const passwordHash = await passwords.hash(input.new_password);
    const ended = await db.inIdentity(async (tx) => {
      if (!(await replaceHash(tx, userId, current, passwordHash))) {
        throw new MaestroError('invalid_state', 'The password was changed meanwhile; sign in again.');
      }
      await tx.sql('UPDATE maestro.users SET updated_at = now() WHERE user_id = $1', [userId]);
      const others = await endSessionsOf(tx, userId, 'the password was changed', sessionId);
      await endTokensOf(tx, userId, ['reset', 'verification']);
      const event = recordOf(context, action, userId, { sessions_ended: others });
      await insertOperatorAuditEvent(tx, event, await tenantsOfUser(tx, userId));
      tx.onCommit(() => ports.identity.changed({ kind: 'user', id: userId }));
      return others;
    });
    ports.mail.send(passwordChangedMail(account.email, 'changed'));
    return { sessions_ended: ended, this_session_kept: true as const };
  },
});

/**
 * Mails a link to the address that is to be the caller's: opened, it changes it. Whether somebody has that address
 * already shows neither in the answer nor in its time.
 */
export const changeEmail = defineOperation({
  name: 'profile.change_email',
  permission: 'signed_in',
  transaction: 'administration',
  input: Type.Object({ email }, strict),
  output: accepted,
  async run(context, input) {
    const { ports, call, caller, db } = context;
    const { userId, email: to } = requireFresh(caller, ports.identity.policy);
    checkAddress(input.email);
    ports.identity.behind.run('a request for another address', async () => {
      const refuse = (reason: string) => noteRefusal(ports, call, 'profile.change_email', userId, reason);
      const holder = await db.inIdentity((tx) => findUserByEmail(tx, input.email));
      if (holder) return refuse(holder.user_id === userId ? 'has this address' : 'another user has this address');
      const token = await db.inIdentity(async (tx) => {
        const wish = { purpose: 'verification', email: input.email, userId, address: call.address } as const;
        const made = await issueToken(tx, wish);
        if (made) await insertOperatorAuditEvent(tx, recordOf(context, 'profile.change_email', userId));
        return made;
      });
      if (!token) return refuse('too many mails within an hour');
      ports.mail.send(verificationMail(ports.publicUrl(), input.email, token.text, to));
    });
    return acceptedAnswer;
  },
});
