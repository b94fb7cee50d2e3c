import type { Refusal } from '../audit/refusals.ts';
import type { Database } from '../db/tenancy.ts';
import { type ErrorCode, MaestroError } from '../errors.ts';
import type { Call } from '../operation.ts';
import type { Ports } from '../ports/ports.ts';
import { auditRefusal } from './new_session.ts';
import { replaceHash } from './person_queries.ts';
import { findUserByEmail, type SignInRow } from './queries.ts';
import { type Attempt, deviceOf, type Given } from './sign_in_throttle.ts';
import { foldedText } from './spraying.ts';

const wrongSignIn = 'The e-mail address or the password is wrong.';

/**
 * The user's hash where `password` is the user's; without a user it takes as long and gives undefined. A hash of an
 * older form or a lower cost is renewed, where nobody changed it meanwhile: of two sign-ins at once one renews it, and
 * both succeed.
 */
export async function verifyPassword(
  ports: Ports,
  user: SignInRow | undefined,
  password: string,
): Promise<string | undefined> {
  const { passwords } = ports.identity;
  const stored = user?.password_hash;
  if (!(await passwords.verify(password, stored)) || !user || typeof stored !== 'string') return undefined;
  if (!passwords.isOutdated(stored)) return stored;
  try {
    const renewed = await passwords.hash(password);
    return (await ports.db.inIdentity((tx) => replaceHash(tx, user.user_id, stored, renewed))) ? renewed : stored;
  } catch (error) {
    // The next sign-in tries again; this one succeeded.
    ports.log.warn({ err: error }, 'the hash of a password was not renewed');
    return stored;
  }
}

/** Why a try is not made, by the code of the answer. */
const notTried: Partial<Record<ErrorCode, string>> = {
  limit_exceeded: 'too many failed sign-ins',
  captcha_required: 'no proof of being human',
};

/**
 * Begins a try at a password; that it may not be made is audited as `action`, in a flood once a minute. Whose account it
 * is, is looked up and written behind the answer, whose time would else tell whether there is such an account.
 */
async function beginAttempt(ports: Ports, call: Call, action: string, given: Given): Promise<Attempt> {
  const { throttle, refusals, behind } = ports.identity;
  try {
    return await throttle.begin(given, call);
  } catch (error) {
    const reason = error instanceof MaestroError ? notTried[error.code] : undefined;
    if (reason === undefined) throw error;
    const { address, requestId } = call;
    const refusal: Refusal = {
      action,
      reason,
      address,
      requestId,
      of: foldedText(given.account),
      async party() {
        const user = await ports.db.inIdentity((tx) => findUserByEmail(tx, given.account));
        const personal = { device: deviceOf(call) };
        if (!user) return { personal: { ...personal, email: given.account } };
        return { actor: { kind: 'user', id: user.user_id }, target: user.user_id, personal };
      },
    };
    behind.run('the audit of a sign-in that was not tried', async () => void (await refusals.note(refusal)));
    throw error;
  }
}

/** What fails because of us (too many hash at once, the database is away) counts against nobody. */
async function orNotMade<T>(attempt: Attempt, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await attempt.notMade();
    throw error;
  }
}

/**
 * The active user of an e-mail address and a password: tried behind the throttle.
 * Throws `limit_exceeded`, `captcha_required`, and `unauthenticated` with the same message whatever is wrong, which is
 * audited as `action`.
 */
export async function provePassword(
  { ports, call, db }: { ports: Ports; call: Call; db: Database },
  { email, password, captcha, action }: { email: string; password: string; captcha?: string; action: string },
): Promise<SignInRow> {
  const attempt = await beginAttempt(ports, call, action, { account: email, password, captcha });
  const user = await orNotMade(attempt, () => db.inIdentity((tx) => findUserByEmail(tx, email)));
  const matches = (await orNotMade(attempt, () => verifyPassword(ports, user, password))) !== undefined;
  if (!user || !matches || !user.is_active) {
    const reason = !user ? 'unknown e-mail address' : matches ? 'inactive user' : 'wrong password';
    await auditRefusal(ports, call, action, user?.user_id, reason, user ? {} : { email });
    throw new MaestroError('unauthenticated', wrongSignIn);
  }
  await attempt.succeeded();
  return user;
}

/**
 * `verifyPassword` of somebody who says to be `user`, through the throttle of sign-in: there is no second door to
 * guess at. Throws `limit_exceeded`, which is audited as `action`.
 */
export async function provePasswordOf(
  { ports, call, action }: { ports: Ports; call: Call; action: string },
  user: SignInRow,
  password: string,
): Promise<string | undefined> {
  const attempt = await beginAttempt(ports, call, action, { account: user.email, password });
  const hash = await orNotMade(attempt, () => verifyPassword(ports, user, password));
  if (hash !== undefined) await attempt.succeeded();
  return hash;
}
