import Type from 'typebox';
import { defineOperation } from '../operation.ts';
import { lockUser } from './factor_queries.ts';
import { sessionOf } from './fresh.ts';
import { accepted, acceptedAnswer, linkToken, recordByLink, refuseLink } from './links.ts';
import { addressChangedMail, passwordChangedMail, resetMail, verificationMail } from './mails.ts';
import { noteRefusal } from './new_session.ts';
import { endTokensOf, findLiveToken, issueToken, spendToken } from './one_time_tokens.ts';
import { givenPassword, requireAcceptable } from './password_policy.ts';
import { findPerson, passwordOwnerOf } from './person_queries.ts';
import { findUserByEmail } from './queries.ts';
import { email, strict } from './schemas.ts';
import { endSessionsOf } from './session_queries.ts';
import { isUniqueViolation } from './tenants.ts';

/**
 * Mails a link for a new password. Whether there is such an account is looked up behind the answer, which is the same
 * and as quick for everybody.
 */
export const requestPasswordReset = defineOperation({
  name: 'auth.request_password_reset',
  permission: 'public',
  transaction: 'administration',
  input: Type.Object({ email }, strict),
  output: accepted,
  async run({ ports, call, db }, input) {
    ports.identity.behind.run('a request for a password reset', async () => {
      const user = await db.inIdentity((tx) => findUserByEmail(tx, input.email));
      const refuse = (reason: string) => noteRefusal(ports, call, 'auth.request_password_reset', user?.user_id, reason);
      if (!user) return refuse('unknown e-mail address');
      if (!user.is_active) return refuse('inactive user');
      const { user_id: userId, email: to } = user;
      const token = await db.inIdentity(async (tx) => {
        const made = await issueToken(tx, { purpose: 'reset', email: to, userId, address: call.address });
        if (made) await recordByLink(tx, call, 'auth.request_password_reset', userId);
        return made;
      });
      if (!token) return refuse('too many mails within an hour');
      ports.mail.send(resetMail(ports.publicUrl(), to, token.text));
    });
    return acceptedAnswer;
  },
});

/** Sets a new password by the link of a mail. Signs nobody in: a second factor is still asked for. */
export const resetPassword = defineOperation({
  name: 'auth.reset_password',
  permission: 'public',
  transaction: 'administration',
  input: Type.Object({ token: linkToken, password: givenPassword }, strict),
  output: Type.Null(),
  async run({ ports, call, db }, input) {
    const { policy, passwords } = ports.identity;
    const found = await db.inIdentity(async (tx) => {
      const token = await findLiveToken(tx, 'reset', input.token);
      const account = token?.user_id ? await findPerson(tx, token.user_id) : undefined;
      return token && account ? { token, account, owner: await passwordOwnerOf(tx, account) } : undefined;
    });
    if (!found) throw await refuseLink(ports, call, 'auth.reset_password');
    const { token, account, owner } = found;
    await requireAcceptable(input.password, policy, owner);
    const passwordHash = await passwords.hash(input.password);
    const { user_id: userId } = account;
    const done = await db.inIdentity(async (tx) => {
      if (!(await spendToken(tx, token.token_id))) return false;
      await tx.sql(
        `UPDATE maestro.users SET password_hash = $2, updated_at = now(),
                email_verified_at = CASE WHEN lower(email) = lower($3) THEN now() ELSE email_verified_at END
          WHERE user_id = $1`,
        [userId, passwordHash, token.email],
      );
      await endSessionsOf(tx, userId, 'the password was reset');
      await endTokensOf(tx, userId, ['reset', 'invitation', 'verification']);
      await recordByLink(tx, call, 'auth.reset_password', userId);
      tx.onCommit(() => ports.identity.changed({ kind: 'user', id: userId }));
      return true;
    });
    if (!done) throw await refuseLink(ports, call, 'auth.reset_password');
    ports.mail.send(passwordChangedMail(account.email, 'reset'));
    return null;
  },
});

/** Mails the caller a link that shows the caller's address to be the caller's. */
export const requestEmailVerification = defineOperation({
  name: 'auth.request_email_verification',
  permission: 'signed_in',
  transaction: 'administration',
  input: Type.Object({}, strict),
  output: accepted,
  async run({ ports, call, caller, db }) {
    const { userId, email: to } = sessionOf(caller);
    ports.identity.behind.run('a request for the verification of an address', async () => {
      const token = await db.inIdentity(async (tx) => {
        const made = await issueToken(tx, { purpose: 'verification', email: to, userId, address: call.address });
        if (made) await recordByLink(tx, call, 'auth.request_email_verification', userId);
        return made;
      });
      if (token) ports.mail.send(verificationMail(ports.publicUrl(), to, token.text));
      else await noteRefusal(ports, call, 'auth.request_email_verification', userId, 'too many mails within an hour');
    });
    return acceptedAnswer;
  },
});

/** Shows an address to be its user's; where it is another than the account's, it becomes the account's. */
export const verifyEmail = defineOperation({
  name: 'auth.verify_email',
  permission: 'public',
  transaction: 'administration',
  input: Type.Object({ token: linkToken }, strict),
  output: Type.Object({ email: Type.String() }),
  async run({ ports, call, db }, input) {
    const refuse = () => refuseLink(ports, call, 'auth.verify_email');
    const done = await db
      .inIdentity(async (tx) => {
        const token = await findLiveToken(tx, 'verification', input.token);
        const userId = token?.user_id;
        if (!token || !userId) return undefined;
        // As everywhere: first the person, then the person's tokens.
        await lockUser(tx, userId);
        if (!(await spendToken(tx, token.token_id))) return undefined;
        const before = await findPerson(tx, userId);
        const isNew = before?.email.toLowerCase() !== token.email.toLowerCase();
        await tx.sql(
          'UPDATE maestro.users SET email = $2, email_verified_at = now(), updated_at = now() WHERE user_id = $1',
          [userId, isNew ? token.email : before?.email],
        );
        // What was mailed to the old address opens nothing any more.
        if (isNew) await endTokensOf(tx, userId, ['reset', 'verification', 'invitation']);
        await recordByLink(tx, call, isNew ? 'user.change_email' : 'auth.verify_email', userId);
        tx.onCommit(() => ports.identity.changed({ kind: 'user', id: userId }));
        return { email: token.email, old: isNew ? before?.email : undefined };
      })
      .catch((error) => {
        // Somebody else has this address by now. That is no stranger's business.
        if (!isUniqueViolation(error)) throw error;
        return undefined;
      });
    if (!done) throw await refuse();
    if (done.old !== undefined) ports.mail.send(addressChangedMail(done.old));
    return { email: done.email };
  },
});
